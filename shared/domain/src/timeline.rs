//! What the evidence of one session proves: energy, end, idle spans, and what of it cannot be believed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::{ConnectorStatus, Evidence, Fact, Reading, Stopped};
use crate::ids::TransactionId;
use crate::units::{WattHours, Watts, seconds_between};
use crate::usage::Mode;

/// Charger clocks tick in seconds and registers are sampled a little before they are stamped.
const SAMPLING_SLACK_SECONDS: i64 = 60;

/// What bounds the belief in evidence.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What the connector can deliver.
    pub max_power: Watts,
    /// Minutes of a flat register that prove the end of charging.
    pub flat_minutes: u32,
}

/// The facts that frame a session: its start, and the stop that counts.
struct Frame<'a> {
    started_at: Timestamp,
    /// `None`: the charger did not say it, so that its first reading stands for it.
    start_register: Option<WattHours>,
    /// The earliest stop counts, whatever the order of arrival (a charger may send a second, different one).
    stop: Option<&'a Stopped>,
    /// Since when another transaction is metered at the connector, where no stop says when this one ended.
    others_since: Option<Timestamp>,
    limits: Limits,
}

/// Since when readings at the connector are of another transaction than that of the session that started at `started_at`:
/// then a stop and a start are missing, and what is said from there on is of another vehicle. Readings that name no
/// transaction say nothing. The session's own is that of its start, or the first that is named.
#[must_use]
pub fn others_since(started_at: Timestamp, evidence: &[Evidence]) -> Option<Timestamp> {
    let started = evidence.iter().find_map(|e| match &e.fact {
        Fact::Started(started) if e.at == started_at => started.transaction.as_ref(),
        Fact::Started(_) | Fact::Stopped(_) | Fact::Status(_) | Fact::Meter { .. } => None,
    });
    let named = || {
        evidence.iter().filter(|e| e.at >= started_at).filter_map(|e| match &e.fact {
            Fact::Meter { transaction: Some(transaction), .. } if !transaction.names_nothing() => {
                Some((e.at, transaction))
            }
            Fact::Meter { .. } | Fact::Started(_) | Fact::Stopped(_) | Fact::Status(_) => None,
        })
    };
    let own = started.or_else(|| named().min().map(|(_, transaction)| transaction))?;
    named().filter(|(_, transaction)| *transaction != own).map(|(at, _)| at).min()
}

impl<'a> Frame<'a> {
    fn of(started_at: Timestamp, evidence: &'a [Evidence], limits: Limits) -> Option<Self> {
        let started = |e: &'a Evidence| match &e.fact {
            Fact::Started(started) if e.at == started_at => Some(started.register),
            Fact::Started(_) | Fact::Stopped(_) | Fact::Status(_) | Fact::Meter { .. } => None,
        };
        let stopped = |e: &'a Evidence| match &e.fact {
            Fact::Stopped(stopped) => Some(stopped),
            Fact::Started(_) | Fact::Status(_) | Fact::Meter { .. } => None,
        };
        // Of two that bear one instant the one counts that bills less, whatever came first.
        let start_register = evidence.iter().filter_map(started).max()?;
        let stop = evidence.iter().filter_map(stopped);
        let stop = stop.min_by_key(|stop| (stop.at, stop.register, stop.reason, &stop.transaction, &stop.readings));
        let others_since = if stop.is_none() { others_since(started_at, evidence) } else { None };
        Some(Self { started_at, start_register, stop, others_since, limits })
    }

    /// Whether what was said at an instant can be about this session's vehicle.
    fn reaches(&self, at: Timestamp) -> bool {
        at >= self.started_at && self.others_since.is_none_or(|others| at < others)
    }

    /// Whether readings under a transaction id are another session's.
    fn is_foreign(&self, transaction: Option<&TransactionId>) -> bool {
        self.stop.zip(transaction).is_some_and(|(stop, other)| stop.transaction != *other)
    }
}

/// By which evidence charging had ended, best first (DESIGN.md, idle time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdleEvidence {
    /// The charger reported SuspendedEV or Finishing.
    Status,
    /// The transaction stopped and the connector stayed occupied.
    TransactionStopped,
    /// The register no longer rose.
    FlatRegister,
}

