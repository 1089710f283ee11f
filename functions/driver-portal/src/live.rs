//! A session while it runs: energy, power, cost so far and why, and what is about to cost more.

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, PreEscaped, html};
use plugtill_domain::evidence::{Evidence, Fact, Reading};
use plugtill_domain::explain::{Explanation, explain};
use plugtill_domain::pricing::{Surroundings, assess, stay};
use plugtill_domain::session::Session;
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::watch::Stay;

use crate::{Portal, Problem, Shared, session_of, site_of};

/// A session as it stands.
pub(crate) struct Live {
    at: String,
    energy: WattHours,
    power: Option<Watts>,
    minutes: i64,
    /// The bill if it ended now; `None` while its evidence cannot be priced yet.
    bill: Option<Explanation>,
    held: Option<String>,
    stay: Option<Stay>,
}

/// The figures alone, for the script; 204 once the session has a bill.
pub(crate) async fn show(State(portal): Shared, Path(link): Path<String>) -> Result<Response, Problem> {
    let session = session_of(&portal, &link).await?;
    Ok(match of(&portal, &session).await? {
        Some(live) => Html(figures(&live).into_string()).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// How a session stands that has no bill yet.
pub(crate) async fn of(portal: &Portal, session: &Session) -> Result<Option<Live>, Problem> {
    if session.bill.is_some() {
        return Ok(None);
    }
    let (now, started_at) = (portal.clock.now(), session.id.started_at);
    let terms = portal.directory.terms(&session.terms).await?;
    let site = site_of(portal, session).await?;
    let frames = portal.store.evidence(session).await?;
    let mut evidence: Vec<Evidence> = frames.into_iter().flat_map(|frame| frame.evidence).collect();
    evidence.extend(session.stopped.clone().map(|stop| Evidence { at: stop.at, fact: Fact::Stopped(stop) }));
    let occupied = portal.store.occupied(&site, &terms, (started_at, now)).await?;
    let around = Surroundings { occupied: &occupied, ..Surroundings::of(session.max_power) };
    let bill = assess(started_at, &evidence, around, &terms).bill.ok();
    let held: i64 = session.active_holds().iter().map(|hold| hold.amount.minor()).sum();
    let until = session.ended_at().unwrap_or(now);
    Ok(Some(Live {
        at: now.to_zoned(terms.zone()).strftime("%H:%M:%S").to_string(),
        energy: bill.as_ref().map_or(WattHours(0), |bill| bill.energy),
        power: power(&evidence, session.stopped.is_some()),
        minutes: until.duration_since(started_at).as_mins(),
        bill: bill.map(|bill| explain(&bill, &terms)),
        held: (held > 0).then(|| plugtill_domain::money::Money::new(held, session.waived.currency()).to_string()),
        stay: stay(started_at, &evidence, around, &terms, now),
    }))
}

/// What the charger last said, or what its last two readings come to.
fn power(evidence: &[Evidence], stopped: bool) -> Option<Watts> {
    if stopped {
        return None;
    }
    let mut readings: Vec<&Reading> = evidence.iter().flat_map(readings_of).collect();
    readings.sort_by_key(|reading| reading.at);
    let last = readings.last()?;
    last.power.or_else(|| {
        let before = readings.iter().rev().find(|reading| reading.at < last.at)?;
        let seconds = last.at.duration_since(before.at).as_secs();
        let watts = (last.register.0 - before.register.0).checked_mul(3_600)?.checked_div(seconds)?;
        u32::try_from(watts).ok().map(Watts)
    })
}

fn readings_of(evidence: &Evidence) -> &[Reading] {
    match &evidence.fact {
        Fact::Meter { readings, .. } => readings,
        Fact::Started(_) | Fact::Stopped(_) | Fact::Status(_) => &[],
    }
}

/// The part of the page that the script renews.
pub(crate) fn figures(live: &Live) -> Markup {
    html! {
        p.now { @match &live.bill { Some(bill) => (bill.total), None => "…" } }
        p { "so far, as of " (live.at) }
        table {
            tr { th scope="row" { "Energy" } td { (live.energy.to_kwh().normalize()) " kWh" } }
            @if let Some(power) = live.power { tr { th scope="row" { "Power" } td { (kilowatts(power)) " kW" } } }
            tr { th scope="row" { "Time" } td { (live.minutes) " min" } }
            @if let Some(held) = &live.held { tr { th scope="row" { "Reserved on your card" } td { (held) } } }
        }
        (staying(live.stay.as_ref()))
        @if let Some(bill) = &live.bill {
            h2 { "Why" }
            (PreEscaped(bill.to_html()))
        }
    }
}

fn kilowatts(power: Watts) -> rust_decimal::Decimal {
    rust_decimal::Decimal::new(i64::from(power.0), 3).round_dp(1).normalize()
}

fn staying(stay: Option<&Stay>) -> Markup {
    html! {
        @if let Some(stay) = stay {
            p.owed {
                "Your vehicle has charged. "
                @match stay.fee_in_minutes {
                    Some(0) => "An idle fee runs until it is unplugged.",
                    Some(1) => "An idle fee begins in a minute: please unplug it.",
                    Some(minutes) => { "An idle fee begins in " (minutes) " minutes: please unplug it." }
                    None => "Please unplug it soon, for others wait for the stall.",
                }
            }
        }
    }
}
