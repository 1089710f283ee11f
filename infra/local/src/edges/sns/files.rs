//! What a directory keeps of SNS.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Result, Write};
use std::path::Path;

use super::{SentMessage, Subscription};

const SUBSCRIPTIONS: &str = "subscriptions.json";
const MESSAGES: &str = "messages.jsonl";

pub(super) fn subscriptions(directory: &Path) -> Result<Vec<Subscription>> {
    match std::fs::read(directory.join(SUBSCRIPTIONS)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Written beside and renamed: who reads meanwhile sees the old or the new.
pub(super) fn write_subscriptions(directory: &Path, subscriptions: &[Subscription]) -> Result<()> {
    let (path, beside) = (directory.join(SUBSCRIPTIONS), directory.join("subscriptions.json.new"));
    std::fs::write(&beside, serde_json::to_vec_pretty(subscriptions)?)?;
    std::fs::rename(beside, path)
}

pub(super) fn append(directory: &Path, message: &SentMessage) -> Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    OpenOptions::new().create(true).append(true).open(directory.join(MESSAGES))?.write_all(&line)
}

pub(super) fn messages(directory: &Path) -> Result<Vec<SentMessage>> {
    let file = match File::open(directory.join(MESSAGES)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    BufReader::new(file).lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}
