//! What can be ordered and asked, and what is answered.

use jiff::Timestamp;
use plugtill_adapters::store::Audited;
use plugtill_domain::command::Command;
use plugtill_domain::ids::{ChargerId, IdTag, SessionId, SiteId};
use plugtill_domain::money::Money;
use plugtill_domain::payment::Purpose;
use plugtill_domain::session::{Outcome, Session};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::access::{KeyAdded, ListedKey, ListedUser, NamedUser, NewKey, NewUser, UserAdded};
use crate::chargers::{Added, Listed, NewCharger, Telling};
use crate::evidence::Pack;
use crate::incidents::{OfIncident, Shown};
use crate::personal::{Erase, Erased, Personal, Whose};
use crate::quarantine::{Reviewing, Waiting};
use crate::simulate::Simulated;
use crate::sites::{NewSites, Published};
use crate::uptime::Availability;

/// An order or a question. Its JSON form is an interface: `{"credit":{"session":"…","reason":"…","by":"…","id":"…"}}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Put sites into force: chargers, prices, who is told.
    Publish(NewSites),
    /// What the last month's sessions would have come to under sites that are not in force.
    Simulate {
        /// The site file.
        file: Box<RawValue>,
    },
    /// Give something of a bill back.
    Credit(Credit),
    /// Give up what is owed.
    Forgive(OfSession),
    /// Ask the card once more for what it did not pay.
    Charge(OfSession),
    /// Say that a session is over which nothing else ends.
    End(OfSession),
    /// Tell the driver of the receipt once more.
    Receipt(OfSession),
    /// A link by which a tag's holder saves a card.
    CardLink {
        /// Where the card is to pay.
        site: SiteId,
        /// For which tag.
        tag: IdTag,
        /// Who decided.
        by: String,
    },
    /// Let a charger in, or give it another password.
    AddCharger(NewCharger),
    /// The chargers, where they stand and when they were last heard of.
    Chargers,
    /// Tell a charger something.
    Tell {
        /// Which.
        charger: ChargerId,
        /// What.
        order: Telling,
        /// Who decided.
        by: String,
    },
    /// What a charger was told, and what it answered.
    Told {
        /// Which.
        charger: ChargerId,
    },
    /// What could not be used, and waits for somebody to look.
    Quarantine {
        /// Since when, UTC; 31 days when not given.
        #[serde(default)]
        since: Option<Timestamp>,
        /// Also what somebody has looked at.
        #[serde(default)]
        all: bool,
    },
    /// Say what becomes of something in quarantine.
    Review(Reviewing),
    /// What breaks, or broke.
    Incidents {
        /// Since when, UTC; 31 days when not given.
        #[serde(default)]
        since: Option<Timestamp>,
        /// Also what is over, and what nobody was to be told of.
        #[serde(default)]
        all: bool,
    },
    /// Say who looks after an incident.
    LookAfter(OfIncident),
    /// Say why an incident does not count against uptime.
    Exclude(OfIncident),
    /// Uptime over twelve months.
    Uptime {
        /// Until when, UTC; now when not given.
        #[serde(default)]
        until: Option<Timestamp>,
    },
    /// Which systems of the operator's own are told, and what they did not take.
    Webhooks,
    /// Try once more what they did not take.
    RetryWebhooks {
        /// Who decided.
        by: String,
    },
    /// Who owes what.
    Balances,
    /// Let somebody sign in to the console, or change what they may do.
    AddUser(NewUser),
    /// Let somebody sign in no more.
    RemoveUser(NamedUser),
    /// Who may sign in.
    Users,
    /// Make a key for a machine.
    AddKey(NewKey),
    /// Let a key hold no longer.
    RemoveKey {
        /// Which.
        id: String,
        /// Who decided.
        by: String,
    },
    /// Which keys there are.
    Keys,
    /// What proves a session.
    Evidence {
        /// Which.
        session: SessionId,
    },
    /// Everything that is known of a driver.
    Export(Whose),
    /// Forget a driver.
    Erase(Erase),
    /// What was ordered in a month.
    Audit {
        /// An instant in it.
        month: Timestamp,
    },
}

/// What is decided about a session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfSession {
    /// Of which session.
    pub session: SessionId,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// Whether it is done, or only tried.
    #[serde(default)]
    pub apply: bool,
}

/// A credit as it is asked for. Neither amount nor line: the whole of what is left.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// Of which session.
    pub session: SessionId,
    /// The operator's name for it: the same name credits once.
    pub id: String,
    /// Major units, tax included.
    #[serde(default)]
    pub amount: Option<String>,
    /// A printed line with its tax, counted from 0.
    #[serde(default)]
    pub line: Option<usize>,
    /// Why; printed on the credit note.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// Whether it is done, or only tried.
    #[serde(default)]
    pub apply: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Sites that were published, or would be.
    Sites(Vec<Published>),
    /// What other prices would have come to.
    Simulated(Vec<Simulated>),
    /// An order.
    Done(Done),
    /// A link.
    Link(String),
    /// Balances.
    Balances(Vec<Owed>),
    /// Evidence.
    Evidence(Box<Pack>),
    /// The audit trail.
    Audit(Vec<Audited>),
    /// A charger was let in.
    Added(Added),
    /// Chargers.
    Chargers(Vec<Listed>),
    /// A command, or what a charger was told.
    Told(Vec<Command>),
    /// What is in quarantine.
    Quarantine(Vec<Waiting>),
    /// Incidents.
    Incidents(Vec<Shown>),
    /// Uptime.
    Uptime(Availability),
    /// Somebody may sign in.
    UserAdded(UserAdded),
    /// Who may sign in.
    Users(Vec<ListedUser>),
    /// A key was made.
    KeyAdded(KeyAdded),
    /// Keys.
    Keys(Vec<ListedKey>),
    /// What is known of a driver.
    Personal(Box<Personal>),
    /// What was forgotten.
    Erased(Erased),
    /// Systems of the operator's own.
    Webhooks(crate::webhooks::Told),
}

/// What an order does to a session, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The session.
    pub session: SessionId,
    /// Whether it was done, or only tried.
    pub applied: bool,
    /// What is billed after it.
    pub billed: Money,
    /// What is to be given back to the card by it.
    pub to_refund: Money,
    /// What the driver owes after it.
    pub owed: Money,
    /// How the session stands after it.
    pub outcome: Outcome,
}

/// An unpaid balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// By which session.
    pub session: SessionId,
    /// With which tag; it is blocked until this is paid or forgiven.
    pub id_tag: String,
    /// How much.
    pub amount: Money,
    /// Since when, UTC.
    pub since: Timestamp,
    /// How often the driver was reminded.
    pub reminders: u32,
}

impl Owed {
    pub(crate) fn of(session: &Session) -> Option<Self> {
        let balance = session.balance.as_ref()?;
        Some(Self {
            session: session.id.clone(),
            id_tag: session.id_tag().to_string(),
            amount: session.uncollectable,
            since: balance.since,
            reminders: balance.reminders,
        })
    }
}

impl Done {
    pub(crate) fn of(after: &Session, applied: bool) -> Self {
        let currency = after.waived.currency();
        let refunds = after.payments.iter().filter(|p| p.purpose == Purpose::Refund && p.is_intended());
        Self {
            session: after.id.clone(),
            applied,
            billed: after.billed(),
            to_refund: Money::new(refunds.map(|refund| refund.amount.minor()).sum(), currency),
            owed: after.uncollectable,
            outcome: after.outcome,
        }
    }
}
