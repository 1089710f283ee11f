//! A printed line of a bill.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Money;

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Energy delivered.
    Energy,
    /// Time charging.
    Time,
    /// The tariff's PARKING_TIME.
    Parking,
    /// Once a session.
    Flat,
    /// Time reserved before the session.
    Reservation,
    /// Up to the tariff's least price.
    MinPrice,
    /// Down to the tariff's highest price.
    MaxPrice,
    /// Idle fee by the idle policy.
    Idle,
    /// A session too small to be charged for.
    NoCharge,
    /// A tax on the sum of its lines.
    Tax,
}

/// The unit of a line's quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// Kilowatt-hours.
    #[serde(rename = "kWh")]
    KilowattHour,
    /// Hours.
    #[serde(rename = "h")]
    Hour,
    /// Minutes.
    #[serde(rename = "min")]
    Minute,
    /// Once a session.
    #[serde(rename = "session")]
    Session,
}

/// One printed line, rounded once, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// The billed quantity.
    pub quantity: Decimal,
    /// Of what.
    pub unit: Unit,
    /// What it costs.
    pub amount: Money,
    /// Major units per unit; of a tax, per cent.
    #[serde(default, skip_serializing_if = "Decimal::is_zero")]
    pub price: Decimal,
    /// The measured quantity, where the tariff's steps bill more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Decimal>,
    /// Index of the tariff element that priced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<usize>,
    /// The tax in per cent that the tariff states for it; otherwise the site's taxes apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat: Option<Decimal>,
    /// How much of the amount is tax, where prices include it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included_tax: Option<Money>,
    /// How much tax it has caused, where prices do not include it: its part of the lines of tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_tax: Option<Money>,
    /// The name of the tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<String>,
    /// The occupancy in per cent from which the idle price holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_percent: Option<u8>,
    /// Whether a reading gap spanned a price change, so that the energy on either side is an estimate by time.
    #[serde(default, skip_serializing_if = "is_false")]
    pub estimated: bool,
    /// Whether the idle policy's cap was reached.
    #[serde(default, skip_serializing_if = "is_false")]
    pub capped: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Line {
    /// A line that rests on nothing but its amount.
    #[must_use]
    pub const fn plain(kind: LineKind, quantity: Decimal, unit: Unit, amount: Money) -> Self {
        Self {
            kind,
            quantity,
            unit,
            amount,
            price: Decimal::ZERO,
            measured: None,
            element: None,
            vat: None,
            included_tax: None,
            added_tax: None,
            tax: None,
            from_percent: None,
            estimated: false,
            capped: false,
        }
    }
}
