//! The account's balance: what each charge, refund and dispute moved, what Stripe kept of it, and what went to the bank.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Reply;
use super::error::ApiError;
use super::form::Form;
use super::objects::{Intent, State};

const DAY: i64 = 86_400;
/// What was taken can be paid out two days later (docs.stripe.com/payouts: two to seven days, by country).
const AVAILABLE_AFTER: i64 = 2 * DAY;
/// European cards: 1.5 per cent and 25 minor units; a dispute costs 20 (stripe.com/pricing).
const FEE_PER_MILLE: i64 = 15;
const FEE_FIXED: i64 = 25;
const DISPUTE_FEE: i64 = 2_000;

/// A balance transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Movement {
    kind: String,
    /// The charge, refund, dispute or payout.
    source: String,
    intent: Option<String>,
    amount: i64,
    fee: i64,
    currency: String,
    created: i64,
    available_on: i64,
    payout: Option<String>,
    /// The connected account whose balance it is.
    #[serde(default)]
    account: Option<String>,
}

/// What moves: into the balance or, negative, out of it; what is kept of it; the currency.
type Moved<'a> = (i64, i64, &'a str);

/// What went to the bank.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payout {
    amount: i64,
    currency: String,
    created: i64,
    #[serde(default)]
    account: Option<String>,
}

impl State {
    /// A charge was made: a hold will lapse, what was taken moves the balance.
    pub(super) fn charged(&mut self, intent: &str, now: i64) {
        if let Some(before) = self.intents.get(intent).and_then(Intent::lapses_at) {
            self.lapses.insert((before, intent.to_owned()));
        }
        let Some(paid) = self.intents.get(intent).filter(|intent| intent.received > 0) else { return };
        let (amount, currency) = (paid.received, paid.currency.clone());
        let fee = (amount * FEE_PER_MILLE + 500) / 1_000 + FEE_FIXED;
        let (source, destination) = (numbered("ch", intent), paid.destination.clone());
        let kept = paid.application_fee;
        self.moved("charge", &source, Some(intent), (amount, fee, &currency), now);
        // A destination charge is passed on whole; the platform's fee comes back from there.
        if let Some(account) = destination {
            self.moved("transfer", &numbered("tr", intent), None, (-amount, 0, &currency), now);
            if kept > 0 {
                self.moved("application_fee", &numbered("fee", intent), None, (kept, 0, &currency), now);
            }
            self.moved_at(Some(account), "payment", &numbered("py", intent), None, (amount, kept, &currency), now);
        }
    }

    /// A refund was made: Stripe keeps its fee. `from_account` is whether the connected account and the platform give
    /// their parts of it back.
    pub(super) fn given_back(&mut self, refund: &str, from_account: bool, now: i64) {
        let Some(made) = self.refunds.get(refund) else { return };
        let (amount, intent) = (made.amount, made.intent.clone());
        let currency = self.intents.get(&intent).map(|paid| paid.currency.clone()).unwrap_or_default();
        let Some(paid) = self.intents.get(&intent) else { return };
        let kept = if paid.received == 0 { 0 } else { paid.application_fee * amount / paid.received };
        let destination = paid.destination.clone().filter(|_| from_account);
        self.moved("refund", refund, Some(&intent), (-amount, 0, &currency), now);
        if let Some(account) = destination {
            self.moved("transfer_refund", &numbered("tr", &intent), None, (amount, 0, &currency), now);
            self.moved("application_fee_refund", &numbered("fee", &intent), None, (-kept, 0, &currency), now);
            let source = numbered("py", &intent);
            self.moved_at(Some(account), "payment_refund", &source, None, (-amount, -kept, &currency), now);
        }
    }

    /// A refund did not reach the card.
    pub(super) fn came_back(&mut self, refund: &str, now: i64) {
        let Some(made) = self.refunds.get(refund) else { return };
        let (amount, intent) = (made.amount, made.intent.clone());
        let currency = self.intents.get(&intent).map(|paid| paid.currency.clone()).unwrap_or_default();
        self.moved("refund_failure", refund, Some(&intent), (amount, 0, &currency), now);
    }

