//! Faults of the operator's own billing.

use jiff::Timestamp;

use super::{BillingFault, Incident, Report, SMS_CHARACTERS, Subject};

/// What a fault of billing, seen at `at` (UTC), does to what is known of it: the new incident, or `None` when nothing
/// changes because the fault was over by then.
///
/// A fault that lasts is counted and not told again. `facts` are a few words for the text message.
#[must_use]
pub fn raise(known: Option<&Incident>, fault: &BillingFault, facts: &str, at: Timestamp) -> Option<Incident> {
    match known {
        Some(incident) if incident.is_open() => Some(incident.repeated(at)),
        Some(incident) if incident.recovered_at.is_some_and(|recovered_at| at < recovered_at) => None,
        Some(_) | None => {
            let subject = Subject::Billing(fault.clone());
            let report = Report { site: None, subject, error: facts, at, received_at: at };
            Some(Incident::open(report, known, &opened(fault, facts, at)))
        }
    }
}

/// What the end of a fault, seen at `at` (UTC), does to what is known of it; `None` when nothing changes: it is not
/// open, or was seen again after `at`.
#[must_use]
pub fn recover(known: Option<&Incident>, at: Timestamp) -> Option<Incident> {
    let incident = known.filter(|incident| incident.is_open() && at >= incident.last_at)?;
    let Subject::Billing(fault) = &incident.subject else { return None };
    let minutes = at.duration_since(incident.opened_at).as_mins();
    Some(incident.recovered(at, at, &format!("RECOVERED after {minutes} min: {}", well_again(fault))))
}

/// The remedy comes last and is never what is cut off.
fn opened(fault: &BillingFault, facts: &str, since: Timestamp) -> String {
    let (what, remedy) = match fault {
        BillingFault::StripeKeyRefused => (
            format!("BILLING STOPPED: Stripe refuses the secret key since {since:.0} "),
            "replace it in Secrets Manager, captures wait",
        ),
        BillingFault::BillingStopped => {
            ("BILLING STOPPED: ended sessions are not settled ".to_owned(), "read the log of settle, nothing is lost")
        }
        BillingFault::CaptureOverdue => {
            ("HOLD LAPSES, neither captured nor renewed ".to_owned(), "capture it at Stripe, read the log of settle")
        }
        BillingFault::Dispute(_) => ("DISPUTE ".to_owned(), "send evidence at Stripe in time"),
        BillingFault::PaymentUnknown => {
            ("PAYMENT UNKNOWN: Stripe does not tell its outcome ".to_owned(), "look it up at Stripe")
        }
        BillingFault::ReconciliationDiffers => {
            ("BOOKS DIFFER from Stripe's ".to_owned(), "read the reconciliation, repair what it lists")
        }
    };
    let room = SMS_CHARACTERS.saturating_sub(what.chars().count() + remedy.chars().count() + "(): ".len());
    let facts: String = facts.chars().take(room).collect();
    format!("{what}({facts}): {remedy}")
}

const fn well_again(fault: &BillingFault) -> &'static str {
    match fault {
        BillingFault::StripeKeyRefused => "Stripe accepts the secret key, waiting captures go on",
        BillingFault::BillingStopped => "ended sessions are settled again",
        BillingFault::CaptureOverdue => "no hold is about to lapse",
        BillingFault::Dispute(_) => "the dispute is closed",
        BillingFault::PaymentUnknown => "the outcome of every payment is known",
        BillingFault::ReconciliationDiffers => "our books and Stripe's agree",
    }
}
