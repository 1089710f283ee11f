//! The idle policy: what a vehicle owes that stays plugged in after its charging has ended.

use jiff::civil::{Time, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::units::seconds_between;

/// Grace, price, cap and the operator's exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdlePolicy {
    /// Free minutes after each end of charging.
    #[serde(default)]
    pub grace_minutes: u32,
    /// Instead of the end of charging: minutes after plugging in from which on all time connected is billed, charging or
    /// not (a stall that is meant for short stays).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_connected_minutes: Option<u32>,
    /// Major units of the site's currency per minute after the grace; under an occupancy condition its steps say.
    #[serde(default)]
    pub price_per_minute: Decimal,
    /// The most a session can owe for idle time, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Decimal>,
    /// Hours of the site's own day in which idle time is free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet_hours: Vec<QuietHours>,
    /// Prices by how full the site is; below the lowest step idle time is free. Empty: the price holds always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occupancy: Vec<OccupancyStep>,
    /// Nothing is owed by a vehicle that is gone within so many minutes of the end of charging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived_if_moved_within_minutes: Option<u32>,
    /// Tax in per cent on the fee, where it is not the site's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat: Option<Decimal>,
    /// Minutes the register must stand still before it counts as the end of charging, where the charger does not say.
    #[serde(default = "default_flat_minutes")]
    pub flat_minutes: u32,
}

/// Hours of the day, by the site's clock; `from` after `until` goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// Inclusive, for example `22:00`.
    #[serde(with = "hour_and_minute")]
    pub from: Time,
    /// Exclusive, for example `07:00`.
    #[serde(with = "hour_and_minute")]
    pub until: Time,
}

impl QuietHours {
    /// Whether they contain a time of day.
    #[must_use]
    pub fn contain(&self, local: Time) -> bool {
        let Self { from, until } = *self;
        let until_midnight = until == time(0, 0, 0, 0);
        if from <= until { from <= local && local < until } else { from <= local || (!until_midnight && local < until) }
    }
}

/// A price that holds while at least a share of the site's connectors is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OccupancyStep {
    /// Per cent of the site's connectors, inclusive.
    pub from_percent: u8,
    /// Major units per minute.
    pub price_per_minute: Decimal,
}

/// How full the site was from an instant on, in per cent of its connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupied {
    /// Since when, UTC.
    pub from: Timestamp,
    /// Per cent.
    pub percent: u8,
}

/// How full a site was from `from` to `to`: `in_use` are its transactions, each with its stop where it has one.
///
/// A connector counts as in use while its transaction runs: that is what its charger proves to everybody.
#[must_use]
pub fn occupancy(
    in_use: &[(Timestamp, Option<Timestamp>)],
    connectors: usize,
    from: Timestamp,
    to: Timestamp,
) -> Vec<Occupied> {
    let starts = in_use.iter().map(|(start, _)| *start);
    let mut turns: Vec<Timestamp> = starts.chain(in_use.iter().filter_map(|(_, stop)| *stop)).collect();
    turns.retain(|turn| from < *turn && *turn < to);
    turns.push(from);
    turns.sort_unstable();
    turns.dedup();
    let percent_at = |at: Timestamp| {
        let running =
            |(start, stop): &&(Timestamp, Option<Timestamp>)| *start <= at && stop.is_none_or(|stop| at < stop);
        let used = in_use.iter().filter(running).count();
        u8::try_from((used * 100 / connectors.max(1)).min(100)).unwrap_or(100)
    };
    turns.into_iter().map(|from| Occupied { from, percent: percent_at(from) }).collect()
}

/// Minutes of a flat register that prove the end of charging, unless the policy says otherwise.
pub const DEFAULT_FLAT_MINUTES: u32 = 15;

const fn default_flat_minutes() -> u32 {
    DEFAULT_FLAT_MINUTES
}

/// The seconds that one price applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BilledIdle {
    /// Major units per minute.
    pub price_per_minute: Decimal,
    /// The step of the occupancy condition, where there is one.
    pub from_percent: Option<u8>,
    /// Seconds after grace and quiet hours.
    pub seconds: i64,
}

type Stretch = (Timestamp, Timestamp);

impl IdlePolicy {
    /// The most it asks for an hour, in major units.
    #[must_use]
    pub fn dearest_hour(&self) -> Decimal {
        let steps = self.occupancy.iter().map(|step| step.price_per_minute);
        steps.fold(self.price_per_minute, Decimal::max) * Decimal::from(60)
    }

    /// What of these idle spans is billed, by price. `occupied` is how full the site was, oldest first; `connected` is
    /// from plugging in to the last proof of occupation, without the times the station withheld power.
    #[must_use]
    pub fn billed(
        &self,
        idle: &[Stretch],
        connected: &[Stretch],
        zone: &TimeZone,
        occupied: &[Occupied],
    ) -> Vec<BilledIdle> {
        let mut billed: Vec<BilledIdle> = self.prices();
        for (from, to) in self.chargeable(idle, connected) {
            for (from, to) in self.outside_quiet_hours(from, to, zone) {
                self.by_occupancy(from, to, occupied, &mut billed);
            }
        }
        billed
    }