    /// A dispute took money, or brought it back.
    pub(super) fn disputed(&mut self, dispute: &str, intent: &str, amount: i64, now: i64) {
        let currency = self.intents.get(intent).map(|paid| paid.currency.clone()).unwrap_or_default();
        let fee = if amount < 0 { DISPUTE_FEE } else { 0 };
        self.moved("adjustment", dispute, Some(intent), (amount, fee, &currency), now);
    }

    fn moved(&mut self, kind: &str, source: &str, intent: Option<&str>, moved: Moved<'_>, now: i64) {
        self.moved_at(None, kind, source, intent, moved, now);
    }

    fn moved_at(
        &mut self,
        account: Option<String>,
        kind: &str,
        source: &str,
        intent: Option<&str>,
        (amount, fee, currency): Moved<'_>,
        now: i64,
    ) {
        let id = self.id("txn");
        let movement = Movement {
            kind: kind.to_owned(),
            source: source.to_owned(),
            intent: intent.map(str::to_owned),
            amount,
            fee,
            currency: currency.to_owned(),
            created: now,
            available_on: if kind == "payout" { now } else { now + AVAILABLE_AFTER },
            payout: None,
            account,
        };
        self.movements.insert(id, movement);
    }

    /// What an object moved, in order.
    pub(super) fn movements_of(&self, source: &str) -> Vec<Value> {
        let own = self.movements.iter().filter(|(_, movement)| movement.source == source);
        own.map(|(id, movement)| movement.view(id, false)).collect()
    }

    /// What Stripe kept so far.
    pub(super) fn fees(&self) -> i64 {
        self.movements.values().filter(|movement| movement.account.is_none()).map(|movement| movement.fee).sum()
    }

    /// What went to banks so far.
    pub(super) fn paid_out(&self) -> i64 {
        self.payouts.values().map(|payout| payout.amount).sum()
    }

    /// Pays out what has become available, at the midnight (UTC) after it did, a payout a balance, currency and day. What a
    /// day owes more than it brings waits for the next.
    fn pay_out(&mut self, now: i64) {
        let mut days: BTreeMap<(i64, Option<String>, String), Vec<String>> = BTreeMap::new();
        for (id, movement) in &self.movements {
            let midnight = (movement.available_on + DAY - 1).div_euclid(DAY) * DAY;
            if movement.kind != "payout" && movement.payout.is_none() && midnight <= now {
                days.entry((midnight, movement.account.clone(), movement.currency.clone()))
                    .or_default()
                    .push(id.clone());
            }
        }
        let mut waiting: BTreeMap<(Option<String>, String), Vec<String>> = BTreeMap::new();
        for ((midnight, account, currency), mut ids) in days {
            let balance = (account, currency);
            ids.extend(waiting.remove(&balance).unwrap_or_default());
            let net: i64 =
                ids.iter().filter_map(|id| self.movements.get(id)).map(|moved| moved.amount - moved.fee).sum();
            if net <= 0 {
                waiting.insert(balance, ids);
                continue;
            }
            let (account, currency) = balance;
            let payout = self.id("po");
            for id in ids {
                if let Some(movement) = self.movements.get_mut(&id) {
                    movement.payout = Some(payout.clone());
                }
            }
            self.moved_at(account.clone(), "payout", &payout, None, (-net, 0, &currency), midnight);
            self.payouts.insert(payout, Payout { amount: net, currency, created: midnight, account });
        }
    }

    /// The newest first, as Stripe lists.
    pub(super) fn list_movements(
        &mut self,
        form: &Form<'_>,
        account: Option<&str>,
        now: i64,
    ) -> Result<Reply, ApiError> {
        form.only(&["payout", "created", "type", "limit", "starting_after", "expand"])?;
        self.pay_out(now);
        let (payout, kind, created) = (form.get("payout"), form.get("type"), form.created()?);
        let whole = form.expands("data.source");
        let wanted = |movement: &Movement| {
            let part_of = |payout: &str| movement.payout.as_deref() == Some(payout) || movement.source == payout;
            movement.account.as_deref() == account
                && payout.is_none_or(part_of)
                && kind.is_none_or(|kind| movement.kind == kind)
                && created.contains(&movement.created)
        };
        listed("/v1/balance_transactions", &self.movements, form, wanted, |id, movement| movement.view(id, whole))
    }

