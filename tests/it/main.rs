//! One binary for every test that crosses rooms.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod billing_incidents;
mod cards;
mod chargers;
mod conditions;
mod console;
mod continuing;
mod cost;
mod crash_table;
mod docs;
mod edges;
mod envelopes;
mod examples;
mod faults;
mod golden;
mod iam;
mod incidents;
mod iot_policy;
mod journeys;
mod languages;
mod mishaps;
mod operator;
mod payments;
mod portal;
mod questions;
mod real_sessions;
mod simulate;
mod stalls;
mod stripe;
mod stripe_events;
mod tariffs;
mod template;
mod versions;
mod webhooks;
