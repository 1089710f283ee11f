//! Sites and the terms that sessions are pinned to.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId, SiteId};
use plugtill_domain::site::{Site, Terms};

use super::{Store, StoreError, chargers, document, keys, text, to_document};
use crate::clock::Clock;

/// How long a function trusts the sites it has read. On wall time: `Instant` may stand still while Lambda is frozen.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

impl Store {
    /// Stores a site and its terms. Terms are stored under their own hash, so that a version never changes.
    ///
    /// # Errors
    /// When the table does not take them.
    pub async fn put_site(&self, site: &Site) -> Result<(), StoreError> {
        let mut item = keys::key("sites", site.id.as_str());
        item.insert("doc".to_owned(), to_document(site)?);
        let mut items = vec![item];
        for index in 0..site.terms_count() {
            let doc = to_document(&site.terms_of(index))?;
            let mut terms = keys::key(&format!("terms#{}", version(&doc)), "terms");
            terms.insert("doc".to_owned(), doc);
            items.push(terms);
        }
        self.file(items).await
    }

    /// Puts a site of a machine's own site file into force, unless that file was loaded as it is before: what was published
    /// since stands. Whether it was put into force.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn load_site(&self, site: &Site) -> Result<bool, StoreError> {
        let as_loaded = version(&to_document(site)?);
        let id = site.id.as_str();
        let before = self.get("loaded", id).await?;
        let is_known = self.get("sites", id).await?.is_some();
        if is_known && before.is_some_and(|item| text(&item, "version") == as_loaded) {
            return Ok(false);
        }
        self.put_site(site).await?;
        let mut item = keys::key("loaded", id);
        item.insert("version".to_owned(), AttributeValue::S(as_loaded));
        self.file(vec![item]).await?;
        Ok(true)
    }

    /// The sites as they were published, without the chargers that were registered apart.
    ///
    /// # Errors
    /// When the table does not answer or a site cannot be read.
    pub async fn published_sites(&self) -> Result<Vec<Site>, StoreError> {
        self.range("sites", "!", keys::LAST).await?.iter().map(document).collect()
    }

    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        let mut sites = self.published_sites().await?;
        chargers::add(&mut sites, self.registered().await?);
        Ok(sites)
    }

    /// The connectors of a site that ever had a session.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn connectors(&self, site: &SiteId) -> Result<Vec<(ChargerId, ConnectorId)>, StoreError> {
        let items = self.range(&keys::site(site), "connector#", &format!("connector#{}", keys::LAST)).await?;
        let read = |item: &super::Item| {
            let (charger, connector) = text(item, "sk").strip_prefix("connector#")?.rsplit_once('#')?;
            Some((charger.parse().ok()?, ConnectorId(connector.parse().ok()?)))
        };
        Ok(items.iter().filter_map(read).collect())
    }

    /// The connectors of a site: those that it lists, and those that ever had a session.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn connectors_of(&self, site: &Site) -> Result<BTreeSet<(ChargerId, ConnectorId)>, StoreError> {
        let listed = site.chargers.iter().filter_map(|entry| {
            let charger: ChargerId = entry.id.parse().ok()?;
            Some(entry.connectors.iter().filter(|one| one.id.0 > 0).map(move |one| (charger.clone(), one.id)))
        });
        let used = self.connectors(&site.id).await?;
        Ok(listed.flatten().chain(used).collect())
    }
}

fn version(doc: &AttributeValue) -> String {
    keys::hash(doc.as_s().map_or("", String::as_str))
}

/// Sites and terms as a function remembers them between invocations.
#[derive(Debug, Clone)]
pub struct Directory {
    store: Store,
    clock: Clock,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    read_at: Option<Timestamp>,
    sites: Arc<Vec<Arc<SiteInForce>>>,
    terms: HashMap<String, Arc<Terms>>,
}

/// A site and the versions of its terms that sessions starting now are pinned to.
#[derive(Debug)]
pub struct SiteInForce {
    /// The site.
    pub site: Site,
    /// By the index of [`Site::terms_of`].
    terms: Vec<String>,
}

impl SiteInForce {
    /// The version of the terms that a session is pinned to; `None` when no tariff is valid then.
    #[must_use]
    pub fn terms_at(&self, id: &SessionId, tag: &IdTag) -> Option<&str> {
        let index = self.site.terms_at((&id.charger, id.connector), tag, id.started_at)?;
        self.terms.get(index).map(String::as_str)
    }
}

impl Directory {
    /// A directory over `store`, read anew every minute of `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, known: Arc::default() }
    }

    /// Forgets what was read, so that a change counts at once.
    pub fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).read_at = None;
    }

    /// The sites in force.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn sites(&self) -> Result<Arc<Vec<Arc<SiteInForce>>>, StoreError> {
        let now = self.clock.now();
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.read_at.is_some_and(|at| now.duration_since(at).abs() < FRESH) {
                return Ok(Arc::clone(&known.sites));
            }
        }
        let mut sites = Vec::new();
        for site in self.store.sites().await? {
            let versions = (0..site.terms_count()).map(|index| Ok(version(&to_document(&site.terms_of(index))?)));
            let terms = versions.collect::<Result<_, StoreError>>()?;
            sites.push(Arc::new(SiteInForce { site, terms }));
        }
        let sites = Arc::new(sites);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.read_at = Some(now);
        known.sites = Arc::clone(&sites);
        Ok(sites)
    }

    /// The site a charger belongs to: the one that names it before one that takes any.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn site_of(
        &self,
        charger: &ChargerId,
    ) -> Result<Option<(Arc<Vec<Arc<SiteInForce>>>, usize)>, StoreError> {
        let sites = self.sites().await?;
        let find = |by_name| sites.iter().position(|known| known.site.has_charger(charger, by_name));
        let found = find(true).or_else(|| find(false));
        Ok(found.map(|index| (sites, index)))
    }

    /// A site by its id.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn site(&self, id: &SiteId) -> Result<Option<Arc<SiteInForce>>, StoreError> {
        Ok(self.sites().await?.iter().find(|known| known.site.id == *id).map(Arc::clone))
    }

    /// The zone by whose calendar a posting belongs to a day: the site's own; UTC where the site is gone.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn zone_of(&self, id: &SiteId) -> Result<TimeZone, StoreError> {
        Ok(self.site(id).await?.map_or(TimeZone::UTC, |known| known.site.zone()))
    }

    /// A version of terms. They never change, so they are read once.
    ///
    /// # Errors
    /// When the table does not answer or does not have them.
    pub async fn terms(&self, version: &str) -> Result<Arc<Terms>, StoreError> {
        if let Some(terms) = self.known.lock().unwrap_or_else(PoisonError::into_inner).terms.get(version) {
            return Ok(Arc::clone(terms));
        }
        let pk = format!("terms#{version}");
        let missing = || StoreError::Unreadable { key: pk.clone(), problem: "there are no such terms".to_owned() };
        let terms: Arc<Terms> = Arc::new(document(&self.store.get(&pk, "terms").await?.ok_or_else(missing)?)?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.terms.insert(version.to_owned(), Arc::clone(&terms));
        Ok(terms)
    }
}
