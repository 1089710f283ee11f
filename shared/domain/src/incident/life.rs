//! How incidents open, are repeated, calm down and end. Nothing here is told before it has lasted.

use jiff::Timestamp;

use super::{Acknowledged, Calm, Incident, Notice, NoticeKind, Rules, Severity, Subject};

/// What comes and goes so often is told although it never lasts.
const FLAPS: u32 = 3;

/// Something was seen to be wrong, or to be well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What, and where.
    pub subject: Subject,
    /// A few words for the message.
    pub facts: String,
    /// Whether all is well with it.
    pub well: bool,
    /// When, UTC: of a charger by its own clock.
    pub at: Timestamp,
    /// When that came in, UTC.
    pub received_at: Timestamp,
}

impl Sighting {
    /// Seen by ourselves at `now` (UTC).
    #[must_use]
    pub fn now(subject: Subject, facts: impl Into<String>, well: bool, now: Timestamp) -> Self {
        Self { subject, facts: facts.into(), well, at: now, received_at: now }
    }
}

/// What a sighting does to an incident: the new one, or `None` when nothing changes.
///
/// Sightings older than what is known change nothing, so that late and repeated deliveries alert nobody.
#[must_use]
pub fn observe(known: Option<&Incident>, seen: &Sighting, rules: &Rules) -> Option<Incident> {
    let going_on = known.filter(|incident| incident.is_going_on());
    let stale = known.is_some_and(|incident| is_stale(incident, seen));
    let mut incident = match going_on {
        _ if stale => return None,
        None if seen.well => return None,
        None => begun(known, seen),
        Some(incident) if seen.well => calmed(incident, seen)?,
        Some(incident) => repeated(incident, seen),
    };
    pass(&mut incident, seen.received_at, rules);
    Some(incident)
}

/// What time does to an incident by `now` (UTC): the new one, or `None` when nothing changes.
#[must_use]
pub fn advance(known: &Incident, now: Timestamp, rules: &Rules) -> Option<Incident> {
    let mut incident = known.clone();
    pass(&mut incident, now, rules);
    (incident != *known).then_some(incident)
}

/// Somebody looks after it: nobody is reminded any more. `None` when somebody did already, or it is over.
#[must_use]
pub fn acknowledge(known: &Incident, by: &str, at: Timestamp, rules: &Rules) -> Option<Incident> {
    let open = known.is_open() && known.acknowledged.is_none();
    let acknowledged = Some(Acknowledged { by: by.to_owned(), at });
    let mut incident = open.then(|| Incident { acknowledged, ..known.clone() })?;
    incident
        .notices
        .retain(|notice| notice.sent.is_some() || matches!(notice.kind, NoticeKind::Opened | NoticeKind::Recovered));
    incident.due_at = due_at(&incident, rules);
    Some(incident)
}

/// It is part of its site's storm: nobody is told of it alone. `None` when somebody was.
#[must_use]
pub fn fold(known: &Incident, rules: &Rules) -> Option<Incident> {
    let told = known.notices.iter().any(|notice| notice.sent.is_some());
    let mut incident = (!known.folded && !told).then(|| Incident { folded: true, ..known.clone() })?;
    incident.notices.clear();
    incident.due_at = due_at(&incident, rules);
    Some(incident)
}

fn is_stale(incident: &Incident, seen: &Sighting) -> bool {
    let calm_at = incident.ended_at.or(incident.calm.map(|calm| calm.at));
    match calm_at {
        Some(calm_at) => seen.at <= calm_at,
        // Clocks of chargers know no fractions of a second: what is reported well in the same one came after.
        None => seen.at < incident.last_at || (seen.at == incident.last_at && !seen.well),
    }
}

fn begun(known: Option<&Incident>, seen: &Sighting) -> Incident {
    let unsent = known.into_iter().flat_map(|incident| incident.notices.iter().filter(|n| n.sent.is_none()).cloned());
    Incident {
        subject: seen.subject.clone(),
        facts: seen.facts.clone(),
        first_at: seen.at,
        last_at: seen.at,
        seen_at: seen.received_at,
        lasts_since: seen.received_at,
        count: 1,
        flaps: 0,
        calm: None,
        opened_at: None,
        ended_at: None,
        acknowledged: None,
        reminders: 0,
        escalated: false,
        folded: false,
        excluded: None,
        notices: unsent.collect(),
        due_at: None,
    }
}

