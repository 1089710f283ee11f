//! Uptime of a connector, and how soon people acted.
//!
//! The formula is that of the US federal minimum standards (23 CFR 680.116(b)): the minutes of a year less those of outages
//! that are not excluded, as a share of the minutes of the year.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::{Incident, Place};
use crate::ids::{ChargerId, ConnectorId};

/// What a connector's incidents add up to in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uptime {
    /// The period, in seconds.
    pub period: i64,
    /// Nobody could charge, and it counts.
    pub down: i64,
    /// Nobody could charge, for excluded reasons alone.
    pub excluded: i64,
    /// Outages that touch the period.
    pub outages: usize,
}

/// How soon people acted, over all incidents that somebody was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response {
    /// From the alert to the acknowledgement, on average; `None` where nothing was acknowledged.
    pub to_acknowledge: Option<SignedDuration>,
    /// From the first sighting to the end, on average; `None` where nothing has ended.
    pub to_repair: Option<SignedDuration>,
}

impl Uptime {
    /// In per cent, with two digits, rounded down: 97 is not reached by rounding.
    #[must_use]
    pub fn percent(&self) -> Decimal {
        if self.period == 0 {
            return Decimal::ONE_HUNDRED;
        }
        let up = Decimal::from(self.period - self.down) / Decimal::from(self.period);
        (up * Decimal::ONE_HUNDRED).trunc_with_scale(2)
    }
}

/// The uptime of a connector from `from` to `to` (UTC). Of the incidents, those count that keep people from charging there:
/// its own, and its charger's.
#[must_use]
pub fn of<'a>(
    (charger, connector): (&ChargerId, ConnectorId),
    incidents: impl Iterator<Item = &'a Incident>,
    (from, to): (Timestamp, Timestamp),
) -> Uptime {
    let (mut all, mut counting) = (Vec::new(), Vec::new());
    for incident in incidents.filter(|incident| concerns(incident, charger, connector)) {
        let begin = incident.first_at.max(from);
        let end = incident.ended_at.unwrap_or(to).min(to);
        if begin < end {
            all.push((begin, end));
            if incident.excluded.is_none() {
                counting.push((begin, end));
            }
        }
    }
    let outages = all.len();
    let down = covered(counting);
    Uptime { period: to.duration_since(from).as_secs(), down, excluded: covered(all) - down, outages }
}

/// How soon people acted.
#[must_use]
pub fn response<'a>(incidents: impl Iterator<Item = &'a Incident>) -> Response {
    let (mut acknowledged, mut repaired) = (Vec::new(), Vec::new());
    for incident in incidents {
        let Some(opened_at) = incident.opened_at else { continue };
        acknowledged.extend(incident.acknowledged.as_ref().map(|known| known.at.duration_since(opened_at)));
        repaired.extend(incident.ended_at.map(|ended_at| ended_at.duration_since(incident.first_at)));
    }
    Response { to_acknowledge: mean(&acknowledged), to_repair: mean(&repaired) }
}

/// What a connector earns is usually what it earned in so much time before.
pub const USUAL: SignedDuration = SignedDuration::from_hours(28 * 24);

/// What a connector that earned `earned` minor units in [`USUAL`] usually earns in this time, in minor units, rounded down.
#[must_use]
pub fn usually_earned(earned: i64, lasted: SignedDuration) -> i64 {
    let share = i128::from(earned) * i128::from(lasted.as_secs()) / i128::from(USUAL.as_secs());
    i64::try_from(share).unwrap_or(i64::MAX)
}

/// Whether an incident keeps people from charging at a connector.
#[must_use]
pub fn concerns(incident: &Incident, charger: &ChargerId, connector: ConnectorId) -> bool {
    let here = match &incident.subject.place {
        Place::Connector(own, ConnectorId(0)) | Place::Charger(own) => own == charger,
        Place::Connector(own, number) => own == charger && *number == connector,
        Place::Whole | Place::Session(_) => false,
    };
    here && incident.subject.kind.is_outage()
}

/// The seconds that are in any of the spans.
fn covered(mut spans: Vec<(Timestamp, Timestamp)>) -> i64 {
    spans.sort_unstable();
    let (mut seconds, mut reached) = (0, Timestamp::MIN);
    for (from, to) in spans {
        let from = from.max(reached);
        if to > from {
            seconds += to.duration_since(from).as_secs();
            reached = to;
        }
    }
    seconds
}

fn mean(durations: &[SignedDuration]) -> Option<SignedDuration> {
    let count = i32::try_from(durations.len()).ok().filter(|count| *count > 0)?;
    Some(durations.iter().copied().sum::<SignedDuration>() / count)
}
