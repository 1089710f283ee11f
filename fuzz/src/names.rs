//! Ids, tokens, amounts and links, as they come in addresses, forms and queues.

use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::Timestamp;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::links::Links;
use plugtill_adapters::store::QuarantineId;
use plugtill_domain::access::{Role, UserName};
use plugtill_domain::checkout::{is_token, phone};
use plugtill_domain::ids::{ChargerId, IdTag, SessionId, SiteId, TransactionId};
use plugtill_domain::incident::Subject;
use plugtill_domain::language::Language;
use plugtill_domain::money::{Currency, Money, parse_decimal};

use crate::is_helpful;

static LINKS: LazyLock<Links> =
    LazyLock::new(|| Links::new(&[7; 32], "https://pay.example").unwrap_or_else(|error| panic!("{error}")));

/// Any text where a name is expected.
///
/// # Panics
/// When something does not hold.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    named::<ChargerId>(&text);
    named::<SiteId>(&text);
    named::<TransactionId>(&text);
    named::<UserName>(&text);
    named::<Role>(&text);
    named::<Subject>(&text);
    named::<QuarantineId>(&text);
    named::<Currency>(&text);
    if let Some(tag) = named::<IdTag>(&text) {
        let _ = is_token(&tag);
    }
    if let Some(session) = named::<SessionId>(&text) {
        let page = LINKS.session_page(&session);
        let signed = page.rsplit('/').next().unwrap_or_default();
        assert_eq!(LINKS.session(signed), Some(session), "{page}");
    }
    asked(&text);
    amounts(&text);
}

/// What is read is written so that it is read as the same.
fn named<T>(text: &str) -> Option<T>
where
    T: FromStr<Err: Display> + Display + PartialEq + Debug,
{
    match text.parse::<T>() {
        Ok(name) => {
            let written = name.to_string();
            assert_eq!(written.parse::<T>().ok().as_ref(), Some(&name), "{text} as {written}");
            Some(name)
        }
        Err(error) => {
            is_helpful(&error);
            None
        }
    }
}

/// Nobody but us signs a link; what rings in a queue is what was rung.
fn asked(text: &str) {
    assert_eq!(LINKS.session(text), None, "{text} is not our link");
    assert_eq!(LINKS.card(text, Timestamp::UNIX_EPOCH), None, "{text} is not our link");
    let _ = Ring::command(text);
    let _ = Language::from_code(text);
    if let Some(number) = phone(text) {
        assert_eq!(phone(&number).as_ref(), Some(&number), "{text}");
    }
}

/// An amount is what its digits say, or none.
fn amounts(text: &str) {
    if let Ok(number) = parse_decimal(text) {
        assert_eq!(parse_decimal(&number.to_string()).ok(), Some(number), "{text}");
    }
    for code in ["EUR", "JPY", "KWD"] {
        let Ok(currency) = code.parse::<Currency>() else { panic!("{code}") };
        match Money::parse(text, currency) {
            Ok(money) => {
                let major = money.to_decimal().to_string();
                assert_eq!(Money::parse(&major, currency).ok(), Some(money), "{text} {code}");
            }
            Err(error) => is_helpful(&error),
        }
    }
}