/// A span in which the vehicle was proven plugged in and not charging for its own reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdleSpan {
    /// Since when, UTC.
    pub from: Timestamp,
    /// Until when, UTC.
    pub to: Timestamp,
    /// By which evidence.
    pub by: IdleEvidence,
}

impl IdleSpan {
    /// Length in whole seconds.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        seconds_between(self.from, self.to)
    }
}

/// Why a register cannot be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Implausible {
    /// The register is lower than before.
    #[error("the energy register fell")]
    RegisterFell,
    /// More energy than the connector can deliver in the time.
    #[error("the energy register jumped beyond what the connector can deliver")]
    RegisterJumped,
    /// The session stopped before it started.
    #[error("the stop lies before the start")]
    StopBeforeStart,
    /// The start is not among the evidence.
    #[error("the start is not among the evidence")]
    NoStart,
    /// A signed meter value was not signed by its meter.
    #[error("a signed meter value does not bear its meter's signature")]
    SignatureWrong,
    /// The meter signed another energy.
    #[error("the meter signed another energy than the charger's registers tell")]
    SignedDiffers,
    /// The amount does not fit into a bill.
    #[error("the amount is too large to be a charging session's")]
    TooLarge,
}

/// The assembled timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// Start, UTC.
    pub started_at: Timestamp,
    /// Stop, or the last sign of life of a session without one, UTC.
    pub ended_at: Timestamp,
    /// Energy delivered.
    pub energy: WattHours,
    /// Idle spans in order.
    pub idle: Vec<IdleSpan>,
    /// The register as far as it is believed, from start to stop.
    pub readings: Vec<Reading>,
    /// When the vehicle did not charge, in order: idle, or the station itself withheld power (SuspendedEVSE).
    pub pauses: Vec<(Timestamp, Timestamp, Mode)>,
    /// Indices of the evidence that was left out, with the reason.
    pub left_out: Vec<(usize, Implausible)>,
    /// Set when start and stop themselves cannot be believed: nothing may be charged.
    pub flaw: Option<Implausible>,
    /// Whether it is proven that the vehicle has left.
    pub unplugged: bool,
}

impl Timeline {
    /// Assembles the timeline of the session that started at `started_at` from its evidence, in any order and with any
    /// duplicates. `None` when its start is not among it.
    #[must_use]
    pub fn assemble(started_at: Timestamp, evidence: &[Evidence], limits: Limits) -> Option<Self> {
        let frame = Frame::of(started_at, evidence, limits)?;
        Some(Self::of(&frame, evidence))
    }

    /// A session that charges evenly from start to end: what a hold is sized by.
    #[must_use]
    pub fn steady(started_at: Timestamp, ended_at: Timestamp, energy: WattHours) -> Self {
        let readings = vec![Reading::of(started_at, WattHours(0)), Reading::of(ended_at, energy)];
        Self {
            started_at,
            ended_at,
            energy,
            idle: Vec::new(),
            readings,
            pauses: Vec::new(),
            left_out: Vec::new(),
            flaw: None,
            unplugged: true,
        }
    }

    fn of(frame: &Frame<'_>, evidence: &[Evidence]) -> Self {
        let statuses = statuses_of(frame, evidence);
        let last_seen = evidence.iter().map(|e| e.at).filter(|at| frame.reaches(*at)).max();
        let ended_at = frame.stop.map_or(last_seen.unwrap_or(frame.started_at), |stop| stop.at);
        let (readings, left_out) = Registers::believe(frame, evidence, ended_at);
        let first = readings.first();
        let unplugged_at = unplugged_at(frame, &statuses, ended_at);
        let idle = spans(frame, &statuses, &readings, ended_at, unplugged_at);
        Self {
            started_at: frame.started_at,
            ended_at,
            energy: readings.last().since(first).unwrap_or_default(),
            pauses: pauses(&idle, &statuses, ended_at),
            readings: readings.0,
            idle,
            left_out,
            flaw: flaw(frame, first),
            unplugged: unplugged_at.is_some(),
        }
    }

