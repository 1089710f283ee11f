//! How soon the console answers: `cargo bench -p plugtill-tests --bench console`.
//!
//! First every page over 26,669 sessions of one site, of which a hundredth is not paid and some run; then the books of two
//! months of 1,000 sites: 1.5 million sessions a month as their daily totals stand in the table, and are put together
//! every day. `SESSIONS` and `SITES` change the size. Prints p50 and p95 of each page with its weight beside what is to be
//! reached, and fails where it is not. Where others are busy on the same machine, it says more about them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on may panic")]

use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use http::Request;
use plugtill::replay::replay;
use plugtill::stack::{Options, Stack};
use plugtill::traffic::Traffic;
use plugtill_adapters::store::{Item, closed_by};
use plugtill_domain::site::Site;
use plugtill_operator::{Answer, Request as Order};
use plugtill_tests::{Story, at, site};
use serde_json::{Value, json};
use tower::ServiceExt;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CHARGERS: i64 = 60;
/// So many of them charge when the pages are looked at.
const RUNNING: i64 = 12;
const RUNS: usize = 40;
/// A month and the one before it.
const DAYS: i64 = 62;
/// Server time of a page, p95, with 26,669 sessions in the store; and of a month of 1,000 sites.
const GOALS: [Duration; 2] = [Duration::from_millis(20), Duration::from_secs(2)];
const HEAVIEST: usize = 60 << 10;
/// So many sessions a site and day make 1.5 million a month of 1,000 sites.
const SESSIONS_A_DAY: i64 = 50;

fn from_environment(name: &str, default: i64) -> i64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (sessions, sites) = (from_environment("SESSIONS", 26_669), from_environment("SITES", 1_000));
    let began = Instant::now();
    let mut busy = played(sessions).await;
    println!("{sessions} sessions of one site, played in {:.0?}", began.elapsed());
    let cookie = signed_in(&mut busy).await;
    let latest = busy.store.sessions(&"CP40".parse().unwrap(), plugtill_domain::ids::ConnectorId(1)).await.unwrap();
    let latest = &latest.last().unwrap().id;
    let one = format!("/console/sessions/{latest}");
    let receipt = busy.session_page(latest);
    let receipt = receipt.split_once("://").unwrap().1;
    let receipt = &receipt[receipt.find('/').unwrap()..];
    let pages = [
        "/console",
        "/console/sessions",
        "/console/sessions?charger=CP7",
        "/console/sessions?outcome=uncollectable",
        "/console/sessions?text=nobody",
        &one,
        "/console/revenue",
        "/console/revenue?site=yard",
        "/console/postings",
        "/console/postings?account=idle",
        "/console/leakage",
        "/console/use",
        "/console/reconciliation",
        "/console/exports",
        "/console/incidents",
        "/console/incidents?all=true",
        "/console/uptime",
        "/console/quarantine",
        "/console/chargers",
        "/console/chargers/CP7",
        "/console/chargers/new",
        "/console/drivers",
        "/console/tariffs",
        "/console/tariffs/yard",
        "/console/audit",
        "/console/settings",
        "/api/v1",
    ];
    let mut reached = true;
    for page in pages {
        reached &= timed(&mut busy, (Stack::console, &cookie), page, GOALS[0]).await;
    }
    for page in ["/stalls/CP7/1", receipt] {
        reached &= timed(&mut busy, (Stack::portal, ""), page, GOALS[0]).await;
    }
    let mut large = totalled(sites).await;
    println!("\n{sites} sites, {} sessions in {DAYS} days as totals", sites * DAYS * SESSIONS_A_DAY);
    let cookie = signed_in(&mut large).await;
    for page in ["/console", "/console/sessions", "/console/revenue", "/console/leakage", "/console/use"] {
        reached &= timed(&mut large, (Stack::console, &cookie), page, GOALS[1]).await;
    }
    assert!(reached, "a page is slower or heavier than it is to be");
}

/// Whether a page of one of the two faces reached its goal.
async fn timed(
    stack: &mut Stack,
    (face, cookie): (fn(&mut Stack) -> axum::Router, &str),
    page: &str,
    goal: Duration,
) -> bool {
    let (mut took, mut bytes) = (Vec::with_capacity(RUNS), 0);
    for _ in 0..RUNS {
        let request = Request::get(page).header("cookie", cookie).body(Body::empty()).unwrap();
        let router = face(stack);
        let began = Instant::now();
        let answer = router.oneshot(request).await.unwrap();
        assert!(answer.status().is_success(), "{page}: {}", answer.status());
        bytes = axum::body::to_bytes(answer.into_body(), 1 << 22).await.unwrap().len();
        took.push(began.elapsed());
        if took.iter().sum::<Duration>() > Duration::from_secs(20) {
            break;
        }
    }
    let first = took[0];
    took.sort_unstable();
    let (p50, p95) = (took[took.len() / 2], took[(took.len() * 95).div_ceil(100) - 1]);
    let reached = p95 < goal && bytes < HEAVIEST;
    let verdict = if reached { "ok    " } else { "MISSED" };
    println!("{verdict} first {first:>8.1?}  p50 {p50:>8.1?}  p95 {p95:>8.1?} of {goal:?}  {bytes:>6} bytes  {page}");
    reached
}

