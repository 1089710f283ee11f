//! What a period came to: from the daily totals, and where a number is looked into, from the postings it is the sum of.
//!
//! # Layout, in reading order
//! - [`Scope`]: which sites, from which day to which.
//! - `revenue`: what was billed and collected. `usage`: what connectors did in that time.
//! - `trail`: the postings behind a number. `leaks`: what was billed and did not arrive, and why.
//! - `files`: a period for other programs.

mod files;
mod leaks;
mod revenue;
mod trail;
mod usage;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Span;
use jiff::civil::Date;
use plugtill_adapters::store::{DayTotal, SiteInForce};
use plugtill_domain::ids::SiteId;

use crate::Console;
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{now, words};

pub(crate) use files::{Listing, cdrs_of, sheet};
pub(crate) use leaks::{Because, Leak, Leaks, leaks};
pub(crate) use revenue::{Revenue, revenue};
pub(crate) use trail::{Behind, Narrow, Row, trail};
pub(crate) use usage::{ConnectorUse, Usage, usage};

/// What a period is asked for by.
pub(crate) const PERIOD: [&str; 3] = ["site", "from", "to"];

/// The days that are summed up where nobody says which.
const USUAL_DAYS: i64 = 30;
/// More days than a leap year has are not summed up at once.
const MOST_DAYS: i64 = 366;
/// Years before Christ lie the other way round in keys.
const EARLIEST: Date = Date::constant(1970, 1, 1);

/// Which sites, from which of their days to which.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The site that was asked for; all that the caller sees otherwise.
    pub(crate) site: Option<SiteId>,
    /// The first day.
    pub(crate) from: Date,
    /// The last day, included.
    pub(crate) to: Date,
    pub(crate) sites: Vec<Arc<SiteInForce>>,
}

impl Scope {
    /// Reads what is asked for.
    pub(crate) async fn of(console: &Console, caller: &Caller, asked: &Asked) -> Result<Self, Problem> {
        let site: Option<SiteId> = asked.parsed("site", words::GIVE_SITE)?;
        let sites = now::sites(console, caller, site.as_ref()).await?;
        let (from, to) = (asked.parsed("from", words::GIVE_DAY)?, asked.parsed("to", words::GIVE_DAY)?);
        let now = console.desk.clock.now();
        let today = sites.iter().map(|known| known.site.day_of(now)).max();
        let to: Date = to.or(today).unwrap_or_else(|| now.to_zoned(jiff::tz::TimeZone::UTC).date());
        let from = from.unwrap_or_else(|| to.saturating_sub(Span::new().days(USUAL_DAYS - 1)).max(EARLIEST));
        let given = asked.text("from").unwrap_or_default();
        if from > to || from < EARLIEST {
            return Err(Problem::field("from", given, words::BACKWARDS, words::GIVE_DAY));
        }
        let scope = Self { site, from, to, sites };
        if scope.days() > MOST_DAYS {
            return Err(Problem::field("from", given, words::TOO_LONG, words::GIVE_A_YEAR));
        }
        Ok(scope)
    }

    /// As an address names it: nothing is read by it.
    pub(crate) fn named(site: Option<SiteId>, (from, to): (Date, Date)) -> Self {
        Self { site, from, to, sites: Vec::new() }
    }

    /// How many days.
    pub(crate) fn days(&self) -> i64 {
        i64::from((self.to - self.from).get_days()) + 1
    }

    /// The period of the same length before.
    pub(crate) fn before(&self) -> (Date, Date) {
        let from = self.from.saturating_sub(Span::new().days(self.days()));
        (from.max(EARLIEST), self.from.saturating_sub(Span::new().days(1)).max(EARLIEST))
    }

    /// The daily totals of every site of it, site by site.
    async fn totals(
        &self,
        console: &Console,
        span: (Date, Date),
    ) -> Result<Vec<(Arc<SiteInForce>, Vec<DayTotal>)>, Problem> {
        let sites: Vec<SiteId> = self.sites.iter().map(|known| known.site.id.clone()).collect();
        let mut days = console.desk.store.days_of(&sites, span).await?;
        let own = |known: &Arc<SiteInForce>| Some((Arc::clone(known), days.remove(&known.site.id)?));
        Ok(self.sites.iter().filter_map(own).collect())
    }

    /// The days of each site on which something was posted that `wanted` looks at, the latest first.
    async fn posted(
        &self,
        console: &Console,
        wanted: impl Fn(&DayTotal) -> bool,
    ) -> Result<Vec<(Date, Arc<SiteInForce>)>, Problem> {
        let mut found = BTreeMap::new();
        for (known, days) in self.totals(console, (self.from, self.to)).await? {
            for day in days.iter().filter(|day| wanted(day)) {
                found.insert((day.day, known.site.id.clone()), Arc::clone(&known));
            }
        }
        Ok(found.into_iter().rev().map(|((day, _), known)| (day, known)).collect())
    }
}
