//! What chargers are to do: an outbox of commands, found by the id of their frame.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use plugtill_domain::checkout::Checkout;
use plugtill_domain::command::{Command, Order};
use plugtill_domain::ids::ChargerId;
use plugtill_domain::session::Session;

use super::{Item, Store, StoreError, document, keys, number, to_document};
use crate::ocpp::command::command_id;

const PREFIX: &str = "command#";

/// The command that an item's keys name.
pub(super) fn command_of(pk: &str, sk: &str) -> Option<(ChargerId, String)> {
    Some((pk.strip_prefix("t#")?.parse().ok()?, sk.strip_prefix(PREFIX)?.to_owned()))
}

/// The order to stop a session, where its charger does as we say and it has not stopped by itself.
fn stop(session: &Session) -> Option<Command> {
    let (at, _) = session.stop_asked.filter(|_| session.answered && session.stopped.is_none())?;
    let order = Order::Stop { session: session.id.clone(), transaction: session.started.transaction.clone() };
    let id = command_id(&order, &session.id.to_string());
    Some(Command::new(id, session.id.charger.clone(), order, at))
}

/// The order to start for a driver who has paid at the page, where the charger does as we say.
fn start(checkout: &Checkout) -> Option<Command> {
    let (charger, connector, at) = checkout.to_start()?;
    let order = Order::Start { connector, tag: checkout.token.clone() };
    Some(Command::new(command_id(&order, checkout.token.as_str()), charger.clone(), order, at))
}

impl Store {
    /// The item of a command that a session's new state asks for.
    pub(super) fn stop_item_of(&self, before: Option<&Session>, after: &Session) -> Result<Option<Item>, StoreError> {
        let new = stop(after).filter(|_| before.and_then(stop).is_none());
        new.map(|command| self.command_item(&command, 1)).transpose()
    }

    /// The item of a command that a checkout's new state asks for.
    pub(super) fn start_item_of(
        &self,
        before: Option<&Checkout>,
        after: &Checkout,
    ) -> Result<Option<Item>, StoreError> {
        let new = start(after).filter(|_| before.and_then(start).is_none());
        new.map(|command| self.command_item(&command, 1)).transpose()
    }

    /// The doorbell of what a session's charger is told, where it is told something.
    #[must_use]
    pub fn stop_ring(session: &Session) -> Option<(ChargerId, String)> {
        stop(session).map(|command| (command.charger, command.id))
    }

    /// The doorbell of what the charger is told whose driver has paid at the page.
    #[must_use]
    pub fn start_ring(checkout: &Checkout) -> Option<(ChargerId, String)> {
        start(checkout).map(|command| (command.charger, command.id))
    }

    fn command_item(&self, command: &Command, version: u64) -> Result<Item, StoreError> {
        let pk = keys::charger(&command.charger);
        let mut item = keys::key(&pk, &format!("{PREFIX}{}", command.id));
        item.insert("doc".to_owned(), to_document(command)?);
        item.insert("version".to_owned(), AttributeValue::N(version.to_string()));
        if let Some(at) = command.due_at {
            item.extend(self.due_attributes(&command.id, at));
        }
        Ok(item)
    }

    /// Stores a command that is new. `false`: it was ordered before.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn give_command(&self, command: &Command) -> Result<bool, StoreError> {
        self.put_command(command, 0).await
    }

    /// A command, strongly consistent, with its version.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn command(&self, charger: &ChargerId, id: &str) -> Result<Option<(Command, u64)>, StoreError> {
        let Some(item) = self.get(&keys::charger(charger), &format!("{PREFIX}{id}")).await? else { return Ok(None) };
        Ok(Some((document(&item)?, u64::try_from(number(&item, "version")).unwrap_or_default())))
    }

    /// What a charger was told, by name.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn commands(&self, charger: &ChargerId) -> Result<Vec<Command>, StoreError> {
        let items = self.range(&keys::charger(charger), PREFIX, &format!("{PREFIX}{}", keys::LAST)).await?;
        items.iter().filter(|item| item.contains_key("doc")).map(document).collect()
    }

    /// Stores a command's new state over the `known` version; 0: there is none. `false`: somebody else wrote.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn put_command(&self, command: &Command, known: u64) -> Result<bool, StoreError> {
        self.put_versioned(self.command_item(command, known + 1)?, known, None).await
    }

    /// Takes a charger's answer to a command; of one that is not known nothing is kept.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn command_answered(&self, charger: &ChargerId, id: &str, status: &str) -> Result<(), StoreError> {
        while let Some((command, version)) = self.command(charger, id).await? {
            let Some(after) = command.answered(status) else { break };
            if self.put_command(&after, version).await? {
                break;
            }
        }
        Ok(())
    }

    /// What is due for a command at `now`: it is noted as sent before it is. `None`: nothing is.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn take_command(
        &self,
        charger: &ChargerId,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Command>, StoreError> {
        while let Some((command, version)) = self.command(charger, id).await? {
            let Some((after, send)) = command.take(now) else { break };
            if self.put_command(&after, version).await? {
                return Ok(send.then_some(after));
            }
        }
        Ok(None)
    }
}
