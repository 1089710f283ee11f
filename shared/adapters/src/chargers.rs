//! To the chargers: what is published on `<charger>/out`.

use aws_sdk_iotdataplane::Client;
use aws_sdk_iotdataplane::error::DisplayErrorContext;
use aws_sdk_iotdataplane::primitives::Blob;
use plugtill_domain::ids::ChargerId;

/// Why a frame was not taken. The message that it answers is handled again; a command stays due.
#[derive(Debug, thiserror::Error)]
#[error("the broker did not take a frame for charger {charger}: {problem}")]
pub struct SendError {
    charger: ChargerId,
    problem: String,
}

/// The broker that chargers listen to.
#[derive(Debug, Clone)]
pub struct Chargers {
    client: Client,
}

impl Chargers {
    /// Chargers behind this broker.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Sends a frame, at least once.
    ///
    /// # Errors
    /// When the broker does not take it.
    pub async fn send(&self, charger: &ChargerId, frame: String) -> Result<(), SendError> {
        let publish = self.client.publish().topic(format!("{charger}/out")).qos(1).payload(Blob::new(frame));
        let sent = publish.send().await;
        sent.map(drop)
            .map_err(|error| SendError { charger: charger.clone(), problem: DisplayErrorContext(&error).to_string() })
    }
}
