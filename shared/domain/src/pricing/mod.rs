//! The one pricing engine: evidence and terms to a bill whose lines sum. The live view, the hold, the receipt, the CDR
//! and the report all ask it.

mod line;
mod lines;
mod pricer;
mod running;
mod stay;
mod tax;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::idle::{DEFAULT_FLAT_MINUTES, Occupied};
use crate::money::{Currency, Money, MoneyError};
use crate::site::Terms;
use crate::tariff::ReservationPhase;
use crate::timeline::{IdleSpan, Implausible, Limits, Timeline};
use crate::units::{WattHours, Watts, seconds_between};
use crate::usage::Mode;

pub use line::{Line, LineKind, Unit};
pub use pricer::{Period, Priced, Pricer};
pub use running::Running;
pub use stay::{flat_at, stay};
pub use tax::{Tax, TaxPart};

/// What a session owes and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Energy delivered.
    pub energy: WattHours,
    /// End of the transaction, UTC.
    pub ended_at: Timestamp,
    /// Measured idle seconds, before the grace.
    pub total_idle_seconds: i64,
    /// The idle spans the fee rests on.
    pub idle: Vec<IdleSpan>,
    /// The printed lines; a component that priced nothing has none.
    pub lines: Vec<Line>,
    /// The taxes that the lines include, where prices include tax; otherwise they are lines themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub included_taxes: Vec<TaxPart>,
    /// The sum of the lines.
    pub total: Money,
}

impl Bill {
    /// The sum of the lines of one kind.
    #[must_use]
    pub fn amount_of(&self, kind: LineKind) -> Money {
        let lines = self.lines.iter().filter(|line| line.kind == kind);
        Money::new(lines.map(|line| line.amount.minor()).sum(), self.total.currency())
    }

    /// The lines of one kind without the tax they include.
    #[must_use]
    pub fn net_of(&self, kind: LineKind) -> Money {
        let lines = self.lines.iter().filter(|line| line.kind == kind);
        let net = lines.map(|line| line.amount.minor() - line.included_tax.map_or(0, Money::minor));
        Money::new(net.sum(), self.total.currency())
    }

    /// All taxes in the total.
    #[must_use]
    pub fn tax(&self) -> Money {
        let included: i64 = self.included_taxes.iter().map(|part| part.amount.minor()).sum();
        Money::new(self.amount_of(LineKind::Tax).minor() + included, self.total.currency())
    }

    /// Whether the session was too small to be charged for.
    #[must_use]
    pub fn is_not_charged(&self) -> bool {
        self.lines.iter().any(|line| line.kind == LineKind::NoCharge)
    }
}

/// What a bill rests on besides evidence and terms.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// What the connector can deliver.
    pub max_power: Watts,
    /// How full the site was, oldest first; looked at only under an occupancy condition.
    pub occupied: &'a [Occupied],
    /// A reservation that the session came from.
    pub reservation: Option<Reservation>,
}

impl Surroundings<'_> {
    /// A connector of this power, and nothing else to know.
    #[must_use]
    pub const fn of(max_power: Watts) -> Self {
        Self { max_power, occupied: &[], reservation: None }
    }
}

/// A stall kept free for a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Since when, UTC.
    pub from: Timestamp,
    /// Until the driver came or it ran out, UTC.
    pub until: Timestamp,
    /// Whether nobody came.
    pub expired: bool,
}

/// What the evidence of a session comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The bill, or why there can be none.
    pub bill: Result<Bill, Implausible>,
    /// Whether it is proven that the vehicle has left.
    pub unplugged: bool,
    /// Indices of the evidence that was left out, with the reason.
    pub left_out: Vec<(usize, Implausible)>,
}

/// The bill of a session is a pure function of its evidence and its terms: this one, for every caller.
#[must_use]
pub fn assess(started_at: Timestamp, evidence: &[Evidence], around: Surroundings<'_>, terms: &Terms) -> Assessed {
    let Some(timeline) = Timeline::assemble(started_at, evidence, limits(around, terms)) else {
        return Assessed { bill: Err(Implausible::NoStart), unplugged: false, left_out: Vec::new() };
    };
    let priced = timeline.flaw.map_or_else(|| price(&timeline, around, terms).map_err(|_| Implausible::TooLarge), Err);
    Assessed { bill: priced, unplugged: timeline.unplugged, left_out: timeline.left_out }
}

/// What bounds the belief in evidence under these terms.
fn limits(around: Surroundings<'_>, terms: &Terms) -> Limits {
    let flat_minutes = terms.idle.as_ref().map_or(DEFAULT_FLAT_MINUTES, |idle| idle.flat_minutes);
    Limits { max_power: around.max_power, flat_minutes }
}

