//! The key that signs operators' sessions: drawn at the first start, and kept beside the table.

use std::fs;
use std::io::Write;
use std::path::Path;

use plugtill_operator_console::Seal;

use super::options::StackError;

const FILE: &str = "console.key";

/// The seal of a data directory; one that nobody else knows, where nothing is kept.
pub(super) fn seal(data: Option<&Path>, secure: bool) -> Result<Seal, StackError> {
    let path = data.map(|data| data.join(FILE));
    let shown = || path.as_ref().map_or_else(|| FILE.to_owned(), |path| path.display().to_string());
    let failed = |problem: String| StackError::Data { path: shown(), problem };
    let known = path.as_ref().and_then(|path| fs::read_to_string(path).ok());
    let key = match known {
        Some(text) => text.trim().to_owned(),
        None => drawn(path.as_deref()).map_err(|error| failed(error.to_string()))?,
    };
    let mut bytes = [0; 32];
    hex::decode_to_slice(key, &mut bytes).map_err(|error| failed(format!("holds no key: {error}")))?;
    Seal::new(&bytes, secure).ok_or_else(|| failed("holds no key that signs".to_owned()))
}

/// A new key, written where only its owner reads it.
fn drawn(path: Option<&Path>) -> std::io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    let key = hex::encode(bytes);
    if let Some(path) = path {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(key.as_bytes())?;
    }
    Ok(key)
}
