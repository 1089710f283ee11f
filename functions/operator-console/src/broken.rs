//! What breaks and what broke: open now, within 31 days, or in a month; at one site or of one kind.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::Kind;
use plugtill_operator::{LOOKED_BACK, Shown, When};

use crate::access::Caller;
use crate::asked::Asked;
use crate::look::{Page, Part};
use crate::paged::{self, Order};
use crate::problem::Problem;
use crate::{Console, now, words};

/// Which incidents are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub(crate) site: Option<SiteId>,
    pub(crate) kind: Option<Kind>,
    /// Also those that are over and those that nobody was told of, of 31 days.
    pub(crate) all: bool,
    /// Those that were first seen in the month of this instant, by UTC, instead.
    pub(crate) month: Option<Timestamp>,
}

impl Broken {
    /// The names of the parameters.
    pub(crate) const NAMES: [&'static str; 4] = ["site", "kind", "all", "month"];

    pub(crate) fn of(asked: &Asked) -> Result<Self, Problem> {
        let names = Kind::ALL.map(Kind::as_str);
        let kind = |text: &str| {
            let known = Kind::ALL.into_iter().find(|kind| kind.as_str() == text);
            known.ok_or_else(|| Problem::field("kind", text, words::no_kind(text), &words::one_of(&names)))
        };
        Ok(Self {
            site: asked.parsed("site", words::GIVE_SITE)?,
            kind: asked.text("kind").map(kind).transpose()?,
            all: asked.flag("all")?,
            month: asked.instant("month", false)?,
        })
    }

    /// Whether only some of them are wanted.
    pub(crate) const fn is_narrow(&self) -> bool {
        self.site.is_some() || self.kind.is_some()
    }

    fn when(&self, now: Timestamp) -> When {
        match self.month {
            Some(month) => {
                let (from, to) = month_of(month);
                When::Within(from, to)
            }
            None if self.all => When::Since(now - LOOKED_BACK),
            None => When::Open,
        }
    }
}

/// The first instant of a month and of the next, by UTC. Nothing broke before 1970, and earlier years lie the other way round in
/// keys.
fn month_of(at: Timestamp) -> (Timestamp, Timestamp) {
    let first = at.to_zoned(TimeZone::UTC).date().first_of_month();
    let instant = |date: jiff::civil::Date| date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let next = first.checked_add(Span::new().months(1)).ok().and_then(instant);
    let from = instant(first).unwrap_or(Timestamp::MIN).max(Timestamp::UNIX_EPOCH);
    (from, next.unwrap_or(Timestamp::MAX).max(Timestamp::UNIX_EPOCH))
}

/// A page of incidents, the latest first, of the sites that somebody sees; no others are read.
pub(crate) async fn incidents(console: &Console, caller: &Caller, wanted: &Broken, part: Part<'_>) -> Page<Shown> {
    let sites = now::sites(console, caller, wanted.site.as_ref()).await?;
    // What is of no site concerns the operator as a whole.
    let whole = (wanted.site.is_none() && caller.sees(None)).then_some(None);
    let among: Vec<Option<Arc<SiteInForce>>> = sites.into_iter().map(Some).chain(whole).collect();
    let mut shown = console.desk.incidents_among(&among, wanted.when(console.desk.clock.now())).await?;
    shown.retain(|incident| wanted.kind.is_none_or(|kind| incident.subject.kind == kind));
    let name = |shown: &Shown| format!("{:.3}#{}", shown.first_at, shown.subject);
    Ok(paged::page(shown, name, Order::Latest, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_goes_from_its_first_instant_to_the_next_ones() {
        let month = |at: &str| {
            let (from, to) = month_of(at.parse().unwrap());
            (from.to_string(), to.to_string())
        };
        let whole = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        for at in ["2026-12-01T00:00:00Z", "2026-12-31T23:59:59.999Z"] {
            assert_eq!(month(at), whole("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"));
        }
        assert_eq!(month("-000002-12-05T00:00:00Z"), whole("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"));
        assert_eq!(month("9999-12-05T00:00:00Z").0, "9999-12-01T00:00:00Z");
    }
}
