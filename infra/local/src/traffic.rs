//! Captured charger traffic: one JSON object a line, plain, gzip or zstd, from a file or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::envelope::text;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A captured message.
#[derive(Debug, Clone)]
pub struct Line {
    /// The line as it stands; what the queue delivers.
    pub body: String,
    /// When the broker received it, UTC; `None` when the line does not say.
    pub received_at: Option<Timestamp>,
    /// Whether nothing is decided by it alone, so that it may wait for others to be filed with
    /// (on AWS: the path of MeterValues and the like, by the IoT rule's `get(*, 2)`).
    pub may_wait: bool,
}

/// The file could not be opened or read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; give a file of JSON lines, `-` for standard input, .gz and .zst are unpacked")]
pub struct TrafficError {
    path: String,
    source: io::Error,
}

/// Lines of captured traffic.
pub struct Traffic {
    path: String,
    reader: Box<dyn BufRead>,
}

#[derive(Deserialize)]
struct Head<'a> {
    received_at: Timestamp,
    #[serde(borrow)]
    payload: &'a RawValue,
}

impl Traffic {
    /// Opens `path`; `-` is standard input.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, TrafficError> {
        let name = path.display().to_string();
        let failed = |source| TrafficError { path: name.clone(), source };
        let raw: Box<dyn Read> =
            if name == "-" { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
        let reader: Box<dyn BufRead> = match path.extension().and_then(|ending| ending.to_str()) {
            Some("gz") => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(raw))),
            Some("zst") => Box::new(BufReader::new(zstd::Decoder::new(raw).map_err(failed)?)),
            Some(_) | None => Box::new(BufReader::with_capacity(1 << 20, raw)),
        };
        Ok(Self { path: name, reader })
    }

    /// Traffic already in memory.
    #[must_use]
    pub fn of(text: String) -> Self {
        Self { path: "memory".to_owned(), reader: Box::new(io::Cursor::new(text.into_bytes())) }
    }

    /// The next message; blank lines are passed over, what is no UTF-8 is kept in base64.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<Line>, TrafficError> {
        loop {
            let mut bytes = Vec::with_capacity(384);
            let read = self.reader.read_until(b'\n', &mut bytes);
            if read.map_err(|source| TrafficError { path: self.path.clone(), source })? == 0 {
                return Ok(None);
            }
            let body = text(bytes).trim_end().to_owned();
            if !body.is_empty() {
                return Ok(Some(Line::of(body)));
            }
        }
    }
}

impl Line {
    fn of(body: String) -> Self {
        let head = serde_json::from_str::<Head<'_>>(&body).ok();
        let received_at = head.as_ref().map(|head| head.received_at);
        let may_wait = head.is_some_and(|head| may_wait(head.payload.get()));
        Self { body, received_at, may_wait }
    }
}

fn may_wait(frame: &str) -> bool {
    let has = |word| frame.contains(word);
    has("\"MeterValues\"") || has("\"StatusNotification\"") && has("\"NoError\"") && !has("\"Faulted\"")
}

/// A batch window: how long messages are gathered before they are delivered together.
///
/// Replays run in event time, so a window must not outlast the settlement a gathered message may bring about.
#[must_use]
pub fn window(settle_after_minutes: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(settle_after_minutes.min(2)))
}
