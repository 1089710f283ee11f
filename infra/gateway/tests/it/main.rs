//! The gateway from outside: sockets and MQTT clients on one side, the receiver on the other.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on may panic")]

mod burst;
mod handshake;
mod mqtt;
mod socket;
mod support;
