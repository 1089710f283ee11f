//! The crate as its callers see it: own records signed here, malformed ones, and the samples that SAFE publishes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod forged;
mod malformed;
mod readings;
mod samples;
mod signer;
