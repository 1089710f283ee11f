//! From the domain's words to the API's.

use plugtill_domain::access::Sites;
use plugtill_domain::ledger::{Account, Balances};
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::payment::PaymentState;
use plugtill_domain::session::Session;
use plugtill_operator::{Done, Shown, SiteAvailability, Waiting};

use super::shapes as s;
use crate::now::Tile;
use crate::words;

impl From<&Session> for s::Session {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            site: session.site.to_string(),
            charger: session.id.charger.to_string(),
            connector: session.id.connector.0,
            id_tag: session.id_tag().to_string(),
            started_at: session.id.started_at,
            ended_at: session.ended_at(),
            outcome: words::outcome_name(session.outcome).to_owned(),
            reason: session.reason.as_ref().map(ToString::to_string),
            contradicted: session.contradicted.as_ref().map(ToString::to_string),
            energy_kwh: session.bill.as_ref().map(|bill| bill.energy.to_kwh().to_string()),
            billed: session.billed().into(),
            collected: session.collected().into(),
            owed: session.uncollectable.into(),
            receipt_number: session.receipt_number.clone(),
        }
    }
}

impl From<Tile> for s::ConnectorNow {
    fn from(tile: Tile) -> Self {
        let session = tile.running.map(|running| s::RunningSession {
            started_at: running.session.started_at,
            id: running.session.to_string(),
            energy_kwh: running.energy.to_kwh().to_string(),
            power_w: running.power.map(|power| power.0),
            cost: running.price.into(),
            idle_since: running.idle_since,
        });
        Self {
            site: tile.site.to_string(),
            charger: tile.charger.to_string(),
            connector: tile.connector.0,
            state: words::state_name(tile.state).to_owned(),
            session,
        }
    }
}

impl From<Shown> for s::Incident {
    fn from(shown: Shown) -> Self {
        Self {
            title: words::incident(shown.subject.kind),
            site: shown.subject.site.as_ref().map(ToString::to_string),
            subject: shown.subject.to_string(),
            severity: shown.severity.as_str().to_owned(),
            open: shown.open,
            facts: shown.facts,
            first_at: shown.first_at,
            ended_at: shown.ended_at,
            count: shown.count,
            acknowledged_by: shown.acknowledged_by,
            minutes_lost: shown.minutes_lost,
            revenue_lost: shown.revenue_lost.map(s::Amount::from),
            excluded: shown.excluded,
        }
    }
}

impl From<Waiting> for s::Waiting {
    fn from(waiting: Waiting) -> Self {
        Self {
            id: waiting.id.to_string(),
            received_at: waiting.received_at,
            charger: waiting.charger,
            reason: waiting.reason,
            bytes: waiting.bytes,
            reviewed_by: waiting.review.map(|review| review.by),
        }
    }
}

impl From<Done> for s::Done {
    fn from(done: Done) -> Self {
        Self {
            session: done.session.to_string(),
            billed: done.billed.into(),
            to_refund: done.to_refund.into(),
            owed: done.owed.into(),
            outcome: words::outcome_name(done.outcome).to_owned(),
        }
    }
}

pub(super) fn payments(session: &Session) -> Vec<s::Payment> {
    let shown = session.payments.iter().map(|payment| s::Payment {
        purpose: payment.purpose.as_str().to_owned(),
        attempt: payment.attempt,
        amount: payment.amount.into(),
        state: match payment.state {
            PaymentState::Intended(_) => "intended",
            PaymentState::Done(_) => "done",
            PaymentState::Refused(_) => "refused",
        }
        .to_owned(),
        intent: payment.intent.clone(),
    });
    shown.collect()
}

pub(super) fn credits(session: &Session) -> Vec<s::Credit> {
    let shown = session.credits.iter().map(|credit| s::Credit {
        number: credit.number.clone(),
        at: credit.at,
        by: credit.by.clone(),
        reason: credit.reason.clone(),
        amount: credit.total.into(),
    });
    shown.collect()
}

pub(super) fn legs(balances: &Balances, currency: Currency) -> Vec<s::Leg> {
    let leg = |(account, minor): (&Account, &i64)| s::Leg {
        account: account.as_str().to_owned(),
        amount: Money::new(*minor, currency).into(),
    };
    balances.iter().map(leg).collect()
}

/// None: all.
pub(super) fn only(sites: &Sites) -> Option<Vec<String>> {
    match sites {
        Sites::All => None,
        Sites::Only(sites) => Some(sites.iter().map(ToString::to_string).collect()),
    }
}

impl From<SiteAvailability> for s::Uptime {
    fn from(up: SiteAvailability) -> Self {
        let connectors = up.connectors.into_iter().map(|one| s::ConnectorUptime {
            charger: one.charger.to_string(),
            connector: one.connector.0,
            from: one.from,
            percent: one.percent.to_string(),
            minutes_down: one.minutes_down,
            minutes_excluded: one.minutes_excluded,
            outages: u64::try_from(one.outages).unwrap_or(u64::MAX),
        });
        Self {
            site: up.site.to_string(),
            percent: up.percent.to_string(),
            connectors: connectors.collect(),
            minutes_to_acknowledge: up.minutes_to_acknowledge,
            minutes_to_repair: up.minutes_to_repair,
        }
    }
}
