//! Drivers at Stripe's page: found by their token, written under the condition that nobody else wrote.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use plugtill_domain::checkout::{Checkout, CheckoutEvent, CheckoutState};
use plugtill_domain::ids::IdTag;

use super::{Item, Store, StoreError, document, keys, number, to_document};

pub(super) const SORT_KEY: &str = "checkout";
/// Two writers of one checkout are rare; more tries than this mean that something else is wrong.
const TRIES: u32 = 8;

/// How long a checkout that came to nothing is kept: as long as Stripe may still say something about it. Nobody could order
/// what it knows of its driver to be erased, since no session leads to it.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 35);

pub(super) fn partition(token: &IdTag) -> String {
    format!("k#{token}")
}

/// The checkout that an item's keys name.
pub(super) fn checkout_of(pk: &str, sk: &str) -> Option<IdTag> {
    (sk == SORT_KEY).then(|| pk.strip_prefix("k#"))??.parse().ok()
}

impl Store {
    /// A checkout by its token, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn checkout(&self, token: &IdTag) -> Result<Option<Checkout>, StoreError> {
        self.get(&partition(token), SORT_KEY).await?.as_ref().map(document).transpose()
    }

    /// Stores a new checkout. `false`: there is one of this token.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn open_checkout(&self, checkout: &Checkout) -> Result<bool, StoreError> {
        self.put_checkout(None, checkout, 0).await
    }

    /// Applies an event to a checkout until what comes of it is stored. `None`: it changes nothing, or there is none.
    ///
    /// # Errors
    /// When the table does not answer, or writers keep overtaking each other.
    pub async fn update_checkout(&self, token: &IdTag, event: &CheckoutEvent) -> Result<Option<Checkout>, StoreError> {
        for _ in 0..TRIES {
            let Some(item) = self.get(&partition(token), SORT_KEY).await? else { return Ok(None) };
            let before: Checkout = document(&item)?;
            let Some(after) = before.apply(event.clone()) else { return Ok(None) };
            if self
                .put_checkout(Some(&before), &after, u64::try_from(number(&item, "version")).unwrap_or_default())
                .await?
            {
                return Ok(Some(after));
            }
        }
        Err(StoreError::Contended(format!("checkout {token}")))
    }

    /// The checkout and what its charger is told are one write.
    async fn put_checkout(&self, before: Option<&Checkout>, after: &Checkout, known: u64) -> Result<bool, StoreError> {
        let command = self.start_item_of(before, after)?;
        self.put_versioned(self.checkout_item(after, known + 1)?, known, command).await
    }

    fn checkout_item(&self, checkout: &Checkout, version: u64) -> Result<Item, StoreError> {
        let pk = partition(&checkout.token);
        let mut item = keys::key(&pk, SORT_KEY);
        item.insert("doc".to_owned(), to_document(checkout)?);
        item.insert("version".to_owned(), AttributeValue::N(version.to_string()));
        if let Some((at, _)) = checkout.due() {
            item.extend(self.due_attributes(&pk, at));
        } else if matches!(checkout.state, CheckoutState::Released | CheckoutState::Expired) {
            let expires_at = (checkout.opened_at + KEPT).as_second();
            item.insert("expires_at".to_owned(), AttributeValue::N(expires_at.to_string()));
        }
        Ok(item)
    }
}
