//! JSON as a tree that forgets nothing: duplicate fields, the digits of numbers, where everything stands.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// No tariff of the standard is deeper than seven levels.
const DEEPEST: usize = 32;

/// A value with its place.
pub(super) struct Node<'a> {
    /// The JSON path from the root, which is `$`.
    pub(super) path: String,
    /// Bytes from the start of the text.
    pub(super) at: usize,
    /// What stands there.
    pub(super) value: Value<'a>,
}

/// What JSON can say.
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    /// The digits as written: `0.0` is not the same as `0` where a whole number belongs.
    Number(&'a str),
    Text(String),
    List(Vec<Node<'a>>),
    /// Every entry, in order, duplicates too.
    Object(Vec<(String, Node<'a>)>),
}

impl Node<'_> {
    /// The name for messages: the field, with its index in a list.
    pub(super) fn name(&self) -> &str {
        match self.path.rsplit_once('.') {
            Some((_, name)) => name,
            None => "the tariff",
        }
    }

    pub(super) const fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }
}

impl fmt::Display for Value<'_> {
    /// Type and, where it is short, the value: `the text "0.25"`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => write!(formatter, "the boolean {value}"),
            Self::Number(digits) => write!(formatter, "the number {digits}"),
            Self::Text(text) => write!(formatter, "the text {text:?}"),
            Self::List(_) => formatter.write_str("a list"),
            Self::Object(_) => formatter.write_str("an object"),
        }
    }
}

/// Why the text is no JSON, and where; lines and columns count from one.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {reason}; the text must be one JSON object")]
pub(super) struct Unreadable {
    line: usize,
    column: usize,
    reason: String,
}

/// Reads the text of one value.
pub(super) fn parse(text: &str) -> Result<Node<'_>, Unreadable> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        let reason = told.split_once(" at line ").map_or(told.as_str(), |(reason, _)| reason);
        Unreadable { line: error.line(), column: error.column(), reason: reason.to_owned() }
    })?;
    Reader { text }.node(raw.get(), "$".to_owned(), 0)
}

/// Takes apart what is already known to be well-formed, level by level.
struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn node(&self, raw: &'a str, path: String, depth: usize) -> Result<Node<'a>, Unreadable> {
        if depth > DEEPEST {
            return Err(self.unreadable(raw, "nested too deep"));
        }
        let value = match raw.as_bytes().first() {
            Some(b'{') => self.object(raw, &path, depth)?,
            Some(b'[') => self.list(raw, &path, depth)?,
            Some(b'"') => Value::Text(self.inner(raw)?),
            Some(b't' | b'f') => Value::Bool(raw == "true"),
            Some(b'n') | None => Value::Null,
            Some(_) => Value::Number(raw),
        };
        Ok(Node { path, at: self.offset(raw), value })
    }

    fn object(&self, raw: &'a str, path: &str, depth: usize) -> Result<Value<'a>, Unreadable> {
        let Entries(entries) = self.inner(raw)?;
        let read = |(name, raw): (String, &'a RawValue)| {
            let node = self.node(raw.get(), child(path, &name), depth + 1)?;
            Ok((name, node))
        };
        entries.into_iter().map(read).collect::<Result<_, _>>().map(Value::Object)
    }

    fn list(&self, raw: &'a str, path: &str, depth: usize) -> Result<Value<'a>, Unreadable> {
        let entries: Vec<&'a RawValue> = self.inner(raw)?;
        let read = |(index, raw): (usize, &'a RawValue)| self.node(raw.get(), format!("{path}[{index}]"), depth + 1);
        entries.into_iter().enumerate().map(read).collect::<Result<_, _>>().map(Value::List)
    }

    /// Only a `\u` escape that is half a character can still be wrong here.
    fn inner<T: Deserialize<'a>>(&self, raw: &'a str) -> Result<T, Unreadable> {
        serde_json::from_str(raw).map_err(|_| self.unreadable(raw, "a text with an incomplete \\u escape"))
    }

    fn offset(&self, raw: &str) -> usize {
        raw.as_ptr().addr() - self.text.as_ptr().addr()
    }

    fn unreadable(&self, raw: &str, reason: &str) -> Unreadable {
        let before = &self.text[..self.offset(raw)];
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
        Unreadable { line, column, reason: reason.to_owned() }
    }
}

/// `$.name`, or `$["na me"]` where the name would not read as one.
fn child(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if plain { format!("{path}.{name}") } else { format!("{path}[{name:?}]") }
}

/// The entries of an object as they stand.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}
