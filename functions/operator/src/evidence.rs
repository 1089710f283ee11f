//! What a bank is shown when a payment is disputed: what was agreed, what the charger said, what was billed and why.

use jiff::Timestamp;
use plugtill_adapters::store::StoreError;
use plugtill_domain::checkout::{Buyer, Checkout};
use plugtill_domain::dispute::Dispute;
use plugtill_domain::evidence::Stopped;
use plugtill_domain::language::Language;
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use plugtill_texts::receipt::{Facts, Receipt};
use serde::Serialize;

use crate::Desk;

/// The evidence for one session. Its JSON form is an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pack {
    /// The disputes, where there are any.
    pub disputes: Vec<Dispute>,
    /// What the driver agreed to at Stripe's page; none for a card that was saved before.
    pub consent: Option<Consent>,
    /// The receipt, with the reason for every line.
    pub receipt: Receipt,
    /// The version of the prices that the session was pinned to at its start.
    pub terms: String,
    /// What the charger sent of the connector, in order, byte for byte.
    pub timeline: Vec<Said>,
    /// The stop that counted, as it was read: it names a transaction and no connector.
    pub stopped: Option<Stopped>,
}

/// What a driver agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// When the page was opened, UTC.
    pub opened_at: Timestamp,
    /// Stripe's id of the page, which keeps what was shown and agreed to.
    pub page: Option<String>,
    /// What was reserved.
    pub reserved: String,
}

/// A message of the charger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// When it was received, UTC.
    pub received_at: Timestamp,
    /// As it was sent.
    pub frame: String,
}

impl From<Checkout> for Consent {
    fn from(checkout: Checkout) -> Self {
        Self { opened_at: checkout.opened_at, page: checkout.page, reserved: checkout.amount.to_string() }
    }
}

pub(crate) async fn pack(function: &Desk, session: Session) -> Result<Pack, StoreError> {
    let terms = function.directory.terms(&session.terms).await?;
    let site = site_of(function, &session).await?;
    let checkout = function.store.checkout(session.id_tag()).await?;
    let buyer = checkout.as_ref().map_or_else(Buyer::default, |checkout| checkout.buyer.clone());
    let mut timeline: Vec<Said> = Vec::new();
    for kept in function.store.evidence(&session).await? {
        timeline.push(Said { received_at: kept.received_at, frame: kept.frame });
    }
    timeline.sort_by(|a, b| (a.received_at, &a.frame).cmp(&(b.received_at, &b.frame)));
    Ok(Pack {
        receipt: Receipt::of(
            Language::En,
            Facts { session: &session, terms: &terms, site: &site, buyer, signed: Vec::new() },
        ),
        disputes: session.disputes,
        consent: checkout.map(Consent::from),
        terms: session.terms,
        stopped: session.stopped,
        timeline,
    })
}

async fn site_of(function: &Desk, session: &Session) -> Result<Site, StoreError> {
    let known = function.directory.site(&session.site).await?;
    let missing = || StoreError::Unreadable { key: session.site.to_string(), problem: "the site is gone".to_owned() };
    known.map(|known| known.site.clone()).ok_or_else(missing)
}
