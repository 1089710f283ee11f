//! Names of states, outcomes, accounts and the like: the API's words, and people's.

use plugtill_domain::evidence::{ConnectorStatus, StopReason};
use plugtill_domain::incident::{Kind, Severity, Subject};
use plugtill_domain::language::Language;
use plugtill_domain::ledger::Account;
use plugtill_domain::payment::Purpose;
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::units::Watts;
use rust_decimal::Decimal;

use crate::now::State;
use crate::story::What;

/// Every outcome with the API's word for it.
pub(crate) const OUTCOMES: [(Outcome, &str); 5] = [
    (Outcome::Open, "open"),
    (Outcome::Captured, "captured"),
    (Outcome::Waived, "waived"),
    (Outcome::Uncollectable, "uncollectable"),
    (Outcome::Quarantined, "quarantined"),
];

pub(crate) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Open => "open",
        Outcome::Captured => "captured",
        Outcome::Waived => "waived",
        Outcome::Uncollectable => "uncollectable",
        Outcome::Quarantined => "quarantined",
    }
}

/// The same for people.
pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Open => "Not settled yet",
        Outcome::Captured => "Paid",
        Outcome::Waived => "Waived",
        Outcome::Uncollectable => "Not paid",
        Outcome::Quarantined => "In quarantine",
    }
}

/// How a session stands.
pub(crate) fn standing(session: &Session) -> &'static str {
    let runs = session.outcome == Outcome::Open && session.ended_at().is_none();
    if runs { super::RUNNING } else { outcome(session.outcome) }
}

pub(crate) const fn state_name(state: State) -> &'static str {
    match state {
        State::Faulted => "faulted",
        State::Offline => "offline",
        State::Unavailable => "unavailable",
        State::Idle => "idle",
        State::Charging => "charging",
        State::Paused => "paused",
        State::Preparing => "preparing",
        State::Reserved => "reserved",
        State::Free => "free",
        State::Unknown => "unknown",
    }
}

/// The same for people.
pub(crate) const fn state(state: State) -> &'static str {
    match state {
        State::Faulted => "Faulted",
        State::Offline => "Not connected",
        State::Unavailable => "Out of order",
        State::Idle => "Charged, still plugged in",
        State::Charging => "Charging",
        State::Paused => "Paused by the station",
        State::Preparing => "Plugged in",
        State::Reserved => "Reserved",
        State::Free => "Free",
        State::Unknown => "Not heard of yet",
    }
}

pub(crate) fn incident(kind: Kind) -> String {
    plugtill_texts::title(Language::En, kind)
}

pub(crate) fn incident_place(site: Option<&str>, subject: &Subject) -> String {
    plugtill_texts::place(Language::En, site, subject)
}

/// What OCPP 1.6 says where there is nothing to say.
const NO_ERROR: &str = "NoError";

/// What was ordered, with incidents by their titles and without the names that only machines use.
pub(crate) fn order(text: &str) -> String {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    if let ("credit" | "quarantine", Some((_, why))) = (verb, rest.split_once(": ")) {
        return format!("{verb}: {why}");
    }
    let title = |subject: Subject| format!("“{}” ({})", incident(subject.kind), incident_place(None, &subject));
    let word = |word: &str| word.parse().map_or_else(|_| word.to_owned(), title);
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What a charger's codes mean; the codes themselves where nobody knows.
pub(crate) fn explained(facts: &str) -> Vec<String> {
    if facts == NO_ERROR {
        return Vec::new();
    }
    let lines = plugtill_texts::explain(Language::En, facts);
    if lines.is_empty() && !facts.is_empty() { vec![facts.replace('_', " ")] } else { lines }
}

pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::Warning => "Warning",
        Severity::Low => "Low",
    }
}

