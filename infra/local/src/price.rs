//! `plugtill price`: one session by one tariff, through the engine that bills.

use std::path::{Path, PathBuf};

use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::language::Language;
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::pricing::{Bill, Line, LineKind, Surroundings, Unit, assess};
use plugtill_domain::site::{LateEvidence, PaymentPolicy, SiteError, Terms};
use plugtill_domain::tariff::ocpi::OcpiTariff;
use plugtill_domain::tariff::{Tariff, TariffError};
use plugtill_domain::timeline::Implausible;
use plugtill_domain::units::{Watts, seconds_between};
use plugtill_domain::usage_record::{UsageError, UsageRecord};
use plugtill_texts::bill::{Explanation, explain};
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where a price comes from.
#[derive(Debug, clap::Args)]
pub struct PriceArguments {
    /// An OCPI Tariff object.
    #[arg(long, value_name = "T.json")]
    tariff: PathBuf,
    /// What was used: time zone, currency, start, end, readings.
    #[arg(long, value_name = "U.json")]
    usage: PathBuf,
    /// The idle policy, as in a site file.
    #[arg(long, value_name = "I.json")]
    idle: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long, conflicts_with_all = ["explain", "html"])]
    json: bool,
    /// Say of every line why it is what it is.
    #[arg(long, conflicts_with = "html")]
    explain: bool,
    /// The explanation as an HTML table.
    #[arg(long)]
    html: bool,
}

