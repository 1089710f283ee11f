//! Walks what a vehicle used through a tariff, span after span, and keeps what each component has priced so far.
//!
//! One more reading costs one step, not the session: the state is what has been priced, and until when nothing about
//! the choice of components can change. Instants are whole seconds since the epoch; partial seconds are not billed.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};

use crate::tariff::{Component, Dimension, Moment, ReservationPhase, Tariff};
use crate::units::{Milliamperes, WattHours, Watts};
use crate::usage::{Mode, Span};

const DAY_SECONDS: i64 = 86_400;
const FOREVER: i64 = i64::MAX;

/// What one component has priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// Which element.
    pub element: usize,
    /// Its component.
    pub component: Component,
    /// Measured Wh, seconds, or 1.
    pub quantity: i64,
    /// Whether the share of a reading gap that spans a price change was attributed by time.
    pub estimated: bool,
}

/// A stretch in which the vehicle did one thing at one set of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Since when, UTC.
    pub from: Timestamp,
    /// What the vehicle did.
    pub mode: Mode,
    /// Seconds of it.
    pub seconds: i64,
    /// Energy in it.
    pub energy: WattHours,
    /// Power and current when it began, where the tariff asks for them.
    pub power: (Watts, Option<Milliamperes>),
}

/// The running price of a session or of a reservation.
#[derive(Debug, Clone)]
pub struct Pricer<'t> {
    tariff: &'t Tariff,
    zone: &'t TimeZone,
    turns: Turns,
    reservation: Option<ReservationPhase>,
    started_at: i64,
    at: i64,
    energy: WattHours,
    power: (Watts, Option<Milliamperes>),
    /// Until when (exclusive) and up to which energy (inclusive) the choice below holds.
    holds_until: i64,
    holds_to_energy: i64,
    offset: (Offset, i64),
    /// What prices each dimension now: indices into `priced`.
    active: [Option<usize>; 3],
    flat_charged: bool,
    last_time_based: Option<usize>,
    last_energy: Option<usize>,
    /// What has been priced, in order of first use.
    pub priced: Vec<Priced>,
    /// The stretches so far.
    pub periods: Vec<Period>,
    turned: bool,
}

/// Where a tariff's choice of components can turn.
#[derive(Debug, Clone, Default)]
struct Turns {
    /// Local seconds of the day, ascending.
    of_day: Vec<i64>,
    elapsed_seconds: Vec<i64>,
    energies: Vec<i64>,
    on_power: bool,
}

impl Turns {
    fn of(tariff: &Tariff) -> Self {
        let mut turns = Self::default();
        for restrictions in tariff.elements.iter().map(|element| &element.restrictions) {
            let of_day = |time: Time| i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60;
            turns.of_day.extend([restrictions.start_time, restrictions.end_time].into_iter().flatten().map(of_day));
            // Also the end of a day that wraps or is unbounded on one side.
            turns.of_day.extend(restrictions.depends_on_clock().then_some(0));
            turns.elapsed_seconds.extend(restrictions.min_duration_seconds);
            turns.elapsed_seconds.extend(restrictions.max_duration_seconds);
            turns.energies.extend(restrictions.min_energy.into_iter().chain(restrictions.max_energy).map(|e| e.0));
            turns.on_power |= restrictions.depends_on_power();
        }
        turns.of_day.sort_unstable();
        turns
    }
}

impl<'t> Pricer<'t> {
    /// Nothing used yet, at the start of a session; `reservation` prices a reservation instead.
    #[must_use]
    pub fn new(tariff: &'t Tariff, zone: &'t TimeZone, at: Timestamp, reservation: Option<ReservationPhase>) -> Self {
        let mut pricer = Self {
            tariff,
            zone,
            turns: Turns::of(tariff),
            reservation,
            started_at: at.as_second(),
            at: at.as_second(),
            energy: WattHours(0),
            power: (Watts(0), None),
            holds_until: 0,
            holds_to_energy: 0,
            offset: (Offset::UTC, i64::MIN),
            active: [None; 3],
            flat_charged: false,
            last_time_based: None,
            last_energy: None,
            priced: Vec::with_capacity(4),
            periods: Vec::with_capacity(4),
            turned: false,
        };
        if !pricer.turns.on_power {
            pricer.choose();
        }
        pricer
    }

    /// Prices the next span; `span.to` is not before the last one's.
    pub fn advance(&mut self, span: Span) {
        let to = span.to.as_second().max(self.at);
        let (mut seconds, mut energy) = (to - self.at, span.energy.0);
        if self.turns.on_power && (self.power != (span.power, span.current) || self.holds_until == 0) {
            self.power = (span.power, span.current);
            self.choose();
        }
        loop {
            if self.at >= self.holds_until || self.energy.0 >= self.holds_to_energy {
                self.choose();
            }
            let Some((part, share)) = self.next_turn(seconds, energy) else {
                self.add(span.mode, seconds, energy);
                return;
            };
            self.add(span.mode, part, share);
            (seconds, energy) = (seconds - part, energy - share);
            self.turn(energy + share > 0);
        }
    }

    /// The part of a span, in seconds and energy, up to the first turn inside it.
    fn next_turn(&self, seconds: i64, energy: i64) -> Option<(i64, i64)> {
        let by_clock = self.holds_until.saturating_sub(self.at);
        let room = self.holds_to_energy.saturating_sub(self.energy.0);
        let by_energy = (energy > room).then(|| ceiling_share(seconds, room, energy));
        match by_energy {
            Some(part) if part <= by_clock => Some((part, room)),
            Some(_) | None => {
                (by_clock < seconds).then(|| (by_clock, WattHours(energy).share(by_clock, seconds).0.min(room)))
            }
        }
    }

