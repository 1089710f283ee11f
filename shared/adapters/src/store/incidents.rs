//! The latest incident of each subject, what of it is still to be done, and the incidents that are over.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::Timestamp;
use jiff::civil::Date;
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::{Incident, Subject};
use serde::{Deserialize, Serialize};

use super::{Item, Store, StoreError, document, keys, number, text, to_document};
use crate::doorbell::Ring;

/// Two writers of one incident are rare; more tries than this mean that something else is wrong.
const TRIES: u32 = 8;

/// An incident as read, with the version that a write must still find; 0 where there is none yet.
#[derive(Debug, Clone)]
pub struct StoredIncident {
    /// Whose.
    pub subject: Subject,
    /// The incident, once there was one.
    pub incident: Option<Incident>,
    /// Counts writes.
    pub version: u64,
}

/// Which incident a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentPage {
    /// Whose.
    pub subject: Subject,
    /// Which of its incidents: when it was first seen, UTC.
    pub first_at: Timestamp,
}

impl StoredIncident {
    fn read(subject: Subject, item: Option<&Item>) -> Result<Self, StoreError> {
        let version = item.map_or(0, |item| u64::try_from(number(item, "version")).unwrap_or_default());
        Ok(Self { subject, incident: item.map(document).transpose()?, version })
    }

    /// The doorbell to ring when something of it is to be done, and since when.
    #[must_use]
    pub fn ring(&self) -> Option<(Ring, Timestamp)> {
        let due_at = self.incident.as_ref()?.due_at?;
        Some((Ring::Incident(self.subject.clone()), due_at))
    }
}

