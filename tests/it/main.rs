//! One binary for every test that crosses rooms.

mod edges;
mod faults;
mod iam;
mod journeys;
mod stripe;
