//! Every request that any function makes while these sessions are played, and its function ending there: before the request is
//! carried out, and once it is; once, and again at the same operation when the work comes back, up to three times. Whatever
//! the place, sessions, receipts, Stripe's books and what is told come to the same as without.
//!
//! `PLUGTILL_CRASHES=all` tries every cell. Otherwise each place is tried once, and of the rest one cell in [`SHARE`], the same each time.

mod tales;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use plugtill::stack::Stack;
use plugtill_domain::session::Session;
use plugtill_tests::wrong::{Edge, Met, Wrong, goes_wrong};
use serde_json::{Value, json};
use tales::Tale;

/// Of the cells that are not each place's first, so many are left out for one that is tried.
const SHARE: usize = 13;

/// A request: the how-manieth to which edge, and its operation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    edge: Edge,
    index: u64,
    operation: String,
}

impl Place {
    /// Whether anything is different once it is carried out.
    fn changes_something(&self) -> bool {
        let reads = ["GetItem", "BatchGetItem", "Query", "GetQueueAttributes"];
        !reads.contains(&self.operation.as_str()) && !self.operation.starts_with("GET ")
    }
}

/// A cell of the table.
#[derive(Debug, Clone)]
struct Crash {
    place: Place,
    wrong: Wrong,
    /// How often the function ends there.
    times: u64,
}

/// Counts requests, and ends functions at a cell's.
#[derive(Debug, Clone, Default)]
struct Watched(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    crash: Option<Crash>,
    counts: BTreeMap<&'static str, u64>,
    left: u64,
    places: Vec<Place>,
    is_over: bool,
}

impl Watched {
    fn by(crash: Option<Crash>) -> Self {
        let left = crash.as_ref().map_or(0, |crash| crash.times);
        Self(Arc::new(Mutex::new(State { crash, left, ..State::default() })))
    }

    fn install(&self, stack: &Stack) -> Met {
        let watched = self.clone();
        goes_wrong(stack, move |edge, operation| watched.asked(edge, operation))
    }

    fn asked(&self, edge: Edge, operation: &str) -> Option<Wrong> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            return None;
        }
        let count = state.counts.entry(name(edge)).or_default();
        let index = *count;
        *count += 1;
        let Some(crash) = state.crash.clone() else {
            state.places.push(Place { edge, index, operation: operation.to_owned() });
            return None;
        };
        let Place { edge: of, index: from, operation: what } = &crash.place;
        let here = *of == edge && index >= *from && (index == *from || path(what) == path(operation));
        if !here || state.left == 0 {
            return None;
        }
        state.left -= 1;
        Some(crash.wrong)
    }

    /// What is asked from now on is the test's own matter; or no more.
    fn pauses(&self, pauses: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_over = pauses;
    }

    fn places(&self) -> Vec<Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).places.clone()
    }
}

const fn name(edge: Edge) -> &'static str {
    match edge {
        Edge::Table => "table",
        Edge::Queues => "queues",
        Edge::Topics => "topics",
        Edge::Broker => "broker",
        Edge::Stripe => "Stripe",
    }
}

/// An operation without what names an object in it.
fn path(operation: &str) -> String {
    let is_name = |part: &&str| part.contains('_') && part.bytes().any(|byte| byte.is_ascii_digit());
    operation.split('/').filter(|part| !is_name(part)).collect::<Vec<_>>().join("/")
}

/// What a tale came to.
#[derive(Debug)]
struct End {
    sessions: Vec<Value>,
    books: Value,
    totals: Value,
    /// How many alerts of each kind and event, each counted once.
    told: BTreeMap<String, usize>,
    hooks: BTreeMap<String, usize>,
}

impl End {
    fn shown(&self) -> Value {
        let Self { sessions, books, totals, told, hooks } = self;
        json!({ "sessions": sessions, "books": books, "totals": totals, "told": told, "hooks": hooks })
    }
}

/// Where two values differ, by the way that leads there.
fn differences(way: &str, one: &Value, other: &Value) -> Vec<String> {
    match (one, other) {
        _ if one == other => Vec::new(),
        (Value::Object(own), Value::Object(others)) => {
            let names: BTreeSet<&String> = own.keys().chain(others.keys()).collect();
            names.into_iter().flat_map(|name| differences(&format!("{way}.{name}"), &one[name], &other[name])).collect()
        }
        (Value::Array(own), Value::Array(others)) if own.len() == others.len() => {
            let pairs = own.iter().zip(others).enumerate();
            pairs.flat_map(|(at, (one, other))| differences(&format!("{way}.{at}"), one, other)).collect()
        }
        _ => vec![format!("{way}: {one} and not {other}")],
    }
}