    /// Whether the session runs, the last of its `evidence` is a reading, and by all that is known the vehicle charges:
    /// then a register that rises further changes nothing about what was before.
    pub(crate) fn is_charging(&self, evidence: &[Evidence]) -> bool {
        let stopped = evidence.iter().any(|e| matches!(e.fact, Fact::Stopped(_)));
        let withheld = evidence
            .iter()
            .any(|e| matches!(e.fact, Fact::Status(status) if status.is_explicit() && e.at >= self.ended_at));
        let up_to_now = self.readings.last().is_some_and(|last| last.at == self.ended_at);
        let paused = self.pauses.last().is_some_and(|(_, to, _)| *to >= self.ended_at);
        let others = others_since(self.started_at, evidence).is_some();
        self.flaw.is_none() && up_to_now && !stopped && !withheld && !paused && !others
    }

    /// Adds a reading to a session that [is charging](Self::is_charging), if it is a later one of a register that rose
    /// as far as can be believed; otherwise nothing is done.
    pub(crate) fn extend(&mut self, reading: Reading, limits: Limits) -> bool {
        let Some(before) = self.readings.last() else { return false };
        let rise = reading.register.since(before.register).unwrap_or_default();
        let most = most_between(before.at, reading.at, limits);
        let (in_all, most_in_all) =
            (self.energy.0.saturating_add(rise.0), most_between(self.started_at, reading.at, limits));
        if reading.at <= before.at || rise.0 <= 0 || rise > most || in_all > most_in_all.0 {
            return false;
        }
        self.ended_at = reading.at;
        self.energy.0 += rise.0;
        self.readings.push(reading);
        true
    }

    /// Seconds of proven idle time.
    #[must_use]
    pub fn idle_seconds(&self) -> i64 {
        self.idle.iter().map(IdleSpan::seconds).sum()
    }
}

/// Whether start and stop contradict each other or the connector's power (invariant I10). The `first` register stands for one
/// that the start did not name.
fn flaw(frame: &Frame<'_>, first: WattHours) -> Option<Implausible> {
    let stop = frame.stop?;
    if stop.at < frame.started_at {
        return Some(Implausible::StopBeforeStart);
    }
    match stop.register?.since(first) {
        None => Some(Implausible::RegisterFell),
        Some(energy) if energy > frame.limits.max_power.most_in(seconds_between(frame.started_at, stop.at)) => {
            Some(Implausible::RegisterJumped)
        }
        Some(_) => None,
    }
}

