//! Chargers: who is let in, and what they are told.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::ocpp::Dialect;
use plugtill_adapters::ocpp::command::command_id;
use plugtill_adapters::store::{Audited, Credential, Registered};
use plugtill_domain::command::{Command, Order};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId, SiteId};
use plugtill_domain::site::{ANY_CHARGER, ChargerEntry, ConnectorEntry, Role};
use serde::{Deserialize, Serialize};

use crate::{Desk, OrderError, said};

/// The least and the most characters of a password (OCPP 2.0.1 part 2, A00: 16 to 40).
const PASSWORD_LENGTHS: std::ops::RangeInclusive<usize> = 16..=40;

/// A charger to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCharger {
    /// Its name: what it connects as.
    pub id: ChargerId,
    /// Where it stands.
    pub site: SiteId,
    /// Its connectors.
    pub connectors: Vec<ConnectorEntry>,
    /// What it proves itself with; made when not given.
    #[serde(default)]
    pub password: Option<String>,
    /// Who decided.
    pub by: String,
}

/// A charger that was let in. The password is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Added {
    /// Its name, and its user name.
    pub charger: ChargerId,
    /// What it proves itself with.
    pub password: String,
}

/// A charger in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name; `*` stands for any.
    pub charger: String,
    /// Where it stands.
    pub site: SiteId,
    /// How many connectors are listed.
    pub connectors: usize,
    /// Whether it has a password.
    pub password: bool,
    /// What it speaks, once it has spoken.
    pub ocpp: Option<Dialect>,
    /// Whether its connection stands, where that is told.
    pub connected: Option<bool>,
    /// The last sign of life that was no evidence, UTC.
    pub heard_at: Option<Timestamp>,
}

/// What a charger can be told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// To let somebody charge.
    Start {
        /// Where.
        connector: ConnectorId,
        /// In whose name.
        tag: IdTag,
    },
    /// To stop a session.
    Stop {
        /// Which.
        session: SessionId,
    },
    /// To send something now.
    Trigger {
        /// A message's name.
        message: String,
        /// About which connector.
        #[serde(default)]
        connector: Option<ConnectorId>,
    },
    /// To let go of a cable.
    Unlock {
        /// Which connector.
        connector: ConnectorId,
    },
}

impl Desk {
    pub(crate) async fn add_charger(&self, new: NewCharger) -> Result<Added, OrderError> {
        let (at, by) = (self.clock.now(), said("by", &new.by)?.to_owned());
        if self.directory.site(&new.site).await?.is_none() {
            return Err(OrderError::NoSite(new.site));
        }
        if new.connectors.is_empty() {
            return Err(OrderError::Charger(
                "connectors: name at least one, as NUMBER:WATTS, for example 1:22000".into(),
            ));
        }
        let password = match new.password {
            Some(password) if PASSWORD_LENGTHS.contains(&password.len()) => password,
            Some(password) => {
                let problem = format!("password: has {} characters; OCPP wants 16 to 40", password.len());
                return Err(OrderError::Charger(problem));
            }
            None => URL_SAFE_NO_PAD.encode(random::<15>()?),
        };
        let entry = ChargerEntry { id: new.id.to_string(), connectors: new.connectors };
        let credential = Credential::of(&password, random()?);
        self.store.register(&Registered { site: new.site.clone(), entry, added_at: at, credential }).await?;
        self.directory.forget();
        let (order, outcome) = (format!("charger {} at {}", new.id, new.site), "may connect".to_owned());
        self.store.audit(&Audited { at, by, session: None, order, outcome }).await?;
        Ok(Added { charger: new.id, password })
    }

    pub(crate) async fn chargers(&self) -> Result<Vec<Listed>, OrderError> {
        let registered: BTreeSet<String> =
            self.store.registered().await?.into_iter().map(|added| added.entry.id).collect();
        let sites = self.directory.sites().await?;
        let named =
            |entry: &ChargerEntry| (entry.id != ANY_CHARGER).then(|| entry.id.parse::<ChargerId>().ok()).flatten();
        let all: Vec<ChargerId> = sites.iter().flat_map(|known| known.site.chargers.iter().filter_map(named)).collect();
        let presences = self.store.presences(&all).await?;
        let mut listed = Vec::new();
        for known in sites.iter() {
            for entry in &known.site.chargers {
                let presence = named(entry).and_then(|charger| presences.get(&charger).cloned()).unwrap_or_default();
                listed.push(Listed {
                    charger: entry.id.clone(),
                    site: known.site.id.clone(),
                    connectors: entry.connectors.len(),
                    password: registered.contains(&entry.id),
                    ocpp: presence.dialect,
                    connected: presence.link.map(|link| link.connected),
                    heard_at: presence.heard_at,
                });
            }
        }
        Ok(listed)
    }

    pub(crate) async fn tell(&self, charger: ChargerId, telling: Telling, by: &str) -> Result<Command, OrderError> {
        let (at, by) = (self.clock.now(), said("by", by)?.to_owned());
        let site = self.directory.site_of(&charger).await?;
        let site = site.and_then(|(sites, index)| sites.get(index).cloned());
        let site = site.ok_or_else(|| OrderError::Charger(format!("charger {charger}: no site has it")))?;
        if site.site.role != Role::Answering {
            return Err(OrderError::NotOurs(charger));
        }
        let order = self.order_of(telling).await?;
        let text = format!("tell {charger} {order:?}");
        // Each order of a person is one of its own, also the same one a minute later.
        let command = Command::new(command_id(&order, &format!("{text}{at}")), charger, order, at);
        self.store.give_command(&command).await?;
        let outcome = format!("command {}", command.id);
        self.store.audit(&Audited { at, by, session: None, order: text, outcome }).await?;
        self.ring(Ring::Command(command.charger.clone(), command.id.clone()), at).await;
        Ok(command)
    }

    async fn order_of(&self, telling: Telling) -> Result<Order, OrderError> {
        Ok(match telling {
            Telling::Start { connector, tag } => Order::Start { connector, tag },
            Telling::Stop { session } => {
                let known = self.store.session(&session).await?;
                let known = known.ok_or_else(|| OrderError::NoSession(session.clone()))?;
                Order::Stop { session, transaction: known.session.started.transaction }
            }
            Telling::Trigger { message, connector } => Order::Trigger { message, connector },
            Telling::Unlock { connector } => Order::Unlock { connector },
        })
    }
}

pub(crate) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], OrderError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| OrderError::Random(error.to_string()))?;
    Ok(bytes)
}
