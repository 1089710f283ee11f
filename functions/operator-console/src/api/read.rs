//! Questions.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use plugtill_domain::ids::SiteId;
use plugtill_domain::session::Session;
use plugtill_domain::units::WattHours;
use plugtill_operator::{Answer, Request};

use super::convert::{credits, legs, only, payments};
use super::shapes as s;
use crate::access::Caller;
use crate::asked::{Asked, SEARCH};
use crate::broken::{self, Broken};
use crate::problem::Problem;
use crate::story::Story;
use crate::{Shared, look, now, past, story, words};

/// The days that are summed up where nobody says which.
const USUAL_DAYS: i64 = 30;

/// No site is older; and years before Christ lie the other way round in keys.
const EARLIEST: Date = date(1970, 1, 1);

type Given = Query<BTreeMap<String, String>>;
type Answered<T> = Result<Json<T>, Problem>;

pub(super) async fn me(caller: Caller) -> Json<s::Me> {
    Json(s::Me { name: caller.name.to_string(), role: caller.role.to_string(), sites: only(&caller.sites) })
}

pub(super) async fn sites(State(console): Shared, caller: Caller) -> Answered<s::Sites> {
    let sites = now::sites(&console, &caller, None).await?;
    let shown = sites.iter().map(|known| s::Site {
        id: known.site.id.to_string(),
        name: known.site.name.clone(),
        country: known.site.country.clone(),
        time_zone: known.site.time_zone.clone(),
        currency: known.site.terms.hold.currency().to_string(),
    });
    Ok(Json(s::Sites { sites: shown.collect() }))
}

