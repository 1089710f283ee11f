//! Stripe's side of the books: every intent, every movement of the balance, every payout since an instant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use miniserde::Deserialize;
use plugtill_domain::money::Currency;
use plugtill_domain::reconcile::{Charge, ChargeState, Movement, Payout, Statements};

use super::amount::from_stripe;
use super::forms::{ListForm, Since};
use super::objects::{IntentObject, currency};
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
    /// Of a refund.
    charge: Option<String>,
}

/// A transfer to a connected account.
#[derive(Debug, Deserialize)]
struct TransferObject {
    id: String,
    /// The charge that it passes on.
    source_transaction: Option<String>,
    /// What it is called over there.
    destination_payment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PayoutObject {
    id: String,
    amount: i64,
    currency: String,
    created: i64,
}

/// A charge with what the intent itself does not say.
struct Listed {
    intent: Intent,
    created: Timestamp,
    refunded: i64,
    charge: Option<String>,
    account: Option<String>,
}

impl Stripe {
    /// What Stripe's books say since `since` (UTC). Only reads: a restricted key that may read payment intents, the
    /// balance and payouts is enough; for connected accounts transfers too, and the same of those.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn statements(&self, since: Timestamp) -> Result<Statements, StripeFailure> {
        let mut listed = Vec::new();
        let read = |object: IntentObject| Listed::try_from(object).map(|listed| (listed.intent.id.clone(), listed));
        let form = made_since(since, &["data.latest_charge"]);
        self.walk("/payment_intents", form, read, collect(&mut listed)).await?;
        let own = Balance { account: None, intents: BTreeMap::new() };
        let mut statements = Statements { since, charges: Vec::new(), movements: Vec::new(), payouts: Vec::new() };
        self.balance(&own, &mut statements).await?;
        let accounts: BTreeSet<String> = listed.iter().filter_map(|charge| charge.account.clone()).collect();
        if !accounts.is_empty() {
            let mut intents = self.passed_on(since, &listed).await?;
            for account in accounts {
                let connected = Balance { account: Some(account), intents: std::mem::take(&mut intents) };
                self.of_account(connected.account.as_deref().unwrap_or_default())
                    .balance(&connected, &mut statements)
                    .await?;
                intents = connected.intents;
            }
        }
        statements.charges = listed.into_iter().map(Listed::charge).collect::<Result<_, _>>()?;
        Ok(statements)
    }

    /// The intents of what was passed on to connected accounts, by what it is called there.
    async fn passed_on(&self, since: Timestamp, listed: &[Listed]) -> Result<BTreeMap<String, String>, StripeFailure> {
        let of_charge = |charge: &Listed| Some((charge.charge.clone()?, charge.intent.id.clone()));
        let by_charge: BTreeMap<String, String> = listed.iter().filter_map(of_charge).collect();
        let mut transfers = Vec::new();
        let read = |object: TransferObject| Ok((object.id.clone(), object));
        self.walk("/transfers", made_since(since, &[]), read, collect(&mut transfers)).await?;
        let named = |transfer: TransferObject| {
            Some((transfer.destination_payment?, by_charge.get(&transfer.source_transaction?)?.clone()))
        };
        Ok(transfers.into_iter().filter_map(named).collect())
    }

    /// Adds the payouts and movements of one balance.
    async fn balance(&self, of: &Balance, statements: &mut Statements) -> Result<(), StripeFailure> {
        let since = statements.since;
        let mut payouts = Vec::new();
        let read = |object: PayoutObject| Ok((object.id.clone(), object.payout()?));
        self.walk("/payouts", made_since(since, &[]), read, collect(&mut payouts)).await?;
        // A movement does not name its payout: only the list of a payout tells.
        let mut movements = BTreeMap::new();
        self.movements(made_since(since, &["data.source"]), (of, None), &mut movements).await?;
        for payout in &payouts {
            let form = ListForm { payout: Some(&payout.id), expand: &["data.source"], ..ListForm::default() };
            self.movements(form, (of, Some(&payout.id)), &mut movements).await?;
        }
        statements.movements.extend(movements.into_values());
        statements.payouts.extend(payouts);
        Ok(())
    }

    async fn movements(
        &self,
        form: ListForm<'_>,
        (of, payout): (&Balance, Option<&str>),
        found: &mut BTreeMap<String, Movement>,
    ) -> Result<(), StripeFailure> {
        let read = |object: MovementObject| Ok((object.id.clone(), object.movement(of, payout)?));
        let take = |movement: Option<Movement>| {
            found.extend(movement.map(|movement| (movement.id.clone(), movement)));
            false
        };
        self.walk("/balance_transactions", form, read, take).await
    }
}

/// Whose balance it is.
struct Balance {
    /// The connected account; none for the platform's own.
    account: Option<String>,
    /// The intents of what was passed on to connected accounts, by what it is called there.
    intents: BTreeMap<String, String>,
}

impl Balance {
    /// The payment intent that moved it. A connected account knows none, only what the platform's charge became there.
    fn intent(&self, source: SourceObject) -> Option<String> {
        let there = [Some(source.id), source.charge];
        source.payment_intent.or_else(|| there.iter().flatten().find_map(|id| self.intents.get(id)).cloned())
    }
}

fn made_since<'a>(since: Timestamp, expand: &'a [&'static str]) -> ListForm<'a> {
    ListForm { created: Some(Since { gte: since.as_second() }), expand, ..ListForm::default() }
}

/// Takes everything that is listed.
fn collect<T>(found: &mut Vec<T>) -> impl FnMut(T) -> bool {
    |object| {
        found.push(object);
        false
    }
}

impl TryFrom<IntentObject> for Listed {
    type Error = StripeFailure;

    fn try_from(object: IntentObject) -> Result<Self, StripeFailure> {
        let (created, refunded) = (instant(object.created.unwrap_or_default())?, object.refunded());
        let (charge, account) = (object.charge().map(str::to_owned), object.account().map(str::to_owned));
        Ok(Self { intent: object.try_into()?, created, refunded, charge, account })
    }
}

impl Listed {
    fn charge(self) -> Result<Charge, StripeFailure> {
        let Self { intent, created, refunded, account, charge: _ } = self;
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
            account,
            state,
        })
    }
}

impl MovementObject {
    /// `None` for the payout itself, which Stripe lists among what it is made of.
    fn movement(self, of: &Balance, payout: Option<&str>) -> Result<Option<Movement>, StripeFailure> {
        if self.r#type.starts_with("payout") {
            return Ok(None);
        }
        let currency = currency(&self.id, &self.currency)?;
        let refund = matches!(self.r#type.as_str(), "refund" | "payment_refund" | "refund_failure");
        let source = self.source.as_ref().map(|source| source.id.clone()).filter(|_| refund);
        Ok(Some(Movement {
            amount: from_stripe(self.amount, currency)?,
            fee: from_stripe(self.fee, currency)?,
            // Over there a refund is another movement of what was passed on.
            refund: source.filter(|_| of.account.is_none()),
            intent: self.source.and_then(|source| of.intent(source)),
            account: of.account.clone(),
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
