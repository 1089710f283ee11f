//! Frames of real chargers and of the standard's own test tool, where they lie beside the checkout.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use plugtill_adapters::envelope::Direction;
use plugtill_adapters::ocpp::{self, Message};
use serde_json::Value;

fn frames(name: &str) -> Option<Vec<(Direction, Timestamp, String)>> {
    let data = std::env::var_os("PLUGTILL_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(data.join("ocpp").join(name)) else {
        println!("skipped: no {name} in {}", data.display());
        return None;
    };
    let frame = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let direction = if line["dir"] == "in" { Direction::In } else { Direction::Out };
        // The test tool writes milliseconds after a colon.
        let (mut seen, mut clock) = (0, String::new());
        for letter in line["t"].as_str().unwrap().replace(' ', "T").chars() {
            seen += usize::from(letter == ':');
            clock.push(if letter == ':' && seen == 3 { '.' } else { letter });
        }
        let at = Offset::UTC.to_timestamp(clock.parse::<DateTime>().unwrap()).unwrap();
        (direction, at, line["raw"].as_str().unwrap().to_owned())
    };
    Some(text.lines().map(frame).collect())
}

#[test]
fn every_frame_of_real_chargers_and_of_the_test_tool_is_read() {
    let mut billable = 0;
    for name in ["real-home-chargers-1.6.jsonl", "octt-2.0.1.jsonl"] {
        for (direction, at, frame) in frames(name).into_iter().flatten() {
            match ocpp::read(direction, &frame, at) {
                Ok(Message::Ignored(_)) => {}
                Ok(_) => billable += 1,
                Err(error) => panic!("{name}: {error}: {frame}"),
            }
        }
    }
    println!("{billable} frames bear on billing");
}
