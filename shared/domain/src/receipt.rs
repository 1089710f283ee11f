//! What a session came to, for its driver: every line with its reason, every move of money, and who is asking for it.

use crate::checkout::Buyer;
use crate::explain::{Explanation, explain};
use crate::payment::Purpose;
use crate::pricing::{Bill, LineKind};
use crate::session::{Outcome, Session};
use crate::site::{Operator, Site, Terms};
use jiff::Timestamp;
use serde::Serialize;

/// A receipt; its JSON form is an interface. Amounts are text with their currency, instants by the site's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// In the operator's sequence, once there is one.
    pub number: Option<String>,
    /// The session.
    pub session: String,
    /// Who delivered.
    pub operator: Operator,
    /// Where.
    pub site: String,
    /// Which charger.
    pub charger: String,
    /// Which connector.
    pub connector: u32,
    /// Plugged in.
    pub started_at: String,
    /// The end of the transaction.
    pub ended_at: Option<String>,
    /// kWh, as measured.
    pub energy_kwh: Option<String>,
    /// Who pays, as they told Stripe's page.
    pub buyer: Buyer,
    /// Line by line, with its reason.
    pub bill: Option<Explanation>,
    /// Each tax with what it is on.
    pub taxes: Vec<TaxLine>,
    /// What moved, in order.
    pub moves: Vec<Move>,
    /// What was given back, in order.
    pub credits: Vec<CreditNote>,
    /// What is held at the moment.
    pub held: Option<String>,
    /// What is owed, and can be paid by the link.
    pub owed: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so.
    pub reason: Option<String>,
    /// What the meter signed, to be checked apart from us.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<SignedValue>,
    /// How the session's end is known, where its charger never reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
}

/// A signed meter value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedValue {
    /// As it was signed, for example `OCMF|…|…`.
    pub text: String,
    /// When it was taken, in the standard's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The meter's key, as the charger sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// What our own check came to.
    pub verdict: String,
}

/// A tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaxLine {
    /// As it is printed.
    pub name: String,
    /// Per cent; none for what keeps a bound after tax.
    pub percent: Option<String>,
    /// What it is.
    pub amount: String,
}

/// A move of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// In the driver's words.
    pub what: &'static str,
    /// How much.
    pub amount: String,
    /// How far it is.
    pub state: &'static str,
}

/// A credit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreditNote {
    /// In the operator's sequence.
    pub number: Option<String>,
    /// When.
    pub at: String,
    /// How much.
    pub amount: String,
    /// Why.
    pub reason: String,
}

impl Receipt {
    /// The receipt of a session under the terms that it was pinned to.
    #[must_use]
    pub fn of(session: &Session, terms: &Terms, site: &Site, buyer: Buyer) -> Self {
        let local = |at: Timestamp| at.to_zoned(terms.zone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
        let bill = session.bill.as_ref();
        let ended_at = bill.map(|bill| bill.ended_at).or_else(|| session.ended_at());
        let held = session.active_holds().iter().map(|hold| hold.amount.to_string()).collect::<Vec<_>>().join(", ");
        let credit = |credit: &crate::credit::Credit| CreditNote {
            number: credit.number.clone(),
            at: local(credit.at),
            amount: credit.total.to_string(),
            reason: credit.reason.clone(),
        };
        Self {
            number: session.receipt_number.clone(),
            session: session.id.to_string(),
            operator: site.operator.clone().unwrap_or_else(|| Operator::named(&site.name)),
            site: site.name.clone(),
            charger: session.id.charger.to_string(),
            connector: session.id.connector.0,
            started_at: local(session.id.started_at),
            ended_at: ended_at.map(local),
            energy_kwh: bill.map(|bill| bill.energy.to_kwh().to_string()),
            buyer,
            bill: bill.map(|bill| explain(bill, terms)),
            taxes: bill.map(taxes).unwrap_or_default(),
            moves: moves(session),
            credits: session.credits.iter().map(credit).collect(),
            held: Some(held).filter(|held| !held.is_empty()),
            owed: session.balance.as_ref().map(|_| session.uncollectable.to_string()),
            outcome: session.outcome,
            reason: session.reason.as_ref().map(ToString::to_string),
            signed: Vec::new(),
            closed: session.closed.filter(|_| session.stopped.is_none()).map(|closed| {
                format!("the charger never reported the end; billed to {}, for {}", local(closed.at), closed.cause)
            }),
        }
    }
}

fn taxes(bill: &Bill) -> Vec<TaxLine> {
    let added = bill.lines.iter().filter(|line| line.kind == LineKind::Tax).map(|line| TaxLine {
        name: line.tax.clone().unwrap_or_else(|| "Tax".to_owned()),
        percent: line.tax.as_ref().map(|_| line.price.normalize().to_string()),
        amount: line.amount.to_string(),
    });
    let included = bill.included_taxes.iter().map(|part| TaxLine {
        name: format!("{}, included", part.tax.name),
        percent: Some(part.tax.percent.normalize().to_string()),
        amount: part.amount.to_string(),
    });
    added.chain(included).collect()
}

/// Holds and their release are not money paid: a driver sees them apart.
fn moves(session: &Session) -> Vec<Move> {
    let shown = session.payments.iter().map(|payment| {
        let what = match payment.purpose {
            Purpose::Capture | Purpose::TopUp => "charged to your card",
            Purpose::Link => "paid by you",
            Purpose::Refund => "given back to your card",
            Purpose::Hold => "reserved on your card",
            Purpose::Raise => "reservation raised",
            Purpose::Release => "reservation given back",
        };
        let state = if payment.is_done() {
            "done"
        } else if payment.is_refused() {
            "refused by the bank"
        } else {
            "on its way"
        };
        Move { what, amount: payment.amount.to_string(), state }
    });
    shown.collect()
}
