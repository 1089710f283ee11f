//! What is known of a driver, and forgetting it (GDPR articles 15 and 17). Amounts, taxes, times and receipt numbers stay: tax
//! law wants them, and they say nothing of who it was. Signed meter values stay as they were signed.

use plugtill_adapters::store::{Audited, ERASED, StoreError, Updated};
use plugtill_domain::checkout::{self, Checkout, CheckoutEvent};
use plugtill_domain::decide::{Event, Nothing, decide};
use plugtill_domain::ids::{IdTag, SessionId, SiteId};
use plugtill_domain::session::{Payer, Session};
use serde::{Deserialize, Serialize};

use crate::evidence::{self, Pack};
use crate::{Desk, OrderError, said};

/// What stands in the place of a tag is as long as drawn from so many bytes.
const RANDOM_BYTES: usize = 6;

/// Whose data is meant: who charged in a session, or who holds a tag at a site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Whose {
    /// Who charged then: a driver without an account has no other name.
    Session {
        /// The session, as receipts name it.
        session: SessionId,
    },
    /// Who holds the tag.
    Tag {
        /// Where.
        site: SiteId,
        /// Which.
        tag: IdTag,
    },
}

/// To forget a driver.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Whom.
    pub whose: Whose,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// Whether it is done, or only tried.
    #[serde(default)]
    pub apply: bool,
}

/// Everything that is known of a driver. Its JSON form is an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Personal {
    /// Where.
    pub site: SiteId,
    /// What was presented.
    pub tag: IdTag,
    /// The saved card, by Stripe's names: the card itself is with Stripe.
    pub card: Option<Payer>,
    /// What was said at Stripe's page, where there was one.
    pub checkout: Option<Checkout>,
    /// The sessions, with what the charger said of each.
    pub sessions: Vec<Pack>,
    /// What they wrote to the operator about their sessions.
    pub asked: Vec<String>,
}

/// What was forgotten, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Whether it was done, or only tried.
    pub applied: bool,
    /// The sessions that say no longer who it was.
    pub sessions: Vec<SessionId>,
    /// The sessions that are not over, and why they still say it; order once more later.
    pub not_yet: Vec<(SessionId, String)>,
    /// How many of the charger's frames were rewritten.
    pub frames: usize,
    /// Customers to delete at Stripe: no key that may is held here.
    pub at_stripe: Vec<String>,
}

/// A driver as the table knows them.
struct Known {
    site: SiteId,
    tag: IdTag,
    card: Option<Payer>,
    checkout: Option<Checkout>,
    sessions: Vec<Session>,
}

impl Desk {
    pub(crate) async fn export(&self, whose: Whose) -> Result<Personal, OrderError> {
        let Known { site, tag, card, checkout, sessions } = self.known(whose).await?;
        let mut packs = Vec::with_capacity(sessions.len());
        let mut asked = Vec::new();
        for session in sessions {
            asked.extend(self.store.questions(&session).await?.into_iter().map(|incident| incident.facts));
            packs.push(evidence::pack(self, session).await?);
        }
        Ok(Personal { site, tag, card, checkout, sessions: packs, asked })
    }

    pub(crate) async fn erase(&self, asked: Erase) -> Result<Erased, OrderError> {
        let (at, by) = (self.clock.now(), said("by", &asked.by)?.to_owned());
        let order = format!("erase: {}", said("reason", &asked.reason)?);
        let known = self.known(asked.whose).await?;
        let customers = known.sessions.iter().filter_map(|session| session.payer.as_ref()).chain(&known.card);
        let mut at_stripe: Vec<String> = customers.map(|payer| payer.customer.clone()).collect();
        at_stripe.sort_unstable();
        at_stripe.dedup();
        let (sessions, not_yet) = (Vec::new(), Vec::new());
        let mut erased = Erased { applied: asked.apply, sessions, not_yet, frames: 0, at_stripe };
        let other = self.stand_in(&known).await?;
        for session in known.sessions {
            let (id, tag) = (session.id.clone(), other.as_ref().unwrap_or(&known.tag).clone());
            match self.erase_session(session, tag, asked.apply).await? {
                Ok(frames) => {
                    erased.frames += frames;
                    erased.sessions.push(id);
                }
                Err(why) => erased.not_yet.push((id, why)),
            }
        }
        if asked.apply {
            if erased.not_yet.is_empty() {
                self.store.update_checkout(&known.tag, &CheckoutEvent::Erased).await?;
                if known.card.is_some() {
                    self.store.forget_payer(&known.site, &known.tag, at).await?;
                }
            }
            let Erased { sessions, not_yet, frames, .. } = &erased;
            let outcome =
                format!("{} sessions, {frames} frames; {} sessions not over yet", sessions.len(), not_yet.len());
            self.store.audit(&Audited { at, by, session: None, order, outcome }).await?;
        }
        Ok(erased)
    }

