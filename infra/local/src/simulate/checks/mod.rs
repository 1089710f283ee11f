//! What has to hold of a run, by the numbers of the invariants.
//!
//! # Layout
//! - [`Seen`]: after every step, of what has changed. `physical`: what the vehicles and chargers did bounds every bill.
//! - [`at_rest`]: once nothing is due. [`same_bills`]: of two runs.

mod physical;
mod rest;
mod seen;

pub(super) use physical::Reality;
pub(super) use rest::{at_rest, same_bills};
pub(super) use seen::Seen;
