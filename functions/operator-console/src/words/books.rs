//! What the books say.

use jiff::civil::Date;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::session::{Reason, Session};
use plugtill_sheets::Format;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::books::Listing;

pub(crate) fn day(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

pub(crate) const REVENUE: &str = "Revenue";
pub(crate) const LEAKAGE: &str = "Leakage";
pub(crate) const USE: &str = "Use";
pub(crate) const SHOW: &str = "Show";
pub(crate) const AMOUNT: &str = "Amount";
pub(crate) const BEFORE: &str = "the period before";
pub(crate) const DAY: &str = "Day";
pub(crate) const DAYS: &str = "Day by day";
pub(crate) const TARIFF: &str = "Tariff";
pub(crate) const UNNAMED_TARIFF: &str = "The site's tariff";
pub(crate) const CONNECTOR: &str = "Connector";
pub(crate) const COMPONENT: &str = "What for";
pub(crate) const POSTED: &str = "Posted";
pub(crate) const NOTHING_TO_SHARE: &str = "none yet";

pub(crate) const GROSS: &str = "Billed, tax included";
pub(crate) const TAX: &str = "of it tax";
pub(crate) const NET: &str = "Revenue without tax";
pub(crate) const COLLECTED: &str = "Collected";
pub(crate) const REFUNDED: &str = "Given back";
pub(crate) const STILL_OPEN: &str = "Not collected yet";
pub(crate) const FEES: &str = "Kept by Stripe and the platform";
pub(crate) const KEPT: &str = "Collected, less tax and fees";
pub(crate) const PER_KWH: &str = "Revenue a kWh";
pub(crate) const PER_SESSION: &str = "Revenue a session";
pub(crate) const BY_COMPONENT: &str = "What it was billed for";
pub(crate) const BY_DAY: &str = "Billed by day";
pub(crate) const BY_HOUR: &str = "Billed by the hour of the week";
pub(crate) const BUSIEST: &str = "Busiest";
pub(crate) const HOURS_ARE: &str = "By the hour in which the sessions began, on the site's own clock.";
pub(crate) const BY_SITE: &str = "Site by site";
pub(crate) const BY_TARIFF: &str = "Tariff by tariff";
pub(crate) const BY_CONNECTOR: &str = "Connector by connector";
pub(crate) const NO_REVENUE: &str =
    "Nothing was posted in this period. A session is posted on the day on which it is settled; choose other days.";
pub(crate) const NO_POSTINGS_THERE: &str = "Nothing was posted that fits. Widen the days.";
pub(crate) const EARLIER_POSTINGS: &str = "Earlier postings";
pub(crate) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(crate) const NOTHING_LEAKS: &str =
    "All that was billed in this period was collected, and nothing lies in quarantine.";
pub(crate) const FORGIVEN: &str = "Given up by the operator";
pub(crate) const WHY_NOT: &str = "Why it did not arrive";
pub(crate) const WHAT_BECAME: &str = "What became of it";
pub(crate) const OF_BILLED: &str = "Of a bill of";
pub(crate) const SINCE_WHEN: &str = "Since";

pub(crate) const TURNOVER: &str = "Turnover";
pub(crate) const IDLE_EACH: &str = "Plugged in after charging, on average";
pub(crate) const WITH_IDLE_FEE: &str = "With an idle fee";
pub(crate) const IDLE_RULE: &str = "Idle fee";
pub(crate) const HAS_IDLE_RULE: &str = "Vehicles that stay after charging are billed.";
pub(crate) const NO_IDLE_RULE: &str = "None: vehicles may stay for nothing.";
pub(crate) const CHARGED_FOR: &str = "Charging";
pub(crate) const IDLED: &str = "Plugged in after charging";
pub(crate) const FREE: &str = "Free";
pub(crate) const FAULTED: &str = "Faulted or not connected";
pub(crate) const IDLE_FEES: &str = "Idle fees";
pub(crate) const SETTLED_DAYS: &str = "A session counts on the day on which it is settled.";

pub(crate) const TOO_LONG: &str = "The period is longer than a year.";
pub(crate) const GIVE_A_YEAR: &str = "Ask for at most 366 days at once.";
pub(crate) const GIVE_CONNECTOR: &str = "Give a connector's number, such as 1.";
pub(crate) const GIVE_CURRENCY: &str = "Give an ISO 4217 code, such as EUR.";
pub(crate) const GIVE_HOUR: &str = "Give an hour of the week, from 0 on Monday at midnight to 167.";
pub(crate) const NO_HOUR: &str = "A week has 168 hours.";
pub(crate) const NO_CURSOR: &str = "not a place in a list";

/// `Mon 17:00`.
pub(crate) fn hour_of_week(hour: u8) -> String {
    let day = WEEKDAYS.get(usize::from(hour / 24)).copied().unwrap_or_default();
    format!("{day} {:02}:00", hour % 24)
}

pub(crate) fn no_account(text: &str) -> String {
    format!("There is no account `{text}`.")
}

pub(crate) fn compared((from, to): (Date, Date), days: i64) -> String {
    let day = |day: Date| day.strftime("%-d %b %Y").to_string();
    if days == 1 {
        format!("Compared with {}.", day(from))
    } else {
        format!("Compared with {} to {}.", day(from), day(to))
    }
}

pub(crate) fn more_rows(count: usize) -> String {
    format!("{count} more are in the exports and in the API.")
}

/// `+12.5 % on the period before`.
pub(crate) fn changed(change: Decimal) -> String {
    let sign = if change.is_sign_positive() && !change.is_zero() { "+" } else { "" };
    format!("{sign}{} %", change.normalize())
}

pub(crate) fn sessions(count: i64) -> String {
    if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") }
}

pub(crate) fn of_charger(charger: &str, connector: Option<ConnectorId>) -> String {
    connector.map_or_else(|| format!("Charger {charger}"), |connector| super::connector(charger, connector.0))
}

pub(crate) fn minutes(minutes: i64) -> String {
    if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") }
}

/// `12.5 h`.
pub(crate) fn hours(seconds: i64) -> String {
    format!("{} h", rounded(Decimal::from(seconds) / Decimal::from(3600)))
}

pub(crate) fn share(part: i64, whole: i64) -> String {
    let share = (Decimal::from(part) * Decimal::ONE_HUNDRED).checked_div(Decimal::from(whole));
    format!("{} %", rounded(share.unwrap_or_default()))
}

pub(crate) fn of_sessions(some: i64, all: i64) -> String {
    format!("{} of {}", some, sessions(all))
}

/// Sessions a connector and day.
pub(crate) fn per_day(count: i64, days: i64) -> String {
    let each = Decimal::from(count).checked_div(Decimal::from(days)).unwrap_or_default();
    format!("{} sessions a connector and day", rounded(each))
}

fn rounded(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// Why a session ended as it did, for people.
pub(crate) fn reason(reason: &Reason) -> String {
    let text = match reason {
        Reason::Declined(code) => super::refused(code),
        Reason::NothingDue
        | Reason::BelowMinimum
        | Reason::NoPaymentMethod
        | Reason::Implausible(_)
        | Reason::AboveLimit
        | Reason::TakenElsewhere
        | Reason::Forgiven(_)
        | Reason::DisputeLost(_)
        | Reason::LateEvidenceWaived
        | Reason::LateEvidenceCharged
        | Reason::LateEvidenceRefunded => {
            plugtill_texts::receipt::reason(plugtill_domain::language::Language::En, reason)
        }
    };
    sentence(&text)
}

/// What sessions are summed up under, for people: what somebody wrote of one of them is left out.
pub(crate) fn reasons_of(session: &Session) -> String {
    match &session.reason {
        Some(Reason::Forgiven(_)) => FORGIVEN.to_owned(),
        Some(known) => reason(known),
        None => super::standing(session).to_owned(),
    }
}

/// The same for machines.
pub(crate) fn reasons_name(session: &Session) -> String {
    match &session.reason {
        Some(Reason::Forgiven(_)) => "forgiven".to_owned(),
        Some(known) => known.to_string(),
        None => super::outcome_name(session.outcome).to_owned(),
    }
}

/// With a capital at its beginning.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(crate) const EXPORTS: &str = "Exports";
pub(crate) const CDRS: &str = "Charge detail records";
pub(crate) const CDRS_ARE: &str =
    "The sessions as OCPI 2.2.1 has them, for roaming partners; a site needs `roaming` in its file.";
pub(crate) const EXPORTS_AUDITED: &str =
    "Files hold tags of drivers. Who takes one with them stands in the audit trail.";
pub(crate) const FEWER_DAYS: &str = "Ask for fewer days, or for one site.";
pub(crate) const ALL_SITES: &str = "all sites";
pub(crate) const A_FILE: &str = "The file";

pub(crate) fn too_many_rows(most: usize) -> String {
    format!("The period has more than {most} rows.")
}

pub(crate) fn no_file(name: &str) -> String {
    format!("There is no file `{name}`.")
}

pub(crate) fn bytes(count: usize) -> String {
    format!("{count} bytes")
}

pub(crate) const fn listing(listing: Listing) -> &'static str {
    match listing {
        Listing::Days => "Daily totals",
        Listing::Sessions => "Sessions",
        Listing::Journal => "Accounting journal",
    }
}

pub(crate) const fn listing_is(listing: Listing) -> &'static str {
    match listing {
        Listing::Days => "A row for each site and day: sessions, energy, what was billed for and what became of it.",
        Listing::Sessions => "A row for each session that got its outcome within the period.",
        Listing::Journal => {
            "Double entries: a row for each leg, with debit or credit. They add up to the revenue page."
        }
    }
}

pub(crate) const fn format(format: Format) -> &'static str {
    match format {
        Format::Csv => "CSV",
        Format::Xlsx => "Excel",
        Format::Parquet => "Parquet",
    }
}
