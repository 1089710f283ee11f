//! Long texts are kept deflated: what is written is billed by the kilobyte, and twice in a transaction.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::Item;

/// A text of so many bytes fits its item into one write unit (1 KB) with keys and all; it stays as people can read it.
const SHORT: usize = 850;
/// What a text inflates to at most: an item is 400 KB, and no text of ours is a hundred times shorter than it was.
const MOST: u64 = 40 << 20;

/// A text as it is stored.
pub(super) fn pack(text: String) -> AttributeValue {
    if text.len() <= SHORT {
        return AttributeValue::S(text);
    }
    let mut deflated = DeflateEncoder::new(Vec::with_capacity(text.len() / 2), Compression::default());
    let packed = deflated.write_all(text.as_bytes()).and_then(|()| deflated.finish());
    match packed {
        Ok(packed) if packed.len() < text.len() => AttributeValue::B(packed.into()),
        Ok(_) | Err(_) => AttributeValue::S(text),
    }
}

/// How many bytes a text takes as it is stored.
pub(super) fn length(stored: &AttributeValue) -> usize {
    let packed = |stored: &AttributeValue| stored.as_b().map(|packed| packed.as_ref().len()).unwrap_or_default();
    stored.as_s().map_or_else(|_| packed(stored), String::len)
}

/// A text as it was; empty where there is none, or it cannot be inflated.
pub(super) fn unpack<'a>(item: &'a Item, name: &str) -> Cow<'a, str> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Cow::Borrowed(text),
        Some(AttributeValue::B(packed)) => {
            let mut text = String::new();
            let inflated = DeflateDecoder::new(packed.as_ref()).take(MOST).read_to_string(&mut text);
            if let Err(error) = inflated {
                tracing::error!(%error, name, "a stored text cannot be inflated");
                text.clear();
            }
            Cow::Owned(text)
        }
        Some(_) | None => Cow::Borrowed(""),
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, SHORT, pack, unpack};
    use aws_sdk_dynamodb::types::AttributeValue;

    fn item(text: &str) -> Item {
        Item::from([("doc".to_owned(), pack(text.to_owned()))])
    }

    #[test]
    fn a_text_comes_back_as_it_was_and_a_long_one_is_stored_shorter() {
        let long = "{\"value\":\"11000\",\"measurand\":\"Power.Active.Import\"}ü".repeat(40);
        for text in ["", "{}", "é".repeat(SHORT).as_str(), &long] {
            assert_eq!(unpack(&item(text), "doc"), text);
        }
        let packed = item(&long);
        let AttributeValue::B(bytes) = &packed["doc"] else { panic!("{packed:?}") };
        assert!(bytes.as_ref().len() * 10 < long.len(), "{} of {}", bytes.as_ref().len(), long.len());
    }

    #[test]
    fn what_is_short_stays_readable_and_what_is_broken_is_empty() {
        assert!(matches!(item(&"x".repeat(SHORT))["doc"], AttributeValue::S(_)));
        let broken = Item::from([("doc".to_owned(), AttributeValue::B(vec![0xff, 1, 2].into()))]);
        assert_eq!(unpack(&broken, "doc"), "");
        assert_eq!(unpack(&Item::new(), "doc"), "");
    }
}
