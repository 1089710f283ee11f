//! Stripe, through async-stripe's client traits: our own small types, our own transport.
//!
//! The generated crates would add minutes of build time and 20 MB to a function that needs six requests; the traits of
//! `async-stripe-client-core` give the same requests without them, and a transport of ours keeps the HTTP status,
//! reuses connections and can be exchanged.
//!
//! # Layout, in reading order
//! - [`Stripe`]: the money moves.
//! - `statements`: Stripe's side of the books.
//! - `types`: orders and what became of them; `forms`, `objects`, `amount`: in Stripe's own words and units.
//! - `failure`: what a failed request means for the money.
//! - `pace`: how many requests a second. `connection`, `transport`: one request with its key, over HTTPS or whatever stands in for it.

mod amount;
mod checkouts;
mod connection;
mod failure;
mod forms;
mod minimum;
mod objects;
mod pace;
mod statements;
mod types;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use miniserde::Deserialize;
use plugtill_domain::dispute::Dispute;
use plugtill_domain::money::Money;
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

pub use crate::transport::{Answer, HttpTransport, HttpsTransport, TransportError};
pub use checkouts::{HostedPage, PageOrder, PageStatus, PageTask};
pub use connection::{API_VERSION, SecretKey};
pub use failure::StripeFailure;
pub use minimum::minimum_charge;
pub use pace::Paced;
pub use types::{CaptureOrder, Destination, Intent, IntentStatus, PaymentOrder, Refund, RefundOrder};

use amount::to_stripe;
use connection::Connection;
use forms::{
    AttachForm, CaptureForm, CustomerForm, IntentForm, ListForm, RaiseForm, ReadForm, RefundForm, Since, WITH_CHARGE,
};
use objects::{ChargeOfIntent, Created, DisputeObject, IntentObject, Page, RefundObject};

/// Where Stripe answers.
pub const STRIPE_URL: &str = "https://api.stripe.com/";

/// How often a request whose outcome is unknown is repeated with its own key before the queue takes over.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// Tries in all.
    pub attempts: u32,
    /// The wait before the second try; doubled each time.
    pub base_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 4, base_delay: Duration::from_millis(250) }
    }
}

impl RetryPolicy {
    /// Waits before the next try: doubling, with a spread by the key so that a backlog does not return in step.
    async fn wait(self, key: Option<&str>, attempt: u32) {
        let spread = key.unwrap_or_default().bytes().fold(attempt, |sum, byte| sum.rotate_left(5) ^ u32::from(byte));
        let whole = self.base_delay * (1 << (attempt - 1).min(6));
        let delay = whole / 2 + whole * (spread % 512) / 1024;
        // In virtual time nothing is waited for, not even the timer's next tick.
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }
}

/// The money moves of one Stripe account.
#[derive(Debug, Clone)]
pub struct Stripe {
    connection: Arc<Connection>,
    retry: RetryPolicy,
    /// The connected account that is asked about; none for the platform's own.
    account: Option<Arc<str>>,
}

impl Stripe {
    /// Stripe at `base_url`, with the key that moves money.
    #[must_use]
    pub fn new(transport: Arc<dyn HttpTransport>, key: SecretKey, base_url: &str) -> Self {
        let connection = Arc::new(Connection::new(transport, key, base_url));
        Self { connection, retry: RetryPolicy::default(), account: None }
    }

    /// The same with another retry policy.
    #[must_use]
    pub fn with_retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// The same, asking about what is in a connected account.
    fn of_account(&self, account: &str) -> Self {
        Self { account: Some(account.into()), ..self.clone() }
    }

    /// Uses another key from the next request on, with all clones.
    pub fn replace_key(&self, key: SecretKey) {
        self.connection.replace_key(key);
    }

