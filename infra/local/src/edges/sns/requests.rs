//! Subscribing, and what is known of subscriptions.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Result;

use http::StatusCode;
use serde_json::Value;

use super::subscription::{Protocol, Recipient, Subscription};
use super::wire::{answered, escaped, is_e164, refuse};
use super::{Topics, files, lock};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

type Form = BTreeMap<String, String>;

impl Topics {
    pub(super) fn subscriptions(&self) -> Result<Vec<Subscription>> {
        let mut known = lock(&self.subscriptions).clone();
        if let Some(directory) = &self.directory {
            known.extend(files::subscriptions(directory)?);
        }
        Ok(known)
    }

    pub(super) fn remember(&self, mut subscription: Subscription) -> String {
        let mut known = lock(&self.subscriptions);
        subscription.arn = arn(&format!("example-{}", known.len() + 1));
        let named = subscription.arn.clone();
        known.push(subscription);
        named
    }

    /// Confirmed at once: whoever may write this machine's files has no need to prove a mailbox.
    pub(super) fn subscribe(&self, form: &Form) -> Result<HttpResponse> {
        let asked = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let Some(protocol) = Protocol::parse(asked("Protocol")) else {
            return Ok(refuse(StatusCode::BAD_REQUEST, "InvalidParameter", "Invalid parameter: Protocol"));
        };
        let endpoint = asked("Endpoint");
        let reachable = match protocol {
            Protocol::Sms => is_e164(endpoint),
            Protocol::Email => {
                endpoint.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
            }
        };
        if !reachable {
            return Ok(refuse(StatusCode::BAD_REQUEST, "InvalidParameter", "Invalid parameter: Endpoint"));
        }
        let Some(filter) = filter_policy(form) else {
            let problem = "Invalid parameter: FilterPolicy: each attribute needs an array of values";
            return Ok(refuse(StatusCode::BAD_REQUEST, "InvalidParameter", problem));
        };
        let recipient = Recipient { protocol, endpoint: endpoint.to_owned() };
        let arn = self.add(Subscription { arn: String::new(), recipient, confirmed: true, filter })?;
        Ok(answered("Subscribe", &format!("<SubscriptionArn>{arn}</SubscriptionArn>")))
    }

    fn add(&self, mut subscription: Subscription) -> Result<String> {
        let Some(directory) = &self.directory else { return Ok(self.remember(subscription)) };
        let mut kept = files::subscriptions(directory)?;
        // As SNS does it: who subscribes again is known already.
        if let Some(known) = kept.iter_mut().find(|known| known.recipient == subscription.recipient) {
            known.filter = subscription.filter;
            let arn = known.arn.clone();
            files::write_subscriptions(directory, &kept)?;
            return Ok(arn);
        }
        let taken = |number: &usize| kept.iter().any(|known| known.arn == arn(&number.to_string()));
        let number = (1..=kept.len() + 1).find(|number| !taken(number)).unwrap_or_default();
        subscription.arn = arn(&number.to_string());
        let named = subscription.arn.clone();
        kept.push(subscription);
        files::write_subscriptions(directory, &kept)?;
        Ok(named)
    }

    pub(super) fn unsubscribe(&self, form: &Form) -> Result<HttpResponse> {
        let wanted = form.get("SubscriptionArn").cloned().unwrap_or_default();
        lock(&self.subscriptions).retain(|known| known.arn != wanted);
        if let Some(directory) = &self.directory {
            let mut kept = files::subscriptions(directory)?;
            kept.retain(|known| known.arn != wanted);
            files::write_subscriptions(directory, &kept)?;
        }
        Ok(answered("Unsubscribe", ""))
    }

    pub(super) fn list(&self, form: &Form) -> Result<HttpResponse> {
        let topic = escaped(form.get("TopicArn").map(String::as_str).unwrap_or_default());
        let mut members = String::new();
        for known in self.subscriptions()? {
            let arn = if known.confirmed { known.arn.as_str() } else { "PendingConfirmation" };
            let (protocol, endpoint) = (known.recipient.protocol.as_str(), escaped(&known.recipient.endpoint));
            let _ = write!(
                members,
                "<member><SubscriptionArn>{arn}</SubscriptionArn><TopicArn>{topic}</TopicArn>\
                 <Protocol>{protocol}</Protocol><Endpoint>{endpoint}</Endpoint><Owner>000000000000</Owner></member>"
            );
        }
        Ok(answered("ListSubscriptionsByTopic", &format!("<Subscriptions>{members}</Subscriptions>")))
    }

    pub(super) fn attributes(&self, form: &Form) -> Result<HttpResponse> {
        let wanted = form.get("SubscriptionArn").map(String::as_str).unwrap_or_default();
        let known = self.subscriptions()?.into_iter().find(|known| known.arn == wanted);
        let Some(known) = known else {
            return Ok(refuse(StatusCode::NOT_FOUND, "NotFound", "Subscription does not exist"));
        };
        let mut entries = entry("PendingConfirmation", if known.confirmed { "false" } else { "true" });
        if !known.filter.is_empty() {
            entries.push_str(&entry("FilterPolicy", &serde_json::to_string(&known.filter)?));
        }
        Ok(answered("GetSubscriptionAttributes", &format!("<Attributes>{entries}</Attributes>")))
    }
}

fn entry(key: &str, value: &str) -> String {
    format!("<entry><key>{key}</key><value>{}</value></entry>", escaped(value))
}

fn arn(name: &str) -> String {
    format!("arn:aws:sns:local:000000000000:operator-alerts:{name}")
}

/// `Attributes.entry.N.key` = `FilterPolicy`; none is a policy that lets everything through.
fn filter_policy(form: &Form) -> Option<BTreeMap<String, Vec<Value>>> {
    let mut entries = (1..).map_while(|n| Some((n, form.get(&format!("Attributes.entry.{n}.key"))?)));
    let Some((n, _)) = entries.find(|(_, key)| *key == "FilterPolicy") else { return Some(BTreeMap::new()) };
    serde_json::from_str(form.get(&format!("Attributes.entry.{n}.value"))?).ok()
}
