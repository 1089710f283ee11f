//! Two versions of the code at once: documents as an older and as a later version write them, by turns.
//!
//! An older one deflates nothing; a later one writes members that this one does not know. Whoever reads takes both.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use flate2::read::DeflateDecoder;
use serde_json::{Value, json};

/// Which version writes next.
#[derive(Debug)]
pub(super) struct Versions(Rng);

impl Versions {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// A write request as the version whose turn it is sends it.
    pub(super) fn rewritten(&mut self, body: &[u8]) -> Vec<u8> {
        let turn = self.0.u8(0..3);
        match serde_json::from_slice(body) {
            Ok(mut request) if turn > 0 => {
                rewrite(&mut request, turn == 2);
                request.to_string().into_bytes()
            }
            Ok(_) | Err(_) => body.to_vec(),
        }
    }
}

/// Every document in the request.
fn rewrite(value: &mut Value, later: bool) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), document(value)) {
                    ("doc" | ":doc", Some(mut document)) => {
                        if let Value::Object(members) = &mut document
                            && later
                        {
                            members.insert("known_to_the_next_version".to_owned(), json!({ "at": [1, "x"] }));
                        }
                        *value = json!({ "S": document.to_string() });
                    }
                    (_, _) => rewrite(value, later),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rewrite(value, later)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The JSON document of an attribute, deflated or not.
fn document(attribute: &Value) -> Option<Value> {
    if let Some(text) = attribute.get("S").and_then(Value::as_str) {
        return serde_json::from_str(text).ok();
    }
    let packed = STANDARD.decode(attribute.get("B")?.as_str()?).ok()?;
    let mut text = String::new();
    DeflateDecoder::new(packed.as_slice()).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
