//! What operators are told of incidents.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plugtill_domain::incident::{Incident, Kind, NoticeKind, Place, Severity, Subject};
use plugtill_domain::language::Language;

use crate::catalogue::{Args, text};
use crate::{Told, codes, narrow};

/// What is told of an incident.
#[derive(Debug, Clone)]
pub struct Story<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// What of it.
    pub event: NoticeKind,
    /// The site's name, as people call it.
    pub site: Option<&'a str>,
    /// By whose clock times are written.
    pub zone: TimeZone,
    /// When it is told, UTC.
    pub now: Timestamp,
    /// The incident's page; empty on the page itself.
    pub link: &'a str,
}

/// The page of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it is called, and where it is.
    pub title: String,
    /// All that is told of it, line by line.
    pub lines: Vec<String>,
    /// Who looks after it, where somebody does.
    pub acknowledged: Option<String>,
    /// What the field for a name and the button under it say, where nobody does and it goes on.
    pub ask: Option<[String; 2]>,
}

/// Small matters of a day at a site.
#[derive(Debug, Clone)]
pub struct Digest<'a> {
    /// The site's name, as people call it; `None` for the operator's billing.
    pub site: Option<&'a str>,
    /// What was seen, with how often and for how many minutes.
    pub matters: &'a [(Subject, u64, i64)],
}

/// An incident, told.
#[must_use]
pub fn tell(language: Language, story: &Story<'_>) -> Told {
    let incident = story.incident;
    let (title, place) = (title(language, incident.subject.kind), place(language, story.site, &incident.subject));
    let minutes = incident.lasted(story.now).as_mins();
    let event = text(language, event(story.event), &[]);
    let args = [
        ("event", event.into()),
        ("title", title.as_str().into()),
        ("where", place.as_str().into()),
        ("minutes", minutes.into()),
    ];
    let short = if story.event == NoticeKind::Recovered { "short-recovered" } else { "short" };
    let mut words = text(language, short, &args);
    if !incident.facts.is_empty() {
        words = format!("{words} ({})", incident.facts);
    }
    if incident.count > 1 {
        words = format!("{words} {}x", incident.count);
    }
    Told {
        subject: narrow::subject(&text(language, "subject", &args)),
        sms: narrow::sms(&format!("{words}."), story.link, narrow::SMS_CHARACTERS),
        email: email(language, story, &title, &place),
    }
}

/// The page of an incident, as it stands.
#[must_use]
pub fn page(language: Language, incident: &Incident, site: Option<&str>, zone: &TimeZone, now: Timestamp) -> Page {
    let event = if incident.is_going_on() { NoticeKind::Opened } else { NoticeKind::Recovered };
    let story = Story { incident, event, site, zone: zone.clone(), now, link: "" };
    let (title, place) = (title(language, incident.subject.kind), place(language, site, &incident.subject));
    let lines = email(language, &story, &title, &place).lines().skip(1).map(str::to_owned).collect();
    let acknowledged = incident.acknowledged.as_ref().map(|known| {
        let args = [("by", known.by.as_str().into()), ("since", written(known.at, zone).into())];
        text(language, "page-acknowledged", &args)
    });
    let ask = (incident.is_open() && acknowledged.is_none())
        .then(|| ["page-name", "page-acknowledge"].map(|name| text(language, name, &[])));
    Page { title: format!("{title}, {place}"), lines, acknowledged, ask }
}

/// Small matters of a day, told; `page` is where all that is known stands.
#[must_use]
pub fn digest(language: Language, digest: &Digest<'_>) -> Told {
    let site = digest.site.map_or_else(|| text(language, "billing", &[]), str::to_owned);
    let count = i64::try_from(digest.matters.len()).unwrap_or(i64::MAX);
    let args = [("site", site.as_str().into()), ("count", count.into())];
    let lines = digest.matters.iter().map(|(subject, count, minutes)| {
        let (title, place) = (title(language, subject.kind), place(language, digest.site, subject));
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        let args =
            [("title", title.into()), ("where", place.into()), ("count", count.into()), ("minutes", (*minutes).into())];
        text(language, "digest-line", &args)
    });
    let head = [text(language, "digest-head", &[]), String::new()];
    Told {
        subject: narrow::subject(&text(language, "digest-subject", &args)),
        sms: narrow::words(&text(language, "digest-sms", &args)),
        email: head.into_iter().chain(lines).collect::<Vec<_>>().join("\n"),
    }
}

