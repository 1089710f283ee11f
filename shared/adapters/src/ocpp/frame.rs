//! The OCPP-J array around every message (OCPP-J 1.6 §4).

use serde_json::value::RawValue;

use super::FrameError;
use crate::envelope::BYTES;

/// An opened frame; payloads are still text.
pub(super) enum Frame<'a> {
    /// `[2, id, action, payload]`
    Call { id: &'a str, action: &'a str, payload: &'a str },
    /// `[3, id, payload]`
    Result { id: &'a str, payload: &'a str },
    /// `[4, id, code, text, details]`
    Error { id: &'a str, code: &'a str },
}

impl<'a> Frame<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, FrameError> {
        let parts = parts(text)?;
        let kind = parts.first().map_or("", |part| part.get());
        match (kind, &parts[..]) {
            ("2", [_, id, action, payload]) => {
                Ok(Self::Call { id: string(id)?, action: string(action)?, payload: payload.get() })
            }
            ("3", [_, id, payload]) => Ok(Self::Result { id: string(id)?, payload: payload.get() }),
            ("4", [_, id, code, ..]) => Ok(Self::Error { id: string(id)?, code: string(code)? }),
            _ => Err(FrameError::NotOcpp(format!("{} elements, the first {kind}", parts.len()))),
        }
    }
}

/// The text of the payload of a call.
pub(super) fn payload(text: &str) -> Option<&str> {
    let parts = parts(text).ok()?;
    parts.get(3).map(|part| part.get())
}

fn parts(text: &str) -> Result<Vec<&RawValue>, FrameError> {
    serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            FrameError::NotOcpp("no array".to_owned())
        } else if text.starts_with(BYTES) {
            FrameError::NotJson("the bytes are no UTF-8, and kept in base64".to_owned())
        } else {
            FrameError::NotJson(error.to_string())
        }
    })
}

fn string(raw: &RawValue) -> Result<&str, FrameError> {
    let inner = raw.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let plain = inner.filter(|text| !text.is_empty() && text.len() <= 255 && !text.contains('\\'));
    plain.ok_or_else(|| FrameError::NotOcpp(format!("{} is not a message id or action", raw.get())))
}