/// The session's statuses in time order. Where two bear one instant the later word of the standard's life cycle wins.
fn statuses_of(frame: &Frame<'_>, evidence: &[Evidence]) -> Vec<(Timestamp, ConnectorStatus)> {
    let status = |e: &Evidence| match e.fact {
        Fact::Status(status) if frame.reaches(e.at) => Some((e.at, status)),
        Fact::Status(_) | Fact::Started(_) | Fact::Stopped(_) | Fact::Meter { .. } => None,
    };
    let mut statuses: Vec<_> = evidence.iter().filter_map(status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

/// Without a stop, only the connector's last word can prove it: one that becomes free in between flaps.
fn unplugged_at(
    frame: &Frame<'_>,
    statuses: &[(Timestamp, ConnectorStatus)],
    ended_at: Timestamp,
) -> Option<Timestamp> {
    let Some(stop) = frame.stop else {
        return statuses.last().filter(|(at, status)| status.proves_unplug() && *at >= ended_at).map(|(at, _)| *at);
    };
    if stop.reason.proves_unplug() {
        return Some(stop.at);
    }
    statuses.iter().find(|(at, status)| *at >= stop.at && status.proves_unplug()).map(|(at, _)| *at)
}

fn pauses(
    idle: &[IdleSpan],
    statuses: &[(Timestamp, ConnectorStatus)],
    ended_at: Timestamp,
) -> Vec<(Timestamp, Timestamp, Mode)> {
    let until = |index: usize| statuses.get(index + 1).map_or(ended_at, |next| next.0.min(ended_at));
    let withheld = statuses.iter().enumerate().filter(|(_, (_, s))| *s == ConnectorStatus::SuspendedEvse);
    let withheld = withheld.map(|(index, (at, _))| (*at, until(index), Mode::Withheld));
    let idle = idle.iter().map(|span| (span.from, span.to, Mode::Idle));
    let mut pauses: Vec<_> = withheld.filter(|(from, to, _)| from < to).chain(idle).collect();
    pauses.sort_unstable_by_key(|(from, ..)| *from);
    pauses
}

/// The most energy that a register can have gained between two readings.
fn most_between(from: Timestamp, to: Timestamp, limits: Limits) -> WattHours {
    limits.max_power.most_in(seconds_between(from, to) + SAMPLING_SLACK_SECONDS)
}

/// The register over time, as far as it can be believed. Never empty: the start is its first reading.
struct Registers(Vec<Reading>);

impl Registers {
    fn believe(frame: &Frame<'_>, evidence: &[Evidence], ended_at: Timestamp) -> (Self, Vec<(usize, Implausible)>) {
        let mut sent: Vec<(Reading, usize)> = Vec::new();
        for (index, item) in evidence.iter().enumerate() {
            let Fact::Meter { transaction, readings } = &item.fact else { continue };
            if !frame.is_foreign(transaction.as_ref()) && frame.others_since.is_none_or(|others| item.at < others) {
                sent.extend(readings.iter().map(|reading| (*reading, index)));
            }
        }
        let kept = frame.stop.into_iter().flat_map(|stop| stop.readings.iter().map(|reading| (*reading, usize::MAX)));
        sent.extend(kept);
        sent.retain(|(reading, _)| (frame.started_at..=ended_at).contains(&reading.at));
        sent.sort_unstable();
        let first = frame.start_register.or_else(|| sent.first().map(|(reading, _)| reading.register));
        let first = first.or_else(|| frame.stop?.register).unwrap_or(WattHours(0));
        let mut believed = Self(vec![Reading::of(frame.started_at, first)]);
        let mut left_out = Vec::new();
        for (reading, index) in sent {
            match believed.doubt(frame, reading) {
                None => believed.0.push(reading),
                Some(reason) if index != usize::MAX => left_out.push((index, reason)),
                Some(_) => {}
            }
        }
        if let Some(stop) = frame.stop {
            believed.0.push(Reading::of(stop.at, stop.register.unwrap_or(believed.last())));
        }
        left_out.dedup_by_key(|(index, _)| *index);
        (believed, left_out)
    }

    fn doubt(&self, frame: &Frame<'_>, reading: Reading) -> Option<Implausible> {
        let before = self.0.last()?;
        let Some(rise) = reading.register.since(before.register) else { return Some(Implausible::RegisterFell) };
        let most = most_between(before.at, reading.at, frame.limits);
        // Each reading may be a little late; all of them together are no later than one.
        let in_all = reading.register.since(self.first()).unwrap_or(rise);
        let most_in_all = most_between(frame.started_at, reading.at, frame.limits);
        let beyond_stop = frame.stop.and_then(|stop| stop.register).is_some_and(|last| reading.register > last);
        (rise > most || in_all > most_in_all || beyond_stop).then_some(Implausible::RegisterJumped)
    }

    fn first(&self) -> WattHours {
        self.0.first().map_or(WattHours(0), |reading| reading.register)
    }

    fn last(&self) -> WattHours {
        self.0.last().map_or(WattHours(0), |reading| reading.register)
    }

    fn at(&self, instant: Timestamp) -> WattHours {
        let known = self.0.partition_point(|reading| reading.at <= instant);
        self.0.get(known.saturating_sub(1)).map_or(WattHours(0), |reading| reading.register)
    }

    /// The first reading at or after an instant, or the last: what is known of the register once the instant is over.
    fn by(&self, instant: Timestamp) -> WattHours {
        let before = self.0.partition_point(|reading| reading.at < instant);
        self.0.get(before).map_or_else(|| self.last(), |reading| reading.register)
    }

    /// When the register last rose; `None` when no energy flowed.
    fn last_rise(&self) -> Option<Timestamp> {
        self.0.windows(2).rev().find(|pair| pair[1].register > pair[0].register).map(|pair| pair[1].at)
    }
}

fn spans(
    frame: &Frame<'_>,
    statuses: &[(Timestamp, ConnectorStatus)],
    registers: &Registers,
    ended_at: Timestamp,
    unplugged_at: Option<Timestamp>,
) -> Vec<IdleSpan> {
    // Without proof of unplug, occupation is proven up to the last thing the connector said of the vehicle.
    let last_word = statuses.iter().rev().find(|(_, status)| status.is_explicit()).map(|(at, _)| *at);
    let occupied_until = unplugged_at.unwrap_or_else(|| last_word.map_or(ended_at, |at| at.max(ended_at)));
    let within: Vec<_> = statuses.iter().copied().take_while(|(at, _)| *at <= occupied_until).collect();
    let mut spans = SpanBuilder { open: None, spans: Vec::new() };
    let stop = frame.stop.filter(|stop| stop.reason.is_the_drivers());
    let mut stopped = false;
    for (index, (at, status)) in within.iter().enumerate() {
        if let Some(stop) = stop.filter(|stop| stop.at < *at) {
            // What the connector says after the vehicle's stay has ended is of another vehicle.
            if std::mem::replace(&mut stopped, true) && spans.open.is_none() {
                break;
            }
            spans.open(stop.at, IdleEvidence::TransactionStopped);
        }
        let until = within.get(index + 1).map_or(ended_at, |next| next.0);
        spans.take(*at, *status, registers, until);
    }
    if let Some(stop) = stop.filter(|stop| within.last().is_none_or(|(at, _)| *at <= stop.at)) {
        spans.open(stop.at, IdleEvidence::TransactionStopped);
    }
    spans.close(occupied_until);
    let silent = !within.iter().any(|(_, status)| status.is_explicit());
    if let Some(span) = flat_span(frame, registers, occupied_until).filter(|_| silent) {
        spans.spans = vec![span];
    }
    spans.spans
}

/// The final plateau of the register, where nothing better is known: a register that rises again was not idle.
fn flat_span(frame: &Frame<'_>, registers: &Registers, until: Timestamp) -> Option<IdleSpan> {
    let from = registers.last_rise()?;
    let needed = SignedDuration::from_mins(i64::from(frame.limits.flat_minutes));
    (until.duration_since(from) >= needed).then_some(IdleSpan { from, to: until, by: IdleEvidence::FlatRegister })
}

struct SpanBuilder {
    open: Option<(Timestamp, IdleEvidence)>,
    spans: Vec<IdleSpan>,
}

impl SpanBuilder {
    fn open(&mut self, at: Timestamp, by: IdleEvidence) {
        self.open.get_or_insert((at, by));
    }

    fn close(&mut self, to: Timestamp) {
        if let Some((from, by)) = self.open.take().filter(|(from, _)| *from < to) {
            self.spans.push(IdleSpan { from, to, by });
        }
    }

    fn take(&mut self, at: Timestamp, status: ConnectorStatus, registers: &Registers, until: Timestamp) {
        match status {
            ConnectorStatus::SuspendedEv | ConnectorStatus::Finishing => self.open(at, IdleEvidence::Status),
            ConnectorStatus::Charging => {
                // A vehicle that says Charging and draws nothing has not resumed. What was drawn between two readings may
                // have been drawn then: a status that flaps owes nothing that is not shown.
                let resumed = self.open.is_none_or(|(from, _)| registers.by(until) > registers.at(from));
                if resumed {
                    self.close(at);
                }
            }
            // That a vehicle is there says nothing of what it does.
            ConnectorStatus::Occupied => {}
            ConnectorStatus::Available
            | ConnectorStatus::Preparing
            | ConnectorStatus::SuspendedEvse
            | ConnectorStatus::Reserved
            | ConnectorStatus::Unavailable
            | ConnectorStatus::Faulted => self.close(at),
        }
    }
}