    /// Chooses anew inside a reading gap: where that changes the price of energy, both shares are estimates.
    fn turn(&mut self, flowing: bool) {
        let (before, by_clock) = (self.active[0], self.at >= self.holds_until);
        self.choose();
        if flowing && by_clock && self.active[0] != before {
            for index in [before, self.active[0]].into_iter().flatten() {
                self.priced[index].estimated = true;
            }
        }
    }

    fn add(&mut self, mode: Mode, seconds: i64, energy: i64) {
        let timed = match mode {
            Mode::Charging => self.active[1],
            Mode::Idle => self.active[2],
            Mode::Withheld => None,
        };
        if let Some(index) = self.active[0].filter(|_| energy > 0) {
            self.priced[index].quantity += energy;
            self.last_energy = Some(index);
        }
        if let Some(index) = timed.filter(|_| seconds > 0) {
            self.priced[index].quantity += seconds;
            self.last_time_based = Some(index);
        }
        self.note_period(mode, seconds, energy);
        self.at += seconds;
        self.energy.0 += energy;
    }

    fn note_period(&mut self, mode: Mode, seconds: i64, energy: i64) {
        match self.periods.last_mut() {
            Some(period) if period.mode == mode && !self.turned => {
                period.seconds += seconds;
                period.energy.0 += energy;
            }
            Some(_) | None if seconds > 0 || energy > 0 => {
                let from = Timestamp::from_second(self.at).unwrap_or_default();
                self.periods.push(Period { from, mode, seconds, energy: WattHours(energy), power: self.power });
                self.turned = false;
            }
            Some(_) | None => {}
        }
    }

    fn choose(&mut self) {
        let moment = self.moment();
        let before = self.active;
        for (slot, dimension) in [Dimension::Energy, Dimension::Time, Dimension::ParkingTime].into_iter().enumerate() {
            self.active[slot] = self.component(dimension, &moment);
        }
        // Once a session, by the first that becomes active; never once a period.
        if !self.flat_charged
            && let Some(index) = self.component(Dimension::Flat, &moment)
        {
            self.priced[index].quantity = 1;
            (self.flat_charged, self.turned) = (true, true);
        }
        self.turned |= before != self.active;
        let elapsed = self.at - self.started_at;
        let next_elapsed = self.turns.elapsed_seconds.iter().filter(|turn| **turn > elapsed).min();
        self.holds_until = next_elapsed.map_or(FOREVER, |turn| self.started_at + turn).min(self.next_of_day());
        let next_energy = self.turns.energies.iter().filter(|turn| **turn > self.energy.0).min();
        self.holds_to_energy = next_energy.copied().unwrap_or(FOREVER);
    }

    fn component(&mut self, dimension: Dimension, moment: &Moment) -> Option<usize> {
        let (element, component) = self.tariff.component_at(dimension, moment)?;
        let known = |priced: &Priced| priced.element == element && priced.component.dimension == dimension;
        if let Some(index) = self.priced.iter().position(known) {
            return Some(index);
        }
        self.priced.push(Priced { element, component: component.clone(), quantity: 0, estimated: false });
        Some(self.priced.len() - 1)
    }

    fn moment(&mut self) -> Moment {
        if !self.turns.of_day.is_empty() && self.at >= self.offset.1 {
            let now = Timestamp::from_second(self.at).unwrap_or_default();
            let until = self.zone.following(now).next().map_or(FOREVER, |change| change.timestamp().as_second());
            self.offset = (self.zone.to_offset(now), until);
        }
        Moment {
            local: self.offset.0.to_datetime(Timestamp::from_second(self.at).unwrap_or_default()),
            energy: self.energy,
            elapsed_seconds: self.at - self.started_at,
            power: self.power.0,
            current: self.power.1,
            reservation: self.reservation,
        }
    }

    /// When the site's clock next reaches a time of day that matters, or changes its offset: in the repeated hour of a
    /// clock change every such time comes twice, in the skipped one not at all.
    fn next_of_day(&self) -> i64 {
        let Some(first) = self.turns.of_day.first() else { return FOREVER };
        let now = (self.at + i64::from(self.offset.0.seconds())).rem_euclid(DAY_SECONDS);
        let next = self.turns.of_day.iter().find(|turn| **turn > now);
        let ahead = next.copied().unwrap_or(first + DAY_SECONDS) - now;
        (self.at + ahead).min(self.offset.1)
    }

    /// What is billed beyond what was measured, by the tariff's steps: at most one entry of energy and one of time.
    ///
    /// The whole of a dimension is rounded up once, by the step of the component that priced its last part, and the
    /// difference is added there; of the time-based dimensions only the last one is (OCPI 2.2.1, CDR, `step_size`).
    #[must_use]
    pub fn rounded_up(&self) -> Vec<(usize, i64)> {
        let rounded = |index: usize| {
            let Component { dimension, step_size, .. } = self.priced.get(index)?.component;
            let of_dimension = self.priced.iter().filter(|priced| priced.component.dimension == dimension);
            let total: i64 = of_dimension.map(|priced| priced.quantity).sum();
            let over = total.rem_euclid(i64::from(step_size));
            (over > 0).then(|| (index, i64::from(step_size) - over))
        };
        [self.last_energy, self.last_time_based].into_iter().flatten().filter_map(rounded).collect()
    }
}

/// `whole * part / of`, rounded up.
fn ceiling_share(whole: i64, part: i64, of: i64) -> i64 {
    let of = i128::from(of);
    i64::try_from((i128::from(whole) * i128::from(part) + of - 1) / of).unwrap_or(whole)
}
