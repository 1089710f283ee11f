//! One value of one register at one instant, and what it inherits from the reading before it.

use jiff::Timestamp;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{Clock, ErrorFlags, MeterStatus, OcmfError, Transaction, json::Object, letters::letter, obis};

const TIME: &str = "a time and its clock status, such as 2018-07-24T13:22:04,000+0200 S";
const CLOCKS: &str = "after the time stands U, I, S or R";
const TRANSACTIONS: &str = "one of B C X E L R A P S T";
const STATUSES: &str = "one of N G T D R M X I O S E F";
const VALUE: &str = "a decimal number of at most 28 digits, such as 2935.600";

/// One reading of one register (OCMF, table 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReading {
    /// `TM`: when the meter read it, UTC.
    pub at: Timestamp,
    /// The letter after the time: how far the clock can be believed.
    pub clock: Clock,
    /// `TX`: why the register was read; absent outside of sessions.
    pub transaction: Option<Transaction>,
    /// `RV` with the digits that were sent, in [`SignedReading::unit`]; absent where only a fault is told.
    pub value: Option<Decimal>,
    /// `RI`: OBIS code of the register as sent, such as `1-b:1.8.0`.
    pub register: Option<String>,
    /// `RU`: unit of the value as sent, such as `kWh`.
    pub unit: Option<String>,
    /// `EF`: quantities that may no longer be billed.
    pub errors: ErrorFlags,
    /// `ST`: state of the meter.
    pub status: MeterStatus,
}

impl SignedReading {
    /// The register in whole Wh, rounded down; absent where the register does not accumulate energy towards the car, or
    /// no value or no unit of energy was sent.
    ///
    /// Whether the value may be billed is another question: see `status` and `errors`.
    #[must_use]
    pub fn register_wh(&self) -> Option<i64> {
        let value = self.value.filter(|_| self.register.as_deref().is_some_and(obis::is_import))?;
        let unit = self.unit.as_deref()?.trim();
        let wh = match unit {
            _ if unit.eq_ignore_ascii_case("kWh") => value.checked_mul(Decimal::ONE_THOUSAND)?,
            _ if unit.eq_ignore_ascii_case("Wh") => value,
            _ => return None,
        };
        wh.floor().to_i64()
    }

    /// One reading; what it leaves out is as in the reading `before` it (OCMF, "Readings").
    fn parse(object: &Object<'_>, before: Option<&Self>) -> Result<Self, OcmfError> {
        let (at, clock) = match object.text("TM")? {
            Some(text) => time(&text)?,
            None => before.map(|before| (before.at, before.clock)).ok_or_else(|| OcmfError::missing("TM"))?,
        };
        let status = object.text("ST")?.map(|text| letter("ST", &text, STATUSES)).transpose()?;
        let errors = object.text("EF")?.map(|text| ErrorFlags::parse(&text)).transpose()?;
        Ok(Self {
            at,
            clock,
            transaction: object
                .text("TX")?
                .map(|text| letter("TX", &text, TRANSACTIONS))
                .transpose()?
                .or(before.and_then(|before| before.transaction)),
            value: value(object, before.filter(|_| !tells_a_fault(status, errors)))?,
            register: object.text("RI")?.or_else(|| before.and_then(|before| before.register.clone())),
            unit: object.text("RU")?.or_else(|| before.and_then(|before| before.unit.clone())),
            errors: errors.or(before.map(|before| before.errors)).unwrap_or_default(),
            status: status.or(before.map(|before| before.status)).ok_or_else(|| OcmfError::missing("ST"))?,
        })
    }
}

/// The readings of a record, in its order.
pub(crate) fn all(objects: &[Object<'_>]) -> Result<Vec<SignedReading>, OcmfError> {
    let mut readings: Vec<SignedReading> = Vec::with_capacity(objects.len());
    for object in objects {
        readings.push(SignedReading::parse(object, readings.last())?);
    }
    if readings.is_empty() { Err(OcmfError::malformed("RD", "[]", "at least one reading")) } else { Ok(readings) }
}

// A reading may consist of a fault alone: then no value was read, and the one before it is not repeated in its place.
fn tells_a_fault(status: Option<MeterStatus>, errors: Option<ErrorFlags>) -> bool {
    status.is_some_and(|status| status != MeterStatus::Good)
        || errors.is_some_and(|errors| errors.energy || errors.time)
}

fn time(text: &str) -> Result<(Timestamp, Clock), OcmfError> {
    let refused = || OcmfError::malformed("TM", text, TIME);
    let (instant, clock) = text.trim().split_once(' ').ok_or_else(refused)?;
    let at = instant.parse().map_err(|_| refused())?;
    Ok((at, letter("TM", clock, CLOCKS)?))
}

fn value(object: &Object<'_>, before: Option<&SignedReading>) -> Result<Option<Decimal>, OcmfError> {
    match object.text("RV")? {
        Some(text) => decimal(text.trim()).map(Some).ok_or_else(|| OcmfError::malformed("RV", &text, VALUE)),
        None => Ok(before.and_then(|before| before.value)),
    }
}

// `from_scientific` rounds a long mantissa and both take `1_000`: neither is what the meter signed.
fn decimal(text: &str) -> Option<Decimal> {
    let mantissa = text.split(['e', 'E']).next().filter(|digits| !digits.contains('_'))?;
    let exact = Decimal::from_str_exact(mantissa).ok()?;
    if mantissa.len() == text.len() { Some(exact) } else { Decimal::from_scientific(text).ok() }
}
