//! The sessions whose every request is a place where a function may end.

use std::sync::Arc;

use axum::body::Body;
use futures_util::FutureExt;
use http::Request;
use jiff::SignedDuration;
use plugtill::edges::receivers::{LocalReceivers, Posted};
use plugtill::edges::sns::SentMessage;
use plugtill::stack::{Options, Stack};
use plugtill::stripe_simulator::{Buyer, Disturbance};
use plugtill_domain::session::Session;
use plugtill_operator::Request as Order;
use plugtill_tests::wrong::{Met, hand_in, pass_to};
use plugtill_tests::{Story, at, look_at, site, stop_body};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{End, Watched, by_kind, state, told_again, told_as};

/// A fixed set of what happens at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tale {
    /// 10 kWh, unplugged at once; a system of the operator's own is told.
    Plain,
    /// 100 minutes plugged in after the charging.
    IdleFee,
    /// More than was held.
    TopUp,
    /// A card that bears nothing.
    Declined,
    /// What is told after the settlement lowers the bill.
    Refunded,
    /// A driver without an account, at Stripe's page.
    Checkout,
    /// A fault that is told, and its end.
    Incident,
    /// A stop that never comes.
    LostStop,
    /// An operator gives something back.
    Credited,
    /// A charger that we answer, and stop where nobody pays.
    Answered,
}

/// The function that is asked is no more: asked again, as whoever waits for it does.
macro_rules! until_it_answers {
    ($met:expr, $asked:expr) => {{
        $met.outside(true);
        // It ends three times at most.
        let answer = (0..4).find_map(|_| tokio::task::unconstrained($asked).now_or_never());
        $met.outside(false);
        answer.unwrap()
    }};
}

impl Tale {
    fn change(self) -> Value {
        match self {
            Self::Plain => json!({ "webhooks": [{ "url": "https://erp.example/plugtill" }] }),
            Self::TopUp => json!({ "hold": "2.00" }),
            // A start that comes again after three tries is still in time.
            Self::Checkout => json!({ "drivers": {}, "payments": { "start_within_minutes": 30 } }),
            Self::Answered => json!({ "role": "answering" }),
            Self::IdleFee | Self::Declined | Self::Refunded | Self::Incident | Self::LostStop | Self::Credited => {
                json!({})
            }
        }
    }

    fn story(self) -> Story {
        let charged = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh");
        let plain = charged.clone().stop(60, 11_000, "EVDisconnected").status(60, "Available");
        let start = |tag: &str| {
            let body = json!({ "connectorId": 1, "idTag": tag, "meterStart": 1_000, "timestamp": at(0).to_string() });
            Story::new().call(at(0), "StartTransaction", &body)
        };
        match self {
            Self::Plain | Self::TopUp | Self::Credited => plain,
            Self::IdleFee => {
                charged.status(60, "SuspendedEV").stop(160, 11_000, "EVDisconnected").status(160, "Available")
            }
            Self::Declined => Story::new().start_as("BROKE", 7, 0, 1_000).stop(60, 11_000, "EVDisconnected"),
            Self::Refunded => {
                let idle = charged.status(60, "SuspendedEV").stop(160, 11_500, "EVDisconnected");
                idle.status_received(61, 200, "Charging")
            }
            Self::Checkout => Story::new(),
            Self::Incident => Story::new().status(0, "Faulted").status(15, "Available"),
            Self::LostStop => Story::new().start(0, 1_000).meter(60, "11000", "Wh"),
            Self::Answered => start("BROKE").call(at(30), "StopTransaction", &stop_body(-1, 30, 2_000, "Remote")),
        }
    }

