//! What the tests of prices share: terms of a bare tariff, and sessions told leg by leg.
#![allow(dead_code, reason = "every test binary uses another part")]

pub(crate) mod generate;

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, StopReason, Stopped};
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Bill, LineKind, Surroundings, assess};
use plugtill_domain::site::{LateEvidence, PaymentPolicy, Terms};
use plugtill_domain::tariff::Tariff;
use plugtill_domain::tariff::ocpi::OcpiTariff;
use plugtill_domain::units::{Milliamperes, WattHours, Watts};
use plugtill_domain::usage::Mode;
use plugtill_domain::usage_record::UsageRecord;
use serde_json::Value;

/// Terms that are nothing but a tariff.
pub(crate) fn terms(tariff: &Value, zone: &str) -> Terms {
    try_terms(tariff, zone).unwrap_or_else(|problem| panic!("{problem}: {tariff}"))
}

/// The same for a tariff that may be refused.
pub(crate) fn try_terms(tariff: &Value, zone: &str) -> Result<Terms, String> {
    let ocpi: OcpiTariff = serde_json::from_value(tariff.clone()).map_err(|error| error.to_string())?;
    let tariff = Tariff::try_from(ocpi).map_err(|error| error.to_string())?;
    Ok(terms_of(tariff, zone))
}

/// The same of a tariff that has been read.
pub(crate) fn terms_of(tariff: Tariff, zone: &str) -> Terms {
    Terms {
        site: "test".parse().unwrap(),
        hold: Money::zero(tariff.currency),
        sized_hold: None,
        payments: PaymentPolicy::default(),
        tariff,
        time_zone: zone.to_owned(),
        idle: None,
        taxes: Vec::new(),
        no_charge_below: None,
        settle_after_minutes: 2,
        late_evidence: LateEvidence::Waive,
        uncertified_clocks: false,
    }
}

/// The one way from a record to a bill.
pub(crate) fn bill_of(record: &Value, terms: &Terms) -> Bill {
    let record: UsageRecord = serde_json::from_value(record.clone()).unwrap();
    bill(record.started_at, &record.evidence().unwrap(), terms)
}

/// The bill of a session on a connector that can deliver anything.
pub(crate) fn bill(started_at: Timestamp, evidence: &[Evidence], terms: &Terms) -> Bill {
    assess(started_at, evidence, Surroundings::of(Watts(u32::MAX)), terms).bill.unwrap()
}

/// A stretch of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leg {
    pub(crate) seconds: i64,
    pub(crate) mode: Mode,
    pub(crate) wh: i64,
    pub(crate) power_w: Option<u32>,
    pub(crate) current_ma: Option<u32>,
}

impl Leg {
    pub(crate) const fn of(mode: Mode, seconds: i64, wh: i64) -> Self {
        Self { seconds, mode, wh, power_w: None, current_ma: None }
    }
}

/// What a charger reports of these legs: a status where the mode changes, a reading at the start of each.
pub(crate) fn evidence(started_at: Timestamp, legs: &[Leg]) -> Vec<Evidence> {
    let started = Started::at(WattHours(0), "TAG".parse().unwrap());
    let mut evidence = vec![Evidence { at: started_at, fact: Fact::Started(started) }];
    let (mut at, mut register, mut mode) = (started_at, 0, None);
    for leg in legs {
        if mode != Some(leg.mode) {
            evidence.push(Evidence { at, fact: Fact::Status(status(leg.mode)) });
            mode = Some(leg.mode);
        }
        let (power, current) = (leg.power_w.map(Watts), leg.current_ma.map(Milliamperes));
        let reading = Reading { at, register: WattHours(register), power, current };
        evidence.push(Evidence { at, fact: Fact::Meter { transaction: None, readings: vec![reading] } });
        at += SignedDuration::from_secs(leg.seconds);
        register += leg.wh;
    }
    let (transaction, register) = ("1".parse().unwrap(), WattHours(register));
    let reason = StopReason::EvDisconnected;
    let stopped = Stopped { transaction, at, register: Some(register), reason, readings: Vec::new(), signed: false };
    evidence.push(Evidence { at, fact: Fact::Stopped(stopped) });
    evidence
}

const fn status(mode: Mode) -> ConnectorStatus {
    match mode {
        Mode::Charging => ConnectorStatus::Charging,
        Mode::Idle => ConnectorStatus::SuspendedEv,
        Mode::Withheld => ConnectorStatus::SuspendedEvse,
    }
}

/// Minor units before and after tax.
pub(crate) fn totals(bill: &Bill) -> (i64, i64) {
    (bill.total.minor() - bill.tax().minor(), bill.total.minor())
}

/// Minor units of one kind of line.
pub(crate) fn of(bill: &Bill, kind: LineKind) -> i64 {
    bill.amount_of(kind).minor()
}

/// The folder of test data that is not part of the project; `None` where it is not present, which is said.
pub(crate) fn data(folder: &str) -> Option<PathBuf> {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned();
    let root = std::env::var("PLUGTILL_SHARED_DATA").unwrap_or_else(|_| beside());
    let path = PathBuf::from(root).join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} not present", path.display());
    None
}
