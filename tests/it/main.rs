//! One binary for every test that crosses rooms.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod continuing;
mod edges;
mod envelopes;
mod faults;
mod iam;
mod journeys;
mod real_sessions;
mod stripe;
mod tariffs;