/// What an incident of this kind is called.
#[must_use]
pub fn title(language: Language, kind: Kind) -> String {
    text(language, &message(kind), &[])
}

/// What a charger's report means and what to do about it: a line for each code that is known.
#[must_use]
pub fn explain(language: Language, facts: &str) -> Vec<String> {
    let line = |(code, message): (&str, &str)| {
        let text_of = text(language, message, &[]);
        text(language, "line-code", &[("code", code.into()), ("text", text_of.into())])
    };
    codes::explained(facts).into_iter().map(line).collect()
}

/// Where something is: `CP1 connector 2, Harbour`. What a text message has to cut off then is the site.
#[must_use]
pub fn place(language: Language, site: Option<&str>, subject: &Subject) -> String {
    let named = subject.connector().filter(|number| number.0 > 0);
    let device = subject.charger().map(|charger| match named {
        Some(number) => {
            let args = [("charger", charger.as_str().into()), ("connector", i64::from(number.0).into())];
            text(language, "connector", &args)
        }
        None => charger.to_string(),
    });
    let parts: Vec<String> = device.into_iter().chain(site.map(str::to_owned)).collect();
    if parts.is_empty() { text(language, "billing", &[]) } else { parts.join(", ") }
}

fn email(language: Language, story: &Story<'_>, title: &str, place: &str) -> String {
    let incident = story.incident;
    let kind = incident.subject.kind;
    let since = written(incident.first_at, &story.zone);
    let line = |name: &str, args: &Args<'_>| text(language, name, args);
    let explained = |name: &str, part: &str| {
        line(name, &[("text", text(language, &format!("{}.{part}", message(kind)), &[]).into())])
    };
    let severity = line(severity(kind.severity()), &[]);
    let count = i64::try_from(incident.count).unwrap_or(i64::MAX);
    let mut lines = vec![
        format!("{}: {title}", line(event(story.event), &[])),
        String::new(),
        line("line-where", &[("where", place.into())]),
        line("line-severity", &[("severity", severity.into())]),
        line("line-since", &[("since", since.into())]),
        line("line-lasted", &[("minutes", incident.lasted(story.now).as_mins().into())]),
        line("line-count", &[("count", count.into())]),
    ];
    if !incident.facts.is_empty() {
        lines.push(line("line-reported", &[("facts", incident.facts.as_str().into())]));
    }
    if let Place::Session(session) = &incident.subject.place {
        lines.push(line("line-session", &[("session", session.to_string().into())]));
    }
    lines.push(String::new());
    let over = story.event == NoticeKind::Recovered;
    if !over {
        lines.extend([explained("line-means", "means"), explained("line-do", "do")]);
        lines.extend(explain(language, &incident.facts));
        lines.push(String::new());
    }
    if !story.link.is_empty() {
        let page = if over || incident.acknowledged.is_some() { "line-look" } else { "line-acknowledge" };
        lines.push(line(page, &[("link", story.link.into())]));
    }
    lines.join("\n")
}

/// An instant by a site's clock.
fn written(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string()
}

fn message(kind: Kind) -> String {
    kind.as_str().replace('_', "-")
}

const fn event(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Opened => "event-opened",
        NoticeKind::Reminder => "event-reminder",
        NoticeKind::Escalated => "event-escalated",
        NoticeKind::Recovered => "event-recovered",
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "severity-low",
        Severity::Warning => "severity-warning",
        Severity::Critical => "severity-critical",
    }
}
