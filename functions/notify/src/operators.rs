//! Incidents go through their stages, and operators are told of each once.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::alerts::{Alert, AlertError};
use plugtill_adapters::store::{StoreError, StoredIncident};
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::{Incident, Kind, Notice, NoticeKind, Rules, Sent, Sighting, Subject, advance, fold};
use plugtill_texts::Story;

use crate::{Notify, NotifyError};

/// An incident never has more to do at once: it opens, is told, reminded of, escalated, ends, and is told again.
const STEPS: usize = 16;
/// Faults that begin within so long of each other are one storm.
const STORM: SignedDuration = SignedDuration::from_mins(10);

/// Does all that is due about a subject's incident.
pub(crate) async fn tell(function: &Notify, subject: Subject) -> Result<(), NotifyError> {
    let rules = function.incidents.rules(subject.site.as_ref()).await?;
    let mut current = function.store.incident(subject).await?;
    for _ in 0..STEPS {
        let now = function.clock.now();
        let Some(incident) = current.incident.clone() else { return Ok(()) };
        if advance(&incident, now, &rules).is_some() {
            let was_open = incident.is_open();
            current = function.store.update_incident(current, |known| advance(known?, now, &rules)).await?;
            if was_open && incident.folded {
                calm_storm(function, &current, now).await?;
            }
            continue;
        }
        let Some(notice) = incident.next_notice().filter(|notice| notice.due_at <= now) else {
            function.incidents.ring(current.ring().into_iter().collect(), now).await;
            return Ok(());
        };
        if notice.kind == NoticeKind::Opened && is_storm(function, &incident, &rules, now).await? {
            current = function.store.update_incident(current, |known| fold(known?, &rules)).await?;
            continue;
        }
        let message_id = publish(function, &incident, notice, &rules, now).await?;
        // Told, then marked: a crash in between tells twice, the other order would tell never (F40).
        let sent = Sent { at: now, message_id };
        current = function.store.update_incident(current, |known| marked(known, &sent, &rules)).await?;
    }
    Ok(())
}

/// Marks the first unsent notice as sent, on whatever the incident has become meanwhile.
fn marked(known: Option<&Incident>, sent: &Sent, rules: &Rules) -> Option<Incident> {
    let mut incident = known?.clone();
    incident.notice_sent(sent.clone(), rules);
    Some(incident)
}

/// Whether the incident is one of many at its site: then the storm is told, and it alone.
async fn is_storm(function: &Notify, incident: &Incident, rules: &Rules, now: Timestamp) -> Result<bool, StoreError> {
    let storm_at = usize::try_from(rules.policy.storm_at).unwrap_or(usize::MAX);
    let may_be_one = storm_at > 0 && incident.subject.kind.is_outage();
    let Some(site) = incident.subject.site.clone().filter(|_| may_be_one) else { return Ok(false) };
    let latest = function.store.latest_incidents(Some(&site)).await?;
    let near = |other: &&Incident| {
        other.is_going_on()
            && other.subject.kind.is_outage()
            && other.lasts_since.duration_since(incident.lasts_since).abs() <= STORM
    };
    let mut chargers: Vec<_> = latest.iter().filter(near).filter_map(|other| other.subject.charger()).collect();
    chargers.sort_unstable();
    chargers.dedup();
    if chargers.len() < storm_at {
        return Ok(false);
    }
    let subject = Subject::of_site(Kind::SiteStorm, site);
    let facts = format!("{} chargers", chargers.len());
    function.incidents.tell(vec![Sighting::now(subject, facts, false, now)], now).await?;
    Ok(true)
}

/// The storm is over with the last of its members.
async fn calm_storm(function: &Notify, ended: &StoredIncident, now: Timestamp) -> Result<(), StoreError> {
    let Some(site) = ended.subject.site.clone() else { return Ok(()) };
    let latest = function.store.latest_incidents(Some(&site)).await?;
    if latest.iter().any(|incident| incident.folded && incident.is_going_on()) {
        return Ok(());
    }
    let subject = Subject::of_site(Kind::SiteStorm, site);
    function.incidents.tell(vec![Sighting::now(subject, "", true, now)], now).await
}

async fn publish(
    function: &Notify,
    incident: &Incident,
    notice: &Notice,
    rules: &Rules,
    now: Timestamp,
) -> Result<String, NotifyError> {
    let subject = &incident.subject;
    let site = match &subject.site {
        Some(id) => function.directory.site(id).await?,
        None => None,
    };
    let (page, address) = function.links.incident_page(incident);
    function.store.put_incident_page(&page, incident).await?;
    let story = Story {
        incident,
        event: notice.kind,
        site: site.as_ref().map(|known| known.site.name.as_str()),
        zone: rules.zone.clone(),
        now,
        link: &address,
    };
    let told = plugtill_texts::tell(rules.policy.language, &story);
    let alert = Alert {
        id: &format!("{page}.{}.{}", notice.kind.as_str(), notice.due_at.as_second()),
        subject: &told.subject,
        sms: &told.sms,
        email: &told.email,
        site: subject.site.as_ref().map(SiteId::as_str),
        kind: subject.kind.as_str(),
        event: notice.kind.as_str(),
        severity: subject.kind.severity().as_str(),
        contacts: contacts(incident, notice.kind),
    };
    published(function, incident.subject.kind, function.alerts.publish(&alert).await, now).await
}

/// That SNS takes nothing is an incident itself: it is told once SNS takes something again, and stands on its page before.
async fn published(
    function: &Notify,
    kind: Kind,
    published: Result<String, AlertError>,
    now: Timestamp,
) -> Result<String, NotifyError> {
    if kind != Kind::AlertUndeliverable {
        match &published {
            Err(error) => function.undeliverable.raise(&error.to_string(), now).await?,
            Ok(_) if function.undeliverable.open().await?.is_some() => function.undeliverable.recover(now).await?,
            Ok(_) => {}
        }
    }
    Ok(published?)
}

/// The second contact hears of what the first did not look after, and of its end.
const fn contacts(incident: &Incident, kind: NoticeKind) -> &'static [&'static str] {
    match kind {
        NoticeKind::Escalated => &["second"],
        NoticeKind::Recovered if incident.escalated => &["first", "second"],
        NoticeKind::Opened | NoticeKind::Reminder | NoticeKind::Recovered => &["first"],
    }
}
