//! What a session came to, for its driver: every line with its reason, every move of money, and who is asking for it.

use jiff::Timestamp;
use plugtill_domain::checkout::Buyer;
use plugtill_domain::closing::{Closed, EndCause};
use plugtill_domain::credit::Credit;
use plugtill_domain::language::Language;
use plugtill_domain::money::Money;
use plugtill_domain::payment::{Payment, Purpose};
use plugtill_domain::pricing::{Bill, LineKind};
use plugtill_domain::session::{Outcome, Reason, Session};
use plugtill_domain::signed::{SignedValue, SignedVerdict};
use plugtill_domain::site::{Operator, Site, Terms};
use plugtill_domain::timeline::Implausible;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::bill::{Explanation, explain};
use crate::catalogue::text;
use crate::figures::{amount, number};

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
    pub signed: Vec<Signed>,
    /// How the session's end is known, where its charger never reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
}

/// A signed meter value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
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
    pub what: String,
    /// How much.
    pub amount: String,
    /// How far it is.
    pub state: String,
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

/// What a receipt is made of.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The session.
    pub session: &'a Session,
    /// The terms that it was pinned to.
    pub terms: &'a Terms,
    /// Where it was.
    pub site: &'a Site,
    /// Who pays.
    pub buyer: Buyer,
    /// What the meter signed.
    pub signed: Vec<SignedValue>,
}

impl Receipt {
    /// The receipt of a session.
    #[must_use]
    pub fn of(language: Language, facts: Facts<'_>) -> Self {
        let Facts { session, terms, site, buyer, signed } = facts;
        let amount = |money: Money| amount(language, money);
        let local = |at: Timestamp| at.to_zoned(terms.zone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
        let bill = session.bill.as_ref();
        let ended_at = bill.map(|bill| bill.ended_at).or_else(|| session.ended_at());
        let held = session.active_holds().iter().map(|hold| amount(hold.amount)).collect::<Vec<_>>().join(", ");
        let credit = |credit: &Credit| CreditNote {
            number: credit.number.clone(),
            at: local(credit.at),
            amount: amount(credit.total),
            reason: credit.reason.clone(),
        };
        let closed = |closed: &Closed| {
            let cause = text(language, cause(closed.cause), &[]);
            text(language, "closed", &[("at", local(closed.at).into()), ("cause", cause.into())])
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
            energy_kwh: bill.map(|bill| number(language, &bill.energy.to_kwh())),
            buyer,
            bill: bill.map(|bill| explain(language, bill, terms)),
            taxes: bill.map(|bill| taxes(language, bill)).unwrap_or_default(),
            moves: session.payments.iter().map(|payment| moved(language, payment)).collect(),
            credits: session.credits.iter().map(credit).collect(),
            held: Some(held).filter(|held| !held.is_empty()),
            owed: session.balance.as_ref().map(|_| amount(session.uncollectable)),
            outcome: session.outcome,
            reason: session.reason.as_ref().map(|why| reason(language, why)),
            signed: signed.into_iter().map(|value| checked(language, value)).collect(),
            closed: session.closed.as_ref().filter(|_| session.stopped.is_none()).map(closed),
        }
    }
}

fn checked(language: Language, value: SignedValue) -> Signed {
    let say = |name: &str| text(language, name, &[]);
    let verdict = match value.verdict {
        SignedVerdict::Verified => say("signed-verified"),
        SignedVerdict::Wrong => say("signed-wrong"),
        SignedVerdict::NoKey => say("signed-no-key"),
        SignedVerdict::Unreadable(why) => text(language, "signed-unreadable", &[("why", why.into())]),
    };
    Signed { text: value.text, context: value.context, public_key: value.public_key, verdict }
}

const fn cause(cause: EndCause) -> &'static str {
    match cause {
        EndCause::NextSession => "closed-next-session",
        EndCause::Unplugged => "closed-unplugged",
        EndCause::Silence => "closed-silence",
        EndCause::Operator => "closed-operator",
    }
}

/// Why a session ended as it did, in words.
#[must_use]
pub fn reason(language: Language, reason: &Reason) -> String {
    let say = |name: &str| text(language, name, &[]);
    match reason {
        Reason::NothingDue => say("reason-nothing-due"),
        Reason::BelowMinimum => say("reason-below-minimum"),
        Reason::NoPaymentMethod => say("reason-no-payment-method"),
        Reason::Declined(code) => text(language, "reason-declined", &[("code", code.as_str().into())]),
        Reason::Implausible(what) => say(implausible(*what)),
        Reason::AboveLimit => say("reason-above-limit"),
        Reason::TakenElsewhere => say("reason-taken-elsewhere"),
        Reason::Forgiven(why) => text(language, "reason-forgiven", &[("why", why.as_str().into())]),
        Reason::DisputeLost(why) => text(language, "reason-dispute-lost", &[("why", why.as_str().into())]),
        Reason::LateEvidenceWaived => say("reason-late-waived"),
        Reason::LateEvidenceCharged => say("reason-late-charged"),
        Reason::LateEvidenceRefunded => say("reason-late-refunded"),
    }
}

const fn implausible(what: Implausible) -> &'static str {
    match what {
        Implausible::RegisterFell => "reason-register-fell",
        Implausible::RegisterJumped => "reason-register-jumped",
        Implausible::StopBeforeStart => "reason-stop-before-start",
        Implausible::NoStart => "reason-no-start",
        Implausible::SignatureWrong => "reason-signature-wrong",
        Implausible::SignedDiffers => "reason-signed-differs",
        Implausible::TooLarge => "reason-too-large",
    }
}

fn taxes(language: Language, bill: &Bill) -> Vec<TaxLine> {
    let percent = |percent: Decimal| number(language, &percent.normalize());
    let added = bill.lines.iter().filter(|line| line.kind == LineKind::Tax).map(|line| TaxLine {
        name: line.tax.clone().unwrap_or_else(|| text(language, "tax", &[])),
        percent: line.tax.as_ref().map(|_| percent(line.price)),
        amount: amount(language, line.amount),
    });
    let included = bill.included_taxes.iter().map(|part| TaxLine {
        name: text(language, "tax-included", &[("name", part.tax.name.as_str().into())]),
        percent: Some(percent(part.tax.percent)),
        amount: amount(language, part.amount),
    });
    added.chain(included).collect()
}

/// Holds and their release are not money paid: a driver sees them apart.
fn moved(language: Language, payment: &Payment) -> Move {
    let what = match payment.purpose {
        Purpose::Capture | Purpose::TopUp => "moved-charged",
        Purpose::Link => "moved-paid",
        Purpose::Refund => "moved-refunded",
        Purpose::Hold => "moved-held",
        Purpose::Raise => "moved-raised",
        Purpose::Release => "moved-released",
    };
    let state = if payment.is_done() {
        "move-done"
    } else if payment.is_refused() {
        "move-refused"
    } else {
        "move-underway"
    };
    Move {
        what: text(language, what, &[]),
        amount: amount(language, payment.amount),
        state: text(language, state, &[]),
    }
}
