//! What operators' own systems are to be told: items of their own, written with or before what they tell of.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use plugtill_domain::hook::{Hook, Topic, told};
use plugtill_domain::ids::SessionId;
use plugtill_domain::incident::Incident;
use plugtill_domain::session::Session;
use serde::{Deserialize, Serialize};

use super::{IncidentPage, Item, Store, StoreError, document, keys, number, to_document};

/// What something that is told is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum About {
    /// A session.
    Session(SessionId),
    /// An incident.
    Incident(IncidentPage),
}

/// The name of something that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookName {
    /// About what.
    pub about: About,
    /// Which of what is told of it.
    pub event: String,
}

/// Something that is told, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHook {
    /// Its name.
    pub name: HookName,
    /// What it is.
    pub hook: Hook,
    version: u64,
}

/// Not the text form of what is told about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names neither a session nor an incident")]
pub struct NotAbout(String);

/// The partition of what was given up.
const GIVEN_UP: &str = "hooks";

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(id) => write!(f, "{id}"),
            Self::Incident(page) => write!(f, "{}@{}", page.subject, page.first_at),
        }
    }
}

impl FromStr for About {
    type Err = NotAbout;

    fn from_str(text: &str) -> Result<Self, NotAbout> {
        let wrong = || NotAbout(text.chars().take(120).collect());
        // Names hold no `#`, subjects always do.
        let Some((subject, first_at)) = text.rsplit_once('@').filter(|_| text.contains('#')) else {
            return text.parse().map(Self::Session).map_err(|_| wrong());
        };
        let (subject, first_at) = (subject.parse().map_err(|_| wrong())?, first_at.parse().map_err(|_| wrong())?);
        Ok(Self::Incident(IncidentPage { subject, first_at }))
    }
}

impl TryFrom<String> for About {
    type Error = NotAbout;

    fn try_from(text: String) -> Result<Self, NotAbout> {
        text.parse()
    }
}

impl From<About> for String {
    fn from(about: About) -> Self {
        about.to_string()
    }
}

impl HookName {
    fn keys(&self) -> (String, String) {
        (format!("h#{}", self.about), self.event.clone())
    }
}

/// What an item's keys name.
pub(super) fn hook_of(pk: &str, sk: &str) -> Option<HookName> {
    Some(HookName { about: pk.strip_prefix("h#")?.parse().ok()?, event: sk.to_owned() })
}

impl Store {
    /// What a change of a session tells, where somebody wants to be told.
    pub(super) fn hooks_of_session(
        &self,
        before: Option<&Session>,
        after: &Session,
        at: Timestamp,
    ) -> Result<Vec<Item>, StoreError> {
        let topics = if after.hooked { told(before, after) } else { Vec::new() };
        topics.into_iter().map(|topic| self.new_hook(About::Session(after.id.clone()), topic, at)).collect()
    }

    /// What a change of an incident tells.
    pub(super) fn hooks_of_incident(
        &self,
        before: Option<&Incident>,
        after: &Incident,
    ) -> Result<Vec<Item>, StoreError> {
        let before = before.filter(|before| before.first_at == after.first_at);
        let was = |part: fn(&Incident) -> Option<Timestamp>| before.and_then(part);
        let acknowledged_at = |incident: &Incident| incident.acknowledged.as_ref().map(|known| known.at);
        // What ended before anybody was to be told of it is told to nobody.
        let ended_at = |incident: &Incident| incident.ended_at.filter(|_| incident.opened_at.is_some());
        let steps: [(Topic, Option<Timestamp>, Option<Timestamp>); 3] = [
            (Topic::IncidentOpened, was(|incident| incident.opened_at), after.opened_at),
            (Topic::IncidentAcknowledged, was(acknowledged_at), acknowledged_at(after)),
            (Topic::IncidentRecovered, was(ended_at), ended_at(after)),
        ];
        let page = IncidentPage { subject: after.subject.clone(), first_at: after.first_at };
        let new = steps.into_iter().filter(|(_, before, after)| before.is_none() && after.is_some());
        let new = new.filter_map(|(topic, _, at)| Some((topic, at?)));
        new.map(|(topic, at)| self.new_hook(About::Incident(page.clone()), topic, at)).collect()
    }

    fn new_hook(&self, about: About, topic: Topic, at: Timestamp) -> Result<Item, StoreError> {
        let name = HookName { about, event: format!("{}#{at:.3}", topic.as_str()) };
        self.hook_item(&name, &Hook::new(topic, at), 1)
    }

    fn hook_item(&self, name: &HookName, hook: &Hook, version: u64) -> Result<Item, StoreError> {
        let (pk, sk) = name.keys();
        let mut item = keys::key(&pk, &sk);
        item.insert("doc".to_owned(), to_document(hook)?);
        item.insert("version".to_owned(), AttributeValue::N(version.to_string()));
        if let Some(due_at) = hook.due_at {
            item.extend(self.due_attributes(&pk, due_at));
        }
        Ok(item)
    }

    /// Something that is told, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn hook(&self, name: HookName) -> Result<Option<StoredHook>, StoreError> {
        let (pk, sk) = name.keys();
        let Some(item) = self.get(&pk, &sk).await? else { return Ok(None) };
        let version = u64::try_from(number(&item, "version")).unwrap_or_default();
        Ok(Some(StoredHook { name, hook: document(&item)?, version }))
    }

    /// Stores what became of it; what was given up is listed. `false`: somebody else tried it meanwhile.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn put_hook(&self, known: &StoredHook) -> Result<bool, StoreError> {
        let item = self.hook_item(&known.name, &known.hook, known.version + 1)?;
        let (pk, sk) = known.name.keys();
        let beside = if known.hook.is_given_up() {
            let mut listed = keys::key(GIVEN_UP, &format!("{pk}|{sk}"));
            listed.insert("doc".to_owned(), to_document(&known.name)?);
            Some(listed)
        } else {
            None
        };
        self.put_versioned(item, known.version, beside).await
    }

    /// What was given up and has not been taken since.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn hooks_given_up(&self) -> Result<Vec<StoredHook>, StoreError> {
        let listed = self.range(GIVEN_UP, "h#", &format!("h#{}", keys::LAST)).await?;
        let mut found = Vec::new();
        for item in &listed {
            found.extend(self.hook(document(item)?).await?.filter(|stored| stored.hook.is_given_up()));
        }
        Ok(found)
    }

    /// The incident that something is told of, as it is or as it ended.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn incident_at(&self, page: &IncidentPage) -> Result<Option<Incident>, StoreError> {
        let latest = self.incident(page.subject.clone()).await?.incident;
        if let Some(latest) = latest.filter(|latest| latest.first_at == page.first_at) {
            return Ok(Some(latest));
        }
        let (pk, sk) = (keys::incidents(page.subject.site.as_ref()), keys::past(&page.subject, page.first_at));
        self.get(&pk, &sk).await?.as_ref().map(document).transpose()
    }
}

/// A name in one word: what an idempotent receiver goes by.
#[must_use]
pub fn hook_id(name: &HookName) -> String {
    let (pk, sk) = name.keys();
    format!("msg_{}", keys::hash(&format!("{pk}|{sk}")))
}
