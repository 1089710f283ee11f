//! The protocols of sessions and of payments, walked through at random beside small models of them, and two chargers explored
//! whole. What decides is the real `decide`; what prices is the real `assess`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod chargers;
mod payments;
mod sessions;
mod yard;
