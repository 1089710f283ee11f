//! SNS as its SDK speaks it: the AWS Query protocol, form in and XML out.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::StatusCode;

use super::{PublishFault, Topics};
use crate::edges::transport::{Edge, answer, body, dropped};

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
    pub(super) attributes: BTreeMap<String, String>,
}

impl Edge for Topics {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let fault = self.faults.take("Publish");
        match fault {
            Some(PublishFault::DropBefore) => return Err(dropped()),
            Some(PublishFault::ThrottleBefore) => {
                return Ok(refuse(StatusCode::BAD_REQUEST, "Throttling", "Rate exceeded"));
            }
            Some(PublishFault::DropAfter) | None => {}
        }
        let response = self.serve(body(request));
        if fault == Some(PublishFault::DropAfter) { Err(dropped()) } else { Ok(response) }
    }
}

impl Topics {
    fn serve(&self, body: &[u8]) -> HttpResponse {
        let form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        if form.get("Action").map(String::as_str) != Some("Publish") {
            return refuse(StatusCode::BAD_REQUEST, "InvalidAction", "the local topics serve Publish only");
        }
        match Publication::read(form) {
            Ok(publication) => published(&self.keep(publication)),
            Err(reason) => refuse(StatusCode::BAD_REQUEST, "InvalidParameter", reason),
        }
    }
}

impl Publication {
    fn read(mut form: BTreeMap<String, String>) -> Result<Self, &'static str> {
        let attributes = attributes(&form);
        let publication = Self {
            topic_arn: form.remove("TopicArn").or_else(|| form.remove("TargetArn")),
            phone_number: form.remove("PhoneNumber"),
            subject: form.remove("Subject"),
            message: form.remove("Message").unwrap_or_default(),
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
        if self.message.is_empty() || self.message.len() > MAX_MESSAGE_BYTES {
            return Err("Invalid parameter: Message must have 1 byte to 256 KiB");
        }
        if self.subject.as_deref().is_some_and(|subject| !is_subject(subject)) {
            return Err("Invalid parameter: Subject must be one line of 1 to 99 printable characters");
        }
        Ok(())
    }
}

fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (1..=MAX_PHONE_DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// SNS: "must be less than 100 characters", no line breaks or control characters.
fn is_subject(subject: &str) -> bool {
    (1..MAX_SUBJECT_CHARACTERS).contains(&subject.chars().count()) && !subject.chars().any(char::is_control)
}

/// `MessageAttributes.entry.N.Name` with `.Value.StringValue`; binary ones are for machines and not kept.
fn attributes(form: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let names = (1..).map_while(|n| Some((n, form.get(&format!("MessageAttributes.entry.{n}.Name"))?)));
    let stated = names.filter_map(|(n, name)| {
        let value = form.get(&format!("MessageAttributes.entry.{n}.Value.StringValue"))?;
        Some((name.clone(), value.clone()))
    });
    stated.collect()
}

fn published(message_id: &str) -> HttpResponse {
    let xml = format!(
        "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
         <MessageId>{message_id}</MessageId></PublishResult><ResponseMetadata><RequestId>{message_id}</RequestId>\
         </ResponseMetadata></PublishResponse>"
    );
    answer(StatusCode::OK, CONTENT_TYPE, xml)
}

fn refuse(status: StatusCode, code: &str, message: &str) -> HttpResponse {
    let xml = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>refused</RequestId></ErrorResponse>"
    );
    answer(status, CONTENT_TYPE, xml)
}
