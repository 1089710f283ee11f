//! Who hears what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a subscriber is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// A text message.
    Sms,
    /// An e-mail.
    Email,
}

impl Protocol {
    /// SNS's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }

    /// The protocol of this name; `None` when the local topics have none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Sms, Self::Email].into_iter().find(|protocol| protocol.as_str() == name)
    }
}

/// One who was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// How.
    pub protocol: Protocol,
    /// The telephone number (E.164) or e-mail address.
    pub endpoint: String,
}

/// Message attributes: each has one value, or several where it is an array.
pub type Attributes = BTreeMap<String, Vec<String>>;

/// One who wants to hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its name.
    pub arn: String,
    /// How and where to reach them.
    #[serde(flatten)]
    pub recipient: Recipient,
    /// Whether they said that they want to: nothing is sent before.
    pub confirmed: bool,
    /// Filter policy: each attribute named here must be in the message with one of the values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<String, Vec<Value>>,
}

impl Subscription {
    /// One who hears everything.
    #[must_use]
    pub fn to(protocol: Protocol, endpoint: &str) -> Self {
        let recipient = Recipient { protocol, endpoint: endpoint.to_owned() };
        Self { arn: String::new(), recipient, confirmed: true, filter: BTreeMap::new() }
    }

    /// The same, but only messages whose `attribute` (`site`, `severity`) is one of `values`.
    #[must_use]
    pub fn only<'a>(mut self, attribute: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.filter.insert(attribute.to_owned(), values.into_iter().map(Value::from).collect());
        self
    }

    /// The same, but not confirmed yet.
    #[must_use]
    pub const fn unconfirmed(mut self) -> Self {
        self.confirmed = false;
        self
    }

    pub(super) fn hears(&self, attributes: &Attributes) -> bool {
        self.confirmed
            && self.filter.iter().all(|(name, wanted)| {
                let values = attributes.get(name);
                wanted.iter().any(|test| passes(test, values))
            })
    }
}

/// A test of a filter policy: an exact value, a prefix, everything but some values, or whether there is one.
fn passes(test: &Value, values: Option<&Vec<String>>) -> bool {
    let any = |wanted: &dyn Fn(&String) -> bool| values.is_some_and(|values| values.iter().any(wanted));
    if let Some(exact) = test.as_str() {
        return any(&|value| value == exact);
    }
    if let Some(prefix) = test["prefix"].as_str() {
        return any(&|value| value.starts_with(prefix));
    }
    if let Some(exists) = test["exists"].as_bool() {
        return exists == values.is_some();
    }
    let others = test["anything-but"].as_array();
    others.is_some_and(|others| any(&|value| !others.iter().any(|other| other.as_str() == Some(value))))
}
