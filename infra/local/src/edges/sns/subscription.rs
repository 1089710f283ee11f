//! Who hears what.

use std::collections::{BTreeMap, BTreeSet};

/// How a subscriber is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// A text message.
    Sms,
    /// An e-mail.
    Email,
}

/// One who was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// How.
    pub protocol: Protocol,
    /// The telephone number (E.164) or e-mail address.
    pub endpoint: String,
}

/// One who wants to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// How to reach them.
    pub protocol: Protocol,
    /// The telephone number (E.164) or e-mail address.
    pub endpoint: String,
    /// Only this topic; every topic, when absent.
    pub topic_arn: Option<String>,
    /// Filter policy: each attribute named here must be in the message with one of its values.
    pub filter: BTreeMap<String, BTreeSet<String>>,
}

impl Subscription {
    /// One who hears everything.
    #[must_use]
    pub fn to(protocol: Protocol, endpoint: &str) -> Self {
        Self { protocol, endpoint: endpoint.to_owned(), topic_arn: None, filter: BTreeMap::new() }
    }

    /// The same, but only messages whose `attribute` (`site`, `severity`) is one of `values`.
    #[must_use]
    pub fn only<'a>(mut self, attribute: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.filter.insert(attribute.to_owned(), values.into_iter().map(str::to_owned).collect());
        self
    }

    fn wants(&self, topic_arn: Option<&str>, attributes: &BTreeMap<String, String>) -> bool {
        self.topic_arn.as_deref().is_none_or(|mine| Some(mine) == topic_arn)
            && self.filter.iter().all(|(name, values)| attributes.get(name).is_some_and(|value| values.contains(value)))
    }
}

/// Everyone who wants to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionSet(Vec<Subscription>);

impl SubscriptionSet {
    pub(super) fn reached_by(&self, topic: Option<&str>, attributes: &BTreeMap<String, String>) -> Vec<Recipient> {
        let wanting = self.0.iter().filter(|subscription| subscription.wants(topic, attributes));
        wanting.map(|it| Recipient { protocol: it.protocol, endpoint: it.endpoint.clone() }).collect()
    }
}

impl FromIterator<Subscription> for SubscriptionSet {
    fn from_iter<I: IntoIterator<Item = Subscription>>(subscriptions: I) -> Self {
        Self(subscriptions.into_iter().collect())
    }
}