/// Why there is no price.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// A file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {source}")]
    NotAsExpected {
        /// Which file.
        path: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The tariff cannot be priced.
    #[error("{path}: {source}; `plugtill tariff lint` shows everything at once")]
    Tariff {
        /// Which file.
        path: String,
        /// Where and why.
        source: TariffError,
    },
    /// The usage contradicts itself.
    #[error("{path}: {source}")]
    Usage {
        /// Which file.
        path: String,
        /// Where and why.
        source: UsageError,
    },
    /// Usage and tariff have different currencies.
    #[error("usage currency: {usage} is not the tariff's {tariff}; nothing is converted")]
    Currency {
        /// What the usage asks for.
        usage: Currency,
        /// What the tariff has.
        tariff: Currency,
    },
    /// No session may start under the tariff then.
    #[error("the tariff is not valid at {0}, when the session started: see its start_date_time and end_date_time")]
    NotValid(jiff::Timestamp),
    /// Tariff and idle policy do not go together.
    #[error(transparent)]
    Terms(#[from] SiteError),
    /// The readings cannot be believed.
    #[error("the usage cannot be priced: {0}")]
    Implausible(#[from] Implausible),
    /// The answer cannot be printed.
    #[error("the price cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

/// Prices and prints.
///
/// # Errors
/// Names the file, the field and the remedy.
pub fn run(arguments: &PriceArguments) -> Result<(), PriceError> {
    let priced = Priced::of(&arguments.tariff, &arguments.usage, arguments.idle.as_deref())?;
    if arguments.json {
        println!("{}", priced.to_json()?);
    } else if arguments.html {
        print!("{}", priced.explanation.to_html().into_string());
    } else if arguments.explain {
        print!("{}", priced.explanation);
    } else {
        print!("{}", priced.plain());
    }
    Ok(())
}

/// A session's price with its reasons.
#[derive(Debug)]
pub struct Priced {
    usage: UsageRecord,
    bill: Bill,
    explanation: Explanation,
}

impl Priced {
    /// Prices the usage by the tariff and the idle policy in these files.
    ///
    /// # Errors
    /// Names the file, the field and the remedy.
    pub fn of(tariff: &Path, usage: &Path, idle: Option<&Path>) -> Result<Self, PriceError> {
        let path = usage.display().to_string();
        let (tariff, usage): (Tariff, UsageRecord) = (read_tariff(tariff)?, read(usage)?);
        let idle: Option<IdlePolicy> = idle.map(read).transpose()?;
        let terms = terms(tariff, &usage, idle)?;
        let evidence = usage.evidence().map_err(|source| PriceError::Usage { path, source })?;
        let assessed = assess(usage.started_at, &evidence, Surroundings::of(Watts(u32::MAX)), &terms);
        if let Some((_, reason)) = assessed.left_out.first() {
            return Err(PriceError::Implausible(*reason));
        }
        let bill = assessed.bill?;
        Ok(Self { explanation: explain(Language::En, &bill, &terms), usage, bill })
    }

    /// The answer as one JSON object.
    ///
    /// # Errors
    /// When it cannot be written, which no bill does.
    pub fn to_json(&self) -> Result<String, PriceError> {
        Ok(serde_json::to_string(&Answer::of(&self.usage, &self.bill, &self.explanation))?)
    }

    fn plain(&self) -> String {
        let row = |title: &str, what: &str, amount: &str| format!("{title:<40}{what:>24}{amount:>16}\n");
        let lines = self.bill.lines.iter().zip(&self.explanation.lines);
        let mut text: String = lines.map(|(line, said)| row(&said.title, &measure(line), &said.amount)).collect();
        text += &row("Total", "", &self.explanation.total);
        text.extend(self.explanation.notes.iter().flat_map(|note| [note.as_str(), "\n"]));
        text
    }
}

/// What a line is on: `5 kWh x 0.40`.
fn measure(line: &Line) -> String {
    let unit = match (line.kind, line.unit) {
        (LineKind::Tax, _) if line.tax.is_some() => return format!("{} %", line.price),
        (_, Unit::Session) => return String::new(),
        (_, Unit::KilowattHour) => "kWh",
        (_, Unit::Hour) => "h",
        (_, Unit::Minute) => "min",
    };
    format!("{} {unit} x {}", line.quantity.round_dp(3).normalize(), line.price)
}

/// Reads an OCPI tariff as it is priced.
///
/// # Errors
/// Names the file, the field and the remedy.
pub fn read_tariff(path: &Path) -> Result<Tariff, PriceError> {
    let wire: OcpiTariff = read(path)?;
    Tariff::try_from(wire).map_err(|source| PriceError::Tariff { path: path.display().to_string(), source })
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, PriceError> {
    let name = || path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| PriceError::Unreadable { path: name(), source })?;
    serde_json::from_str(&text).map_err(|source| PriceError::NotAsExpected { path: name(), source })
}

fn terms(tariff: Tariff, usage: &UsageRecord, idle: Option<IdlePolicy>) -> Result<Terms, PriceError> {
    let currency = tariff.currency;
    if usage.currency != currency {
        return Err(PriceError::Currency { usage: usage.currency, tariff: currency });
    }
    if !tariff.is_valid_at(usage.started_at) {
        return Err(PriceError::NotValid(usage.started_at));
    }
    let terms = Terms {
        site: "price".parse().map_err(SiteError::Id)?,
        tariff,
        time_zone: usage.time_zone.clone(),
        idle,
        taxes: Vec::new(),
        no_charge_below: None,
        hold: Money::zero(currency),
        sized_hold: None,
        payments: PaymentPolicy::default(),
        settle_after_minutes: 0,
        late_evidence: LateEvidence::Waive,
        uncertified_clocks: false,
    };
    terms.check(currency)?;
    Ok(terms)
}

/// The answer: decimal numbers as text, costs before tax.
#[derive(Serialize)]
struct Answer<'a> {
    currency: &'static str,
    total_excl_tax: String,
    total_incl_tax: String,
    energy_kwh: String,
    energy_cost: String,
    time_hours: String,
    time_cost: String,
    parking_hours: String,
    parking_cost: String,
    flat_cost: String,
    idle_seconds: i64,
    idle_cost: String,
    lines: Vec<AnswerLine<'a>>,
}

#[derive(Serialize)]
struct AnswerLine<'a> {
    kind: LineKind,
    quantity: String,
    unit: Unit,
    price: String,
    amount: String,
    estimated: bool,
    title: &'a str,
    arithmetic: &'a str,
    because: &'a [String],
}

impl<'a> Answer<'a> {
    fn of(usage: &UsageRecord, bill: &Bill, explanation: &'a Explanation) -> Self {
        let cost = |kind: LineKind| bill.net_of(kind).to_decimal().to_string();
        let total = bill.total.to_decimal();
        let plugged_in_seconds = seconds_between(usage.started_at, usage.ended_at);
        Self {
            currency: bill.total.currency().code(),
            total_excl_tax: (total - bill.tax().to_decimal()).to_string(),
            total_incl_tax: total.to_string(),
            energy_kwh: bill.energy.to_kwh().to_string(),
            energy_cost: cost(LineKind::Energy),
            time_hours: hours(plugged_in_seconds - bill.total_idle_seconds),
            time_cost: cost(LineKind::Time),
            parking_hours: hours(bill.total_idle_seconds),
            parking_cost: cost(LineKind::Parking),
            flat_cost: cost(LineKind::Flat),
            idle_seconds: bill.total_idle_seconds,
            idle_cost: cost(LineKind::Idle),
            lines: bill.lines.iter().zip(&explanation.lines).map(AnswerLine::of).collect(),
        }
    }
}

impl<'a> AnswerLine<'a> {
    fn of((line, explained): (&Line, &'a plugtill_texts::bill::Explained)) -> Self {
        Self {
            kind: line.kind,
            quantity: line.quantity.to_string(),
            unit: line.unit,
            price: line.price.to_string(),
            amount: line.amount.to_decimal().to_string(),
            estimated: line.estimated,
            title: &explained.title,
            arithmetic: &explained.arithmetic,
            because: &explained.because,
        }
    }
}

/// Whole seconds as hours, to a hundredth of a second's worth.
fn hours(seconds: i64) -> String {
    (Decimal::from(seconds) / Decimal::from(3600)).round_dp(6).normalize().to_string()
}
