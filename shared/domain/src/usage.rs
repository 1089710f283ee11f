//! What a vehicle used, span after span: the timeline cut where what it did changes.

use jiff::Timestamp;

use crate::evidence::Reading;
use crate::timeline::Timeline;
use crate::units::{Milliamperes, WattHours, Watts, seconds_between};

/// What a plugged-in vehicle does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It could charge: TIME.
    Charging,
    /// It does not charge for its own reason: PARKING_TIME, and what the idle policy looks at.
    Idle,
    /// The station withholds power: nobody owes for that time.
    Withheld,
}

/// A stretch of one mode, from the end of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its end, UTC.
    pub to: Timestamp,
    /// Energy delivered in it.
    pub energy: WattHours,
    /// What the vehicle did.
    pub mode: Mode,
    /// Average power.
    pub power: Watts,
    /// Current over all phases, where reported.
    pub current: Option<Milliamperes>,
}

impl Span {
    /// What was used between two readings while the vehicle charged.
    pub(crate) fn charging(before: &Reading, after: &Reading) -> Self {
        let energy = after.register.since(before.register).unwrap_or_default();
        let mut span =
            [Self { to: after.at, energy: WattHours(0), mode: Mode::Charging, power: Watts(0), current: None }];
        attribute(before.at, energy, &mut span);
        reported(before, after, &mut span);
        let [span] = span;
        span
    }
}

impl Timeline {
    /// The session as spans. The energy between two readings is attributed by time to where the vehicle charged.
    #[must_use]
    pub fn usage(&self) -> Vec<Span> {
        let mut spans = Vec::with_capacity(self.readings.len() + self.pauses.len());
        let mut pauses = Pauses { pauses: &self.pauses, at: self.started_at };
        for pair in self.readings.windows(2) {
            let energy = pair[1].register.since(pair[0].register).unwrap_or_default();
            let first = spans.len();
            pauses.cut(pair[1].at, &mut spans);
            attribute(pair[0].at, energy, &mut spans[first..]);
            reported(&pair[0], &pair[1], &mut spans[first..]);
        }
        let end = self.pauses.last().map_or(self.ended_at, |(_, to, _)| (*to).max(self.ended_at));
        pauses.cut(end, &mut spans);
        spans
    }
}

/// Puts the power and current that the charger reported in place of the average: of the two readings the one that agrees
/// better with the register, for chargers differ in whether a value tells of what follows or of what was. Where no energy
/// flowed, what flows at the other end of the gap says nothing about it.
fn reported(before: &Reading, after: &Reading, spans: &mut [Span]) {
    if before.power.or(after.power).is_none() && before.current.or(after.current).is_none() {
        return;
    }
    let flows = |reading: &Reading| {
        reading.power.is_some_and(|power| power.0 > 0) || reading.current.is_some_and(|current| current.0 > 0)
    };
    let is_silent = before.power.is_none() && before.current.is_none();
    for span in spans {
        let distance = |reading: &Reading| reading.power.map(|power| power.0.abs_diff(span.power.0));
        let after_fits = distance(before).zip(distance(after)).is_some_and(|(before, after)| after < before);
        let after_counts = if span.energy.0 > 0 { after_fits || !flows(before) } else { is_silent && !flows(after) };
        let reading = if after_counts { after } else { before };
        span.power = reading.power.unwrap_or(span.power);
        span.current = reading.current;
    }
}

/// The pauses in order, and how far they have been gone through.
struct Pauses<'a> {
    pauses: &'a [(Timestamp, Timestamp, Mode)],
    at: Timestamp,
}

impl Pauses<'_> {
    /// Appends the spans from where it stands up to `to`.
    fn cut(&mut self, to: Timestamp, spans: &mut Vec<Span>) {
        while self.at < to {
            let (end, mode) = match self.pauses.first() {
                Some((_, pause_to, _)) if *pause_to <= self.at => {
                    self.pauses = &self.pauses[1..];
                    continue;
                }
                Some((from, pause_to, mode)) if *from <= self.at => ((*pause_to).min(to), *mode),
                Some((from, ..)) => ((*from).min(to), Mode::Charging),
                None => (to, Mode::Charging),
            };
            spans.push(Span { to: end, energy: WattHours(0), mode, power: Watts(0), current: None });
            self.at = end;
        }
    }
}

/// Shares the energy of a gap among its spans: by charging time, or by time where it charged nowhere.
fn attribute(from: Timestamp, energy: WattHours, spans: &mut [Span]) {
    let charged = spans.iter().any(|span| span.mode == Mode::Charging);
    let counts = |mode: Mode| !charged || mode == Mode::Charging;
    let starts = std::iter::once(from).chain(spans.iter().map(|span| span.to));
    let counted = starts.zip(spans.iter()).filter(|(_, span)| counts(span.mode));
    let whole_seconds = counted.map(|(start, span)| seconds_between(start, span.to)).sum();
    let (mut start, mut gone_seconds, mut given) = (from, 0, 0);
    for span in spans {
        let seconds = seconds_between(start, span.to);
        start = span.to;
        if counts(span.mode) {
            gone_seconds += seconds;
            let upto = energy.share(gone_seconds, whole_seconds);
            span.energy = WattHours(upto.0 - given);
            span.power = Watts::average(energy, whole_seconds);
            given = upto.0;
        }
    }
}
