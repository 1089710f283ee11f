//! Once a day: whether alerts reach anybody, and the small matters that nobody is woken for.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::alerts::Alert;
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::{Incident, Kind, Severity, Sighting, Subject};
use plugtill_texts::Digest;

use crate::{Notify, NotifyError};

/// What is told of.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// What began longer ago and has ended since is no small matter of this day.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Looks whether every site has somebody who is told by mail: what is sent by text message alone may be refused by a
/// carrier or end at the month's limit, and nobody would know.
pub(crate) async fn check_subscriptions(function: &Notify) -> Result<(), NotifyError> {
    let now = function.clock.now();
    let subscriptions = function.alerts.subscriptions().await?;
    let mails = || subscriptions.iter().filter(|one| one.protocol.starts_with("email") && one.confirmed);
    let mut seen = Vec::new();
    for known in function.directory.sites().await?.iter() {
        let reached = mails().any(|one| one.hears_of(known.site.id.as_str()));
        let subject = Subject::of_site(Kind::AlertUndeliverable, known.site.id.clone());
        seen.push(Sighting::now(subject, "no confirmed e-mail subscription", reached, now));
    }
    Ok(function.incidents.tell(seen, now).await?)
}

/// Tells the small matters of the last day, of each site and of the billing, once a day each.
pub(crate) async fn tell_small_matters(function: &Notify) -> Result<(), NotifyError> {
    let sites = function.directory.sites().await?;
    for known in sites.iter() {
        digest(function, Some(known)).await?;
    }
    digest(function, None).await
}

async fn digest(function: &Notify, known: Option<&std::sync::Arc<SiteInForce>>) -> Result<(), NotifyError> {
    let now = function.clock.now();
    let site = known.map(|known| &known.site.id);
    let rules = function.incidents.rules(site).await?;
    let day = now.to_zoned(rules.zone.clone()).date();
    if function.store.digest_told(site, day).await? {
        return Ok(());
    }
    let matters = matters(function, site, now).await?;
    if matters.is_empty() {
        return Ok(());
    }
    let name = known.map(|known| known.site.name.as_str());
    let told = plugtill_texts::digest(rules.policy.language, &Digest { site: name, matters: &matters });
    let alert = Alert {
        id: &format!("digest.{}.{day}", site.map_or("", SiteId::as_str)),
        subject: &told.subject,
        sms: &told.sms,
        email: &told.email,
        site: site.map(SiteId::as_str),
        kind: "digest",
        event: "digest",
        severity: Severity::Low.as_str(),
        contacts: &["first"],
    };
    let message_id = function.alerts.publish(&alert).await?;
    Ok(function.store.put_digest(site, day, &message_id).await?)
}

/// The day's incidents of low severity, each subject with how often it was seen and for how many minutes.
async fn matters(
    function: &Notify,
    site: Option<&SiteId>,
    now: Timestamp,
) -> Result<Vec<(Subject, u64, i64)>, NotifyError> {
    let since = now - DAY;
    let is_small =
        |incident: &Incident| incident.opened_at.is_some() && incident.subject.kind.severity() == Severity::Low;
    let over = function.store.past_incidents(site, since - LOOKED_BACK).await?.into_iter();
    let over = over.filter(|incident| incident.ended_at.is_some_and(|ended_at| ended_at >= since));
    let going_on = function.store.latest_incidents(site).await?.into_iter().filter(Incident::is_going_on);
    let mut matters: BTreeMap<Subject, (u64, i64)> = BTreeMap::new();
    for incident in over.chain(going_on).filter(is_small) {
        let minutes = incident.lasted(now).as_mins();
        let known = matters.entry(incident.subject).or_default();
        *known = (known.0 + incident.count, known.1 + minutes);
    }
    Ok(matters.into_iter().map(|(subject, (count, minutes))| (subject, count, minutes)).collect())
}
