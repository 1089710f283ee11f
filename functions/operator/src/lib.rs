//! What operators order: give something back, give a balance up; and what they ask: who owes, what proves a session.
//!
//! Every order is tried first and done only when it says `apply`; what was done stands in the audit trail. Money moves by
//! `settle` afterwards: this function holds no key of Stripe's.
//!
//! # Layout, in reading order
//! - [`handle`]: orders and questions.
//! - `incidents`: what breaks. `uptime`: what that adds up to.
//! - `webhooks`: systems of the operator's own.
//! - `sites`: what chargers there are, at which prices, and who is told.
//! - `chargers`: who is let in, and what they are told. `quarantine`: what could not be used.
//! - [`access`]: who may sign in to the console, and the keys of machines.
//! - `personal`: what is known of a driver, and forgetting it.
//! - `orders`: what can be ordered and asked, and what is answered. [`evidence`]: what a bank is shown when a payment is disputed.

pub mod access;
mod chargers;
pub mod evidence;
mod incidents;
mod orders;
mod personal;
mod quarantine;
mod simulate;
mod sites;
mod uptime;
mod webhooks;

use jiff::Timestamp;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::{Doorbell, Ring, RingError};
use plugtill_adapters::links::Links;
use plugtill_adapters::store::{Audited, Directory, QuarantineId, Store, StoreError, Updated, question};
use plugtill_domain::credit::{Credit as Credited, CreditOrder, Extent};
use plugtill_domain::decide::{Decision, Event, Nothing, decide};
use plugtill_domain::ids::{ChargerId, IdTag, SessionId, SiteId};
use plugtill_domain::incident::{Incident, Sighting, observe};
use plugtill_domain::money::{Money, MoneyError};
use plugtill_domain::session::Session;

pub use access::{KeyAdded, ListedKey, ListedUser, NamedUser, NewKey, NewUser, UserAdded};
pub use chargers::{Added, Listed, NewCharger, Telling};
pub use incidents::{LOOKED_BACK, OfIncident, Shown, When};
pub use orders::{Answer, Credit, Done, OfSession, Owed, Request};
pub use personal::{Erase, Erased, Personal, Whose};
pub use quarantine::{Decision as Verdict, Reviewing, Waiting};
pub use simulate::Simulated;
pub use sites::{Change, NewSites, Published};
pub use uptime::{Availability, ConnectorAvailability, SiteAvailability};
pub use webhooks::{Address, GivenUp, Told};

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The table.
    pub store: Store,
    /// Sites and terms.
    pub directory: Directory,
    /// Rings `settle`.
    pub doorbell: Doorbell,
    /// Signs the links that drivers are sent.
    pub links: Links,
    /// Tells when something was ordered.
    pub clock: Clock,
}