/// Prices a timeline. The caller has checked that it has no flaw.
///
/// # Errors
/// When an amount does not fit: such a session is flagged, not charged.
pub fn price(timeline: &Timeline, around: Surroundings<'_>, terms: &Terms) -> Result<Bill, MoneyError> {
    let zone = terms.zone();
    let mut pricer = Pricer::new(&terms.tariff, &zone, timeline.started_at, None);
    for span in timeline.usage() {
        pricer.advance(span);
    }
    conclude(&pricer, timeline, around, terms, &zone)
}

/// The stretches of a session in which the vehicle did one thing at one set of prices: the periods of its CDR.
#[must_use]
pub fn periods(started_at: Timestamp, evidence: &[Evidence], around: Surroundings<'_>, terms: &Terms) -> Vec<Period> {
    let zone = terms.zone();
    let mut pricer = Pricer::new(&terms.tariff, &zone, started_at, None);
    let timeline = Timeline::assemble(started_at, evidence, limits(around, terms));
    timeline.iter().flat_map(Timeline::usage).for_each(|span| pricer.advance(span));
    pricer.periods
}

/// From what was used to the bill.
fn conclude(
    pricer: &Pricer<'_>,
    timeline: &Timeline,
    around: Surroundings<'_>,
    terms: &Terms,
    zone: &TimeZone,
) -> Result<Bill, MoneyError> {
    let mut lines = lines::priced(pricer, terms.tariff.currency)?;
    // A clock that is not certified bills nothing (German Eichrecht, MessEG §33).
    lines.retain(|line| !terms.uncertified_clocks || !matches!(line.kind, LineKind::Time | LineKind::Parking));
    if let Some(reservation) = around.reservation.filter(|_| !terms.uncertified_clocks) {
        lines.extend(reserved(reservation, terms, zone)?);
    }
    finish(timeline, lines, around.occupied, zone, terms)
}

fn reserved(reservation: Reservation, terms: &Terms, zone: &TimeZone) -> Result<Vec<Line>, MoneyError> {
    let seconds = seconds_between(reservation.from, reservation.until);
    lines::reserved(&terms.tariff, zone, (reservation.from, seconds), reservation.expired)
}

/// From the tariff's lines to the bill: bounds, idle fee, small sessions, taxes.
fn finish(
    timeline: &Timeline,
    mut lines: Vec<Line>,
    occupied: &[Occupied],
    zone: &TimeZone,
    terms: &Terms,
) -> Result<Bill, MoneyError> {
    let currency = terms.tariff.currency;
    lines.extend(tax::bounding_line(&lines, terms)?);
    let correction = tax::tax_correction(&lines, terms)?;
    if !terms.uncertified_clocks {
        lines.extend(lines::idle(timeline, occupied, zone, terms)?);
    }
    let duration_seconds = seconds_between(timeline.started_at, timeline.ended_at);
    let free = terms.no_charge_below.is_some_and(|least| least.covers(duration_seconds, timeline.energy));
    let mut included_taxes = Vec::new();
    if free {
        lines = vec![Line::plain(LineKind::NoCharge, Decimal::ONE, Unit::Session, Money::zero(currency))];
    } else {
        let groups = tax::taxed(&lines, terms)?;
        tax::note(&mut lines, &groups, terms);
        if terms.tariff.tax_included {
            included_taxes = groups.into_iter().flat_map(|group| group.parts).collect();
        } else {
            lines.extend(tax::lines(groups, correction));
        }
    }
    Ok(Bill {
        energy: timeline.energy,
        ended_at: timeline.ended_at,
        total_idle_seconds: timeline.idle_seconds(),
        idle: timeline.idle.clone(),
        total: sum(&lines, currency)?,
        lines,
        included_taxes,
    })
}

/// The price of a reservation that nobody came for: there is no session, but there may be costs.
///
/// # Errors
/// When an amount does not fit.
pub fn price_expired(from: Timestamp, until: Timestamp, terms: &Terms) -> Result<Vec<Line>, MoneyError> {
    let mut lines = reserved(Reservation { from, until, expired: true }, terms, &terms.zone())?;
    let groups = tax::taxed(&lines, terms)?;
    tax::note(&mut lines, &groups, terms);
    if !terms.tariff.tax_included {
        lines.extend(tax::lines(groups, None));
    }
    Ok(lines)
}

/// The sum of lines as they are printed.
///
/// # Errors
/// When it does not fit.
pub fn sum(lines: &[Line], currency: Currency) -> Result<Money, MoneyError> {
    lines.iter().try_fold(Money::zero(currency), |total, line| total.plus(line.amount))
}

/// The mode of a reservation's time: TIME prices it (OCPI 2.2.1, `TariffDimensionType`).
const RESERVED: Mode = Mode::Charging;

/// Which elements price a reservation, in the order in which they are asked.
const fn phases(expired: bool) -> &'static [ReservationPhase] {
    if expired {
        &[ReservationPhase::ReservationExpires, ReservationPhase::Reservation]
    } else {
        &[ReservationPhase::Reservation]
    }
}
