//! What breaks: what there is, who looks after it, and what it cost.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::{Audited, ConnectorDay, IncidentPage, SiteInForce, StoreError};
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::uptime::{self, USUAL};
use plugtill_domain::incident::{Incident, Severity, Subject, acknowledge};
use plugtill_domain::money::Money;
use serde::{Deserialize, Serialize};

use crate::{Desk, OrderError, said};

/// Incidents are looked at so far back where nobody says how far.
pub const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(31 * 24);

/// An incident, for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// What is wrong where.
    pub subject: Subject,
    /// How soon somebody has to look.
    pub severity: Severity,
    /// Whether it lasts and somebody was to be told.
    pub open: bool,
    /// A charger's code; of billing, figures.
    pub facts: String,
    /// First sighting, UTC.
    pub first_at: Timestamp,
    /// When it ended, UTC.
    pub ended_at: Option<Timestamp>,
    /// How often it was seen.
    pub count: u64,
    /// Who looks after it.
    pub acknowledged_by: Option<String>,
    /// Why it does not count against uptime.
    pub excluded: Option<String>,
    /// How often somebody was told.
    pub told: usize,
    /// Minutes in which nobody could charge there.
    pub minutes_lost: i64,
    /// What its connectors usually earn in that time, by the 28 days before.
    pub revenue_lost: Option<Money>,
}

/// Who looks after an incident, or why it does not count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfIncident {
    /// Which: `charger_fault#harbour#CP1#1`.
    pub subject: Subject,
    /// Which of its incidents, by its first sighting, UTC; the latest when not given.
    #[serde(default)]
    pub first_at: Option<Timestamp>,
    /// Who decided.
    pub by: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// Which incidents are asked for, by their first sighting, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Those that last and somebody was to be told of, whenever they began.
    Open,
    /// From an instant on, and those that go on.
    Since(Timestamp),
    /// From an instant until before another.
    Within(Timestamp, Timestamp),
}

impl Desk {
    /// The incidents since `since`, the oldest first; without `all`, those that last and somebody was to be told of.
    pub(crate) async fn incidents(&self, since: Option<Timestamp>, all: bool) -> Result<Vec<Shown>, OrderError> {
        let since = since.unwrap_or(self.clock.now() - LOOKED_BACK);
        let sites = self.directory.sites().await?;
        let every: Vec<_> = sites.iter().cloned().map(Some).chain([None]).collect();
        self.incidents_among(&every, if all { When::Since(since) } else { When::Open }).await
    }

