//! What a period came to.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Amount, Leg, Session};

/// What the sites came to, currency by currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revenues {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub(crate) from: Date,
    /// The last day, included.
    #[schema(value_type = String, format = Date)]
    pub(crate) to: Date,
    pub(crate) revenue: Vec<Revenue>,
}

/// What the sites came to in one currency. A session counts on the day on which it is posted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revenue {
    /// ISO 4217.
    pub(crate) currency: String,
    pub(crate) total: Sums,
    /// What it was billed for; accounts at zero are left out.
    pub(crate) components: Vec<Leg>,
    /// The first day of the period of the same length before.
    #[schema(value_type = String, format = Date)]
    pub(crate) before_from: Date,
    /// What that period came to.
    pub(crate) before: Sums,
    /// By the site's id.
    pub(crate) sites: Vec<NamedRevenue>,
    /// By the tariff's id; only of one site.
    pub(crate) tariffs: Vec<NamedRevenue>,
    pub(crate) days: Vec<DayRevenue>,
    /// Only of one site.
    pub(crate) connectors: Vec<ConnectorRevenue>,
    /// By the hour of the week in which the sessions began; those without any are left out.
    pub(crate) hours: Vec<HourRevenue>,
}

/// What sessions came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sums {
    pub(crate) counts: Counts,
    /// With tax, after credit notes.
    pub(crate) billed: Amount,
    pub(crate) tax: Amount,
    /// Without tax.
    pub(crate) net: Amount,
    /// Taken from cards, less what went back to cards or banks.
    pub(crate) collected: Amount,
    pub(crate) refunded: Amount,
    /// Billed and neither collected, waived nor given up yet.
    pub(crate) open: Amount,
    /// Kept by Stripe and the platform.
    pub(crate) fees: Amount,
    /// Collected, less tax and fees.
    pub(crate) kept: Amount,
}

/// What is counted besides money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    pub(crate) sessions: i64,
    /// A decimal number as text.
    pub(crate) energy_kwh: String,
    /// From the start until the vehicle left, as far as it is proven.
    pub(crate) plugged_seconds: i64,
    /// Of these, after charging had ended.
    pub(crate) idle_seconds: i64,
    /// Sessions that an idle fee was billed for.
    pub(crate) idle_fees: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedRevenue {
    pub(crate) name: String,
    pub(crate) total: Sums,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayRevenue {
    #[schema(value_type = String, format = Date)]
    pub(crate) day: Date,
    pub(crate) total: Sums,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectorRevenue {
    pub(crate) charger: String,
    pub(crate) connector: u32,
    pub(crate) total: Sums,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HourRevenue {
    /// From 0, Monday at midnight on the site's clock, to 167.
    pub(crate) hour: u8,
    pub(crate) billed: Amount,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Postings {
    /// The latest days first; within a day of a site, the oldest first.
    pub(crate) postings: Vec<SitePosting>,
    /// What `after` is to be for the next page; none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// A double entry: its legs add up to zero.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SitePosting {
    pub(crate) site: String,
    /// The site's own day that it counts on.
    #[schema(value_type = String, format = Date)]
    pub(crate) day: Date,
    pub(crate) at: Timestamp,
    pub(crate) session: String,
    /// What it changes of what is counted.
    pub(crate) counts: Counts,
    /// Debits are positive, credits (revenue, tax) negative.
    pub(crate) legs: Vec<Leg>,
}

/// What was billed and did not arrive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Leakage {
    #[schema(value_type = String, format = Date)]
    pub(crate) from: Date,
    #[schema(value_type = String, format = Date)]
    pub(crate) to: Date,
    /// Currency by currency, of all sessions.
    pub(crate) totals: Vec<Leaked>,
    /// Why, of all sessions. On the first page alone.
    pub(crate) reasons: Vec<Because>,
    /// A page of them, the latest first, with what lies in quarantine.
    pub(crate) sessions: Vec<Leak>,
    /// Where the next page goes on; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// What did not arrive for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Because {
    /// The reason of the sessions, or their outcome where there is none.
    pub(crate) reason: String,
    /// Of how many sessions.
    pub(crate) sessions: usize,
    /// How much, by currency.
    pub(crate) amounts: Vec<Amount>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Leaked {
    /// What all was that was billed.
    pub(crate) billed: Amount,
    /// What did not arrive, by what became of it.
    pub(crate) accounts: Vec<Leg>,
}

/// A session of which something did not arrive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Leak {
    pub(crate) session: Session,
    /// When the first of it was posted.
    pub(crate) since: Timestamp,
    pub(crate) accounts: Vec<Leg>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Uses {
    #[schema(value_type = String, format = Date)]
    pub(crate) from: Date,
    #[schema(value_type = String, format = Date)]
    pub(crate) to: Date,
    pub(crate) connectors: Vec<Use>,
}

/// What a connector did. The seconds add up to the period, as far as it is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Use {
    pub(crate) site: String,
    pub(crate) charger: String,
    pub(crate) connector: u32,
    pub(crate) sessions: i64,
    pub(crate) charging_seconds: i64,
    pub(crate) idle_seconds: i64,
    pub(crate) free_seconds: i64,
    pub(crate) faulted_seconds: i64,
    /// Without tax, by currency.
    pub(crate) idle_fees: Vec<Amount>,
}
