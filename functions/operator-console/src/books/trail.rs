//! The postings behind a number: their sum is the number.

use std::sync::Arc;

use jiff::civil::Date;
use plugtill_adapters::store::{Posted, SiteInForce};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use plugtill_domain::ledger::Account;
use plugtill_domain::money::Currency;

use super::Scope;
use crate::Console;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::words;

/// What a trail is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrow {
    pub(crate) charger: Option<ChargerId>,
    pub(crate) connector: Option<ConnectorId>,
    pub(crate) account: Option<Account>,
    pub(crate) currency: Option<Currency>,
}

impl Narrow {
    /// The names of the parameters, beside those of a scope.
    pub(crate) const NAMES: [&'static str; 4] = ["charger", "connector", "account", "currency"];

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
        })
    }

    fn wants(&self, posted: &Posted) -> bool {
        self.charger.as_ref().is_none_or(|charger| posted.session.charger == *charger)
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

/// Where the next page of a trail begins: after so many postings of a site's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Behind {
    pub(crate) day: Date,
    pub(crate) site: String,
    pub(crate) skip: usize,
}

impl std::fmt::Display for Behind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}~{}", self.day, self.skip, self.site)
    }
}

impl std::str::FromStr for Behind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (day, rest) = text.split_once('~').ok_or(words::NO_CURSOR)?;
        let (skip, site) = rest.split_once('~').ok_or(words::NO_CURSOR)?;
        let day = day.parse().map_err(|_| words::NO_CURSOR)?;
        Ok(Self { day, site: site.to_owned(), skip: skip.parse().map_err(|_| words::NO_CURSOR)? })
    }
}

/// At most `limit` postings, the latest days first, and where the next page begins.
pub(crate) async fn trail(
    console: &Console,
    scope: &Scope,
    narrow: &Narrow,
    (after, limit): (Option<Behind>, usize),
) -> Result<(Vec<Row>, Option<Behind>), Problem> {
    let wanted = |code: Currency| narrow.currency.is_none_or(|currency| currency == code);
    let days = scope.posted(console, |day| wanted(day.currency)).await?;
    let mut rows = Vec::new();
    for (day, known) in days {
        let place = (day, known.site.id.as_str());
        let skip = match &after {
            Some(after) if place > (after.day, after.site.as_str()) => continue,
            Some(after) if place == (after.day, after.site.as_str()) => after.skip,
            Some(_) | None => 0,
        };
        let postings = console.desk.store.postings(&known.site.id, day).await?;
        for (index, posted) in postings.into_iter().enumerate().skip(skip).filter(|(_, posted)| narrow.wants(posted)) {
            if rows.len() == limit {
                let next = Behind { day, site: known.site.id.to_string(), skip: index };
                return Ok((rows, Some(next)));
            }
            rows.push(Row { known: Arc::clone(&known), day, posted });
        }
    }
    Ok((rows, None))
}
