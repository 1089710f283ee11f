//! The fields of a JSON object by name, kept as they were written until somebody asks for one.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::OcmfError;

const NO_OBJECT: &str = "a JSON object, each field once";

/// One JSON object; fields that nobody asks for are never looked at, since makers add their own.
pub(crate) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    pub(crate) fn parse(section: &'static str, text: &'a str) -> Result<Self, OcmfError> {
        serde_json::from_str(text).map_err(|_| OcmfError::malformed(section, text, NO_OBJECT))
    }

    /// A text; some chargers write numbers where the format has texts, so a number counts by its digits.
    pub(crate) fn text(&self, field: &'static str) -> Result<Option<String>, OcmfError> {
        let Some(raw) = self.raw(field) else { return Ok(None) };
        let text = if raw.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
            Some(raw.to_owned())
        } else {
            serde_json::from_str(raw).ok()
        };
        text.map(Some).ok_or_else(|| OcmfError::malformed(field, raw, "a JSON text or number"))
    }

    /// A text that says something: chargers send `""` for what they do not know.
    pub(crate) fn filled(&self, field: &'static str) -> Result<Option<String>, OcmfError> {
        Ok(self.text(field)?.filter(|text| !text.trim().is_empty()))
    }

    pub(crate) fn truth(&self, field: &'static str) -> Result<Option<bool>, OcmfError> {
        self.raw(field)
            .map(|raw| serde_json::from_str(raw).map_err(|_| OcmfError::malformed(field, raw, "true or false")))
            .transpose()
    }

    pub(crate) fn objects(&self, field: &'static str) -> Result<Vec<Object<'a>>, OcmfError> {
        let raw = self.raw(field).ok_or_else(|| OcmfError::missing(field))?;
        serde_json::from_str(raw)
            .map_err(|_| OcmfError::malformed(field, raw, "an array of JSON objects, each field once"))
    }

    fn raw(&self, field: &str) -> Option<&'a str> {
        self.0.get(field).map(|raw| raw.get()).filter(|raw| *raw != "null")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_map(Fields).map(Object)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = BTreeMap<String, &'de RawValue>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(NO_OBJECT)
    }

    // A field that stands twice reads differently in different software: what was signed would be a matter of taste.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            if fields.insert(name, value).is_some() {
                return Err(A::Error::custom(NO_OBJECT));
            }
        }
        Ok(fields)
    }
}