    /// Whether the policy can be applied as it is written.
    ///
    /// # Errors
    /// What is wrong and what to do.
    pub fn check(&self) -> Result<(), String> {
        let prices = self.occupancy.iter().map(|step| step.price_per_minute).chain([self.price_per_minute]);
        if prices.chain(self.cap).any(|price| price.is_sign_negative() && !price.is_zero()) {
            return Err("prices and cap must not be below zero".to_owned());
        }
        if self.occupancy.iter().any(|step| step.from_percent > 100) {
            return Err("occupancy: from_percent is a share of the connectors, from 0 to 100".to_owned());
        }
        if !self.occupancy.is_empty() && !self.price_per_minute.is_zero() {
            return Err("price_per_minute and occupancy: the steps carry the prices; remove one of them".to_owned());
        }
        if self.vat.is_some_and(|vat| vat.is_sign_negative() || vat > Decimal::ONE_HUNDRED) {
            return Err("vat is not between 0 and 100 per cent".to_owned());
        }
        if self.quiet_hours.iter().any(|quiet| quiet.from == quiet.until) {
            return Err("quiet_hours: from and until are equal; for the whole day leave the policy out".to_owned());
        }
        if self.after_connected_minutes.is_some()
            && (self.grace_minutes > 0 || self.waived_if_moved_within_minutes.is_some())
        {
            return Err("after_connected_minutes does not look at the end of charging: remove grace_minutes and \
                        waived_if_moved_within_minutes, or it"
                .to_owned());
        }
        Ok(())
    }

    fn prices(&self) -> Vec<BilledIdle> {
        if self.occupancy.is_empty() {
            return vec![BilledIdle { price_per_minute: self.price_per_minute, from_percent: None, seconds: 0 }];
        }
        let step = |step: &OccupancyStep| BilledIdle {
            price_per_minute: step.price_per_minute,
            from_percent: Some(step.from_percent),
            seconds: 0,
        };
        let mut steps: Vec<BilledIdle> = self.occupancy.iter().map(step).collect();
        steps.sort_unstable_by_key(|step| step.from_percent);
        steps
    }

    /// What is left after the free minutes.
    fn chargeable(&self, idle: &[Stretch], connected: &[Stretch]) -> Vec<Stretch> {
        if let Some(minutes) = self.after_connected_minutes {
            let Some((plugged_in, _)) = connected.first() else { return Vec::new() };
            let from = *plugged_in + minutes_long(minutes);
            return connected
                .iter()
                .map(|(start, to)| ((*start).max(from), *to))
                .filter(|(from, to)| from < to)
                .collect();
        }
        let moved = self.waived_if_moved_within_minutes.map(minutes_long);
        let first_end = idle.first().map(|(from, _)| *from);
        let gone = idle.last().map(|(_, to)| *to);
        if first_end.zip(gone).zip(moved).is_some_and(|((from, to), moved)| to.duration_since(from) <= moved) {
            return Vec::new();
        }
        let after_grace = |(from, to): &Stretch| (*from + minutes_long(self.grace_minutes), *to);
        idle.iter().map(after_grace).filter(|(from, to)| from < to).collect()
    }

    /// Cuts the quiet hours out, by the site's clock: in a clock change an hour is quiet as often as the clock shows it.
    fn outside_quiet_hours(&self, from: Timestamp, to: Timestamp, zone: &TimeZone) -> Vec<Stretch> {
        if self.quiet_hours.is_empty() {
            return vec![(from, to)];
        }
        let mut loud = Vec::new();
        let mut at = from;
        while at < to {
            let turn = self.next_turn(at, zone).min(to);
            if !self.is_quiet(zone.to_datetime(at).time()) {
                loud.push((at, turn));
            }
            at = turn;
        }
        loud
    }

    /// The next instant after `at` at which the site's clock reaches a quiet hour's bound or changes its offset.
    fn next_turn(&self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = zone.to_datetime(at).time();
        let ahead = |turn: Time| {
            let seconds = local.duration_until(turn).as_secs();
            SignedDuration::from_secs(if seconds > 0 { seconds } else { seconds + 86_400 })
        };
        let bounds = self.quiet_hours.iter().flat_map(|quiet| [quiet.from, quiet.until]);
        let by_clock = bounds.map(ahead).min().and_then(|ahead| at.checked_add(ahead).ok()).unwrap_or(Timestamp::MAX);
        zone.following(at).next().map_or(by_clock, |change| change.timestamp().min(by_clock))
    }

    fn is_quiet(&self, local: Time) -> bool {
        self.quiet_hours.iter().any(|quiet| quiet.contain(local))
    }

    fn by_occupancy(&self, from: Timestamp, to: Timestamp, occupied: &[Occupied], billed: &mut [BilledIdle]) {
        if self.occupancy.is_empty() {
            if let [only] = billed {
                only.seconds += seconds_between(from, to);
            }
            return;
        }
        for (index, known) in occupied.iter().enumerate() {
            let until = occupied.get(index + 1).map_or(to, |next| next.from.min(to));
            let step =
                billed.iter_mut().rev().find(|step| step.from_percent.is_some_and(|least| known.percent >= least));
            if let Some(step) = step {
                step.seconds += seconds_between(known.from.max(from), until);
            }
        }
    }
}

fn minutes_long(minutes: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(minutes))
}

/// `22:00`, as operators write it.
mod hour_and_minute {
    use jiff::civil::Time;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&time.strftime("%H:%M"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = Time::strptime("%H:%M", &text);
        read.map_err(|_| D::Error::custom(format!("`{text}` is not a time of day; write it as `22:00`")))
    }
}