/// So many sessions are read at once to say what they owe.
const OWED_AT_ONCE: usize = 100;

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There is no such session.
    #[error("session {0}: there is none; `receipts` and the report name sessions")]
    NoSession(SessionId),
    /// There is no such site.
    #[error("site `{0}`: there is none")]
    NoSite(SiteId),
    /// An amount cannot be used.
    #[error("amount: {0}")]
    Amount(MoneyError),
    /// Amount and line at once.
    #[error("line: give an amount or a line, not both")]
    AmountAndLine,
    /// A charger cannot be let in so.
    #[error("{0}")]
    Charger(String),
    /// A site file cannot be used.
    #[error("file: {0}")]
    SiteFile(String),
    /// There is nothing of this name in quarantine.
    #[error("quarantine: there is no {0}; `quarantine list` shows what there is")]
    NotKept(QuarantineId),
    /// There is no such incident.
    #[error("incident {0}: there is none; `incidents --all` shows what there is")]
    NoIncident(String),
    /// Somebody looks after it already, or it is over.
    #[error("incident {0}: somebody looks after it already, or there is nothing to look after")]
    NothingToLookAfter(String),
    /// A charger is not ours to tell anything.
    #[error("charger {0}: its site has another back end (role `listening`), which alone may tell it something")]
    NotOurs(ChargerId),
    /// There is no randomness for a password.
    #[error("no randomness for a password: {0}")]
    Random(String),
    /// Who may sign in cannot be changed so.
    #[error("{0}")]
    Access(String),
    /// Nobody says who decided, or why.
    #[error("{0}: must not be empty; it stands in the audit trail")]
    Empty(&'static str),
    /// The session's state does not allow it.
    #[error("session {0}: {1}")]
    Refused(SessionId, String),
    /// Nobody knows how to reach the driver.
    #[error("session {0}: its driver left no telephone number; send the link to the session's page instead")]
    NoTelephone(SessionId),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue did not answer. What was ordered is stored and found again.
    #[error(transparent)]
    Ring(#[from] RingError),
}

/// Does what is ordered, or answers what is asked.
///
/// # Errors
/// Why it cannot be done; nothing is changed then.
pub async fn handle(function: &Desk, request: Request) -> Result<Answer, OrderError> {
    match request {
        Request::Credit(credit) => function.credit(credit).await.map(Answer::Done),
        Request::Forgive(asked) => {
            let (at, reason) = (function.clock.now(), asked.reason.clone());
            function.decided("forgive", asked, Event::Forgiven { reason, at }).await
        }
        Request::Charge(asked) => {
            let event = Event::ChargeAgain(function.clock.now());
            function.decided("charge once more", asked, event).await
        }
        Request::End(asked) => {
            let event = Event::Over { at: function.last_sign(&asked.session).await?, now: function.clock.now() };
            function.decided("end", asked, event).await
        }
        Request::Receipt(asked) => {
            function.is_reached(&asked.session).await?;
            let event = Event::ReceiptAgain(function.clock.now());
            function.decided("send the receipt once more", asked, event).await
        }
        Request::Publish(sites) => function.publish(sites).await.map(Answer::Sites),
        Request::Simulate { file } => function.simulate(file.get()).await.map(Answer::Simulated),
        Request::AddCharger(charger) => function.add_charger(charger).await.map(Answer::Added),
        Request::Chargers => function.chargers().await.map(Answer::Chargers),
        Request::Tell { charger, order, by } => Ok(Answer::Told(vec![function.tell(charger, order, &by).await?])),
        Request::Told { charger } => Ok(Answer::Told(function.store.commands(&charger).await?)),
        Request::Quarantine { since, all } => function.quarantine(since, all).await.map(Answer::Quarantine),
        Request::Review(asked) => Ok(Answer::Quarantine(vec![function.review(asked).await?])),
        Request::Incidents { since, all } => function.incidents(since, all).await.map(Answer::Incidents),
        Request::LookAfter(asked) => Ok(Answer::Incidents(vec![function.look_after(asked).await?])),
        Request::Exclude(asked) => Ok(Answer::Incidents(vec![function.exclude(asked).await?])),
        Request::Webhooks => Ok(Answer::Webhooks(function.webhooks().await?)),
        Request::RetryWebhooks { by } => function.retry_webhooks(&by).await.map(Answer::Webhooks),
        Request::Uptime { until } => function.availability(until).await.map(Answer::Uptime),
        Request::CardLink { site, tag, by } => function.card_link(&site, &tag, &by).await.map(Answer::Link),
        Request::Balances => Ok(Answer::Balances(function.balances().await?)),
        Request::Evidence { session } => {
            let known = function.store.session(&session).await?.ok_or(OrderError::NoSession(session))?;
            Ok(Answer::Evidence(Box::new(evidence::pack(function, known.session).await?)))
        }
        Request::AddUser(user) => function.add_user(user).await.map(Answer::UserAdded),
        Request::RemoveUser(named) => function.remove_user(named).await.map(Answer::Users),
        Request::Users => Ok(Answer::Users(function.users().await?)),
        Request::AddKey(key) => function.add_key(key).await.map(Answer::KeyAdded),
        Request::RemoveKey { id, by } => function.remove_key(id, &by).await.map(Answer::Keys),
        Request::Keys => Ok(Answer::Keys(function.api_keys().await?)),
        Request::Export(whose) => Ok(Answer::Personal(Box::new(function.export(whose).await?))),
        Request::Erase(asked) => function.erase(asked).await.map(Answer::Erased),
        Request::Audit { month } => Ok(Answer::Audit(function.store.audited(month).await?)),
    }
}

fn said<'a>(field: &'static str, text: &'a str) -> Result<&'a str, OrderError> {
    if text.trim().is_empty() { Err(OrderError::Empty(field)) } else { Ok(text) }
}

impl Desk {
    async fn credit(&self, asked: Credit) -> Result<Done, OrderError> {
        let session = asked.session;
        let known = self.store.session(&session).await?.ok_or_else(|| OrderError::NoSession(session.clone()))?;
        let currency = known.session.waived.currency();
        let extent = match (asked.amount, asked.line) {
            (Some(_), Some(_)) => return Err(OrderError::AmountAndLine),
            (Some(amount), None) => Extent::Amount(Money::parse(&amount, currency).map_err(OrderError::Amount)?),
            (None, Some(line)) => Extent::Line(line),
            (None, None) => Extent::Whole,
        };
        let by = said("by", &asked.by)?.to_owned();
        let order = format!("credit {}: {}", said("id", &asked.id)?, said("reason", &asked.reason)?);
        let note = CreditOrder { id: asked.id, extent, reason: asked.reason, by: by.clone() };
        self.order(session, Event::Credited(note, self.clock.now()), (&by, order), asked.apply).await
    }

    async fn decided(&self, what: &str, asked: OfSession, event: Event) -> Result<Answer, OrderError> {
        let order = format!("{what}: {}", said("reason", &asked.reason)?);
        let by = said("by", &asked.by)?;
        self.order(asked.session, event, (by, order), asked.apply).await.map(Answer::Done)
    }

    /// The instant of a session's latest evidence, UTC.
    async fn last_sign(&self, id: &SessionId) -> Result<Timestamp, OrderError> {
        let known = self.store.session(id).await?.ok_or_else(|| OrderError::NoSession(id.clone()))?;
        let frames = self.store.evidence(&known.session).await?;
        let latest = frames.iter().flat_map(|frame| &frame.evidence).map(|evidence| evidence.at).max();
        Ok(latest.unwrap_or(id.started_at).max(id.started_at))
    }

    /// Only who left a telephone number when they paid can be told anything.
    async fn is_reached(&self, id: &SessionId) -> Result<(), OrderError> {
        let known = self.store.session(id).await?.ok_or_else(|| OrderError::NoSession(id.clone()))?;
        let checkout = self.store.checkout(known.session.id_tag()).await?;
        let reached = checkout.is_some_and(|checkout| checkout.texts_to.or(checkout.buyer.phone).is_some());
        if reached { Ok(()) } else { Err(OrderError::NoTelephone(id.clone())) }
    }

    async fn card_link(&self, site: &SiteId, tag: &IdTag, by: &str) -> Result<String, OrderError> {
        let (at, by) = (self.clock.now(), said("by", by)?.to_owned());
        if self.directory.site(site).await?.is_none() {
            return Err(OrderError::NoSite(site.clone()));
        }
        let (order, outcome) = (format!("card link for tag {tag} at {site}"), "holds for a week".to_owned());
        self.store.audit(&Audited { at, by, session: None, order, outcome }).await?;
        Ok(self.links.card_page(site, tag, at))
    }

    /// Tries an order; with `apply` commits it, keeps it in the audit trail and has the money moved.
    async fn order(
        &self,
        id: SessionId,
        event: Event,
        (by, order): (&str, String),
        apply: bool,
    ) -> Result<Done, OrderError> {
        let now = self.clock.now();
        let known = self.store.session(&id).await?.ok_or_else(|| OrderError::NoSession(id.clone()))?;
        let terms = self.directory.terms(&known.session.terms).await?;
        let tried = match decide(Some(known.session.clone()), event.clone(), &terms) {
            Decision::Commit(after) => *after,
            // Whoever sends an order again may not have got its answer.
            Decision::Nothing(Nothing::Duplicate) if apply && is_credited(&known.session, &event) => {
                return Ok(Done::of(&known.session, true));
            }
            Decision::Nothing(why) => return Err(OrderError::Refused(id, why.to_string())),
        };
        if !apply {
            return Ok(Done::of(&tried, false));
        }
        let zone = self.directory.zone_of(&known.session.site).await?;
        let decided = |state: Option<Session>| decide(state, event.clone(), &terms);
        let after = match self.store.update(&id, Some(known), (now, &zone), decided).await? {
            Updated::Committed(stored) => stored.session,
            Updated::Unchanged(why) => return Err(OrderError::Refused(id, why.to_string())),
        };
        let done = Done::of(&after, true);
        let (by, outcome) =
            (by.to_owned(), format!("billed {}, to refund {}, owed {}", done.billed, done.to_refund, done.owed));
        self.store.audit(&Audited { at: now, by, session: Some(id.to_string()), order, outcome }).await?;
        if after.due().is_some_and(|(at, _)| at <= now) {
            self.ring(Ring::Session(id), now).await;
        }
        self.answered(&after).await?;
        Ok(done)
    }

    /// Hurries what is due. It is stored by then: what nobody rings for, sweep finds within a minute.
    async fn ring(&self, ring: Ring, now: Timestamp) {
        if let Err(error) = self.doorbell.ring(vec![(ring, now)], now).await {
            tracing::warn!(%error, "sweep will ring for what was ordered");
        }
    }

    /// A driver whose session was put right has been answered. Sweep has operators told: that does not hurry, and who orders
    /// may ring for no alert.
    async fn answered(&self, session: &Session) -> Result<(), OrderError> {
        let asked = self.store.incident(question(session)).await?;
        if !asked.incident.as_ref().is_some_and(Incident::is_going_on) {
            return Ok(());
        }
        let site = self.directory.site(&session.site).await?;
        let rules = site.map(|known| known.site.rules()).unwrap_or_default();
        let well = Sighting::now(asked.subject.clone(), "", true, self.clock.now());
        self.store.update_incident(asked, |latest| observe(latest, &well, &rules)).await?;
        Ok(())
    }

    /// The oldest first.
    async fn balances(&self) -> Result<Vec<Owed>, StoreError> {
        Ok(self.owed(None, usize::MAX, |_| true).await?.0)
    }

    /// At most `limit` open balances behind a place in their list, of the sites that somebody sees, the oldest first; and where
    /// the list goes on.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn owed(
        &self,
        after: Option<String>,
        limit: usize,
        sees: impl Fn(&SiteId) -> bool,
    ) -> Result<(Vec<Owed>, Option<String>), StoreError> {
        let (mut owed, mut place) = (Vec::new(), after);
        loop {
            let found = self.store.open_balances(place.as_deref(), None).await?;
            let Some(last) = found.last().map(|open| open.place.clone()) else { return Ok((owed, None)) };
            let listed: Vec<_> = found.into_iter().filter(|open| sees(&open.site)).collect();
            for some in listed.chunks(OWED_AT_ONCE.min(limit)) {
                let ids: Vec<SessionId> = some.iter().map(|open| open.session.clone()).collect();
                let sessions = self.store.sessions_named(&ids).await?;
                for open in some {
                    // What the index has not heard of yet, the session says.
                    let session = sessions.iter().find(|session| session.id == open.session);
                    owed.extend(session.and_then(Owed::of));
                    if owed.len() == limit {
                        return Ok((owed, Some(open.place.clone())));
                    }
                }
            }
            place = Some(last);
        }
    }
}

/// Whether the session has been credited by this very order.
fn is_credited(session: &Session, event: &Event) -> bool {
    let Event::Credited(order, _) = event else { return false };
    let is_it = |credit: &Credited| credit.id == order.id && credit.reason == order.reason && credit.by == order.by;
    session.credits.iter().any(is_it)
}
