//! What happens at the examples. Minute 0 is 10:00 on Monday the 2nd of March by the clocks of all of them.

use plugtill_tests::{Story, at, stop_body};
use serde_json::{Value, json};

/// The tag of whoever else is at the site.
pub(super) const SOMEBODY_ELSE: &str = "OTHER";

/// Plugged in at a minute, with the register at 0.
fn plugged_in(minute: i64) -> Story {
    Story::new().start(minute, 0).status(minute, "Charging")
}

/// Full at a minute, and left plugged in until another.
fn full_until(story: Story, full: i64, gone: i64, register_wh: i64) -> Story {
    let kept = story.meter(full, &register_wh.to_string(), "Wh").status(full, "SuspendedEV");
    kept.stop(gone, register_wh, "EVDisconnected").status(gone, "Available")
}

/// Charging until a minute, and gone.
fn gone(story: Story, minute: i64, register_wh: i64) -> Story {
    story.stop(minute, register_wh, "EVDisconnected").status(minute, "Available")
}

pub(super) fn tenant() -> Story {
    full_until(Story::new().start_as("TENANT1", 7, 0, 0).status(0, "Charging"), 180, 480, 31_250)
}

pub(super) fn visitor() -> Story {
    full_until(plugged_in(0), 70, 300, 12_340)
}

pub(super) fn misfit() -> Story {
    gone(plugged_in(0), 1, 20)
}

/// At 19:00, until 23:00.
pub(super) fn night() -> Story {
    full_until(plugged_in(540), 780, 1410, 38_400)
}

pub(super) fn large_battery() -> Story {
    full_until(plugged_in(540), 780, 1380, 82_000)
}

pub(super) fn long_breakfast() -> Story {
    full_until(plugged_in(540), 780, 1620, 20_000)
}

pub(super) fn shopping() -> Story {
    gone(plugged_in(0), 45, 15_000)
}

pub(super) fn coffee() -> Story {
    gone(plugged_in(0).meter(60, "20000", "Wh"), 80, 26_400)
}

pub(super) fn morning_in_town() -> Story {
    full_until(plugged_in(0).meter(60, "20000", "Wh"), 100, 120, 33_000)
}

pub(super) fn moved_in_time() -> Story {
    full_until(plugged_in(0), 25, 33, 52_300)
}

pub(super) fn lunch() -> Story {
    full_until(elsewhere(plugged_in(0), ("CP1", 2), 0, 60), 20, 45, 40_000)
}

pub(super) fn lunch_alone() -> Story {
    let story = elsewhere(plugged_in(0), ("CP1", 2), 0, 30);
    let story = elsewhere(elsewhere(story, ("CP2", 1), 2, 24), ("CP2", 2), 4, 24);
    full_until(story, 20, 45, 40_000)
}

/// At 18:00, until 20:00; gone at 07:40.
pub(super) fn home_from_work() -> Story {
    full_until(plugged_in(480), 600, 1300, 21_500)
}

/// At 21:00, until 01:00; gone at 07:30.
pub(super) fn home_late() -> Story {
    full_until(plugged_in(660).meter(720, "10600", "Wh"), 900, 1290, 41_000)
}

/// On Saturday the 28th at 20:00, until 22:00; gone at 10:00, eleven hours later.
pub(super) fn shorter_night() -> Story {
    let saturday = 26 * 24 * 60;
    full_until(plugged_in(saturday + 600), saturday + 720, saturday + 1380, 20_000)
}

/// Another vehicle at another connector from one minute to another.
fn elsewhere(story: Story, (charger, connector): (&str, i64), from: i64, to: i64) -> Story {
    let transaction = 100 * connector + to + i64::from(charger == "CP2");
    let line = |direction: &str, minute: i64, frame: Value| {
        let topic = format!("{charger}/{direction}");
        json!({ "topic": topic, "received_at": at(minute).to_string(), "payload": frame }).to_string()
    };
    let (began, ended) = (format!("began-{connector}"), format!("ended-{connector}"));
    let start =
        json!({ "connectorId": connector, "idTag": SOMEBODY_ELSE, "meterStart": 0, "timestamp": at(from).to_string() });
    let answer = json!([3, began, { "transactionId": transaction, "idTagInfo": { "status": "Accepted" } }]);
    let stop = stop_body(transaction, to, 9_000, "EVDisconnected");
    story
        .line(at(from), line("in", from, json!([2, began, "StartTransaction", start])))
        .line(at(from), line("out", from, answer))
        .line(at(to), line("in", to, json!([2, ended, "StopTransaction", stop])))
}
