//! What a connector says after a vehicle's stay is of another vehicle.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Started, StopReason, Stopped};
use plugtill_domain::timeline::{Limits, Timeline};
use plugtill_domain::units::{WattHours, Watts};

fn at(minute: i64) -> Timestamp {
    "2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn status(minute: i64, status: ConnectorStatus) -> Evidence {
    Evidence { at: at(minute), fact: Fact::Status(status) }
}

fn session(more: Vec<Evidence>) -> Timeline {
    let id_tag = "TAG1".parse().unwrap();
    let started = Started { register: Some(WattHours(1_000)), id_tag, transaction: None };
    let stopped = Stopped {
        transaction: "7".parse().unwrap(),
        at: at(60),
        register: Some(WattHours(11_000)),
        reason: StopReason::Local,
        readings: Vec::new(),
        signed: false,
    };
    let mut evidence = vec![
        Evidence { at: at(0), fact: Fact::Started(started) },
        Evidence { at: at(60), fact: Fact::Stopped(stopped) },
    ];
    evidence.extend(more);
    Timeline::assemble(at(0), &evidence, Limits { max_power: Watts(22_000), flat_minutes: 15 }).unwrap()
}

#[test]
fn a_stay_is_counted_once_whatever_the_next_vehicle_says() {
    use ConnectorStatus::{Available, Charging, Finishing, Preparing};
    let own = vec![status(61, Finishing), status(90, Preparing)];
    let next = [status(91, Charging), status(150, Finishing), status(200, Available)];
    let alone = session(own.clone());
    let followed = session(own.into_iter().chain(next).collect());
    // Nothing proves that it stayed longer than its connector said so, until the next vehicle's does.
    assert_eq!(alone.idle_seconds(), 60);
    assert_eq!(followed.idle_seconds(), 30 * 60);
}
