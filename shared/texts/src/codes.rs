//! What chargers report -> the message that explains it.

/// Error codes of OCPP 1.6 (`ChargePointErrorCode`), the minimum required error codes (MREC) of the `ChargeX` consortium,
/// and the message that explains both.
const CODES: [(&str, &str, &str); 36] = [
    ("ConnectorLockFailure", "CX001", "code-connector-lock"),
    ("EVCommunicationError", "", "code-vehicle-communication"),
    ("GroundFailure", "CX002", "code-ground"),
    ("HighTemperature", "CX003", "code-temperature"),
    ("InternalError", "", "code-internal"),
    ("LocalListConflict", "", "code-local-list"),
    ("OtherError", "", "code-other"),
    ("OverCurrentFailure", "CX004", "code-over-current"),
    ("OverVoltage", "CX005", "code-over-voltage"),
    ("PowerMeterFailure", "", "code-meter"),
    ("PowerSwitchFailure", "", "code-power-switch"),
    ("ReaderFailure", "", "code-reader"),
    ("ResetFailure", "", "code-reset"),
    ("UnderVoltage", "CX006", "code-under-voltage"),
    ("WeakSignal", "CX007", "code-signal"),
    ("EmergencyStop", "CX008", "code-emergency"),
    ("AuthorizationTimeout", "CX009", "code-authorisation"),
    ("InvalidVehicleMode", "CX010", "code-vehicle-mode"),
    ("CableCheckFailure", "CX011", "code-cable-check"),
    ("CableCheckFault", "", "code-cable-check"),
    ("PreChargeFailure", "CX012", "code-pre-charge"),
    ("NoInternet", "CX013", "code-no-internet"),
    ("PilotFault", "CX014", "code-pilot"),
    ("PowerLoss", "CX015", "code-no-power"),
    ("EVContactorFault", "CX016", "code-vehicle-contactor"),
    ("EVSEContactorFault", "CX017", "code-power-switch"),
    ("CableOverTempDerate", "CX018", "code-cable-hot"),
    ("CableOverTempStop", "CX019", "code-cable-hot"),
    ("PartialInsertion", "CX020", "code-not-plugged"),
    ("CapacitanceFault", "CX021", "code-isolation"),
    ("ResistanceFault", "CX022", "code-isolation"),
    ("ProximityFault", "CX023", "code-proximity"),
    ("ConnectorVoltageHigh", "CX024", "code-connector-voltage"),
    ("BrokenLatch", "CX025", "code-latch"),
    ("CutCable", "CX026", "code-cable-cut"),
    ("GroundFault", "", "code-ground"),
];

/// The codes in what a charger reported, each with the message that explains it, in the order of the report.
pub(crate) fn explained(facts: &str) -> Vec<(&str, &'static str)> {
    let words = facts.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let known = |word: &&str| {
        CODES.iter().find(|(name, mrec, _)| word.eq_ignore_ascii_case(name) || word.eq_ignore_ascii_case(mrec))
    };
    let mut found: Vec<(&str, &'static str)> = Vec::new();
    for word in words {
        if let Some((_, _, message)) =
            known(&word).filter(|(_, _, message)| found.iter().all(|(_, one)| one != message))
        {
            found.push((word, message));
        }
    }
    found
}
