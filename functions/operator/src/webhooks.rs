//! The operator's own systems that are told of sessions and incidents.

use plugtill_adapters::store::{Audited, HookName, StoreError};
use plugtill_domain::hook::Topic;
use plugtill_domain::ids::SiteId;
use serde::Serialize;

use crate::{Desk, OrderError, said};

/// Who is told, and what they did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The addresses.
    pub addresses: Vec<Address>,
    /// What was given up.
    pub given_up: Vec<GivenUp>,
}

/// An address that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Address {
    /// By which site.
    pub site: SiteId,
    /// Where.
    pub url: String,
    /// Of what; everything, when empty.
    pub events: Vec<Topic>,
    /// What it verifies signatures with.
    pub secret: String,
}

/// Something that an address did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenUp {
    /// What.
    pub name: HookName,
    /// The last problem.
    pub problem: String,
}

impl Desk {
    /// Who is told, and what they did not take.
    pub(crate) async fn webhooks(&self) -> Result<Told, StoreError> {
        let sites = self.directory.sites().await?;
        // Collected here: what borrows is not carried over to the next answer of the table.
        let addresses = sites.iter().flat_map(|known| {
            known.site.webhooks.iter().map(|endpoint| Address {
                site: known.site.id.clone(),
                url: endpoint.url.clone(),
                events: endpoint.events.clone(),
                secret: self.links.webhook_secret(&endpoint.url),
            })
        });
        let addresses = addresses.collect();
        let given_up = self.store.hooks_given_up().await?.into_iter();
        let given_up = given_up
            .map(|stored| GivenUp { name: stored.name, problem: stored.hook.problem.unwrap_or_default() })
            .collect();
        Ok(Told { addresses, given_up })
    }

    /// Tries once more what was given up.
    pub(crate) async fn retry_webhooks(&self, by: &str) -> Result<Told, OrderError> {
        let (at, by) = (self.clock.now(), said("by", by)?.to_owned());
        let given_up = self.store.hooks_given_up().await?;
        let count = given_up.len();
        for mut stored in given_up {
            stored.hook.again(at);
            self.store.put_hook(&stored).await?;
        }
        let (order, outcome) = ("retry webhooks".to_owned(), format!("{count} are tried again"));
        self.store.audit(&Audited { at, by, session: None, order, outcome }).await?;
        Ok(self.webhooks().await?)
    }
}
