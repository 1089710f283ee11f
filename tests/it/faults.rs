//! Faults of the catalogue, by number, each caused where it happens: at the transport of the SDK clients, in the queues, by the
//! clock. `docs/faults.md` lists all of them with their tests, which lie beside what they are about as well.

mod aws;
mod crashes;
mod elsewhere;
mod hostile;
mod late;
mod messages;
mod release;
mod size;
mod stripe;
mod time;
mod workers;

use plugtill::stack::Stack;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use plugtill_tests::wrong::tell_by_queue;
use plugtill_tests::{Happened, Story, at, look_at, site, stack};
use serde_json::{Value, json};

/// 10 kWh in an hour, unplugged at once: 3.50.
fn plain() -> Story {
    Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected").status(60, "Available")
}

/// The same with 100 minutes plugged in after it, 15 of them grace: 3.50 and 8.50.
fn idle() -> Story {
    let charged = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    charged.stop(160, 11_000, "EVDisconnected").status(160, "Available")
}

fn billed(happened: &Happened, minor: i64) {
    assert_eq!(happened.session().billed().minor(), minor);
    assert_eq!(happened.collected_minor(), minor, "in Stripe's own books");
}

fn billed_350(happened: &Happened) {
    billed(happened, 350);
}

/// What Stripe did: holds, captures, top-ups, holds that stand.
fn moves(stack: &Stack) -> (u64, u64, u64, u64) {
    let books = stack.stripe.books();
    (books.holds, books.captures, books.top_ups, books.open_holds)
}

pub(crate) async fn only_session(stack: &Stack) -> Session {
    stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0)
}

/// A stack to which something is about to happen, and the site that it serves.
async fn yard(change: Value) -> (Stack, Vec<Site>) {
    let sites = site(change);
    (stack(&sites).await, sites)
}

/// A story that comes by the queue while `spoil` has arranged what goes wrong.
async fn through(story: &Story, change: Value, spoil: impl FnOnce(&Stack)) -> Happened {
    let (mut stack, sites) = yard(change).await;
    spoil(&stack);
    let received = tell_by_queue(&mut stack, story).await;
    look_at(stack, received, &sites).await
}

/// Sessions as they are stored, without the story of how they came there: payments by what they moved.
pub(crate) fn state(session: &Session) -> Value {
    let mut state = serde_json::to_value(session).unwrap();
    for payment in state["payments"].as_array_mut().unwrap() {
        payment["state"] = json!(payment["state"].as_object().and_then(|state| state.keys().next()));
    }
    state
}

/// The only session of a story ended as it would have without the fault, Stripe did the same, and no operator was told twice.
fn as_without_fault(happened: &Happened, undisturbed: &Happened, what: &str) {
    assert_eq!(state(happened.session()), state(undisturbed.session()), "{what}");
    let stack = |happened: &Happened| moves(&happened.replayed.stack);
    assert_eq!(stack(happened), stack(undisturbed), "{what}");
}

/// What operators were told, by the alerts' own names.
fn alerts(stack: &Stack) -> Vec<String> {
    stack.topics.sent().iter().map(|sent| sent.attribute("id").to_owned()).collect()
}

/// Minutes after the start of all stories.
fn minutes(minutes: i64) -> jiff::Timestamp {
    at(minutes)
}
