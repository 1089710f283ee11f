//! Stripe's bracketed form bodies.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::error::ApiError;

/// Parameters by their bracketed names (`metadata[session]`), in the order sent; `expand[]` may come more than once.
#[derive(Debug)]
pub(super) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Leaves out what has no name, as Rack does: an empty form comes from `serde_qs` as `=`.
    pub(super) fn parse(sent: &'a [u8]) -> Self {
        Self(form_urlencoded::parse(sent).filter(|(name, _)| !name.is_empty()).collect())
    }

    /// Refuses what Stripe would refuse: a parameter it does not know, by name.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let is_known = |name: &str| known.contains(&name.split('[').next().unwrap_or_default());
        match self.0.iter().find(|(name, _)| !is_known(name)) {
            Some((unknown, _)) => Err(ApiError::unknown_parameter(unknown)),
            None => Ok(()),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| ApiError::missing_parameter(name))
    }

    /// One of the words that Stripe knows for `name`, if it was sent.
    pub(super) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&str>, ApiError> {
        match self.get(name) {
            Some(word) if !words.contains(&word) => Err(ApiError::invalid_word(name, words)),
            sent => Ok(sent),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().ok().filter(|n| *n >= 0).map(Some).ok_or_else(|| ApiError::invalid_integer(name))
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// `limit`: from 1 to 100, and 10 where it is not given.
    pub(super) fn limit(&self) -> Result<usize, ApiError> {
        let limit = self.integer("limit")?.unwrap_or(10);
        let within = (1..=100).contains(&limit).then(|| usize::try_from(limit).ok()).flatten();
        within.ok_or_else(|| ApiError::invalid_integer("limit"))
    }

    /// `created[gte]` and `created[lte]`, unix seconds.
    pub(super) fn created(&self) -> Result<RangeInclusive<i64>, ApiError> {
        let (from, to) = (self.integer("created[gte]")?, self.integer("created[lte]")?);
        Ok(from.unwrap_or(i64::MIN)..=to.unwrap_or(i64::MAX))
    }

    /// `metadata[…]`.
    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        self.entries("metadata[")
    }

    /// What is sent under names that begin so, by what follows.
    pub(super) fn entries(&self, prefix: &str) -> BTreeMap<String, String> {
        let entry = |(name, value): &(Cow<'a, str>, Cow<'a, str>)| {
            let key = name.strip_prefix(prefix)?.strip_suffix(']')?;
            Some((key.to_owned(), value.clone().into_owned()))
        };
        self.0.iter().filter_map(entry).collect()
    }

    /// Whether `expand[]` names `field`.
    pub(super) fn expands(&self, field: &str) -> bool {
        self.0.iter().any(|(name, value)| name.starts_with("expand[") && value == field)
    }
}