impl Store {
    /// The latest incident of a subject, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn incident(&self, subject: Subject) -> Result<StoredIncident, StoreError> {
        let (pk, sk) = keys::subject(&subject);
        let item = self.get(&pk, &sk).await?;
        StoredIncident::read(subject, item.as_ref())
    }

    /// The latest incidents of these subjects, strongly consistent, in one request for a hundred.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn incidents_of(&self, subjects: Vec<Subject>) -> Result<Vec<StoredIncident>, StoreError> {
        let items = self.read_all(subjects.iter().map(keys::subject).collect()).await?;
        let read = |subject: Subject| {
            let (pk, sk) = keys::subject(&subject);
            let item = items.iter().find(|item| text(item, "pk") == pk && text(item, "sk") == sk);
            StoredIncident::read(subject, item)
        };
        subjects.into_iter().map(read).collect()
    }

    /// The latest incident of every subject of a site, or of the operator's billing, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn latest_incidents(&self, site: Option<&SiteId>) -> Result<Vec<Incident>, StoreError> {
        let items = self.range(&keys::incidents(site), keys::NOW, &format!("{}{}", keys::NOW, keys::LAST)).await?;
        items.iter().map(document).collect()
    }

    /// The incidents of a site, or of the operator's billing, that are over and were first seen at or after `since` (UTC),
    /// the oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn past_incidents(&self, site: Option<&SiteId>, since: Timestamp) -> Result<Vec<Incident>, StoreError> {
        let (from, to) = (format!("{}{since:.3}", keys::WAS), format!("{}{}", keys::WAS, keys::LAST));
        self.range(&keys::incidents(site), &from, &to).await?.iter().map(document).collect()
    }

    /// Those of them that were first seen within a span (UTC, its end excluded).
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn incidents_within(
        &self,
        site: Option<&SiteId>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Incident>, StoreError> {
        // A key has more behind its instant, so that one at the end itself lies behind it.
        let (from, to) = (format!("{}{from:.3}", keys::WAS), format!("{}{to:.3}", keys::WAS));
        self.range(&keys::incidents(site), &from, &to).await?.iter().map(document).collect()
    }

    /// Notes of an incident that is over why it does not count against uptime. `false`: there is no such incident.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn exclude_incident(&self, page: &IncidentPage, reason: &str) -> Result<bool, StoreError> {
        let (pk, sk) = (keys::incidents(page.subject.site.as_ref()), keys::past(&page.subject, page.first_at));
        let Some(item) = self.get(&pk, &sk).await? else { return Ok(false) };
        let mut incident: Incident = document(&item)?;
        incident.excluded = Some(reason.to_owned());
        self.file(vec![past_item(&incident)?]).await.map(|()| true)
    }

    /// Applies `decide` to the incident until its decision is stored against the state it was made from; `None` of it
    /// changes nothing. Returns the incident as it then is; `known` saves the first read.
    ///
    /// # Errors
    /// When the table does not answer, or writers keep overtaking each other.
    pub async fn update_incident(
        &self,
        known: StoredIncident,
        mut decide: impl FnMut(Option<&Incident>) -> Option<Incident>,
    ) -> Result<StoredIncident, StoreError> {
        let mut current = known;
        for _ in 0..TRIES {
            let Some(after) = decide(current.incident.as_ref()) else { return Ok(current) };
            // Before, so that a crash in between loses nothing: who tries again writes the same once more.
            let mut beside = self.hooks_of_incident(current.incident.as_ref(), &after)?;
            if !after.is_going_on() {
                beside.push(past_item(&after)?);
            }
            if !beside.is_empty() {
                self.file(beside).await?;
            }
            if let Some(stored) = self.put_incident(&current, after).await? {
                return Ok(stored);
            }
            current = self.incident(current.subject).await?;
        }
        Err(StoreError::Contended(format!("incident {}", current.subject)))
    }

    /// Stores an incident under the condition that it was not changed since it was read. `None`: it was.
    async fn put_incident(
        &self,
        known: &StoredIncident,
        incident: Incident,
    ) -> Result<Option<StoredIncident>, StoreError> {
        let version = known.version + 1;
        let (pk, sk) = keys::subject(&known.subject);
        let mut item = keys::key(&pk, &sk);
        item.insert("doc".to_owned(), to_document(&incident)?);
        item.insert("version".to_owned(), AttributeValue::N(version.to_string()));
        if let Some(due_at) = incident.due_at {
            item.extend(self.due_attributes(&sk, due_at));
        }
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = put
            .condition_expression("attribute_not_exists(pk) OR version = :version")
            .expression_attribute_values(":version", AttributeValue::N(known.version.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match put.send().await {
            Ok(_) => Ok(Some(StoredIncident { incident: Some(incident), version, ..known.clone() })),
            Err(SdkError::ServiceError(e)) if matches!(e.err(), PutItemError::ConditionalCheckFailedException(_)) => {
                Ok(None)
            }
            Err(error) => Err(StoreError::from_sdk(&error)),
        }
    }

    /// Whether the small matters of a day were told.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn digest_told(&self, site: Option<&SiteId>, day: Date) -> Result<bool, StoreError> {
        Ok(self.get(&keys::incidents(site), &keys::digest(day)).await?.is_some())
    }

    /// Notes that the small matters of a day were told.
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn put_digest(&self, site: Option<&SiteId>, day: Date, message_id: &str) -> Result<(), StoreError> {
        let mut item = keys::key(&keys::incidents(site), &keys::digest(day));
        item.insert("message_id".to_owned(), AttributeValue::S(message_id.to_owned()));
        self.file(vec![item]).await
    }

    /// Whether what a site's month came to was told; `first` is its first day.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn month_told(&self, site: &SiteId, first: Date) -> Result<bool, StoreError> {
        Ok(self.get(&keys::incidents(Some(site)), &keys::month_told(first)).await?.is_some())
    }

    /// Notes that what a site's month came to was told.
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn put_month_told(&self, site: &SiteId, first: Date, message_id: &str) -> Result<(), StoreError> {
        let mut item = keys::key(&keys::incidents(Some(site)), &keys::month_told(first));
        item.insert("message_id".to_owned(), AttributeValue::S(message_id.to_owned()));
        self.file(vec![item]).await
    }

    /// Lets a page of this name show an incident.
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn put_incident_page(&self, name: &str, incident: &Incident) -> Result<(), StoreError> {
        let page = IncidentPage { subject: incident.subject.clone(), first_at: incident.first_at };
        let mut item = page_key(name);
        item.insert("doc".to_owned(), to_document(&page)?);
        self.file(vec![item]).await
    }

    /// The incident that the page of this name shows, while it goes on or as it ended.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn incident_page(&self, name: &str) -> Result<Option<(IncidentPage, Option<Incident>)>, StoreError> {
        let key = page_key(name);
        let Some(item) = self.get(text(&key, "pk"), text(&key, "sk")).await? else { return Ok(None) };
        let page: IncidentPage = document(&item)?;
        let incident = self.incident_at(&page).await?;
        Ok(Some((page, incident)))
    }
}

fn page_key(name: &str) -> Item {
    keys::key(&format!("x#{name}"), "incident")
}

pub(super) fn past_item(incident: &Incident) -> Result<Item, StoreError> {
    let subject = &incident.subject;
    let mut item = keys::key(&keys::incidents(subject.site.as_ref()), &keys::past(subject, incident.first_at));
    item.insert("doc".to_owned(), to_document(incident)?);
    Ok(item)
}
