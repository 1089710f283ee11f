//! What has to hold of whatever comes from outside, a function a parser: `.ci/fuzz` looks for bytes of which it does not.
//!
//! A panic is a finding, and so is what is asserted here: text that means something else once it was written and read again, an
//! error that helps nobody or floods a log, a bill whose lines do not sum, time that a small message does not deserve.
//!
//! # Layout, in reading order
//! - [`within`]: how every target is run.
//! - [`ocpp`], [`envelope`]: what chargers send, and what it comes in. [`signed`]: what meters sign.
//! - [`tariff`], [`site_file`], [`usage`]: what operators decide, and what is billed by it.
//! - [`webhook`]: what comes in Stripe's name. [`names`]: ids, tokens and links.
//! - [`pages`]: forms and orders, through the routers of the portal and the console. `stand_in`: the AWS under them.

// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

mod bill;
pub mod envelope;
pub mod names;
pub mod ocpp;
pub mod pages;
pub mod signed;
pub mod site_file;
mod stand_in;
pub mod tariff;
pub mod usage;
pub mod webhook;

use std::fmt::Display;
use std::time::Duration;

use cpu_time::ThreadTime;

/// No error is longer: it stands in a log line, beside what was refused.
const LONGEST_ERROR: usize = 600;
/// Once more, where the machine had something else to do.
const TRIES: usize = 3;

/// Runs a check that may take so much of this thread's own time.
///
/// # Panics
/// When something does not hold, or it takes longer each time.
pub fn within(limit: Duration, check: fn(&[u8]), input: &[u8]) {
    let mut took = Duration::MAX;
    for _ in 0..TRIES {
        let started = ThreadTime::now();
        check(input);
        took = took.min(started.elapsed());
        if took <= limit {
            return;
        }
    }
    panic!("{took:?} for {} bytes, more than {limit:?}", input.len());
}

/// An error about a file of the operator's own.
fn says_something<E: Display>(error: &E) {
    assert!(!error.to_string().trim().is_empty(), "an error that says nothing");
}

/// An error that says something, and not all that was sent: anybody may have.
fn is_helpful<E: Display>(error: &E) {
    let said = error.to_string();
    assert!(!said.trim().is_empty(), "an error that says nothing");
    assert!(said.chars().count() <= LONGEST_ERROR, "an error of {} characters: {said:.200}", said.chars().count());
}

/// What is written is read as the same.
fn comes_back<T>(value: &T)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let written = serde_json::to_string(value).unwrap_or_else(|error| panic!("{value:?} cannot be written: {error}"));
    let read: T = serde_json::from_str(&written).unwrap_or_else(|error| panic!("{written} cannot be read: {error}"));
    assert_eq!(&read, value, "{written}");
}