    /// Makes a customer that `reference` names in our own books.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn create_customer(&self, key: &str, reference: &str) -> Result<String, StripeFailure> {
        let created: Created = self.post(key, "/customers", &CustomerForm::new(reference)).await?;
        Ok(created.id)
    }

    /// Attaches a payment method to a customer; returns its id there.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn attach_payment_method(
        &self,
        key: &str,
        payment_method: &str,
        customer: &str,
    ) -> Result<String, StripeFailure> {
        let path = format!("/payment_methods/{}/attach", checked(payment_method)?);
        let created: Created = self.post(key, &path, &AttachForm { customer }).await?;
        Ok(created.id)
    }

    /// Reserves an amount on a saved card (Stripe "place a hold": manual capture, off session).
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn place_hold(&self, key: &str, order: &PaymentOrder) -> Result<Intent, StripeFailure> {
        self.intent("/payment_intents", key, &IntentForm::new(order, "manual")?).await
    }

    /// Charges a saved card at once, off session.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn charge(&self, key: &str, order: &PaymentOrder) -> Result<Intent, StripeFailure> {
        self.intent("/payment_intents", key, &IntentForm::new(order, "automatic")?).await
    }

    /// Takes an amount from a hold; the rest is released by that.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn capture(&self, key: &str, intent: &str, order: &CaptureOrder) -> Result<Intent, StripeFailure> {
        let path = format!("/payment_intents/{}/capture", checked(intent)?);
        self.intent(&path, key, &CaptureForm::new(order)?).await
    }

    /// Raises a hold to `amount` in all.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn raise(&self, key: &str, intent: &str, amount: Money) -> Result<Intent, StripeFailure> {
        let form = RaiseForm { amount: to_stripe(amount)?, expand: WITH_CHARGE };
        self.intent(&format!("/payment_intents/{}/increment_authorization", checked(intent)?), key, &form).await
    }

    /// Gives a hold back.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn cancel(&self, key: &str, intent: &str) -> Result<Intent, StripeFailure> {
        let form = ReadForm { expand: WITH_CHARGE };
        self.intent(&format!("/payment_intents/{}/cancel", checked(intent)?), key, &form).await
    }

    /// Gives back some of what was taken.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn refund(&self, key: &str, intent: &str, order: &RefundOrder) -> Result<Refund, StripeFailure> {
        let form = RefundForm::new(checked(intent)?, order)?;
        self.post::<_, RefundObject>(key, "/refunds", &form).await?.try_into()
    }

    /// Reads an intent as it is now.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn read_intent(&self, intent: &str) -> Result<Intent, StripeFailure> {
        let path = format!("/payment_intents/{}", checked(intent)?);
        let request = || RequestBuilder::new(StripeMethod::Get, path.as_str()).query(&ReadForm { expand: WITH_CHARGE });
        self.patiently::<IntentObject>(None, request).await?.try_into()
    }

    /// Reads a refund as it is now.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn read_refund(&self, refund: &str) -> Result<Refund, StripeFailure> {
        self.read::<RefundObject>("refunds", refund).await?.try_into()
    }

    /// Reads a dispute as it is now.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn read_dispute(&self, dispute: &str) -> Result<Dispute, StripeFailure> {
        self.read::<DisputeObject>("disputes", dispute).await?.try_into()
    }

    /// The intent that made a charge; none for one made otherwise.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn intent_of_charge(&self, charge: &str) -> Result<Option<String>, StripeFailure> {
        Ok(self.read::<ChargeOfIntent>("charges", charge).await?.payment_intent)
    }

    async fn read<T: Deserialize>(&self, kind: &str, id: &str) -> Result<T, StripeFailure> {
        let path = format!("/{kind}/{}", checked(id)?);
        self.patiently(None, || RequestBuilder::new(StripeMethod::Get, path.as_str())).await
    }

    /// The intent that the move of this name made, if it made one: among the customer's intents since `since`, which
    /// Stripe lists consistently (its search lags).
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn find_intent(
        &self,
        customer: &str,
        name: &str,
        since: Timestamp,
    ) -> Result<Option<Intent>, StripeFailure> {
        let expand = ["data.latest_charge"];
        let form = ListForm {
            customer: Some(customer),
            created: Some(Since { gte: since.as_second() }),
            expand: &expand,
            ..ListForm::default()
        };
        let is_it = |intent: &Intent| intent.metadata.get("move").is_some_and(|it| it == name);
        self.find::<IntentObject, Intent>("/payment_intents", form, |intent| intent.id.clone(), is_it).await
    }

    /// The refund of an intent that the move of this name made, if it made one.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn find_refund(&self, intent: &str, name: &str) -> Result<Option<Refund>, StripeFailure> {
        let form = ListForm { payment_intent: Some(checked(intent)?), ..ListForm::default() };
        let is_it = |refund: &Refund| refund.metadata.get("move").is_some_and(|it| it == name);
        self.find::<RefundObject, Refund>("/refunds", form, |refund| refund.id.clone(), is_it).await
    }

    /// Walks a list until something matches.
    async fn find<O, T>(
        &self,
        path: &str,
        form: ListForm<'_>,
        id: impl Fn(&T) -> String,
        is_it: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, StripeFailure>
    where
        O: Deserialize,
        T: TryFrom<O, Error = StripeFailure>,
    {
        let mut found = None;
        let read = |object| T::try_from(object).map(|object| (id(&object), object));
        let take = |object| {
            found = Some(object).filter(&is_it);
            found.is_some()
        };
        self.walk(path, form, read, take).await?;
        Ok(found)
    }

    /// Shows every object of a list to `take`, page by page, until it says that this is enough. `read` gives the object's
    /// id, by which the next page is asked for, and what is shown.
    async fn walk<O: Deserialize, T>(
        &self,
        path: &str,
        mut form: ListForm<'_>,
        read: impl Fn(O) -> Result<(String, T), StripeFailure>,
        mut take: impl FnMut(T) -> bool,
    ) -> Result<(), StripeFailure> {
        loop {
            let request = || RequestBuilder::new(StripeMethod::Get, path).query(&form);
            let page: Page<O> = self.patiently(None, request).await?;
            let (has_more, mut last) = (page.has_more, None);
            for object in page.data {
                let (id, object) = read(object)?;
                if take(object) {
                    return Ok(());
                }
                last = Some(id);
            }
            if !has_more || last.is_none() {
                return Ok(());
            }
            form.starting_after = last;
        }
    }

    async fn intent<F: Serialize>(&self, path: &str, key: &str, form: &F) -> Result<Intent, StripeFailure> {
        self.post::<F, IntentObject>(key, path, form).await?.try_into()
    }

    async fn post<F: Serialize, T: Deserialize>(&self, key: &str, path: &str, form: &F) -> Result<T, StripeFailure> {
        self.patiently(Some(key), || RequestBuilder::new(StripeMethod::Post, path).form(form)).await
    }

    /// Repeats a request with the same key while its outcome is unknown or Stripe is busy: the key makes the repeat the
    /// same request (async-stripe's own retries send a new key or none).
    async fn patiently<T: Deserialize>(
        &self,
        key: Option<&str>,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<T, StripeFailure> {
        let mut attempt = 1;
        loop {
            let failed = match self.connection.send(request(), key, self.account.as_deref()).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            if attempt >= self.retry.attempts || !failed.is_worth_repeating() {
                if matches!(failed.failure, StripeFailure::Unknown { .. }) {
                    metrics::counter!("UnknownOutcomes").increment(1);
                }
                return Err(failed.failure);
            }
            tracing::debug!(attempt, failure = %failed.failure, "asking Stripe again with the same key");
            self.retry.wait(key, attempt).await;
            attempt += 1;
        }
    }
}

/// An id that goes into a path: a stray slash or an empty one would make it another request.
fn checked(id: &str) -> Result<&str, StripeFailure> {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(id);
    }
    Err(StripeFailure::Refused {
        status: 400,
        code: None,
        message: format!("`{id}` is no id of Stripe's"),
        param: Some("id".to_owned()),
    })
}