/// How many different names there are of each kind.
fn by_kind(named: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::<String, usize>::new();
    for (kind, _) in named.into_iter().collect::<BTreeSet<_>>() {
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

/// An alert by kind and event, and its own name; a driver's text by what it says.
fn told_as(sent: &plugtill::edges::sns::SentMessage) -> (String, String) {
    let id = sent.attribute("id").to_owned();
    let kind = if id.is_empty() { sent.text().to_owned() } else { sent.attribute("kind").to_owned() };
    (format!("{kind} {}", sent.attribute("event")), id)
}

/// What was told more than once.
fn told_again(stack: &Stack) -> usize {
    let told: Vec<_> = stack.topics.sent().iter().map(told_as).collect();
    told.len() - told.iter().collect::<BTreeSet<_>>().len()
}

/// Stripe counts what it makes: whoever asks again for a page of their own has later numbers.
fn uncounted(value: &mut Value) {
    let name = |text: &str| {
        let prefix = text.split_once('_').map(|(prefix, _)| prefix);
        prefix.filter(|it| ["cus", "pm", "pi", "txn", "re"].contains(it)).map(str::to_owned)
    };
    match value {
        Value::String(text) => {
            if let Some(name) = name(text) {
                *text = name;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(uncounted),
        Value::Object(fields) => {
            fields.values_mut().for_each(uncounted);
            let counted: Vec<String> = fields.keys().filter(|key| name(key).is_some()).cloned().collect();
            for key in counted {
                let value = fields.remove(&key).unwrap_or_default();
                fields.insert(format!("{}{}", name(&key).unwrap_or_default(), fields.len()), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A session without the instants at which its moves were answered: a crash delays them.
fn state(session: &Session) -> Value {
    let mut state = super::faults::state(session);
    uncounted(&mut state);
    // Drawn for each driver at the page.
    if state["started"]["id_tag"].as_str().is_some_and(|tag| tag.starts_with("p-")) {
        state["started"]["id_tag"] = "drawn".into();
    }
    for notice in state["notices"].as_array_mut().into_iter().flatten() {
        notice["due_at"] = Value::Null;
    }
    if let Some(balance) = state.get_mut("balance").filter(|balance| balance.is_object()) {
        *balance = "owed".into();
    }
    for instant in ["remind_at", "stop_asked"] {
        state[instant] = Value::Null;
    }
    for credit in state["credits"].as_array_mut().into_iter().flatten() {
        credit["at"] = Value::Null;
    }
    state
}

/// The cells of a tale that are tried now.
fn cells(places: &[Place]) -> (usize, Vec<Crash>) {
    let all = std::env::var("PLUGTILL_CRASHES").is_ok_and(|which| which == "all");
    let (mut whole, mut tried) = (0, Vec::new());
    for place in places {
        let wrongs =
            if place.changes_something() { &[Wrong::DiedBefore, Wrong::DiedAfter][..] } else { &[Wrong::DiedBefore] };
        let mut first = true;
        for (wrong, times) in wrongs.iter().flat_map(|wrong| (1..=3).map(move |times| (*wrong, times))) {
            whole += 1;
            let due = first && place.changes_something();
            if all || due || whole % SHARE == 0 {
                // The one that is tried of each place is before and after by turns.
                let wrong = if due && place.index % 2 == 1 { Wrong::DiedAfter } else { wrong };
                tried.push(Crash { place: place.clone(), wrong, times });
            }
            first = false;
        }
    }
    (whole, tried)
}

async fn comes_to_the_same_wherever_a_function_ends(tale: Tale) {
    let watched = Watched::by(None);
    let (undisturbed, again) = tale.played(&watched).await;
    assert_eq!(again, (0, 0), "nothing went wrong, and nothing was told twice");
    tale.is_itself(&undisturbed);
    let places = watched.places();
    let (whole, cells) = cells(&places);
    let mut by_edge = BTreeMap::<&str, usize>::new();
    for place in &places {
        *by_edge.entry(name(place.edge)).or_default() += 1;
    }
    println!("{tale:?}: {} of {whole} cells at {} requests {by_edge:?}", cells.len(), places.len());
    for crash in cells {
        let (end, (met, told_again)) = tale.played(&Watched::by(Some(crash.clone()))).await;
        assert!(met >= 1, "{tale:?}: nothing ended at {crash:?}");
        let differences = differences("", &end.shown(), &undisturbed.shown());
        assert_eq!(differences, [] as [String; 0], "{tale:?}: {crash:?}");
        // Told, then marked: what ends between the two tells again, and nothing else does.
        let may_tell_again =
            matches!((crash.place.edge, crash.wrong), (Edge::Topics, Wrong::DiedAfter) | (Edge::Table, _));
        let most = if may_tell_again { usize::try_from(met).unwrap() } else { 0 };
        assert!(told_again <= most, "{tale:?}: {told_again} told again at {crash:?}");
    }
}

macro_rules! table {
    ($($name:ident: $tale:ident),+ $(,)?) => { $(
        #[tokio::test]
        async fn $name() {
            comes_to_the_same_wherever_a_function_ends(Tale::$tale).await;
        }
    )+ };
}

table! {
    a_paid_session_comes_to_the_same_wherever_a_function_ends: Plain,
    an_idle_fee_comes_to_the_same_wherever_a_function_ends: IdleFee,
    a_top_up_comes_to_the_same_wherever_a_function_ends: TopUp,
    a_decline_comes_to_the_same_wherever_a_function_ends: Declined,
    a_refund_by_late_evidence_comes_to_the_same_wherever_a_function_ends: Refunded,
    a_checkout_at_the_page_comes_to_the_same_wherever_a_function_ends: Checkout,
    an_incident_comes_to_the_same_wherever_a_function_ends: Incident,
    a_lost_stop_comes_to_the_same_wherever_a_function_ends: LostStop,
    a_credit_comes_to_the_same_wherever_a_function_ends: Credited,
    an_answered_charger_comes_to_the_same_wherever_a_function_ends: Answered,
}
