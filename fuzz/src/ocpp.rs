//! Frames of chargers, OCPP 1.6 and 2.0.1: an input is the frames of one session, a line each.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::envelope::Direction;
use plugtill_adapters::ocpp::answer::{Answer, Authorization, Call};
use plugtill_adapters::ocpp::{
    AHEAD_MINUTES, BEHIND_DAYS, Message, TransactionEvent, beginning, content, evidence, missing, read, seq_no,
    with_tag,
};
use plugtill_domain::evidence::{Evidence, Fact, Reading, Started};
use plugtill_domain::ids::IdTag;
use plugtill_domain::site::Terms;
use plugtill_domain::units::{WattHours, Watts};

use crate::{bill, is_helpful, signed, usage};

/// When the broker has them.
static RECEIVED: LazyLock<Timestamp> = LazyLock::new(|| instant("2026-03-02T12:00:00Z"));
/// By what their session is billed.
static TERMS: LazyLock<Terms> = LazyLock::new(usage::terms_of_everything);
const POWER: Watts = Watts(22_000);
const MOST_FRAMES: usize = 64;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The frames of a session of OCPP 1.6.
///
/// # Panics
/// When something does not hold.
pub fn check_16(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let frames: Vec<&str> = text.lines().take(MOST_FRAMES).collect();
    let messages: Vec<Message> = frames.iter().filter_map(|frame| one(frame)).collect();
    let begun = messages.iter().find_map(|message| match message {
        Message::Start { at, .. } => Some(*at),
        _ => None,
    });
    let proven = frames.iter().flat_map(|frame| evidence(frame, *RECEIVED));
    billed(begun, proven.collect());
}

/// The events of a transaction of OCPP 2.0.1.
///
/// # Panics
/// When something does not hold.
pub fn check_201(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let frames: Vec<&str> = text.lines().take(MOST_FRAMES).collect();
    let messages: Vec<Message> = frames.iter().filter_map(|frame| one(frame)).collect();
    let mut events: Vec<TransactionEvent> = Vec::new();
    for message in messages {
        if let Message::Transaction(event) = message {
            events.push(*event);
        }
    }
    let numbers = || events.iter().map(|event| event.seq_no);
    assert!(missing(numbers()) >= 0, "{:?} are missing", missing(numbers()));
    let begun = beginning(&events);
    let reversed: Vec<TransactionEvent> = events.iter().rev().cloned().collect();
    if numbers().collect::<std::collections::BTreeSet<_>>().len() == events.len() {
        assert_eq!(begun, beginning(&reversed), "by the order of its events");
    }
    let mut proven: Vec<Evidence> = frames.iter().flat_map(|frame| evidence(frame, *RECEIVED)).collect();
    proven.extend(
        events.iter().filter_map(|event| Some(Evidence { at: event.at, fact: Fact::Stopped(event.stopped()?) })),
    );
    let started_at = begun.map(|(_, at, started)| {
        proven.push(Evidence { at, fact: Fact::Started(started) });
        at
    });
    billed(started_at, proven);
}

/// A bill of the evidence; of a session that began two hours ago, where no frame says when.
fn billed(started_at: Option<Timestamp>, mut evidence: Vec<Evidence>) {
    let started_at = started_at.unwrap_or_else(|| {
        let at = *RECEIVED - SignedDuration::from_hours(2);
        evidence.push(Evidence { at, fact: Fact::Started(Started::at(WattHours(1_000), tag("TAG"))) });
        at
    });
    bill::of(started_at, &evidence, POWER, &TERMS);
}

fn tag(text: &str) -> IdTag {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// One frame, in both directions; what it says when a charger sent it.
fn one(frame: &str) -> Option<Message> {
    if let Err(error) = read(Direction::Out, frame, *RECEIVED) {
        is_helpful(&error);
    }
    assert!(frame.contains(content(frame)));
    signed::of_frame(frame);
    answered(frame);
    match read(Direction::In, frame, *RECEIVED) {
        Ok(message) => {
            plausible(&message);
            forgotten(frame, &message);
            assert_eq!(seq_no(frame, *RECEIVED).is_some(), matches!(message, Message::Transaction(_)));
            Some(message)
        }
        Err(error) => {
            is_helpful(&error);
            assert_eq!(evidence(frame, *RECEIVED), Vec::new());
            None
        }
    }
}

/// Instants within what transport can explain (I20), registers that are none of below zero (I10).
fn plausible(message: &Message) {
    let instants: Vec<Timestamp> = match message {
        Message::Start { at, .. } | Message::Status { at, .. } | Message::Event { at, .. } => vec![*at],
        Message::Stop(stopped) => {
            registers(&stopped.readings);
            assert!(stopped.register.is_none_or(|register| register >= WattHours(0)));
            vec![stopped.at]
        }
        Message::Transaction(event) => {
            registers(&event.readings);
            vec![event.at]
        }
        Message::Meter { at, readings, .. } => {
            registers(readings);
            vec![*at]
        }
        Message::Assigned { .. }
        | Message::Answered { .. }
        | Message::Link(_)
        | Message::SignOfLife(_)
        | Message::Ignored(_) => Vec::new(),
    };
    instants.into_iter().for_each(bounded);
}

fn registers(readings: &[Reading]) {
    for reading in readings {
        bounded(reading.at);
        assert!(reading.register >= WattHours(0), "{reading:?}");
    }
}

fn bounded(at: Timestamp) {
    let ahead = at.duration_since(*RECEIVED);
    assert!(ahead <= SignedDuration::from_mins(AHEAD_MINUTES), "{at}");
    assert!(ahead >= SignedDuration::from_hours(-24 * BEHIND_DAYS), "{at}");
}

/// What a driver presented is in the frame no more once it was replaced, and nothing else has changed.
fn forgotten(frame: &str, message: &Message) {
    let presented = match message {
        Message::Start { started, .. } => Some(&started.id_tag),
        Message::Transaction(event) => event.id_tag.as_ref(),
        _ => None,
    };
    let Some(presented) = presented.filter(|tag| tag.as_str() != "erased") else { return };
    let Some(rewritten) = with_tag(frame, presented.as_str(), "erased") else {
        panic!("the tag {presented} stays in {frame}");
    };
    let Ok(after) = read(Direction::In, &rewritten, *RECEIVED) else { panic!("{rewritten} of {frame}") };
    let erased = |message: &Message| {
        let mut message = message.clone();
        match &mut message {
            Message::Start { started, .. } => started.id_tag = tag("erased"),
            Message::Transaction(event) => event.id_tag = Some(tag("erased")),
            _ => {}
        }
        message
    };
    assert_eq!(after, erased(message), "{rewritten}");
}

/// Whatever a call is answered is a frame that names it.
fn answered(frame: &str) {
    let call = match Call::of(frame) {
        Ok(Some(call)) => call,
        Ok(None) => return,
        Err(error) => return is_helpful(&error),
    };
    let answers = [
        call.plain(*RECEIVED),
        Answer::Authorized(Authorization::Blocked),
        Answer::Started(7, Authorization::Accepted),
        Answer::Unreadable(frame.to_owned()),
    ];
    for answer in answers {
        let sent = call.answer(&answer);
        let read: serde_json::Value = serde_json::from_str(&sent).unwrap_or_else(|error| panic!("{sent}: {error}"));
        assert_eq!(read.pointer("/1").and_then(serde_json::Value::as_str), Some(call.id), "{sent}");
        if let Err(error) = self::read(Direction::Out, &sent, *RECEIVED) {
            panic!("{sent}: {error}");
        }
    }
    let _ = call.id_tag();
}
