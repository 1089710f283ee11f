//! One session as a whole: what its charger said, what that came to, and where the money went.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::checkout::Buyer;
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, StopReason};
use plugtill_domain::ids::{IdTag, SessionId};
use plugtill_domain::language::Language;
use plugtill_domain::ledger::{Balances, Entry, balances};
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use plugtill_domain::units::{WattHours, Watts};
use plugtill_texts::receipt::{Facts, Receipt};

use crate::Console;
use crate::access::Caller;
use crate::now::evidence;
use crate::problem::Problem;
use crate::words;

/// Postings are looked for on so many of a site's days in a row, beside those that the session itself names.
const DAYS: i32 = 40;
/// So many postings of a day are looked at at once.
const CHUNK: i32 = 60;
/// A charger's clock may be ahead by so much.
const CLOCKS: SignedDuration = SignedDuration::from_mins(15);

/// A session and all that belongs to it.
pub(crate) struct Story {
    pub(crate) session: Session,
    pub(crate) site: Site,
    pub(crate) receipt: Receipt,
    pub(crate) timeline: Vec<Moment>,
    pub(crate) postings: Vec<Entry>,
}

/// Something that the charger said, or several readings in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// When, UTC.
    pub(crate) at: Timestamp,
    pub(crate) what: What,
}

/// What a charger said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// The session started.
    Started(IdTag, Option<WattHours>),
    /// It stopped.
    Stopped(StopReason, Option<WattHours>),
    /// The connector changed.
    Status(ConnectorStatus),
    /// So many readings, the last of them at this register and power.
    Readings(usize, WattHours, Option<Watts>),
}

/// A session that somebody may see: one at another's site is not there.
pub(crate) async fn seen(console: &Console, caller: &Caller, id: &str) -> Result<Session, Problem> {
    let missing = || Problem::not_found(words::no_session(id));
    let id: SessionId = id.parse().map_err(|_| missing())?;
    let stored = console.desk.store.session(&id).await?.ok_or_else(missing)?;
    Some(stored.session).filter(|session| caller.sees(Some(&session.site))).ok_or_else(missing)
}

/// All of a session that somebody may see.
pub(crate) async fn story(console: &Console, caller: &Caller, id: &str) -> Result<Story, Problem> {
    let session = seen(console, caller, id).await?;
    let known = console.desk.directory.site(&session.site).await?;
    let known = known.ok_or_else(|| Problem::not_found(words::no_site(session.site.as_str())))?;
    let terms = console.desk.directory.terms(&session.terms).await?;
    let checkout = console.desk.store.checkout(session.id_tag()).await?;
    let buyer = checkout.map_or_else(Buyer::default, |checkout| checkout.buyer);
    let receipt = Receipt::of(
        Language::En,
        Facts { session: &session, terms: &terms, site: &known.site, buyer, signed: Vec::new() },
    );
    let timeline = told(&evidence(console, &session).await?);
    let postings = postings(console, &session, &known.site).await?;
    Ok(Story { site: known.site.clone(), receipt, timeline, postings, session })
}

/// The evidence in order; readings in a row are one.
fn told(evidence: &[Evidence]) -> Vec<Moment> {
    let mut told: Vec<Moment> = Vec::new();
    for said in evidence {
        let what = match &said.fact {
            Fact::Started(started) => What::Started(started.id_tag.clone(), started.register),
            Fact::Stopped(stopped) => What::Stopped(stopped.reason, stopped.register),
            Fact::Status(status) => What::Status(*status),
            Fact::Meter { readings, .. } => {
                for reading in readings {
                    read(&mut told, *reading);
                }
                continue;
            }
        };
        let moment = Moment { at: said.at, what };
        // The head and the frame both tell of a 2.0.1 stop.
        if !told.contains(&moment) {
            told.push(moment);
        }
    }
    told
}

fn read(told: &mut Vec<Moment>, reading: Reading) {
    let Reading { at, register, power, .. } = reading;
    match told.last_mut() {
        Some(Moment { at: last, what: What::Readings(count, known, known_power) }) => {
            *count += 1;
            (*last, *known, *known_power) = (at, register, power);
        }
        Some(_) | None => told.push(Moment { at, what: What::Readings(1, register, power) }),
    }
}

/// The postings of a session, oldest first. They lie by their day: looked for from its end on until they add up to the
/// session's balances, which they always do.
async fn postings(console: &Console, session: &Session, site: &Site) -> Result<Vec<Entry>, Problem> {
    let (whole, days) = (balances(session), days(session, site, console.desk.clock.now()));
    // Most are posted minutes after the end, as the charger's clock tells it.
    let soon = session.ended_at().map(|at| format!("{:.3}", at - CLOCKS));
    let likeliest = days.first().map(|day| (*day, soon));
    let mut found = BTreeMap::new();
    for (day, mut place) in likeliest.into_iter().chain(days.iter().map(|day| (*day, None))) {
        while sum(found.values()) != whole {
            let posted = console.desk.store.postings_behind((&session.site, day), place.as_deref(), CHUNK).await?;
            place = posted.last().map(|last| last.place.clone());
            let own = posted.into_iter().filter(|posted| posted.session == session.id);
            found.extend(own.map(|posted| ((day, posted.place), posted.entry)));
            if place.is_none() {
                break;
            }
        }
    }
    let mut found: Vec<Entry> = found.into_values().collect();
    found.sort_by_key(|entry| entry.at);
    Ok(found)
}

/// The days on which something may have been posted, the likeliest first.
fn days(session: &Session, site: &Site, now: Timestamp) -> Vec<Date> {
    let today = site.day_of(now);
    let end = site.day_of(session.ended_at().unwrap_or(session.id.started_at));
    let credited = session.credits.iter().map(|credit| credit.at);
    let pursued = session.balance.iter().map(|balance| balance.since);
    let told = session.notices.iter().map(|notice| notice.due_at);
    let named: BTreeSet<Date> = credited.chain(pursued).chain(told).map(|at| site.day_of(at)).collect();
    let mut days: Vec<Date> = [end].into_iter().chain(named).collect();
    for after in 1..=DAYS {
        let Ok(day) = end.checked_add(jiff::Span::new().days(after)) else { break };
        if day <= today && !days.contains(&day) {
            days.push(day);
        }
    }
    let mut seen = BTreeSet::new();
    days.retain(|day| seen.insert(*day));
    days
}

fn sum<'a>(entries: impl Iterator<Item = &'a Entry>) -> Balances {
    let mut sum = Balances::new();
    for (account, minor) in entries.flat_map(|entry| &entry.legs) {
        *sum.entry(*account).or_default() += minor;
    }
    sum.retain(|_, minor| *minor != 0);
    sum
}
