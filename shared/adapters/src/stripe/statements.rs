//! Stripe's side of the books: every intent, every movement of the balance, every payout since an instant.

use std::collections::BTreeMap;

use jiff::Timestamp;
use miniserde::Deserialize;
use plugtill_domain::money::Currency;
use plugtill_domain::reconcile::{Charge, ChargeState, Movement, Payout, Statements};

use super::amount::from_stripe;
use super::types::{IntentObject, ListForm, Since, currency};
use super::{Intent, IntentStatus, Stripe, StripeFailure};

#[derive(Debug, Deserialize)]
struct MovementObject {
    id: String,
    amount: i64,
    fee: i64,
    currency: String,
    created: i64,
    r#type: String,
    source: Option<SourceObject>,
}

#[derive(Debug, Deserialize)]
struct SourceObject {
    id: String,
    payment_intent: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PayoutObject {
    id: String,
    amount: i64,
    currency: String,
    created: i64,
}

/// A charge with when it was made and what was given back of it.
struct Listed {
    intent: Intent,
    created: Timestamp,
    refunded: i64,
}

impl Stripe {
    /// What Stripe's books say since `since` (UTC). Only reads: a restricted key that may read payment intents, the
    /// balance and payouts is enough.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn statements(&self, since: Timestamp) -> Result<Statements, StripeFailure> {
        let form = |expand| ListForm { created: Some(Since { gte: since.as_second() }), expand, ..ListForm::default() };
        let mut charges = Vec::new();
        let read = |object: IntentObject| Listed::try_from(object).map(|listed| (listed.intent.id.clone(), listed));
        self.walk("/payment_intents", form(&["data.latest_charge"]), read, |listed| {
            charges.push(listed.charge());
            false
        })
        .await?;
        let mut payouts = Vec::new();
        let read = |object: PayoutObject| Ok((object.id.clone(), object.payout()?));
        self.walk("/payouts", form(&[]), read, |payout| {
            payouts.push(payout);
            false
        })
        .await?;
        // A movement does not name its payout: only the list of a payout tells.
        let mut movements = BTreeMap::new();
        self.movements(form(&["data.source"]), None, &mut movements).await?;
        for payout in &payouts {
            let form = ListForm { payout: Some(&payout.id), expand: &["data.source"], ..ListForm::default() };
            self.movements(form, Some(&payout.id), &mut movements).await?;
        }
        let charges = charges.into_iter().collect::<Result<_, _>>()?;
        Ok(Statements { since, charges, movements: movements.into_values().collect(), payouts })
    }

    async fn movements(
        &self,
        form: ListForm<'_>,
        payout: Option<&str>,
        found: &mut BTreeMap<String, Movement>,
    ) -> Result<(), StripeFailure> {
        let read = |object: MovementObject| Ok((object.id.clone(), object.movement(payout)?));
        let take = |movement: Option<Movement>| {
            found.extend(movement.map(|movement| (movement.id.clone(), movement)));
            false
        };
        self.walk("/balance_transactions", form, read, take).await
    }
}

impl TryFrom<IntentObject> for Listed {
    type Error = StripeFailure;

    fn try_from(object: IntentObject) -> Result<Self, StripeFailure> {
        let (created, refunded) = (instant(object.created.unwrap_or_default())?, object.refunded());
        Ok(Self { intent: object.try_into()?, created, refunded })
    }
}

impl Listed {
    fn charge(self) -> Result<Charge, StripeFailure> {
        let Self { intent, created, refunded } = self;
        let state = match intent.status {
            IntentStatus::RequiresCapture => ChargeState::Held,
            IntentStatus::Succeeded => ChargeState::Taken,
            IntentStatus::Canceled | IntentStatus::Other(_) => ChargeState::Nothing,
        };
        Ok(Charge {
            session: intent.session().and_then(|id| id.parse().ok()),
            refunded: from_stripe(refunded, intent.amount.currency())?,
            taken: intent.amount_received,
            amount: intent.amount,
            at: created,
            intent: intent.id,
            state,
        })
    }
}

impl MovementObject {
    /// `None` for the payout itself, which Stripe lists among what it is made of.
    fn movement(self, payout: Option<&str>) -> Result<Option<Movement>, StripeFailure> {
        if self.r#type.starts_with("payout") {
            return Ok(None);
        }
        let currency = currency(&self.id, &self.currency)?;
        let refund = matches!(self.r#type.as_str(), "refund" | "payment_refund" | "refund_failure");
        let (source, intent) = self.source.map(|source| (source.id, source.payment_intent)).unzip();
        Ok(Some(Movement {
            amount: from_stripe(self.amount, currency)?,
            fee: from_stripe(self.fee, currency)?,
            refund: source.filter(|_| refund),
            intent: intent.flatten(),
            payout: payout.map(str::to_owned),
            at: instant(self.created)?,
            id: self.id,
        }))
    }
}

impl PayoutObject {
    fn payout(self) -> Result<Payout, StripeFailure> {
        let currency: Currency = currency(&self.id, &self.currency)?;
        Ok(Payout { amount: from_stripe(self.amount, currency)?, at: instant(self.created)?, id: self.id })
    }
}

fn instant(seconds: i64) -> Result<Timestamp, StripeFailure> {
    Timestamp::from_second(seconds).map_err(|_| StripeFailure::unknown(format!("{seconds} is no instant")))
}
