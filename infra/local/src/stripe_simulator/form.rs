//! Stripe's bracketed form bodies.

use std::collections::BTreeMap;

use super::error::ApiError;

/// Parameters by their bracketed names (`metadata[session]`).
#[derive(Debug)]
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// Refuses what Stripe would refuse: a parameter it does not know, by name.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let base = |name: &str| name.split('[').next().unwrap_or_default().to_owned();
        match self.0.keys().find(|name| !known.contains(&base(name).as_str())) {
            Some(unknown) => Err(ApiError::unknown_parameter(unknown)),
            None => Ok(()),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| ApiError::missing_parameter(name))
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().ok().filter(|n| *n >= 0).map(Some).ok_or_else(|| ApiError::invalid_integer(name))
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// `metadata[…]`.
    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        let entry = |(name, value): (&String, &String)| {
            let key = name.strip_prefix("metadata[")?.strip_suffix(']')?;
            Some((key.to_owned(), value.clone()))
        };
        self.0.iter().filter_map(entry).collect()
    }

    /// Whether `expand[]` names `field`.
    pub(super) fn expands(&self, field: &str) -> bool {
        self.0.iter().any(|(name, value)| name.starts_with("expand[") && value == field)
    }
}
