//! What chargers are told: noted as sent, then sent, in the version that the charger speaks.

use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::ocpp::{Dialect, Message, command};
use plugtill_adapters::store::StoreError;
use plugtill_domain::ids::ChargerId;

use crate::batch::Batch;
use crate::{BatchError, ChargerEvents};

/// Sends a command that is due, and rings for its next turn.
pub(crate) async fn send(function: &ChargerEvents, charger: ChargerId, id: String) -> Result<(), BatchError> {
    let now = function.clock.now();
    let Some(due) = function.store.take_command(&charger, &id, now).await? else { return Ok(()) };
    let dialect = function.store.presence(&charger).await?.dialect.unwrap_or(Dialect::V16);
    function.chargers.send(&charger, command::frame(&due, dialect)).await?;
    if let Some(at) = due.due_at {
        function.doorbell.ring(vec![(Ring::Command(charger, id), at)], now).await?;
    }
    Ok(())
}

impl Batch<'_, '_> {
    /// Takes the chargers' answers to what they were told.
    pub(crate) async fn take_answers(&self) -> Result<(), StoreError> {
        for received in &self.received {
            if let Message::Answered { message_id, status } = &received.message {
                self.function.store.command_answered(&received.charger, message_id, status).await?;
            }
        }
        Ok(())
    }
}