    /// The incidents of these sites, and of the operator's billing where one of them is none, the oldest first. No other site is
    /// read.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn incidents_among(
        &self,
        sites: &[Option<Arc<SiteInForce>>],
        when: When,
    ) -> Result<Vec<Shown>, OrderError> {
        let (now, mut shown) = (self.clock.now(), Vec::new());
        for known in sites {
            let incidents = self.wanted_incidents(known.as_ref().map(|known| &known.site.id), when).await?;
            let Some(known) = known else {
                shown.extend(incidents.iter().map(|incident| Shown::of(incident, None, now)));
                continue;
            };
            let earned = self.earned_before(known, &incidents).await?;
            for incident in &incidents {
                let lost = incident.subject.kind.is_outage().then(|| revenue_lost(known, &earned, incident, now));
                shown.push(Shown::of(incident, lost, now));
            }
        }
        shown.sort_by(|a, b| (a.first_at, &a.subject).cmp(&(b.first_at, &b.subject)));
        Ok(shown)
    }

    async fn wanted_incidents(&self, site: Option<&SiteId>, when: When) -> Result<Vec<Incident>, StoreError> {
        match when {
            When::Since(since) => self.known_incidents(site, since).await,
            // What is over is not open.
            When::Open => Ok(self.store.latest_incidents(site).await?.into_iter().filter(Incident::is_open).collect()),
            When::Within(from, to) => {
                let mut known = self.store.incidents_within(site, (from, to)).await?;
                let is_wanted = |incident: &Incident| incident.is_going_on() && (from..to).contains(&incident.first_at);
                known.extend(self.store.latest_incidents(site).await?.into_iter().filter(is_wanted));
                Ok(known)
            }
        }
    }

    /// A site's incidents from an instant on, and those that go on.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn incidents_of(&self, site: &SiteId, since: Timestamp) -> Result<Vec<Incident>, StoreError> {
        self.known_incidents(Some(site), since - LOOKED_BACK).await
    }

    pub(crate) async fn known_incidents(
        &self,
        site: Option<&SiteId>,
        since: Timestamp,
    ) -> Result<Vec<Incident>, StoreError> {
        let mut known = self.store.past_incidents(site, since).await?;
        known.extend(self.store.latest_incidents(site).await?.into_iter().filter(Incident::is_going_on));
        Ok(known)
    }

    /// What the site's connectors came to on the days before these incidents; nothing where they kept nobody from charging.
    async fn earned_before(
        &self,
        known: &SiteInForce,
        incidents: &[Incident],
    ) -> Result<Vec<ConnectorDay>, StoreError> {
        let outages = incidents.iter().filter(|incident| incident.subject.kind.is_outage());
        let days: Vec<Date> = outages.map(|incident| known.site.day_of(incident.first_at)).collect();
        let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Ok(Vec::new()) };
        self.store.connector_days(&known.site.id, (first.saturating_sub(USUAL), *last)).await
    }

    /// Notes who looks after an incident: nobody is reminded any more.
    pub(crate) async fn look_after(&self, asked: OfIncident) -> Result<Shown, OrderError> {
        let (at, by) = (self.clock.now(), said("by", &asked.by)?.to_owned());
        let rules = match &asked.subject.site {
            Some(site) => self.directory.site(site).await?.map(|known| known.site.rules()),
            None => None,
        };
        let rules = rules.unwrap_or_default();
        let known = self.store.incident(asked.subject.clone()).await?;
        let is_it = |incident: &&Incident| asked.first_at.is_none_or(|first_at| incident.first_at == first_at);
        let none = || OrderError::NoIncident(asked.subject.to_string());
        let before = known.version;
        let stored =
            self.store.update_incident(known, |latest| acknowledge(latest.filter(is_it)?, &by, at, &rules)).await?;
        let is_noted = stored.version != before;
        let incident = stored.incident.filter(|incident| is_it(&incident)).ok_or_else(none)?;
        if !is_noted {
            return Err(OrderError::NothingToLookAfter(asked.subject.to_string()));
        }
        let order = format!("look after {}", asked.subject);
        let outcome = "nobody is reminded any more".to_owned();
        self.store.audit(&Audited { at, by, session: None, order, outcome }).await?;
        Ok(Shown::of(&incident, None, at))
    }

    /// Notes why an incident does not count against uptime.
    pub(crate) async fn exclude(&self, asked: OfIncident) -> Result<Shown, OrderError> {
        let (at, by, reason) = (self.clock.now(), said("by", &asked.by)?, said("reason", &asked.reason)?.to_owned());
        let none = || OrderError::NoIncident(asked.subject.to_string());
        let known = self.store.incident(asked.subject.clone()).await?;
        let latest = known.incident.clone();
        let first_at = asked.first_at.or(latest.as_ref().map(|incident| incident.first_at)).ok_or_else(none)?;
        let is_it = |incident: &Incident| incident.first_at == first_at;
        let excluded = |incident: &Incident| Incident { excluded: Some(reason.clone()), ..incident.clone() };
        let page = IncidentPage { subject: asked.subject.clone(), first_at };
        let kept = self.store.exclude_incident(&page, &reason).await?;
        let updated = self.store.update_incident(known, |latest| {
            latest.filter(|incident| is_it(incident) && incident.excluded.as_deref() != Some(&reason)).map(excluded)
        });
        let updated = updated.await?.incident.filter(|incident| is_it(incident));
        let incident = match updated {
            Some(incident) => incident,
            None if kept => {
                let past = self.store.past_incidents(asked.subject.site.as_ref(), first_at).await?;
                let is_asked = |incident: &Incident| is_it(incident) && incident.subject == asked.subject;
                past.into_iter().find(is_asked).ok_or_else(none)?
            }
            None => return Err(none()),
        };
        let order = format!("exclude {} of {first_at}: {reason}", asked.subject);
        let outcome = "does not count against uptime".to_owned();
        self.store.audit(&Audited { at, by: by.to_owned(), session: None, order, outcome }).await?;
        Ok(Shown::of(&incident, None, at))
    }
}

/// What the connectors that an incident concerns usually earn in the time that it lasted.
fn revenue_lost(known: &SiteInForce, earned: &[ConnectorDay], incident: &Incident, now: Timestamp) -> Money {
    let (currency, day) = (known.site.terms.hold.currency(), known.site.day_of(incident.first_at));
    let usual = day.saturating_sub(USUAL)..day;
    let counts = |of: &&ConnectorDay| {
        usual.contains(&of.day) && of.currency == currency && uptime::concerns(incident, &of.charger, of.connector)
    };
    let earned = earned.iter().filter(counts).map(|of| of.total.gross()).sum();
    Money::new(uptime::usually_earned(earned, incident.lasted(now)), currency)
}

impl Shown {
    fn of(incident: &Incident, revenue_lost: Option<Money>, now: Timestamp) -> Self {
        let minutes_lost = if incident.subject.kind.is_outage() { incident.lasted(now).as_mins() } else { 0 };
        Self {
            subject: incident.subject.clone(),
            severity: incident.subject.kind.severity(),
            open: incident.is_open(),
            facts: incident.facts.clone(),
            first_at: incident.first_at,
            ended_at: incident.ended_at,
            count: incident.count,
            acknowledged_by: incident.acknowledged.as_ref().map(|known| known.by.clone()),
            excluded: incident.excluded.clone(),
            told: incident.notices.iter().filter(|notice| notice.sent.is_some()).count(),
            minutes_lost,
            revenue_lost,
        }
    }
}
