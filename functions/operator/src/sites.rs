//! Sites: what an operator decides about chargers, prices and alerts.

use plugtill_adapters::store::Audited;
use plugtill_domain::ids::SiteId;
use plugtill_domain::site::{Site, SiteFile};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Desk, OrderError, said};

/// A site file to be put into force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSites {
    /// The site file, as it lies on a machine: its amounts are read as they are written.
    pub file: Box<RawValue>,
    /// Who decided.
    pub by: String,
    /// Put into force, and not only tried.
    #[serde(default)]
    pub apply: bool,
}

/// A site, and what publishing does to it or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Which.
    pub site: SiteId,
    /// What becomes of it.
    pub change: Change,
    /// How many chargers it names.
    pub chargers: usize,
    /// Whether it was done, or only tried.
    pub applied: bool,
}

/// What becomes of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// There was none of this name.
    Opened,
    /// Sessions that start from now on go by what it says now; earlier ones keep what they started by.
    Changed,
    /// It says what it said.
    Unchanged,
}

impl Change {
    /// The word of its JSON form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Desk {
    /// Checks a site file as a whole, then puts its sites into force. A site that it does not name stays as it is.
    pub(crate) async fn publish(&self, asked: NewSites) -> Result<Vec<Published>, OrderError> {
        let by = said("by", &asked.by)?;
        let sites = checked(asked.file.get())?;
        let in_force = self.store.published_sites().await?;
        let mut published = Vec::with_capacity(sites.len());
        for mut site in sites {
            if let Some(known) = in_force.iter().find(|known| known.id == site.id) {
                keep_cards(known, &mut site);
            }
            let change = match in_force.iter().find(|known| known.id == site.id) {
                None => Change::Opened,
                Some(known) if *known == site => Change::Unchanged,
                Some(_) => Change::Changed,
            };
            let (id, chargers) = (site.id.clone(), site.chargers.len());
            let applied = asked.apply && change != Change::Unchanged;
            if applied {
                self.store.put_site(&site).await?;
                let (at, by) = (self.clock.now(), by.to_owned());
                let order = format!("publish site {id}: {}", change.as_str());
                let outcome = format!("{chargers} chargers");
                self.store.audit(&Audited { at, by, session: None, order, outcome }).await?;
            }
            published.push(Published { site: id, change, chargers, applied });
        }
        self.directory.forget();
        Ok(published)
    }
}

/// Cards cannot be published, so that those that a machine's own site file gave stay.
fn keep_cards(known: &Site, site: &mut Site) {
    site.drivers.default_payment_method.clone_from(&known.drivers.default_payment_method);
    site.drivers.by_id_tag.clone_from(&known.drivers.by_id_tag);
}

pub(crate) fn checked(file: &str) -> Result<Vec<Site>, OrderError> {
    let file: SiteFile = serde_json::from_str(file).map_err(|error| OrderError::SiteFile(error.to_string()))?;
    let sites = file.sites().map_err(|(index, error)| OrderError::SiteFile(format!("sites[{index}].{error}")))?;
    if sites.is_empty() {
        return Err(OrderError::SiteFile("sites: at least one site is needed".to_owned()));
    }
    // Whoever writes the file holds no card: drivers give theirs to Stripe, by the link that `card_link` answers.
    let with_cards = |site: &&Site| site.drivers.default_payment_method.is_some() || !site.drivers.by_id_tag.is_empty();
    if let Some(site) = sites.iter().find(with_cards) {
        let problem = "payment methods cannot be published; leave them out and send each driver a `card_link`";
        return Err(OrderError::SiteFile(format!("site {}: drivers: {problem}", site.id)));
    }
    Ok(sites)
}
