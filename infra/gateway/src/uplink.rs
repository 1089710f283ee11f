//! What the back end receives, and who is present.

use std::collections::HashMap;

use bytes::Bytes;
use tokio::sync::{Mutex, mpsc};

/// What comes from chargers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uplink {
    /// A frame that a charger sent to `<charger>/in`, by WebSocket or MQTT.
    Frame {
        /// The topic's first part.
        charger: String,
        /// The frame as it was sent: OCPP-J text, from MQTT possibly anything of up to 64 KiB.
        frame: Bytes,
    },
    /// A charger's first connection came, or its last one ended. One that replaces another says nothing.
    ///
    /// Over WebSocket it frames what the charger sent. Over MQTT the frames of a charger that just left may still
    /// follow.
    Presence {
        /// Who.
        charger: String,
        /// Whether it is connected now.
        connected: bool,
    },
}

/// Nobody receives uplinks any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoBackEnd;

/// The receiver of uplinks, as the edge sees it. Everything waits for it.
pub(super) struct BackEnd {
    uplinks: mpsc::Sender<Uplink>,
    /// Connections by charger. Held while presence is sent, so that the last word about a charger is the true one.
    connections: Mutex<HashMap<String, usize>>,
}

impl BackEnd {
    pub(super) fn new(uplinks: mpsc::Sender<Uplink>) -> Self {
        Self { uplinks, connections: Mutex::default() }
    }

    pub(super) async fn frame(&self, charger: String, frame: Bytes) -> Result<(), NoBackEnd> {
        self.send(Uplink::Frame { charger, frame }).await
    }

    pub(super) async fn arrived(&self, charger: &str) -> Result<(), NoBackEnd> {
        let mut connections = self.connections.lock().await;
        let count = connections.entry(charger.to_owned()).or_default();
        *count += 1;
        if *count > 1 {
            return Ok(());
        }
        self.send(Uplink::Presence { charger: charger.to_owned(), connected: true }).await
    }

    pub(super) async fn left(&self, charger: &str) -> Result<(), NoBackEnd> {
        let mut connections = self.connections.lock().await;
        if let Some(count) = connections.get_mut(charger).filter(|count| **count > 1) {
            *count -= 1;
            return Ok(());
        }
        connections.remove(charger);
        self.send(Uplink::Presence { charger: charger.to_owned(), connected: false }).await
    }

    async fn send(&self, uplink: Uplink) -> Result<(), NoBackEnd> {
        self.uplinks.send(uplink).await.map_err(|_| NoBackEnd)
    }
}