    /// Plays it; what it came to, how often a function ended, and what was told more than once.
    pub(super) async fn played(self, watched: &Watched) -> (End, (u64, usize)) {
        let sites = site(self.change());
        let receivers = LocalReceivers::default();
        let outgoing: Arc<dyn plugtill_adapters::transport::HttpTransport> = Arc::new(receivers.clone());
        let outgoing = (self == Self::Plain).then_some(outgoing);
        let webhooks = Some(Disturbance::default());
        let options = Options { start: at(0), webhooks, outgoing, one_clock: true, ..Options::default() };
        let mut stack = Stack::start(&options, &sites).await.unwrap();
        let met = watched.install(&stack);
        let mut story = self.story();
        if self == Self::Checkout {
            let token = checked_out(&mut stack, &met, watched).await;
            story =
                Story::new().start_as(&token, 7, 2, 1_000).stop(62, 11_000, "EVDisconnected").status(62, "Available");
        }
        let last = hand_in(&mut stack, &story).await;
        if self == Self::Credited {
            pass_to(&mut stack, at(90)).await;
            credited(&mut stack, &met).await;
        }
        let hours = match self {
            Self::LostStop => 74,
            // Its command is repeated for as long as the charger does not answer.
            Self::Answered => 1,
            Self::Plain
            | Self::IdleFee
            | Self::TopUp
            | Self::Declined
            | Self::Refunded
            | Self::Checkout
            | Self::Incident
            | Self::Credited => 26,
        };
        pass_to(&mut stack, last + SignedDuration::from_hours(hours)).await;
        let compared = until_it_answers!(met, stack.reconcile(at(-60))).unwrap();
        assert_eq!(compared.differences, [], "the books differ");
        pass_to(&mut stack, last + SignedDuration::from_hours(hours + 3)).await;
        watched.pauses(true);
        let (told, again) =
            (by_kind(stack.topics.sent().iter().filter(|sent| is_news(sent)).map(told_as)), told_again(&stack));
        let hook = |posted: &Posted| {
            let body: Value = serde_json::from_str(&posted.body).unwrap();
            (body["type"].to_string(), posted.headers["webhook-id"].to_str().unwrap().to_owned())
        };
        let hooks = by_kind(receivers.posted().iter().map(hook));
        // The books as of the last reconciliation: what Stripe kept is posted by its own days.
        let happened = look_at(stack, story.count(), &sites).await;
        let sessions = happened.accounts.sessions.iter().map(state).collect();
        let books = serde_json::to_value(happened.replayed.stack.stripe.books()).unwrap();
        let totals = serde_json::to_value(&happened.summary.money).unwrap();
        (End { sessions, books, totals, told, hooks }, (met.times(), again))
    }

    /// A tale that does not do what it is for would prove nothing.
    pub(super) fn is_itself(self, end: &End) {
        let books = |name: &str| end.books[name].as_u64().unwrap();
        let expected = match self {
            Self::Plain | Self::IdleFee | Self::Checkout | Self::LostStop => (1, 1, 0, 0),
            Self::TopUp => (1, 1, 1, 0),
            Self::Refunded | Self::Credited => (1, 1, 0, 1),
            Self::Declined | Self::Incident | Self::Answered => (0, 0, 0, 0),
        };
        assert_eq!(
            (books("holds"), books("captures"), books("top_ups"), books("refunds")),
            expected,
            "{self:?}: {end:?}"
        );
        assert_eq!(self == Self::Incident, end.sessions.is_empty());
        assert!(self != Self::Incident || end.told.len() == 2, "{:?}", end.told);
        assert!(self != Self::Plain || end.hooks.len() == 3, "{:?}", end.hooks);
    }
}

/// A fault that lasts some minutes longer, because its end was handled late, may be reminded of meanwhile.
fn is_news(sent: &SentMessage) -> bool {
    !["reminder", "escalated"].contains(&sent.attribute("event"))
}

/// A driver asks for a page and pays there; the tag under which the hold is known.
async fn checked_out(stack: &mut Stack, met: &Met, watched: &Watched) -> String {
    let asked = || {
        let asked = Request::post("/checkouts").header("content-type", "application/x-www-form-urlencoded");
        asked.body(Body::from("charger=CP1&connector=1")).unwrap()
    };
    let answer = until_it_answers!(met, stack.portal().oneshot(asked())).unwrap();
    let url = answer.headers()["location"].to_str().unwrap().to_owned();
    let page = crate::portal::page_of(Some(url));
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    watched.pauses(true);
    let token = crate::portal::token(stack, &page).to_string();
    watched.pauses(false);
    pass_to(stack, at(1)).await;
    token
}

async fn credited(stack: &mut Stack, met: &Met) {
    let session: Session = super::super::faults::only_session(stack).await;
    let fields = json!({ "session": session.id, "reason": "cable was wet", "by": "night shift", "id": "C1",
        "amount": "1.20", "apply": true });
    let order = || -> Order { serde_json::from_value(json!({ "credit": fields })).unwrap() };
    met.outside(true);
    let answer = (0..4).find_map(|_| tokio::task::unconstrained(stack.order(order())).now_or_never());
    met.outside(false);
    if let Err(error) = answer.unwrap() {
        // What the first try did before it ended is found done.
        assert!(error.to_string().contains("session CP1"), "{error}");
    }
}