    async fn known(&self, whose: Whose) -> Result<Known, OrderError> {
        let (site, tag) = match whose {
            Whose::Tag { site, tag } => (site, tag),
            Whose::Session { session } => {
                let stored = self.store.session(&session).await?.ok_or(OrderError::NoSession(session))?;
                (stored.session.site.clone(), stored.session.id_tag().clone())
            }
        };
        if self.directory.site(&site).await?.is_none() {
            return Err(OrderError::NoSite(site));
        }
        let mut sessions = Vec::new();
        for (charger, connector) in self.store.connectors(&site).await? {
            let here = self.store.sessions(&charger, connector).await?;
            sessions.extend(here.into_iter().filter(|session| *session.id_tag() == tag));
        }
        let card = self.store.payer(&site, Some(&tag)).await?;
        let checkout = self.store.checkout(&tag).await?;
        Ok(Known { site, tag, card, checkout, sessions })
    }

    /// What stands in the place of the tag; `None` where the tag says nothing of anybody: the token of a checkout is drawn, and
    /// what was erased before is. An erasure that was broken off goes on with the tag that it had drawn.
    async fn stand_in(&self, known: &Known) -> Result<Option<IdTag>, OrderError> {
        if checkout::is_token(&known.tag) || known.tag.as_str().starts_with(ERASED) {
            return Ok(None);
        }
        for session in &known.sessions {
            if let Some(tag) = self.store.erased_start(session).await? {
                return Ok(Some(tag));
            }
        }
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| OrderError::Random(error.to_string()))?;
        let drawn = bytes.iter().fold(ERASED.to_owned(), |tag, byte| format!("{tag}{byte:02x}"));
        drawn.parse().map(Some).map_err(|error| OrderError::Random(format!("{error}")))
    }

    /// How many frames were rewritten; or why the session still has to say who it was. Frames first: they and the head have to
    /// name the same tag, and the order finds the session by the head.
    async fn erase_session(
        &self,
        session: Session,
        tag: IdTag,
        apply: bool,
    ) -> Result<Result<usize, String>, OrderError> {
        let id = session.id.clone();
        if !session.is_over() {
            return Ok(Err("something is due, owed or disputed".to_owned()));
        }
        if !apply {
            return Ok(Ok(0));
        }
        self.store.forget_questions(&session).await?;
        let frames = if *session.id_tag() == tag { 0 } else { self.store.replace_tag(&session, &tag).await? };
        match self.commit_erased(&id, &session, tag).await? {
            Updated::Committed(_) | Updated::Unchanged(Nothing::Duplicate) => Ok(Ok(frames)),
            Updated::Unchanged(why) => Ok(Err(why.to_string())),
        }
    }

    async fn commit_erased(&self, id: &SessionId, session: &Session, tag: IdTag) -> Result<Updated, StoreError> {
        let now = self.clock.now();
        let known = self.store.session(id).await?;
        let terms = self.directory.terms(&session.terms).await?;
        let zone = self.directory.zone_of(&session.site).await?;
        let event = Event::Erased(tag);
        self.store.update(id, known, (now, &zone), |state| decide(state, event.clone(), &terms)).await
    }
}
