//! What can go wrong.

use std::io;
use std::net::SocketAddr;

use super::charger_id::ChargerIdError;

/// Why the gateway cannot start or cannot publish.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The address is taken, or is not this machine's.
    #[error("cannot listen on {address} for {service}: {source}; choose another address or end what listens there")]
    Listen {
        /// `MQTT` or `WebSocket`.
        service: &'static str,
        /// The address of the options.
        address: SocketAddr,
        /// What the system answered.
        source: io::Error,
    },
    /// The broker did not come up.
    #[error("the MQTT broker did not start: {reason}; start the gateway again")]
    BrokerFailed {
        /// What the broker said.
        reason: String,
    },
    /// The broker has ended; sockets still deliver, but nothing can be published.
    #[error("cannot publish for charger {charger:?}: the MQTT broker has ended; start the gateway again")]
    BrokerGone {
        /// For whom the frame was.
        charger: String,
    },
    /// The name is no charger's.
    #[error(transparent)]
    ChargerId(#[from] ChargerIdError),
}