/// Sessions of half an hour, one every two hours at each of the chargers; every tenth vehicle stays for an hour, every hundredth
/// bill is not paid.
async fn played(sessions: i64) -> Stack {
    let charger =
        |number: i64| json!({ "id": format!("CP{number}"), "connectors": [{ "id": 1, "max_power_w": 22_000 }] });
    let chargers: Value = (0..CHARGERS).map(charger).collect();
    let sites = site(json!({ "chargers": chargers }));
    let traffic = Traffic::of(traffic(sessions));
    let options = Options { start: at(0), ..Options::default() };
    replay(traffic, &sites, options, &AtomicBool::new(false), &mut |_| ()).await.expect("a replay").stack
}

fn traffic(sessions: i64) -> String {
    let mut traffic = String::new();
    for number in 0..sessions {
        let (charger, hour) = (number % CHARGERS, number / CHARGERS);
        let (minute, register) = (hour * 120, hour * 10_000);
        let stays = number % 10 == 0;
        let ends = if stays { minute + 90 } else { minute + 30 };
        let tag = if number % 100 == 0 { "BROKE" } else { "TAG1" };
        let story = Story::new().start_as(tag, number + 1, minute, register);
        let story = if stays { story.status(minute, "Charging").status(minute + 30, "SuspendedEV") } else { story };
        let stop = plugtill_tests::stop_body(number + 1, ends, register + 9_000, "EVDisconnected");
        let story = story.call(at(ends), "StopTransaction", &stop).status(ends, "Available");
        let _ = write!(traffic, "{}", story.traffic().replace("CP1/", &format!("CP{charger}/")));
    }
    let (minute, register) = ((sessions / CHARGERS + 1) * 120, (sessions / CHARGERS + 1) * 10_000);
    for charger in 0..RUNNING {
        let story = Story::new().start_as("TAG1", sessions + charger + 1, minute, register).status(minute, "Charging");
        let meter = |story: Story, read: i64| story.meter(minute + read, &(register + read * 300).to_string(), "Wh");
        let story = (1..=30).fold(story, meter);
        let _ = write!(traffic, "{}", story.traffic().replace("CP1/", &format!("CP{charger}/")));
    }
    let mut lines: Vec<&str> = traffic.lines().collect();
    let received = |line: &str| line.split("\"received_at\":\"").nth(1).map(|rest| rest[..20].to_owned());
    lines.sort_by_cached_key(|line| received(line));
    lines.join("\n")
}

/// Sites whose daily totals are there, as if their sessions had been.
async fn totalled(count: i64) -> Stack {
    let named = |number: i64| -> Site {
        let charger = json!([{ "id": format!("C{number}"), "connectors": [{ "id": 1, "max_power_w": 22_000 }] }]);
        site(json!({ "id": format!("site{number}"), "name": format!("Site {number}"), "chargers": charger })).remove(0)
    };
    let sites: Vec<Site> = (0..count).map(named).collect();
    let first = at(0);
    let end = first + jiff::SignedDuration::from_hours(24 * (DAYS - 1));
    let stack = Stack::start(&Options { start: end, ..Options::default() }, &sites).await.unwrap();
    let mut items = Vec::new();
    for site in &sites {
        for day in 0..DAYS {
            let date = (first + jiff::SignedDuration::from_hours(24 * day)).to_zoned(site.terms.zone()).date();
            items.push(day_total(&format!("d#{}", site.id), &format!("{date}#EUR"), day));
        }
    }
    for chunk in items.chunks(25) {
        stack.store.file(chunk.to_vec()).await.unwrap();
    }
    for site in &sites {
        stack.store.close_days(&site.id, closed_by(end)).await.unwrap();
    }
    stack
}

fn day_total(pk: &str, sk: &str, day: i64) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let number = |value: i64| AttributeValue::N(value.to_string());
    let mut item = Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))]);
    let counts = [("sessions", SESSIONS_A_DAY), ("energy_wh", 450_000), ("captured", 15_750), ("energy", -15_750)];
    item.extend(counts.map(|(name, value)| (name.to_owned(), number(value))));
    item.extend((0..24).map(|hour| (format!("hour{:03}", (day % 7) * 24 + hour), number(656))));
    item
}

async fn signed_in(stack: &mut Stack) -> String {
    let user = json!({ "name": "ann", "role": "owner", "password": "correct horse battery", "by": "bench" });
    let order = serde_json::from_value::<Order>(json!({ "add_user": user })).unwrap();
    let Answer::UserAdded(_) = stack.order(order).await.unwrap() else { panic!("no user") };
    let page = stack.console().oneshot(Request::get("/console/sign-in").body(Body::empty()).unwrap()).await.unwrap();
    let first = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let body = axum::body::to_bytes(page.into_body(), 1 << 20).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    let token = body.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("csrf={token}&to=%2Fconsole&name=ann&password=correct+horse+battery");
    let request = Request::post("/console/sign-in").header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("cookie", first).body(Body::from(form)).unwrap();
    let answer = stack.console().oneshot(request).await.unwrap();
    answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}
