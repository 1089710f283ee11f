//! SNS: one topic; subscription filter policies on the attributes do the routing.

use aws_sdk_sns::Client;
use aws_sdk_sns::error::DisplayErrorContext;
use aws_sdk_sns::types::MessageAttributeValue;

/// Why an alert was not taken. It stays due.
#[derive(Debug, thiserror::Error)]
#[error("SNS did not take the alert: {0}")]
pub struct AlertError(String);

/// The operators' topic.
#[derive(Debug, Clone)]
pub struct Alerts {
    client: Client,
    topic_arn: String,
}

/// What operators are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert<'a> {
    /// The e-mail's subject, at most 100 characters.
    pub subject: &'a str,
    /// The text, which fits an SMS.
    pub text: &'a str,
    /// For filter policies; none where it is no site's.
    pub site: Option<&'a str>,
    /// For filter policies: `fault` or `recovered`.
    pub kind: &'a str,
    /// For filter policies: what has the fault, `connector` or a fault of billing.
    pub incident: &'a str,
    /// For filter policies: `critical` or `warning`.
    pub severity: &'a str,
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
    /// When SNS does not take it.
    pub async fn text(&self, phone: &str, text: &str) -> Result<String, AlertError> {
        let sent = self.client.publish().phone_number(phone).message(text).send().await;
        let sent = sent.map_err(|e| AlertError(DisplayErrorContext(&e).to_string()))?;
        Ok(sent.message_id.unwrap_or_default())
    }

    /// Publishes one alert; returns SNS's message id.
    ///
    /// # Errors
    /// When SNS does not take it.
    pub async fn publish(&self, alert: &Alert<'_>) -> Result<String, AlertError> {
        let publish = self.client.publish().topic_arn(&self.topic_arn).subject(alert.subject).message(alert.text);
        let mut publish = publish
            .message_attributes("kind", attribute(alert.kind)?)
            .message_attributes("incident", attribute(alert.incident)?)
            .message_attributes("severity", attribute(alert.severity)?);
        // SNS takes no empty value: who filters by site does not hear of what is no site's.
        if let Some(site) = alert.site {
            publish = publish.message_attributes("site", attribute(site)?);
        }
        let sent = publish.send().await.map_err(|e| AlertError(DisplayErrorContext(&e).to_string()))?;
        Ok(sent.message_id.unwrap_or_default())
    }
}

fn attribute(value: &str) -> Result<MessageAttributeValue, AlertError> {
    let attribute = MessageAttributeValue::builder().data_type("String").string_value(value);
    attribute.build().map_err(|e| AlertError(e.to_string()))
}