/// An account, for people.
pub(crate) const fn account(account: Account) -> &'static str {
    match account {
        Account::Captured => "Taken from cards",
        Account::Refunded => "Given back to cards",
        Account::ChargedBack => "Taken back by banks",
        Account::Waived => "Waived",
        Account::Uncollectable => "Not obtainable",
        Account::Open => "Still owed",
        Account::Disputed => "Kept by banks until decided",
        Account::Energy => "Revenue: energy",
        Account::Time => "Revenue: charging time",
        Account::Flat => "Revenue: session fees",
        Account::Idle => "Revenue: idle fees",
        Account::Parking => "Revenue: parking",
        Account::Reservation => "Revenue: reservations",
        Account::PriceLimit => "Least or highest price",
        Account::Tax => "Tax",
        Account::Fees => "Kept by Stripe and the platform",
        Account::PaidOut => "Paid out",
        Account::Withheld => "Taken out of what Stripe holds",
    }
}

pub(crate) const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Hold => "Held on the card",
        Purpose::Raise => "Hold raised",
        Purpose::Capture => "Taken from the hold",
        Purpose::Release => "Hold given back",
        Purpose::TopUp => "Charged beside the hold",
        Purpose::Link => "Paid through the link",
        Purpose::Refund => "Given back to the card",
    }
}

pub(crate) const fn status(status: ConnectorStatus) -> &'static str {
    match status {
        ConnectorStatus::Available => "Connector free",
        ConnectorStatus::Occupied => "A vehicle is plugged in",
        ConnectorStatus::Preparing => "Plugged in, or about to be",
        ConnectorStatus::Charging => "Charging",
        ConnectorStatus::SuspendedEvse => "Paused by the station",
        ConnectorStatus::SuspendedEv => "The vehicle takes no more energy",
        ConnectorStatus::Finishing => "Finished, still plugged in",
        ConnectorStatus::Reserved => "Reserved",
        ConnectorStatus::Unavailable => "Out of order",
        ConnectorStatus::Faulted => "Faulted",
    }
}

/// Why a charger says that a session stopped.
pub(crate) const fn stop(reason: StopReason) -> &'static str {
    match reason {
        StopReason::DeAuthorized => "authorisation withdrawn",
        StopReason::EmergencyStop => "emergency stop",
        StopReason::EnergyLimitReached => "energy limit reached",
        StopReason::EvDisconnected => "vehicle unplugged",
        StopReason::GroundFault => "ground fault",
        StopReason::HardReset | StopReason::ImmediateReset => "charger reset at once",
        StopReason::Local => "stopped at the charger",
        StopReason::LocalOutOfCredit => "out of credit",
        StopReason::MasterPass => "stopped by staff",
        StopReason::Other => "another reason",
        StopReason::OvercurrentFault => "overcurrent",
        StopReason::PowerLoss => "power failed",
        StopReason::PowerQuality => "poor power",
        StopReason::Reboot => "charger restarted",
        StopReason::Remote => "stopped from afar",
        StopReason::SocLimitReached => "battery limit reached",
        StopReason::SoftReset => "charger reset",
        StopReason::StoppedByEv => "stopped by the vehicle",
        StopReason::TimeLimitReached => "time limit reached",
        StopReason::Timeout => "timed out",
        StopReason::UnlockCommand => "cable unlocked",
    }
}

/// `7.4 kW`.
pub(crate) fn kilowatts(power: Watts) -> String {
    format!("{} kW", Decimal::new(i64::from(power.0), 3).round_dp(1).normalize())
}

/// `10.5 kWh`.
pub(crate) fn kwh(energy: plugtill_domain::units::WattHours) -> String {
    format!("{} kWh", energy.to_kwh().round_dp(2).normalize())
}

/// Something that a charger said.
pub(crate) fn moment(what: &What) -> String {
    let at = |register: &Option<_>| register.map_or_else(String::new, |it| format!(", register {}", kwh(it)));
    match what {
        What::Started(tag, register) => format!("Started with tag {tag}{}", at(register)),
        What::Stopped(reason, register) => format!("Stopped: {}{}", stop(*reason), at(register)),
        What::Status(told) => status(*told).to_owned(),
        What::Readings(count, register, power) => {
            let power = power.map_or_else(String::new, |power| format!(", {}", kilowatts(power)));
            let many = if *count == 1 { "Reading".to_owned() } else { format!("{count} readings, the last") };
            format!("{many}: {}{power}", kwh(*register))
        }
    }
}
