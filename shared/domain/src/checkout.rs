//! A driver at Stripe's page: holding an amount before charging, saving a card, or paying what is owed.
//!
//! Pure, like a session: [`Checkout::apply`] says what an event makes of it, [`Checkout::due`] what is to be done.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{ChargerId, ConnectorId, IdTag, SessionId, SiteId};
use crate::language::Language;
use crate::money::Money;
use crate::payment::ActiveHold;
use crate::session::Payer;
use crate::watch::Limit;

/// How long a page stays open: the least that Stripe allows, for a stall should not wait for somebody who left.
pub const PAGE_LIVES: SignedDuration = SignedDuration::from_mins(30);
/// How long after its end a page's fate is looked up.
const LOOK_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// What the driver came for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// To charge here, without an account.
    Charge {
        /// Which charger.
        charger: ChargerId,
        /// Which connector.
        connector: ConnectorId,
    },
    /// To link a card to a tag.
    SaveCard {
        /// Which tag.
        tag: IdTag,
    },
    /// To pay what a session left owed.
    Pay {
        /// Which session.
        session: SessionId,
    },
}

/// One visit to Stripe's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    /// Its name; for [`Errand::Charge`] also the id tag that the charger is started with.
    pub token: IdTag,
    /// Where.
    pub site: SiteId,
    /// What for.
    pub errand: Errand,
    /// What is held or charged; zero to save a card.
    pub amount: Money,
    /// What the driver is willing to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Whether we answer the charger, so that we can let it start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
    /// When it was opened, UTC.
    pub opened_at: Timestamp,
    /// Stripe's id of the page, once it answered.
    pub page: Option<String>,
    /// Who paid, once known.
    #[serde(default)]
    pub buyer: Buyer,
    /// The hold, once the card bore it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// The telephone (E.164) that the driver wants to be told at how the session goes; they asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts_to: Option<String>,
    /// What the driver read the pages in; text messages are in the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How far it is.
    pub state: CheckoutState,
}

/// The digits of a telephone number in E.164: country code first, no leading zero.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A telephone number as people write it, as E.164; `None` when it is none.
#[must_use]
pub fn phone(written: &str) -> Option<String> {
    let plain: String = written.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/')).collect();
    let digits = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00"))?;
    let fits = PHONE_DIGITS.contains(&digits.len()) && !digits.starts_with('0');
    (fits && digits.bytes().all(|digit| digit.is_ascii_digit())).then(|| format!("+{digits}"))
}

/// What the driver told Stripe's page about themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// Name or company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For receipts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// For messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// One line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Of a business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
}

/// How far a checkout is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutState {
    /// The driver is at the page.
    Open,
    /// The amount is held, and waits for the vehicle.
    Held,
    /// A session has taken the hold over.
    Started(SessionId),
    /// The hold is to be given back: the vehicle did not start in time.
    Releasing,
    /// It was given back.
    Released,
    /// The card is saved, or the balance paid.
    Done,
    /// The driver left, or the page ran out.
    Expired,
}

/// A hold that a driver placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The Stripe payment intent.
    pub intent: String,
    /// The card, for what the hold does not cover.
    pub payer: Payer,
    /// What is reserved.
    pub amount: Money,
    /// When it lapses, UTC.
    pub capture_before: Option<Timestamp>,
    /// When it was known that the card bears it, UTC.
    #[serde(default)]
    pub known_at: Timestamp,
    /// Until when the vehicle has to start, UTC.
    pub start_before: Timestamp,
}

impl Held {
    fn hold(&self) -> ActiveHold {
        ActiveHold { intent: self.intent.clone(), amount: self.amount, capture_before: self.capture_before }
    }
}

/// What can happen to a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckoutEvent {
    /// Stripe made the page.
    PageMade(String),
    /// The driver's card bears the hold.
    Held(Held, Buyer),
    /// The driver saved a card, or paid.
    Done(Buyer),
    /// The page ran out, or the driver cancelled.
    Expired,
    /// A charger reported the start of the session that the token stands for.
    Claimed(SessionId),
    /// The time to start is over; now, UTC.
    NotStarted(Timestamp),
    /// The hold is given back.
    Released,
    /// Who the driver was is forgotten, but for a business: its name, address and tax number stay on its receipt.
    Erased,
}

/// What a checkout has waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutWork {
    /// Ask Stripe what became of the page.
    LookUp,
    /// The vehicle did not start in time.
    GiveUp,
    /// Give the hold back.
    Release,
}

/// What the token of a checkout begins with: no other id tag is looked up.
const PREFIX: &str = "p-";
/// Its length: the longest id tag of OCPP 1.6.
const LENGTH: usize = 20;

/// Whether a tag may be the token of a checkout.
#[must_use]
pub fn is_token(tag: &IdTag) -> bool {
    tag.as_str().len() == LENGTH && tag.as_str().starts_with(PREFIX)
}

