//! A session while it runs: energy, power, cost so far and why, and what is about to cost more.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};
use plugtill_domain::evidence::{Evidence, Fact, Reading};
use plugtill_domain::language::Language;
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Surroundings, assess, stay};
use plugtill_domain::session::Session;
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::watch::Stay;
use plugtill_texts::bill::{Explanation, explain};
use plugtill_texts::{amount, number, text};

use crate::{Portal, Problem, Reads, Shared, session_of, site_of};

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
pub(crate) async fn show(
    State(portal): Shared,
    Extension(language): Reads,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    let session = session_of(&portal, &link).await?;
    Ok(match of(&portal, &session, language).await? {
        Some(live) => Html(figures(language, &live).into_string()).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// How a session stands that has no bill yet.
pub(crate) async fn of(portal: &Portal, session: &Session, language: Language) -> Result<Option<Live>, Problem> {
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
        bill: bill.map(|bill| explain(language, &bill, &terms)),
        held: (held > 0).then(|| amount(language, Money::new(held, session.waived.currency()))),
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
pub(crate) fn figures(language: Language, live: &Live) -> Markup {
    let say = |name: &str| text(language, name, &[]);
    let energy = number(language, &live.energy.to_kwh().normalize());
    html! {
        p.now { @match &live.bill { Some(bill) => (bill.total), None => "…" } }
        p { (text(language, "live-so-far", &[("at", live.at.as_str().into())])) }
        table {
            tr { th scope="row" { (say("live-energy")) } td { (energy) " kWh" } }
            @if let Some(power) = live.power {
                tr { th scope="row" { (say("live-power")) } td { (number(language, &kilowatts(power))) " kW" } }
            }
            tr { th scope="row" { (say("live-time")) } td { (live.minutes) " min" } }
            @if let Some(held) = &live.held { tr { th scope="row" { (say("live-held")) } td { (held) } } }
        }
        (staying(language, live.stay.as_ref()))
        @if let Some(bill) = &live.bill {
            h2 { (say("live-why")) }
            (bill.to_html())
        }
    }
}

fn kilowatts(power: Watts) -> rust_decimal::Decimal {
    rust_decimal::Decimal::new(i64::from(power.0), 3).round_dp(1).normalize()
}

fn staying(language: Language, stay: Option<&Stay>) -> Markup {
    let what = |minutes: Option<u32>| match minutes {
        Some(0) => text(language, "live-fee-runs", &[]),
        Some(minutes) => text(language, "live-fee-begins", &[("minutes", minutes.into())]),
        None => text(language, "live-please-leave", &[]),
    };
    html! {
        @if let Some(stay) = stay {
            p.owed { (text(language, "live-charged", &[])) " " (what(stay.fee_in_minutes)) }
        }
    }
}
