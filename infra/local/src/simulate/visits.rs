//! Vehicles that come, charge, stay and leave; and chargers that tell of it as real ones do.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::random::{happens, one, rng};
use super::sites::{MAX_POWER_W, Place, TAGS};

/// In what a charger misbehaves during a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Quirk {
    /// The stop is never told.
    LostStop,
    /// The start is never told.
    LostStart,
    /// Its transaction is called 0 or -1.
    OddTransaction,
    /// The clock is wrong by hours.
    ClockOff,
    /// It boots in the middle and tells no stop.
    Reboots,
    /// Readings in kWh.
    KilowattHours,
    /// The register starts anew in the middle.
    RegisterResets,
    /// A reading of a gigawatt-hour.
    RegisterJumps,
    /// A reading after the stop.
    MeterAfterStop,
    /// The stop is told twice, the second time with another register.
    StopsTwice,
    /// No statuses.
    Silent,
    /// Told all at once, hours later.
    Offline,
    /// Frames that are none.
    Garbage,
    /// The connector is broken before.
    Faulted,
    /// The connector never says that it is free.
    NeverFree,
    /// The vehicle stays for days, longer than any charger is waited for.
    StaysForDays,
}

const QUIRKS: [Quirk; 16] = [
    Quirk::LostStop,
    Quirk::LostStart,
    Quirk::OddTransaction,
    Quirk::ClockOff,
    Quirk::Reboots,
    Quirk::KilowattHours,
    Quirk::RegisterResets,
    Quirk::RegisterJumps,
    Quirk::MeterAfterStop,
    Quirk::StopsTwice,
    Quirk::Silent,
    Quirk::Offline,
    Quirk::Garbage,
    Quirk::Faulted,
    Quirk::NeverFree,
    Quirk::StaysForDays,
];

/// A vehicle at a connector.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) number: usize,
    pub(super) place: Place,
    pub(super) id_tag: &'static str,
    pub(super) transaction: i64,
    pub(super) arrives_at: Timestamp,
    pub(super) full_at: Timestamp,
    pub(super) leaves_at: Timestamp,
    /// The register when it comes, in Wh.
    pub(super) register_wh: i64,
    pub(super) energy_wh: i64,
    /// Minutes between readings.
    pub(super) reads_every: i64,
    /// The most readings.
    pub(super) reads_most: usize,
    /// Whether the transaction ends with the charging, and the vehicle stays.
    pub(super) stops_when_full: bool,
    /// How wrong the charger's clock is.
    pub(super) clock_off: SignedDuration,
    pub(super) quirks: Vec<Quirk>,
    /// How many messages its charger tells.
    pub(super) messages: usize,
}

impl Visit {
    pub(super) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    /// When its transaction ends, as its charger tells it.
    pub(super) fn tells_stop_at(&self) -> Timestamp {
        let stops_when_full = self.stops_when_full && !self.place.is_new;
        let ends_at = if stops_when_full { self.full_at } else { self.leaves_at };
        ends_at + self.clock_off
    }

    /// The register at an instant, in Wh: it rises evenly.
    pub(super) fn register_at(&self, at: Timestamp) -> i64 {
        let whole = self.full_at.duration_since(self.arrives_at).as_secs().max(1);
        let past = at.duration_since(self.arrives_at).as_secs().clamp(0, whole);
        self.register_wh + self.energy_wh * past / whole
    }
}

/// `count` visits, one after the other at each connector. Each is drawn apart, so that one less leaves the others as they are.
pub(super) fn drawn(seed: u64, count: usize, misbehaving: u32, places: &[Place], start: Timestamp) -> Vec<Visit> {
    let mut cursors: Vec<(Timestamp, i64)> = places.iter().map(|_| (start, 1_000)).collect();
    let mut visits = Vec::with_capacity(count);
    for number in 0..count {
        let mut random = rng(&[seed, 1, number as u64]);
        let at = random.usize(0..places.len());
        let (free_at, register_wh) = cursors[at];
        let visit = visit(&mut random, number, &places[at], (free_at, register_wh), misbehaving);
        cursors[at] = (visit.leaves_at, visit.register_wh + visit.energy_wh);
        visits.push(visit);
    }
    visits
}

fn minutes(random: &mut Rng, range: std::ops::Range<i64>) -> SignedDuration {
    SignedDuration::from_secs(random.i64(range.start * 60..range.end * 60))
}

fn visit(
    random: &mut Rng,
    number: usize,
    place: &Place,
    (free_at, register_wh): (Timestamp, i64),
    misbehaving: u32,
) -> Visit {
    let arrives_at = free_at + minutes(random, 2..240);
    let charges = if happens(random, 80) { minutes(random, 1..4) } else { minutes(random, 10..420) };
    let full_at = arrives_at + charges;
    let stays = if happens(random, 500) { minutes(random, 0..3) } else { minutes(random, 3..300) };
    let power = if happens(random, 60) { 0 } else { random.i64(1_000..MAX_POWER_W) };
    let quirks = quirks(random, misbehaving);
    let days =
        SignedDuration::from_hours(if quirks.contains(&Quirk::StaysForDays) { 24 * random.i64(3..9) } else { 0 });
    let odd = quirks.contains(&Quirk::OddTransaction);
    let off = if quirks.contains(&Quirk::ClockOff) { one(random, &[-120, -30, 9, 180, -500_000]) } else { 0 };
    Visit {
        number,
        place: place.clone(),
        id_tag: one(random, &TAGS),
        transaction: if odd { one(random, &[0, -1]) } else { 100 + i64::try_from(number).unwrap_or_default() },
        arrives_at,
        full_at,
        leaves_at: full_at + stays + days,
        register_wh,
        energy_wh: power * charges.as_secs() / 3_600,
        reads_every: one(random, &[5, 15, 15, 30, 60]),
        reads_most: one(random, &[2, 2, 4, 4, 8, 24]),
        stops_when_full: random.bool(),
        clock_off: SignedDuration::from_mins(off),
        quirks,
        messages: 0,
    }
}

fn quirks(random: &mut Rng, misbehaving: u32) -> Vec<Quirk> {
    if !happens(random, misbehaving) {
        return Vec::new();
    }
    let mut quirks: Vec<Quirk> = (0..random.usize(1..=2)).map(|_| one(random, &QUIRKS)).collect();
    quirks.sort_unstable();
    quirks.dedup();
    quirks
}