    /// The newest first, as Stripe lists.
    pub(super) fn list_payouts(&mut self, form: &Form<'_>, account: Option<&str>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["created", "limit", "starting_after", "expand"])?;
        self.pay_out(now);
        let created = form.created()?;
        listed(
            "/v1/payouts",
            &self.payouts,
            form,
            |payout| payout.account.as_deref() == account && created.contains(&payout.created),
            |id, payout| payout.view(id),
        )
    }

    /// What was passed on to connected accounts; the newest first, as Stripe lists.
    pub(super) fn list_transfers(&self, form: &Form<'_>) -> Result<Reply, ApiError> {
        form.only(&["created", "destination", "limit", "starting_after", "expand"])?;
        let (created, to) = (form.created()?, form.get("destination"));
        let passed_on = |(id, paid): (&String, &Intent)| {
            let destination = paid.destination.as_ref().filter(|_| paid.received > 0)?;
            Some((
                numbered("tr", id),
                (id.clone(), destination.clone(), paid.received, paid.currency.clone(), paid.created),
            ))
        };
        let all: BTreeMap<_, _> = self.intents.iter().filter_map(passed_on).collect();
        listed(
            "/v1/transfers",
            &all,
            form,
            |(_, destination, .., made)| to.is_none_or(|to| destination == to) && created.contains(made),
            |id, (intent, destination, amount, currency, made)| {
                json!({
                    "id": id, "object": "transfer", "amount": amount, "amount_reversed": 0, "created": made,
                    "currency": currency, "destination": destination, "livemode": false, "metadata": {},
                    "destination_payment": numbered("py", intent), "source_transaction": numbered("ch", intent),
                    "reversed": false, "source_type": "card", "reversals": { "object": "list", "data": [],
                    "has_more": false, "url": format!("/v1/transfers/{id}/reversals") },
                })
            },
        )
    }
}

/// What comes with an intent bears its number.
fn numbered(prefix: &str, intent: &str) -> String {
    intent.replacen("pi", prefix, 1)
}

fn listed<T>(
    url: &str,
    all: &BTreeMap<String, T>,
    form: &Form<'_>,
    wanted: impl Fn(&T) -> bool,
    view: impl Fn(&str, &T) -> Value,
) -> Result<Reply, ApiError> {
    let (limit, after) = (form.limit()?, form.get("starting_after"));
    let newest_first = all.iter().rev().filter(|(id, _)| after.is_none_or(|after| id.as_str() < after));
    let mut found = newest_first.filter(|(_, object)| wanted(object));
    let data: Vec<Value> = found.by_ref().take(limit).map(|(id, object)| view(id, object)).collect();
    let list = json!({ "object": "list", "url": url, "has_more": found.next().is_some(), "data": data });
    Ok((200, list.to_string()))
}

impl Movement {
    fn view(&self, id: &str, whole: bool) -> Value {
        let source = if whole {
            let object = match self.kind.as_str() {
                "adjustment" => "dispute",
                "refund_failure" => "refund",
                "payment" | "payment_refund" => "charge",
                "transfer_refund" => "transfer",
                "application_fee_refund" => "application_fee",
                other => other,
            };
            json!({ "id": self.source, "object": object, "payment_intent": self.intent })
        } else {
            json!(self.source)
        };
        json!({
            "id": id, "object": "balance_transaction", "amount": self.amount, "fee": self.fee,
            "net": self.amount - self.fee, "currency": self.currency, "created": self.created,
            "available_on": self.available_on, "status": "available", "type": self.kind,
            "reporting_category": self.kind, "source": source, "fee_details": [], "description": null,
            "exchange_rate": null, "balance_type": "payments",
        })
    }
}

impl Payout {
    fn view(&self, id: &str) -> Value {
        json!({
            "id": id, "object": "payout", "amount": self.amount, "currency": self.currency, "created": self.created,
            "arrival_date": self.created + DAY, "automatic": true, "livemode": false, "method": "standard",
            "reconciliation_status": "completed", "source_type": "card", "status": "paid", "type": "bank_account",
            "balance_transaction": null, "description": null, "destination": null, "metadata": {},
            "failure_balance_transaction": null, "failure_code": null, "failure_message": null, "original_payout": null,
            "reversed_by": null, "statement_descriptor": null, "trace_id": null, "application_fee": null,
            "application_fee_amount": null, "payout_method": null,
        })
    }
}