fn repeated(known: &Incident, seen: &Sighting) -> Incident {
    let mut incident = Incident {
        count: known.count + 1,
        last_at: seen.at,
        seen_at: known.seen_at.max(seen.received_at),
        calm: None,
        ..known.clone()
    };
    if known.calm.is_some() {
        incident.flaps += 1;
        incident.lasts_since = seen.received_at;
    }
    incident
}

fn calmed(known: &Incident, seen: &Sighting) -> Option<Incident> {
    let calm = Some(Calm { at: seen.at, seen_at: seen.received_at });
    known.calm.is_none().then(|| Incident { calm, ..known.clone() })
}

/// Lets the time pass until `now`.
fn pass(incident: &mut Incident, now: Timestamp, rules: &Rules) {
    let severity = incident.subject.kind.severity();
    while let Some((at, step)) = next_step(incident, rules).filter(|(at, _)| *at <= now) {
        let due_at = rules.audible(severity, at);
        match step {
            Step::Open => incident.opened_at = Some(at),
            Step::End(ended_at) => incident.ended_at = Some(ended_at),
            Step::Remind => incident.reminders += 1,
            Step::Escalate => incident.escalated = true,
        }
        if let Some(kind) = told_of(incident, step) {
            // Who was not reminded in time is reminded once.
            incident.notices.retain(|notice| notice.sent.is_some() || notice.kind != NoticeKind::Reminder);
            incident.notices.push(Notice { kind, due_at, sent: None });
        }
    }
    incident.due_at = due_at(incident, rules);
}

/// What is told of a step. Of a low severity nothing is, but in the digest; of a storm's members nothing alone.
fn told_of(incident: &Incident, step: Step) -> Option<NoticeKind> {
    let kind = match step {
        Step::Open => NoticeKind::Opened,
        Step::End(_) if incident.opened_at.is_some() => NoticeKind::Recovered,
        Step::End(_) => return None,
        Step::Remind => NoticeKind::Reminder,
        Step::Escalate => NoticeKind::Escalated,
    };
    (!incident.folded && incident.subject.kind.severity() != Severity::Low).then_some(kind)
}

#[derive(Clone, Copy)]
enum Step {
    Open,
    End(Timestamp),
    Remind,
    Escalate,
}

/// What happens to it next if nothing else is seen, and when.
fn next_step(incident: &Incident, rules: &Rules) -> Option<(Timestamp, Step)> {
    if incident.ended_at.is_some() {
        return None;
    }
    let kind = incident.subject.kind;
    let calm = incident.calm.map(|calm| (calm.seen_at + kind.calm(), Step::End(calm.at)));
    let lapse = kind.lapses_after().map(|after| (incident.seen_at + after, Step::End(incident.last_at)));
    let open = incident.opened_at.is_none().then(|| opening(incident, rules)).flatten();
    let open = open.map(|at| (at, Step::Open));
    let [remind, escalate] = unheard(incident, rules);
    // In this order where several are due at once: what has ended is not told of as new.
    [calm, lapse, open, escalate, remind].into_iter().flatten().min_by_key(|(at, _)| *at)
}

/// When it has lasted long enough to tell somebody.
fn opening(incident: &Incident, rules: &Rules) -> Option<Timestamp> {
    let kind = incident.subject.kind;
    if incident.flaps >= FLAPS {
        return Some(incident.seen_at);
    }
    let seen_enough = incident.count >= kind.threshold() && incident.calm.is_none();
    let since = if kind.threshold() > 1 { incident.seen_at } else { incident.lasts_since };
    seen_enough.then(|| since + rules.delay(kind))
}

/// When the second contact is told and people are reminded, while nobody looks after it.
fn unheard(incident: &Incident, rules: &Rules) -> [Option<(Timestamp, Step)>; 2] {
    let kind = incident.subject.kind;
    let ignored = incident.acknowledged.is_none() && incident.calm.is_none() && kind.severity() != Severity::Low;
    let Some(opened_at) = incident.opened_at.filter(|_| ignored && !incident.folded) else { return [None, None] };
    let escalate = rules.escalation(opened_at).filter(|_| !incident.escalated);
    let remind = rules.reminder(opened_at, incident.reminders);
    [remind.map(|at| (at, Step::Remind)), escalate.map(|at| (at, Step::Escalate))]
}

/// When something is to be told or done, UTC.
pub(super) fn due_at(incident: &Incident, rules: &Rules) -> Option<Timestamp> {
    let notice = incident.next_notice().map(|notice| notice.due_at);
    let step = next_step(incident, rules).map(|(at, _)| at);
    notice.into_iter().chain(step).min()
}
