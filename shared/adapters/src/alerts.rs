//! SNS: one topic; subscription filter policies on the attributes do the routing.

use aws_sdk_sns::Client;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;

/// Why an alert was not taken. SNS's own words are not kept: they may name whom it was for.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// It stays due.
    #[error("SNS did not take the alert: {0}")]
    NotTaken(String),
    /// A telephone that no text message can be sent to: no such number, or its owner wants none. Trying again is in vain.
    #[error("SNS sends no text message to this number: {0}")]
    Number(String),
}

impl AlertError {
    fn from_sdk<E>(error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let refused = error.as_service_error().map(|refused| refused.code().unwrap_or("no code").to_owned());
        Self::NotTaken(refused.unwrap_or_else(|| DisplayErrorContext(error).to_string()))
    }
}

/// The operators' topic.
#[derive(Debug, Clone)]
pub struct Alerts {
    client: Client,
    topic_arn: String,
}

/// What operators are told, and what subscriptions filter by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert<'a> {
    /// Its own name: told again after a lost answer, it bears the same.
    pub id: &'a str,
    /// The e-mail's subject: at most 99 ASCII characters.
    pub subject: &'a str,
    /// The text message: at most 140 characters.
    pub sms: &'a str,
    /// The e-mail.
    pub email: &'a str,
    /// None where it is no site's: who filters by site does not hear of it.
    pub site: Option<&'a str>,
    /// What is wrong: `charger_fault`, `billing_stopped`, …
    pub kind: &'a str,
    /// `opened`, `reminder`, `escalated`, `recovered` or `digest`.
    pub event: &'a str,
    /// `critical`, `warning` or `low`.
    pub severity: &'a str,
    /// Whom it concerns: `first`, `second`.
    pub contacts: &'a [&'a str],
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// `email`, `sms`, `https`, …
    pub protocol: String,
    /// Whether they have confirmed it: else SNS sends nothing.
    pub confirmed: bool,
    /// What they filter by, as SNS keeps it; none for everything.
    pub filter: Option<String>,
}

impl Subscription {
    /// Whether what happens at a site reaches them.
    #[must_use]
    pub fn hears_of(&self, site: &str) -> bool {
        let Some(filter) = &self.filter else { return true };
        let Ok(serde_json::Value::Object(policy)) = serde_json::from_str(filter) else { return false };
        policy.get("site").is_none_or(|wanted| {
            let wanted = wanted.as_array().map(Vec::as_slice).unwrap_or_default();
            wanted.iter().any(|test| {
                test.as_str() == Some(site)
                    || test["prefix"].as_str().is_some_and(|prefix| site.starts_with(prefix))
                    || test["exists"].as_bool() == Some(true)
            })
        })
    }
}

impl Alerts {
    /// Alerts to the topic `topic_arn`.
    #[must_use]
    pub fn new(client: Client, topic_arn: impl Into<String>) -> Self {
        Self { client, topic_arn: topic_arn.into() }
    }

    /// Sends one text message to a driver; returns SNS's message id.
    ///
    /// # Errors
    /// When SNS does not take it, or never will.
    pub async fn text(&self, phone: &str, text: &str) -> Result<String, AlertError> {
        let sent = self.client.publish().phone_number(phone).message(text).send().await;
        let sent = sent.map_err(|error| match error.as_service_error() {
            Some(PublishError::InvalidParameterException(_) | PublishError::InvalidParameterValueException(_)) => {
                metrics::counter!("TextsRefused").increment(1);
                AlertError::Number(error.code().unwrap_or("no code").to_owned())
            }
            _ => AlertError::from_sdk(&error),
        })?;
        metrics::counter!("TextsSent").increment(1);
        Ok(sent.message_id.unwrap_or_default())
    }

    /// Publishes one alert; returns SNS's message id.
    ///
    /// # Errors
    /// When SNS does not take it.
    pub async fn publish(&self, alert: &Alert<'_>) -> Result<String, AlertError> {
        let texts = serde_json::json!({ "default": alert.email, "email": alert.email, "sms": alert.sms });
        let contacts = serde_json::Value::from(alert.contacts.to_vec()).to_string();
        let publish = self.client.publish().topic_arn(&self.topic_arn).subject(alert.subject);
        let mut publish = publish
            .message(texts.to_string())
            .message_structure("json")
            .message_attributes("id", attribute("String", alert.id)?)
            .message_attributes("kind", attribute("String", alert.kind)?)
            .message_attributes("event", attribute("String", alert.event)?)
            .message_attributes("severity", attribute("String", alert.severity)?)
            .message_attributes("escalation", attribute("String.Array", &contacts)?);
        // SNS takes no empty value.
        if let Some(site) = alert.site {
            publish = publish.message_attributes("site", attribute("String", site)?);
        }
        let sent = publish.send().await.map_err(|e| AlertError::from_sdk(&e))?;
        metrics::counter!("AlertsSent").increment(1);
        Ok(sent.message_id.unwrap_or_default())
    }

    /// Everybody who is to be told.
    ///
    /// # Errors
    /// When SNS does not say.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, AlertError> {
        let mut found = Vec::new();
        let mut pages =
            self.client.list_subscriptions_by_topic().topic_arn(&self.topic_arn).into_paginator().items().send();
        while let Some(listed) = pages.next().await {
            let listed = listed.map_err(|e| AlertError::from_sdk(&e))?;
            // Until it is confirmed, a subscription has no name of its own.
            let arn = listed.subscription_arn.filter(|arn| arn.starts_with("arn:"));
            let mut subscription =
                Subscription { protocol: listed.protocol.unwrap_or_default(), confirmed: arn.is_some(), filter: None };
            if let Some(arn) = arn {
                let asked = self.client.get_subscription_attributes().subscription_arn(arn).send().await;
                let attributes = asked.map_err(|e| AlertError::from_sdk(&e))?.attributes;
                let attributes = attributes.unwrap_or_default();
                subscription.confirmed = attributes.get("PendingConfirmation").is_none_or(|pending| pending != "true");
                subscription.filter = attributes.get("FilterPolicy").cloned();
            }
            found.push(subscription);
        }
        Ok(found)
    }
}

fn attribute(data_type: &str, value: &str) -> Result<MessageAttributeValue, AlertError> {
    let attribute = MessageAttributeValue::builder().data_type(data_type).string_value(value);
    attribute.build().map_err(|e| AlertError::NotTaken(e.to_string()))
}
