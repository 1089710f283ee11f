//! Restrictions and all that stands beside the table, in words.

use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::money::Currency;
use plugtill_domain::tariff::{Day, Dimension, Element, PriceLimit, ReservationPhase, Restrictions, Tariff};
use rust_decimal::Decimal;

use super::{printed, reserved, shown};

/// What an element asks for besides day and time; `None` when nothing.
pub(super) fn of(restrictions: &Restrictions) -> Option<String> {
    let thousandths = |value: i64| Decimal::new(value, 3).normalize();
    let milliamperes = |bound: Option<plugtill_domain::units::Milliamperes>| bound.map(|b| thousandths(i64::from(b.0)));
    let parts = [
        span(
            restrictions.min_energy.map(|e| thousandths(e.0)),
            restrictions.max_energy.map(|e| thousandths(e.0)),
            ("from", "to"),
            "kWh",
        ),
        durations(restrictions),
        span(
            restrictions.min_power.map(|p| thousandths(i64::from(p.0))),
            restrictions.max_power.map(|p| thousandths(i64::from(p.0))),
            ("from", "below"),
            "kW",
        ),
        span(milliamperes(restrictions.min_current), milliamperes(restrictions.max_current), ("from", "below"), "A"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// In minutes, unless that is no whole number of them.
fn durations(restrictions: &Restrictions) -> Option<String> {
    let (min, max) = (restrictions.min_duration_seconds, restrictions.max_duration_seconds);
    let whole = [min, max].into_iter().flatten().all(|seconds| seconds % 60 == 0);
    let (unit, divisor) = if whole { ("min", 60) } else { ("s", 1) };
    let counted = |bound: Option<i64>| bound.map(|seconds| Decimal::from(seconds / divisor));
    span(counted(min), counted(max), ("after", "until"), unit)
}

fn span(min: Option<Decimal>, max: Option<Decimal>, (from, to): (&str, &str), unit: &str) -> Option<String> {
    match (min, max) {
        (None, None) => None,
        (Some(min), None) => Some(format!("{from} {min} {unit}")),
        (None, Some(max)) => Some(format!("{to} {max} {unit}")),
        (Some(min), Some(max)) => Some(format!("{from} {min} {to} {max} {unit}")),
    }
}

/// Everything that is in no column.
pub(super) fn notes(tariff: &Tariff, idle: Option<&IdlePolicy>) -> Vec<String> {
    let mut notes: Vec<String> = idle.map(|policy| idle_fee(policy, tariff.currency)).into_iter().collect();
    notes.extend(dated(tariff));
    notes.extend(reservations(tariff));
    notes.extend(limit("least", tariff.min_price.as_ref(), tariff));
    notes.extend(limit("most", tariff.max_price.as_ref(), tariff));
    notes.extend(steps(tariff));
    notes.extend(taxes(tariff));
    if let Some(from) = tariff.valid_from {
        notes.push(format!("For sessions that start from {from}."));
    }
    if let Some(until) = tariff.valid_until {
        notes.push(format!("For sessions that start before {until}."));
    }
    notes
}

fn idle_fee(policy: &IdlePolicy, currency: Currency) -> String {
    let price = policy.dearest_hour() / Decimal::from(60);
    let up_to = if policy.occupancy.is_empty() { "" } else { "up to " };
    let since = match policy.after_connected_minutes {
        Some(minutes) => format!("after {minutes} min connected"),
        None => format!("{} min after the end of charging", policy.grace_minutes),
    };
    let cap = policy.cap.map(|cap| format!(", at most {} {currency}", printed(cap, currency))).unwrap_or_default();
    let quiet: Vec<String> =
        policy.quiet_hours.iter().map(|q| format!("{} to {}", hour(q.from), hour(q.until))).collect();
    let quiet = if quiet.is_empty() { String::new() } else { format!(", never from {}", quiet.join(" and ")) };
    format!("Idle fee: {up_to}{} {currency} a minute, from {since}{cap}{quiet}.", printed(price, currency))
}

fn hour(time: jiff::civil::Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// Elements of certain dates; they come before the week where they stand before it in the tariff.
fn dated(tariff: &Tariff) -> Vec<String> {
    let of_dates = |(_, element): &(usize, &Element)| {
        element.restrictions.depends_on_calendar() && element.restrictions.reservation.is_none()
    };
    let told = |(index, element): (usize, &Element)| {
        let here = &element.restrictions;
        let mut when = Vec::new();
        when.extend(here.start_date.map(|date| format!("from {date}")));
        when.extend(here.end_date.map(|date| format!("before {date}")));
        when.extend((!here.days.is_empty()).then(|| format!("on {}", day_list(&here.days))));
        when.extend(here.start_time.map(|time| format!("from {}", hour(time))));
        when.extend(here.end_time.map(|time| format!("until {}", hour(time))));
        when.extend(of(here));
        format!("Element {index}, {}: {}.", when.join(" "), components(tariff, element))
    };
    tariff.elements.iter().enumerate().filter(of_dates).map(told).collect()
}

fn reservations(tariff: &Tariff) -> Vec<String> {
    let phases = [
        (ReservationPhase::Reservation, "Reservation"),
        (ReservationPhase::ReservationExpires, "Reservation that nobody comes for"),
    ];
    let told = |(phase, name): (ReservationPhase, &'static str)| {
        reserved(tariff, phase).map(move |(_, element)| {
            let when = of(&element.restrictions).map(|when| format!(" {when}")).unwrap_or_default();
            format!("{name}{when}: {}.", components(tariff, element))
        })
    };
    phases.into_iter().flat_map(told).collect()
}

fn components(tariff: &Tariff, element: &Element) -> String {
    let told = element.components.iter().map(|component| {
        let unit = match component.dimension {
            Dimension::Energy => "per kWh",
            Dimension::Time => "per minute",
            Dimension::ParkingTime => "per minute parked",
            Dimension::Flat => "once",
        };
        format!("{} {unit}", shown(tariff, component))
    });
    told.collect::<Vec<_>>().join(", ")
}

fn limit(which: &str, limit: Option<&PriceLimit>, tariff: &Tariff) -> Option<String> {
    let limit = limit?;
    let amount = |price| printed(price, tariff.currency);
    let gross = limit.incl_tax.map(|gross| format!(" ({} with tax)", amount(gross))).unwrap_or_default();
    Some(format!("A session costs at {which} {} {}{gross}.", amount(limit.excl_tax), tariff.currency))
}

fn steps(tariff: &Tariff) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for component in tariff.elements.iter().flat_map(|element| &element.components) {
        let unit = match component.dimension {
            Dimension::Energy => "Wh",
            Dimension::Time => "seconds of charging",
            Dimension::ParkingTime => "seconds parked",
            Dimension::Flat => continue,
        };
        let line = format!("Billed in whole steps of {} {unit}.", component.step_size);
        if component.step_size > 1 && !told.contains(&line) {
            told.push(line);
        }
    }
    told
}

fn taxes(tariff: &Tariff) -> Option<String> {
    let components = tariff.elements.iter().flat_map(|element| &element.components);
    let mut rates: Vec<Decimal> = components.filter_map(|component| component.vat).map(|vat| vat.normalize()).collect();
    rates.sort_unstable();
    rates.dedup();
    let rates: Vec<String> = rates.into_iter().map(|rate| format!("{rate} %")).collect();
    let how = if tariff.tax_included { "included" } else { "added" };
    (!rates.is_empty()).then(|| format!("Tax of {} is {how}.", rates.join(" and ")))
}

/// `Mon-Fri`, `Sat, Sun`, `every day`.
pub(super) fn day_list(days: &[Day]) -> String {
    let place = |day: &Day| Day::ALL.iter().position(|known| known == day).unwrap_or_default();
    let mut places: Vec<usize> = days.iter().map(place).collect();
    places.sort_unstable();
    places.dedup();
    if places.len() == Day::ALL.len() {
        return "every day".to_owned();
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for place in places {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == place => *last = place,
            Some(_) | None => runs.push((place, place)),
        }
    }
    let name = |place: usize| NAMES.get(place).copied().unwrap_or_default();
    let run = |(first, last): (usize, usize)| match last - first {
        0 => name(first).to_owned(),
        1 => format!("{}, {}", name(first), name(last)),
        _ => format!("{}-{}", name(first), name(last)),
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(", ")
}

const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
