//! One binary for every test that crosses rooms.

mod continuing;
mod edges;
mod envelopes;
mod faults;
mod iam;
mod journeys;
mod real_sessions;
mod stripe;
