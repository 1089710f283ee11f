//! The postings behind a number: their sum is the number.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use plugtill_adapters::store::{Posted, SiteInForce};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use plugtill_domain::ledger::Account;
use plugtill_domain::money::Currency;

use super::Scope;
use crate::Console;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{paged, words};

/// The hours of a week.
const HOURS: u8 = 7 * 24;

/// What a trail is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrow {
    pub(crate) charger: Option<ChargerId>,
    pub(crate) connector: Option<ConnectorId>,
    pub(crate) account: Option<Account>,
    pub(crate) currency: Option<Currency>,
    /// Of sessions that began in this hour of the site's week, from 0 on Monday at midnight.
    pub(crate) hour: Option<u8>,
    /// Of sessions under this tariff, whichever version of it.
    pub(crate) tariff: Option<String>,
}

impl Narrow {
    /// The names of the parameters, beside those of a scope.
    pub(crate) const NAMES: [&'static str; 6] = ["charger", "connector", "account", "currency", "hour", "tariff"];

    pub(crate) fn of(asked: &Asked) -> Result<Self, Problem> {
        let account = match asked.text("account") {
            None => None,
            Some(text) => Some(Account::ALL.into_iter().find(|account| account.as_str() == text).ok_or_else(|| {
                Problem::field(
                    "account",
                    text,
                    words::no_account(text),
                    &words::one_of(&Account::ALL.map(Account::as_str)),
                )
            })?),
        };
        Ok(Self {
            charger: asked.parsed("charger", words::GIVE_CHARGER)?,
            connector: asked.parsed("connector", words::GIVE_CONNECTOR)?.map(ConnectorId),
            account,
            currency: asked.parsed("currency", words::GIVE_CURRENCY)?,
            hour: match asked.parsed::<u8>("hour", words::GIVE_HOUR)? {
                Some(hour) if hour >= HOURS => {
                    return Err(Problem::field("hour", &hour.to_string(), words::NO_HOUR, words::GIVE_HOUR));
                }
                hour => hour,
            },
            tariff: asked.text("tariff").map(str::to_owned),
        })
    }

    /// Those of a site's postings that are wanted.
    async fn among(&self, console: &Console, known: &SiteInForce, posted: Vec<Posted>) -> Result<Vec<Posted>, Problem> {
        let zone = known.site.zone();
        let mut wanted: Vec<Posted> = posted.into_iter().filter(|posted| self.wants(posted, &zone)).collect();
        let Some(tariff) = &self.tariff else { return Ok(wanted) };
        let ids: Vec<_> = wanted.iter().map(|posted| posted.session.clone()).collect();
        let mut under = BTreeSet::new();
        for session in console.desk.store.sessions_named(&ids).await? {
            if console.desk.directory.terms(&session.terms).await?.tariff.id == *tariff {
                under.insert(session.id);
            }
        }
        wanted.retain(|posted| under.contains(&posted.session));
        Ok(wanted)
    }

    fn wants(&self, posted: &Posted, zone: &TimeZone) -> bool {
        let hour = || {
            let begun = posted.session.started_at.to_zoned(zone.clone());
            i16::from(begun.weekday().to_monday_zero_offset()) * 24 + i16::from(begun.hour())
        };
        self.hour.is_none_or(|wanted| i16::from(wanted) == hour())
            && self.charger.as_ref().is_none_or(|charger| posted.session.charger == *charger)
            && self.connector.is_none_or(|connector| posted.session.connector == connector)
            && self.account.is_none_or(|account| posted.entry.legs.contains_key(&account))
            && self.currency.is_none_or(|currency| posted.entry.currency == currency)
    }
}

/// A posting with where and on which of its site's days it is.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) known: Arc<SiteInForce>,
    pub(crate) day: Date,
    pub(crate) posted: Posted,
}

/// Where a page of a trail ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Behind {
    pub(crate) day: Date,
    pub(crate) site: String,
    /// The place of the last posting among those of its site and day.
    pub(crate) place: String,
}

impl std::fmt::Display for Behind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}~{}", self.day, self.site, paged::cursor(&self.place))
    }
}

impl std::str::FromStr for Behind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '~');
        let (Some(day), Some(site), Some(place)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(words::NO_CURSOR);
        };
        let day = day.parse().map_err(|_| words::NO_CURSOR)?;
        Ok(Self { day, site: site.to_owned(), place: paged::of_cursor(place) })
    }
}

/// So many postings are read at once: a page and one more, or some to be narrowed.
const CHUNK: i32 = 100;

/// At most `limit` postings, the latest days first, and where the next page begins.
pub(crate) async fn trail(
    console: &Console,
    scope: &Scope,
    narrow: &Narrow,
    (after, limit): (Option<Behind>, usize),
) -> Result<(Vec<Row>, Option<Behind>), Problem> {
    let wanted = |code: Currency| narrow.currency.is_none_or(|currency| currency == code);
    let days = scope.posted(console, |day| wanted(day.currency)).await?;
    let mut rows: Vec<Row> = Vec::new();
    for (day, known) in days {
        let at = (day, known.site.id.as_str());
        let mut place = match &after {
            Some(after) if at > (after.day, after.site.as_str()) => continue,
            Some(after) if at == (after.day, after.site.as_str()) => Some(after.place.clone()),
            Some(_) | None => None,
        };
        loop {
            let found = console.desk.store.postings_behind((&known.site.id, day), place.as_deref(), CHUNK).await?;
            let Some(last) = found.last().map(|posted| posted.place.clone()) else { break };
            for posted in narrow.among(console, &known, found).await? {
                if rows.len() == limit {
                    let next = behind(&rows);
                    return Ok((rows, next));
                }
                rows.push(Row { known: Arc::clone(&known), day, posted });
            }
            place = Some(last);
        }
    }
    Ok((rows, None))
}

fn behind(rows: &[Row]) -> Option<Behind> {
    let last = rows.last()?;
    Some(Behind { day: last.day, site: last.known.site.id.to_string(), place: last.posted.place.clone() })
}
