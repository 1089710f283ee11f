//! SNS as its SDK speaks it: the AWS Query protocol, form in and XML out.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::StatusCode;

use super::{Attributes, PublishFault, Topics};
use crate::edges::transport::{Edge, answer, body, died, dropped};

const CONTENT_TYPE: &str = "text/xml";
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
const MAX_SUBJECT_CHARACTERS: usize = 100;
const MAX_PHONE_DIGITS: usize = 15;

/// A publish request that AWS would accept.
#[derive(Debug)]
pub(super) struct Publication {
    pub(super) topic_arn: Option<String>,
    pub(super) phone_number: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) message: String,
    pub(super) sms: Option<String>,
    pub(super) attributes: Attributes,
}

impl Edge for Topics {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let form: BTreeMap<String, String> = form_urlencoded::parse(body(request)).into_owned().collect();
        let action = form.get("Action").cloned().unwrap_or_default();
        let fault = if action == "Publish" { self.faults.take("Publish") } else { None };
        match fault {
            Some(PublishFault::DropBefore) => return Err(dropped()),
            Some(PublishFault::DieBefore) => return Err(died()),
            Some(PublishFault::ThrottleBefore) => {
                return Ok(refuse(StatusCode::BAD_REQUEST, "Throttling", "Rate exceeded"));
            }
            Some(PublishFault::OptedOut) => {
                let phone = form.get("PhoneNumber").map_or("", String::as_str);
                let reason = format!("Invalid parameter: PhoneNumber Reason: {phone} is opted out");
                return Ok(refuse(StatusCode::BAD_REQUEST, "InvalidParameter", &reason));
            }
            Some(PublishFault::DropAfter | PublishFault::DieAfter | PublishFault::SmsLimitReached) | None => {}
        }
        let served = match action.as_str() {
            "Publish" => self.publish(form, fault == Some(PublishFault::SmsLimitReached)),
            "Subscribe" => self.subscribe(&form),
            "Unsubscribe" => self.unsubscribe(&form),
            "ListSubscriptionsByTopic" => self.list(&form),
            "GetSubscriptionAttributes" => self.attributes(&form),
            _ => Ok(refuse(StatusCode::BAD_REQUEST, "InvalidAction", "the local topics do not serve this action")),
        };
        let failed = |error: std::io::Error| {
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", &format!("files cannot be used: {error}"))
        };
        let response = served.unwrap_or_else(failed);
        match fault {
            Some(PublishFault::DropAfter) => Err(dropped()),
            Some(PublishFault::DieAfter) => Err(died()),
            _ => Ok(response),
        }
    }
}

impl Topics {
    fn publish(&self, form: BTreeMap<String, String>, sms_limit_reached: bool) -> std::io::Result<HttpResponse> {
        match Publication::read(form) {
            Ok(publication) => {
                let message_id = self.keep(publication, sms_limit_reached)?;
                Ok(answered("Publish", &format!("<MessageId>{message_id}</MessageId>")))
            }
            Err(reason) => Ok(refuse(StatusCode::BAD_REQUEST, "InvalidParameter", reason)),
        }
    }
}

impl Publication {
    fn read(mut form: BTreeMap<String, String>) -> Result<Self, &'static str> {
        let attributes = attributes(&form)?;
        let mut message = form.remove("Message").unwrap_or_default();
        let mut sms = None;
        if form.get("MessageStructure").is_some_and(|structure| structure == "json") {
            let mut texts: BTreeMap<String, String> = serde_json::from_str(&message)
                .map_err(|_| "Invalid parameter: Message Structure - JSON message body")?;
            sms = texts.remove("sms");
            let default = texts.remove("default").ok_or("Invalid parameter: Message Structure - No default entry")?;
            message = texts.remove("email").unwrap_or(default);
        }
        let publication = Self {
            topic_arn: form.remove("TopicArn").or_else(|| form.remove("TargetArn")),
            phone_number: form.remove("PhoneNumber"),
            subject: form.remove("Subject"),
            message,
            sms,
            attributes,
        };
        publication.check().map(|()| publication)
    }

    fn check(&self) -> Result<(), &'static str> {
        match (&self.topic_arn, &self.phone_number) {
            (Some(_), None) => {}
            (None, Some(number)) if is_e164(number) => {}
            (None, Some(_)) => return Err("Invalid parameter: PhoneNumber is not a phone number in E.164"),
            (None, None) | (Some(_), Some(_)) => return Err("Invalid parameter: one of TopicArn and PhoneNumber"),
        }
        let bytes = self.message.len() + self.sms.as_ref().map_or(0, String::len);
        if self.message.is_empty() || bytes > MAX_MESSAGE_BYTES {
            return Err("Invalid parameter: Message must have 1 byte to 256 KiB");
        }
        if self.subject.as_deref().is_some_and(|subject| !is_subject(subject)) {
            return Err("Invalid parameter: Subject must be one line of 1 to 99 printable characters");
        }
        Ok(())
    }
}

pub(super) fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (1..=MAX_PHONE_DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// SNS: "must be less than 100 characters", no line breaks or control characters.
fn is_subject(subject: &str) -> bool {
    (1..MAX_SUBJECT_CHARACTERS).contains(&subject.chars().count()) && !subject.chars().any(char::is_control)
}

/// `MessageAttributes.entry.N.Name` with `.Value.StringValue`; binary ones are for machines and not kept.
fn attributes(form: &BTreeMap<String, String>) -> Result<Attributes, &'static str> {
    let mut attributes = Attributes::new();
    for (n, name) in (1..).map_while(|n| Some((n, form.get(&format!("MessageAttributes.entry.{n}.Name"))?))) {
        let part = |part: &str| form.get(&format!("MessageAttributes.entry.{n}.Value.{part}")).map(String::as_str);
        let Some(value) = part("StringValue") else { continue };
        if value.is_empty() {
            return Err("Invalid parameter: a message attribute has an empty value");
        }
        let values = if part("DataType") == Some("String.Array") {
            serde_json::from_str(value).map_err(|_| "Invalid parameter: a String.Array attribute is no JSON array")?
        } else {
            vec![value.to_owned()]
        };
        attributes.insert(name.clone(), values);
    }
    Ok(attributes)
}

/// The answer to an action: `result` is what stands in its result element.
pub(super) fn answered(action: &str, result: &str) -> HttpResponse {
    let xml = format!(
        "<{action}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{action}Response>"
    );
    answer(StatusCode::OK, CONTENT_TYPE, xml)
}

pub(super) fn refuse(status: StatusCode, code: &str, message: &str) -> HttpResponse {
    let xml = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{}</Message></Error><RequestId>refused</RequestId></ErrorResponse>",
        escaped(message)
    );
    answer(status, CONTENT_TYPE, xml)
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