/// The token made of random text; `None` when that is not 18 characters that an id tag may have.
#[must_use]
pub fn token(random: &str) -> Option<IdTag> {
    let tag = format!("{PREFIX}{random}").parse().ok()?;
    is_token(&tag).then_some(tag)
}

impl Checkout {
    /// The new state; `None` when the event changes nothing.
    #[must_use]
    pub fn apply(&self, event: CheckoutEvent) -> Option<Self> {
        use CheckoutState::{Done, Expired, Held, Open, Released, Releasing, Started};
        let mut after = self.clone();
        after.state = match (event, &self.state) {
            (CheckoutEvent::Erased, Started(_) | Released | Done | Expired) => {
                let business = if self.buyer.tax_id.is_some() { self.buyer.clone() } else { Buyer::default() };
                after.buyer = Buyer { email: None, phone: None, ..business };
                after.texts_to = None;
                self.state.clone()
            }
            (CheckoutEvent::PageMade(page), _) if self.page.is_none() => {
                after.page = Some(page);
                self.state.clone()
            }
            // A page that Stripe let run out may have been paid a moment before.
            (CheckoutEvent::Held(held, buyer), Open | Expired) => {
                after.buyer = buyer;
                after.held = Some(held);
                Held
            }
            (CheckoutEvent::Done(buyer), Open | Expired) => {
                after.buyer = buyer;
                Done
            }
            (CheckoutEvent::Expired, Open) => Expired,
            (CheckoutEvent::Claimed(session), Held) if self.is_at(&session.charger) => Started(session),
            (CheckoutEvent::NotStarted(now), Held) if self.start_before().is_some_and(|at| at <= now) => Releasing,
            (CheckoutEvent::Released, Releasing) => Released,
            (
                CheckoutEvent::PageMade(_)
                | CheckoutEvent::Held(..)
                | CheckoutEvent::Done(_)
                | CheckoutEvent::Expired
                | CheckoutEvent::Claimed(_)
                | CheckoutEvent::NotStarted(_)
                | CheckoutEvent::Released
                | CheckoutEvent::Erased,
                Open | Held | Started(_) | Releasing | Released | Done | Expired,
            ) => return None,
        };
        Some(after)
    }

    fn start_before(&self) -> Option<Timestamp> {
        self.held.as_ref().map(|held| held.start_before)
    }

    /// Where the charger is to let the driver start, and since when, UTC; `None` where it is not ours to say.
    #[must_use]
    pub fn to_start(&self) -> Option<(&ChargerId, ConnectorId, Timestamp)> {
        let Errand::Charge { charger, connector } = &self.errand else { return None };
        let held = self.held.as_ref().filter(|_| self.answered && self.state == CheckoutState::Held)?;
        Some((charger, *connector, held.known_at))
    }

    /// What is due next and when, UTC.
    #[must_use]
    pub fn due(&self) -> Option<(Timestamp, CheckoutWork)> {
        match &self.state {
            CheckoutState::Open => Some((self.opened_at + PAGE_LIVES + LOOK_AFTER, CheckoutWork::LookUp)),
            CheckoutState::Held => self.start_before().map(|at| (at, CheckoutWork::GiveUp)),
            CheckoutState::Releasing => self.start_before().map(|at| (at, CheckoutWork::Release)),
            CheckoutState::Started(_) | CheckoutState::Released | CheckoutState::Done | CheckoutState::Expired => None,
        }
    }

    /// The session that came of it, or that it pays for.
    #[must_use]
    pub const fn session(&self) -> Option<&SessionId> {
        match (&self.state, &self.errand) {
            (CheckoutState::Started(session), _) | (_, Errand::Pay { session }) => Some(session),
            (_, Errand::Charge { .. } | Errand::SaveCard { .. }) => None,
        }
    }

    /// Whether a vehicle may charge at this charger by it; which of its cables the driver takes is not asked.
    fn is_at(&self, here: &ChargerId) -> bool {
        matches!(&self.errand, Errand::Charge { charger, .. } if charger == here)
    }

    /// Whether the hold pays for charging at this charger, now or in the session that it began.
    #[must_use]
    pub fn pays_at(&self, charger: &ChargerId) -> bool {
        let stands = matches!(self.state, CheckoutState::Held | CheckoutState::Started(_));
        stands && self.is_at(charger)
    }

    /// What a session that starts with the token opens with: the card, and the hold where it is the session's own.
    #[must_use]
    pub fn opens(&self, session: &SessionId) -> (Option<Payer>, Option<ActiveHold>) {
        let held = self.held.as_ref().filter(|_| self.is_at(&session.charger));
        let own = matches!(&self.state, CheckoutState::Started(of) if of == session);
        (held.map(|held| held.payer.clone()), held.filter(|_| own).map(Held::hold))
    }
}
