//! What a request's address asks for, read name by name: whatever is wrong is said with its name and value.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::session::Outcome;

use crate::past::Search;
use crate::problem::Problem;
use crate::words;

/// So many sessions are a page where nobody says how many.
pub(crate) const USUAL_LIMIT: usize = 50;
/// A page is never longer.
pub(crate) const MOST: usize = 200;

/// The parameters of a request; empty ones are as good as left out, as forms send them.
pub(crate) struct Asked(BTreeMap<String, String>);

impl Asked {
    /// Takes the parameters; each has to be one of these.
    pub(crate) fn of(given: BTreeMap<String, String>, known: &[&str]) -> Result<Self, Problem> {
        for (name, value) in &given {
            if !known.contains(&name.as_str()) {
                return Err(Problem::field(name, value, words::no_parameter(name), &words::one_of(known)));
            }
        }
        Ok(Self(given.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim())
    }

    /// A value that reads itself.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str, remedy: &str) -> Result<Option<T>, Problem>
    where
        T::Err: std::fmt::Display,
    {
        let read = |text: &str| {
            text.parse().map_err(|error: T::Err| Problem::field(name, text, format!("{name}: {error}"), remedy))
        };
        self.text(name).map(read).transpose()
    }

    /// An instant, or a day in UTC: its beginning, or with `whole` its end.
    pub(crate) fn instant(&self, name: &str, whole: bool) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        if let Ok(at) = text.parse() {
            return Ok(Some(at));
        }
        let day = text.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        let day = day.ok_or_else(|| Problem::field(name, text, words::no_instant(text), words::GIVE_INSTANT))?;
        let rest = if whole { SignedDuration::from_hours(24) } else { SignedDuration::ZERO };
        // The last day that there is ends with time itself.
        Ok(Some(day.timestamp().checked_add(rest).unwrap_or(Timestamp::MAX)))
    }

    /// A whole number between one and the most that a page has.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = self.text("limit") else { return Ok(USUAL_LIMIT) };
        let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        limit.ok_or_else(|| Problem::field("limit", text, words::no_limit(text), words::GIVE_LIMIT))
    }

    /// Which page of a list, where a page has so many unless somebody says how many.
    pub(crate) fn part(&self) -> Result<(Option<&str>, usize), Problem> {
        Ok((self.text("after"), self.limit()?))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.parsed(name, words::GIVE_FLAG)?.unwrap_or_default())
    }

    pub(crate) fn search(&self) -> Result<Search, Problem> {
        let outcome = match self.text("outcome") {
            None => None,
            Some(text) => Some(outcome(text)?),
        };
        Ok(Search {
            site: self.parsed("site", words::GIVE_SITE)?,
            charger: self.parsed("charger", words::GIVE_CHARGER)?,
            outcome,
            from: self.instant("from", false)?,
            to: self.instant("to", true)?,
            text: self.text("text").unwrap_or_default().to_owned(),
            after: self.parsed("after", words::GIVE_AFTER)?,
            limit: self.limit()?,
        })
    }
}

/// Refuses what is named and left empty: forms send that, machines leave it out.
pub(crate) fn nothing_empty(query: &str) -> Result<(), Problem> {
    match form_urlencoded::parse(query.as_bytes()).find(|(_, value)| value.trim().is_empty()) {
        Some((name, value)) => Err(Problem::field(&name, &value, words::EMPTY, words::LEAVE_OUT)),
        None => Ok(()),
    }
}

/// What sessions can be searched by.
pub(crate) const SEARCH: [&str; 8] = ["site", "charger", "outcome", "from", "to", "text", "after", "limit"];

fn outcome(text: &str) -> Result<Outcome, Problem> {
    let known = words::OUTCOMES.into_iter().find(|(_, word)| *word == text);
    let names = words::OUTCOMES.map(|(_, word)| word);
    let wrong = || Problem::field("outcome", text, words::no_outcome(text), &words::one_of(&names));
    known.map(|(outcome, _)| outcome).ok_or_else(wrong)
}
