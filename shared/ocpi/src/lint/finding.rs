//! What is told to the operator.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether a tariff may be published in spite of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The tariff cannot be priced as written.
    Error,
    /// The tariff can be priced, but probably not as it was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One thing that is wrong with a tariff, or looks so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether it has to be fixed.
    pub severity: Severity,
    /// Where it stands, as a JSON path: `$.elements[0].price_components[1].step_size`.
    pub path: String,
    /// What it is, for programs.
    pub kind: FindingKind,
    /// What it is and what to do about it, for people.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.severity, self.path, self.message)
    }
}

/// Writes the kinds once: the enum, the list of all and the names cannot drift apart.
macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident = $name:literal,)+) => {
        /// What kind of thing is wrong; the names in JSON and in text are the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum FindingKind {
            $($(#[$doc])+ #[serde(rename = $name)] $kind,)+
        }

        impl FindingKind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The name, as in JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }
    };
}

kinds! {
    /// The text is no JSON.
    InvalidJson = "invalid_json",
    /// An object has the same field twice: which one counts differs from reader to reader.
    DuplicateField = "duplicate_field",
    /// A field that the standard requires is absent or null.
    MissingField = "missing_field",
    /// An entry of a list is null.
    NullValue = "null_value",
    /// A text where a number belongs, and the like.
    WrongType = "wrong_type",
    /// A field that the standard does not have.
    UnknownField = "unknown_field",
    /// A field that the standard has under a similar name: readers would ignore it.
    MisspelledField = "misspelled_field",
    /// A value that the standard does not list.
    UnknownValue = "unknown_value",
    /// A value that the standard lists under a similar name.
    MisspelledValue = "misspelled_value",
    /// A list without entries where the standard wants one or more.
    EmptyList = "empty_list",
    /// Restrictions that hold no restriction.
    EmptyRestrictions = "empty_restrictions",
    /// A text that is longer or shorter than the standard allows.
    WrongLength = "wrong_length",
    /// A code that should be in capitals.
    WrongCase = "wrong_case",
    /// A country or party code of characters that no such code has.
    InvalidCode = "invalid_code",
    /// A currency that ISO 4217 does not have.
    UnknownCurrency = "unknown_currency",
    /// A time or date without its leading zeros.
    NotPadded = "not_padded",
    /// A time of day that does not exist or is not written `HH:MM`.
    InvalidTime = "invalid_time",
    /// A date that does not exist or is not written `YYYY-MM-DD`.
    InvalidDate = "invalid_date",
    /// An instant that is not RFC 3339.
    InvalidDateTime = "invalid_date_time",
    /// A number that does not fit a decimal of 28 digits.
    InvalidNumber = "invalid_number",
    /// A number with more than the four decimals OCPI asks readers to keep.
    ExcessivePrecision = "excessive_precision",
    /// An amount of money below zero.
    NegativePrice = "negative_price",
    /// A VAT that is no percentage between 0 and 100.
    VatOutOfRange = "vat_out_of_range",
    /// A VAT between 0 and 1, which reads as a fraction where a percentage belongs.
    FractionalVat = "fractional_vat",
    /// A step size that is negative or not whole.
    InvalidStepSize = "invalid_step_size",
    /// A step size of 0 where a quantity is billed.
    ZeroStepSize = "zero_step_size",
    /// A step size above 1: drivers pay for what they did not use.
    LargeStepSize = "large_step_size",
    /// A duration that is negative or no whole number of seconds.
    InvalidDuration = "invalid_duration",
    /// The same day of the week twice.
    DuplicateDay = "duplicate_day",
    /// Restrictions that contradict each other: the element never applies.
    NeverApplies = "never_applies",
    /// An element whose components are all decided by earlier elements.
    UnreachableElement = "unreachable_element",
    /// A component whose dimension is always decided before it.
    UnreachableComponent = "unreachable_component",
    /// A restriction that excludes nothing.
    NoEffect = "no_effect",
    /// A day that ends at 23:59: its last minute is not covered.
    NearEndOfDay = "near_end_of_day",
    /// A time of the week at which a dimension has no price.
    GapInWeek = "gap_in_week",
    /// A minimum price above the maximum price.
    MinAboveMax = "min_above_max",
    /// A price limit that is lower with tax than without.
    NegativeTax = "negative_tax",
    /// A price far above what charging costs anywhere.
    ImplausiblePrice = "implausible_price",
    /// A tariff that ends before it starts.
    EmptyPeriod = "empty_period",
    /// A reservation priced by energy or parking.
    ReservationDimension = "reservation_dimension",
    /// More than one flat fee in an element: only the first is charged.
    SeveralFlat = "several_flat",
}

impl fmt::Display for FindingKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