pub(super) async fn connectors(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Connectors> {
    let asked = Asked::of(given, &["site", "after", "limit"])?;
    let only: Option<SiteId> = asked.parsed("site", words::GIVE_SITE)?;
    let after: Option<now::Spot> = asked.parsed("after", words::GIVE_AFTER)?;
    let sites = now::sites(&console, &caller, only.as_ref()).await?;
    let (groups, next) = now::groups(&console, &sites, (after.as_ref(), asked.limit()?)).await?;
    let tiles = groups.into_iter().flat_map(|group| group.tiles);
    Ok(Json(s::Connectors {
        connectors: tiles.map(s::ConnectorNow::from).collect(),
        next: next.map(|next| next.to_string()),
    }))
}

pub(super) async fn sessions(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Sessions> {
    let search = Asked::of(given, &SEARCH)?.search()?;
    let page = past::page(&console, &caller, &search).await?;
    let next = page.next.map(|next| next.to_string());
    Ok(Json(s::Sessions { sessions: page.sessions.iter().map(s::Session::from).collect(), next }))
}

pub(super) async fn session(State(console): Shared, caller: Caller, Path(id): Path<String>) -> Answered<s::Detail> {
    Ok(Json(detail(&story::story(&console, &caller, &id).await?)))
}

fn detail(story: &Story) -> s::Detail {
    let session: &Session = &story.session;
    let bill = story.receipt.bill.as_ref().map(|bill| s::Bill {
        lines: bill.lines.iter().map(line).collect(),
        notes: bill.notes.clone(),
        total: bill.total.clone(),
    });
    let postings = story.postings.iter();
    let posting =
        |entry: &plugtill_domain::ledger::Entry| s::Posting { at: entry.at, legs: legs(&entry.legs, entry.currency) };
    let moments = story.timeline.iter();
    s::Detail {
        session: session.into(),
        bill,
        payments: payments(session),
        credits: credits(session),
        postings: postings.map(posting).collect(),
        evidence: moments.map(|moment| s::Evidence { at: moment.at, what: words::moment(&moment.what) }).collect(),
    }
}

fn line(line: &plugtill_texts::bill::Explained) -> s::Line {
    s::Line {
        title: line.title.clone(),
        arithmetic: line.arithmetic.clone(),
        because: line.because.clone(),
        amount: line.amount.clone(),
    }
}

pub(super) async fn incidents(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Incidents> {
    let names: Vec<&str> = Broken::NAMES.into_iter().chain(["after", "limit"]).collect();
    let asked = Asked::of(given, &names)?;
    let (found, next) = broken::incidents(&console, &caller, &Broken::of(&asked)?, asked.part()?).await?;
    Ok(Json(s::Incidents { incidents: found.into_iter().map(s::Incident::from).collect(), next }))
}

pub(super) async fn uptime(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Uptimes> {
    let asked = Asked::of(given, &["site"])?;
    let only: Option<SiteId> = asked.parsed("site", words::GIVE_SITE)?;
    let mut sites = Vec::new();
    for known in now::sites(&console, &caller, only.as_ref()).await? {
        sites.push(console.desk.availability_of(&known, console.desk.clock.now()).await?.into());
    }
    Ok(Json(s::Uptimes { sites }))
}

pub(super) async fn quarantine(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Quarantine> {
    let asked = Asked::of(given, &["all", "after", "limit"])?;
    let (found, next) = look::kept(&console, &caller, asked.flag("all")?, asked.part()?).await?;
    Ok(Json(s::Quarantine { quarantine: found.into_iter().map(s::Waiting::from).collect(), next }))
}

pub(super) async fn audit(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Audit> {
    let asked = Asked::of(given, &["month", "by", "after", "limit"])?;
    let month: Timestamp = asked.instant("month", false)?.unwrap_or_else(|| console.desk.clock.now());
    let trail = look::audit(&console, &caller, (month, asked.text("by")), asked.part()?).await?;
    let shown = trail.entries.into_iter().map(|entry| s::Audited {
        at: entry.at,
        by: entry.by,
        session: entry.session,
        order: entry.order,
        outcome: entry.outcome,
    });
    Ok(Json(s::Audit { audit: shown.collect(), next: trail.next }))
}

pub(super) async fn balances(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Balances> {
    let asked = Asked::of(given, &["after", "limit"])?;
    let (owed, next) = look::balances(&console, &caller, asked.part()?).await?;
    let owed = owed.into_iter().map(|owed| s::Balance {
        session: owed.session.to_string(),
        id_tag: owed.id_tag,
        amount: owed.amount.into(),
        since: owed.since,
        reminders: owed.reminders,
    });
    Ok(Json(s::Balances { balances: owed.collect(), next }))
}

pub(super) async fn days(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Days> {
    let asked = Asked::of(given, &["site", "from", "to"])?;
    let (from, to) = (asked.parsed("from", words::GIVE_DAY)?, asked.parsed("to", words::GIVE_DAY)?);
    let site: Option<SiteId> = asked.parsed("site", words::GIVE_SITE)?;
    let mut days = Vec::new();
    for known in now::sites(&console, &caller, site.as_ref()).await? {
        let today = known.site.day_of(console.desk.clock.now());
        let last = to.unwrap_or(today);
        let first = from.unwrap_or_else(|| last.saturating_sub(Span::new().days(USUAL_DAYS))).max(EARLIEST);
        if first > last {
            let given = asked.text("from").unwrap_or_default();
            return Err(Problem::field("from", given, words::BACKWARDS, words::GIVE_DAY));
        }
        for total in console.desk.store.days(&known.site.id, (first, last)).await? {
            days.push(s::DayTotal {
                site: known.site.id.to_string(),
                day: total.day,
                sessions: total.total.counts.sessions,
                energy_kwh: WattHours(total.total.counts.energy_wh).to_kwh().to_string(),
                accounts: legs(&total.total.balances, total.currency),
            });
        }
    }
    Ok(Json(s::Days { days }))
}

pub(super) async fn users(State(console): Shared, caller: Caller) -> Answered<s::Users> {
    // Who owns some sites has no say over who sees the others.
    if !caller.sees(None) {
        return Err(Problem::not_found(words::OWNERS_OF_ALL));
    }
    let mut shown = s::Users { users: Vec::new(), keys: Vec::new() };
    if let Answer::Users(users) = look::asked(&console, Request::Users).await? {
        shown.users.extend(users.into_iter().map(|user| s::User {
            name: user.name.to_string(),
            role: user.role.to_string(),
            sites: only(&user.sites),
            since: user.since,
        }));
    }
    if let Answer::Keys(keys) = look::asked(&console, Request::Keys).await? {
        shown.keys.extend(keys.into_iter().map(|key| s::Key {
            id: key.id,
            name: key.name.to_string(),
            role: key.role.to_string(),
            sites: only(&key.sites),
            since: key.since,
        }));
    }
    Ok(Json(shown))
}
