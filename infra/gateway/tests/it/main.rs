//! The gateway from outside: sockets and MQTT clients on one side, the receiver on the other.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on may panic")]
#![allow(clippy::large_futures, reason = "the client could speak TLS too, which it carries along")]

mod burst;
mod handshake;
mod mqtt;
mod socket;
mod support;
