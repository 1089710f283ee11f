//! What a period came to: every number is the fold of the sessions, and of the postings behind it.

use std::collections::BTreeMap;

use http::StatusCode;
use plugtill::summary::accounts;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::ledger::Account;
use plugtill_domain::site::Site;
use plugtill_tests::{Story, at, site, stack};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Desk, hour, hours};
use crate::real_sessions::{messages, shared};

const MARCH: &str = "from=2026-03-02&to=2026-03-03";

/// A month with all that can become of money: paid, idle, given back, not obtainable, waived, in quarantine.
async fn eventful() -> (Desk, Vec<Site>) {
    let taxed = json!({ "tax_percent": "20", "no_charge_below": { "seconds": 60, "kwh": "0.1" } });
    let mut sites = site(taxed);
    sites.extend(site(super::quay()));
    let mut desk = Desk { stack: stack(&sites).await };
    let story = Story::new()
        // Paid, with half an hour of idle time.
        .start(0, 1_000)
        .status(1, "Charging")
        .meter(60, "11000", "Wh")
        .status(60, "SuspendedEV")
        .stop(90, 11_000, "EVDisconnected")
        .status(90, "Available")
        // Not obtainable.
        .start_as("BROKE", 8, 120, 11_000)
        .call(at(180), "StopTransaction", &plugtill_tests::stop_body(8, 180, 15_000, "EVDisconnected"))
        .status(180, "Available")
        // Nothing due.
        .start_as("TAG1", 9, 200, 15_000)
        .call(at(200), "StopTransaction", &plugtill_tests::stop_body(9, 200, 15_000, "EVDisconnected"))
        .status(200, "Available")
        // More than a connector can deliver.
        .start_as("TAG1", 10, 240, 15_000)
        .call(at(300), "StopTransaction", &plugtill_tests::stop_body(10, 300, 9_000_000, "EVDisconnected"))
        .status(300, "Available");
    desk.hear(&story.traffic()).await;
    desk.wait(24 * 60).await;
    let paid = desk.stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0).id;
    let credit = json!({ "session": paid, "id": "c1", "amount": "1.20", "reason": "slow", "by": "bob", "apply": true });
    desk.order(json!({ "credit": credit })).await;
    desk.wait(60).await;
    (desk, sites)
}

fn minor(amount: &Value) -> i64 {
    let major: Decimal = amount["amount"].as_str().unwrap().parse().unwrap();
    i64::try_from((major * Decimal::ONE_HUNDRED).mantissa() / 10_i128.pow(major.scale())).unwrap()
}

#[tokio::test]
async fn the_revenue_is_the_fold_of_the_sessions() {
    let (mut desk, sites) = eventful().await;
    let key = desk.key("viewer", &["yard"]).await;
    let told = desk.read_by(&key, &format!("/api/v1/revenue?{MARCH}")).await.json();
    let report = accounts(&desk.stack, &sites).await.unwrap();
    assert_eq!(report.violations, [], "the books meet");
    let (money, total) = (&report.report.money()[0], &told["revenue"][0]["total"]);
    for (name, minor_units) in [
        ("billed", money.billed_minor),
        ("tax", money.tax_minor),
        ("net", money.billed_minor - money.tax_minor),
        ("collected", money.captured_minor - money.refunded_minor),
        ("refunded", money.refunded_minor),
        ("open", money.open_minor),
    ] {
        assert_eq!(minor(&total[name]), minor_units, "{name} in {told}");
    }
    assert!(money.refunded_minor == 120 && money.idle_minor > 0 && money.uncollectable_minor > 0, "{money:?}");
    assert_eq!(total["counts"]["sessions"], json!(4));
    assert_eq!(total["counts"]["energy_kwh"], json!("14.000"));
    // From the start to the stop of each; one of them idled for half an hour and was billed for it.
    assert_eq!((&total["counts"]["plugged_seconds"], &total["counts"]["idle_seconds"]), (&json!(9_000), &json!(1_800)));
    assert_eq!(total["counts"]["idle_fees"], json!(1));
    let only = desk.key("viewer", &["quay"]).await;
    assert_eq!(desk.read_by(&only, &format!("/api/v1/revenue?{MARCH}")).await.json()["revenue"], json!([]));
    assert_eq!(desk.read_by(&only, "/api/v1/revenue?site=yard").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whatever_it_is_looked_at_by_it_adds_up_to_the_same() {
    let mut desk = Desk::new().await;
    let (yard, quay) = (hours(31).traffic(), hours(9).traffic().replace("CP1/", "CP2/"));
    let mut lines: Vec<&str> = yard.lines().chain(quay.lines()).collect();
    lines.sort_by_key(|line| line.split("received_at").nth(1).unwrap().to_owned());
    desk.hear(&lines.join("\n")).await;
    desk.wait(180).await;
    let key = desk.key("viewer", &[]).await;
    let sum =
        |list: &Value, of: fn(&Value) -> &Value| list.as_array().unwrap().iter().map(|it| minor(of(it))).sum::<i64>();
    let all = desk.read_by(&key, &format!("/api/v1/revenue?{MARCH}")).await.json()["revenue"][0].clone();
    let billed = minor(&all["total"]["billed"]);
    assert_eq!(billed, 40 * 140);
    assert_eq!(
        (sum(&all["sites"], |it| &it["total"]["billed"]), sum(&all["days"], |it| &it["total"]["billed"])),
        (billed, billed)
    );
    assert_eq!(sum(&all["hours"], |it| &it["billed"]), billed);
    // Sessions began every hour from 10:00 on a Monday in Paris.
    let hours = all["hours"].as_array().unwrap();
    assert_eq!((&hours[0]["hour"], minor(&hours[0]["billed"])), (&json!(10), 2 * 140));
    assert_eq!(hours.len(), 31);
    let one = desk.read_by(&key, &format!("/api/v1/revenue?site=yard&{MARCH}")).await.json()["revenue"][0].clone();
    let billed = minor(&one["total"]["billed"]);
    assert_eq!(billed, 31 * 140);
    assert_eq!(sum(&one["connectors"], |it| &it["total"]["billed"]), billed);
    assert_eq!(sum(&one["tariffs"], |it| &it["total"]["billed"]), billed);
    let later = desk.read_by(&key, "/api/v1/revenue?from=2026-03-04&to=2026-03-05").await.json()["revenue"][0].clone();
    assert_eq!((minor(&later["total"]["billed"]), minor(&later["before"]["billed"])), (0, 40 * 140));
}

#[tokio::test]
async fn every_number_is_the_sum_of_the_postings_behind_it() {
    let (mut desk, sites) = eventful().await;
    let key = desk.key("viewer", &["yard"]).await;
    let report = accounts(&desk.stack, &sites).await.unwrap().report;
    let mut whole = BTreeMap::<String, i64>::new();
    for account in Account::ALL {
        let (mut sum, mut after, mut seen) = (0, String::new(), 0);
        loop {
            let path = format!("/api/v1/postings?{MARCH}&account={}&limit=1{after}", account.as_str());
            let page = desk.read_by(&key, &path).await.json();
            for posting in page["postings"].as_array().unwrap() {
                let legs = posting["legs"].as_array().unwrap();
                assert_eq!(
                    legs.iter().map(|leg| minor(&leg["amount"])).sum::<i64>(),
                    0,
                    "an entry balances: {posting}"
                );
                let leg = legs.iter().find(|leg| leg["account"] == account.as_str()).unwrap();
                (sum, seen) = (sum + minor(&leg["amount"]), seen + 1);
            }
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
            assert!(seen < 50, "the pages have no end");
        }
        whole.insert(account.as_str().to_owned(), sum);
        let expected = report.accounts["EUR"].get(&account).copied().unwrap_or_default();
        assert_eq!(sum, expected, "{}", account.as_str());
    }
    assert!(whole["captured"] > 0 && whole["tax"] < 0 && whole["refunded"] == -120, "{whole:?}");
}

#[tokio::test]
async fn what_did_not_arrive_is_told_with_the_reason_and_what_lies_in_quarantine_too() {
    let (mut desk, _) = eventful().await;
    let key = desk.key("viewer", &["yard"]).await;
    let told = desk.read_by(&key, &format!("/api/v1/leakage?{MARCH}")).await.json();
    let ended: Vec<_> =
        told["sessions"].as_array().unwrap().iter().map(|it| it["session"]["outcome"].as_str().unwrap()).collect();
    assert_eq!(ended, ["quarantined", "uncollectable"], "{told}");
    let lost: i64 = told["totals"][0]["accounts"].as_array().unwrap().iter().map(|leg| minor(&leg["amount"])).sum();
    let session: i64 =
        told["sessions"][1]["accounts"].as_array().unwrap().iter().map(|leg| minor(&leg["amount"])).sum();
    assert_eq!((lost, session), (168, 168), "4 kWh at 0.35 with a fifth of tax: {told}");
    desk.user("bob", "viewer", &["yard"]).await;
    let bob = desk.sign_in("bob").await;
    let page = desk.get(&bob, &format!("/console/leakage?{MARCH}")).await.body;
    assert!(
        page.contains("Not obtainable") && page.contains("1.68 EUR") && page.contains("Refused by the bank"),
        "{page}"
    );
    let nothing = desk.get(&bob, "/console/leakage?from=2026-02-01&to=2026-02-02").await.body;
    assert!(nothing.contains("was collected"), "{nothing}");
}

#[tokio::test]
async fn a_connectors_time_adds_up_to_the_period() {
    let (mut desk, _) = eventful().await;
    let key = desk.key("viewer", &["yard"]).await;
    let told = desk.read_by(&key, "/api/v1/use?from=2026-03-02&to=2026-03-02").await.json();
    let one = &told["connectors"][0];
    let seconds = |name: &str| one[format!("{name}_seconds")].as_i64().unwrap();
    assert_eq!(seconds("charging") + seconds("idle") + seconds("free") + seconds("faulted"), 24 * 3600, "{told}");
    assert_eq!((seconds("idle"), one["sessions"].as_i64()), (1_800, Some(4)), "{told}");
    assert_eq!(
        one["idle_fees"][0],
        json!({ "amount": "1.50", "currency": "EUR" }),
        "15 minutes after the grace: {told}"
    );
    desk.user("bob", "viewer", &["yard"]).await;
    let bob = desk.sign_in("bob").await;
    let page = desk.get(&bob, "/console/use?from=2026-03-02&to=2026-03-02").await.body;
    assert!(page.contains("CP1 · 1") && page.contains("1 of 4 sessions") && page.contains("1.50 EUR"), "{page}");
}

#[tokio::test]
async fn the_revenue_page_shows_the_numbers_with_the_postings_behind_them() {
    let mut desk = Desk::after(&hour()).await;
    desk.user("bob", "viewer", &[]).await;
    let bob = desk.sign_in("bob").await;
    let page = desk.get(&bob, &format!("/console/revenue?{MARCH}")).await.body;
    for part in ["3.50 EUR", "10 kWh", "Billed, tax included", "0.35 EUR", "<svg", "Yard"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let link =
        page.split("<a href=\"/console/postings?").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let behind = desk.get(&bob, &format!("/console/postings?{link}")).await.body;
    assert!(behind.contains("3.50 EUR") && behind.contains("/console/sessions/CP1%7E1%7E"), "{behind}");
    let empty = desk.get(&bob, "/console/revenue?from=2025-03-02&to=2025-03-03").await.body;
    assert!(empty.contains("choose other days"), "{empty}");
}

#[tokio::test]
async fn a_period_that_cannot_be_summed_up_is_refused_with_its_field() {
    let mut desk = Desk::new().await;
    let key = desk.key("viewer", &[]).await;
    for (query, field) in [
        ("from=2026-03-03&to=2026-03-02", "from"),
        ("from=2020-03-03&to=2026-03-02", "from"),
        ("from=-000001-01-01&to=2026-03-02", "from"),
        ("to=soon", "to"),
        ("site=a%20b", "site"),
    ] {
        for path in ["revenue", "postings", "leakage", "use"] {
            let reply = desk.read_by(&key, &format!("/api/v1/{path}?{query}")).await;
            assert_eq!(
                (reply.status, reply.json()["field"].as_str()),
                (StatusCode::BAD_REQUEST, Some(field)),
                "{path} {query}"
            );
        }
    }
    for (query, field) in
        [("account=cash", "account"), ("after=x", "after"), ("connector=a", "connector"), ("currency=E", "currency")]
    {
        let reply = desk.read_by(&key, &format!("/api/v1/postings?{query}")).await;
        assert_eq!((reply.status, reply.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some(field)), "{query}");
    }
}

#[tokio::test]
async fn the_revenue_of_real_sessions_is_what_the_oracle_says() {
    let Some(shared) = shared() else { return };
    // All of them are 26,669, which take some minutes.
    let count = std::env::var("PLUGTILL_REAL_SESSIONS").unwrap_or_else(|_| "200".to_owned());
    let (traffic, oracle) = messages(&shared, &count, &[]);
    let chargers = json!([{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 150_000 }] }]);
    let sites = site(json!({ "chargers": chargers }));
    let happened = plugtill_tests::happened(traffic, &sites).await;
    let mut desk = Desk { stack: happened.replayed.stack };
    let key = desk.key("viewer", &[]).await;
    let rows = oracle["rows"].as_array().unwrap();
    let sum =
        |name: &str| rows.iter().map(|row| row[name].as_str().unwrap().parse::<Decimal>().unwrap()).sum::<Decimal>();
    let (first, last) =
        (&rows[0]["start"].as_str().unwrap()[..10], desk.stack.clock.now().to_string()[..10].to_owned());
    let asked = format!("revenue?site=yard&from={first}&to={last}");
    let told = desk.read_by(&key, &format!("/api/v1/{asked}")).await.json();
    desk.user("ann", "viewer", &[]).await;
    let ann = desk.sign_in("ann").await;
    let page = desk.get(&ann, &format!("/console/{asked}")).await.body;
    let total = &told["revenue"][0];
    let cents = |money: Decimal| i64::try_from((money * Decimal::ONE_HUNDRED).trunc().mantissa()).unwrap();
    assert_eq!(minor(&total["total"]["billed"]), cents(sum("total")), "{told}");
    for (account, name) in [("energy", "energy_fee"), ("idle", "idle_fee")] {
        let leg = total["components"].as_array().unwrap().iter().find(|leg| leg["account"] == account).unwrap();
        assert_eq!(minor(&leg["amount"]), cents(sum(name)), "{name}");
        assert!(page.contains(&format!(">{:.2} EUR<", sum(name))), "{name} in {page}");
    }
    assert!(page.contains(&format!(">{:.2} EUR<", sum("total"))), "{page}");
    assert_eq!(total["total"]["counts"]["sessions"].as_u64(), Some(rows.len() as u64));
}

#[tokio::test]
async fn files_say_what_the_books_say_and_who_took_them_stands_in_the_audit_trail() {
    let (mut desk, sites) = eventful().await;
    let key = desk.key("manager", &["yard"]).await;
    let report = accounts(&desk.stack, &sites).await.unwrap().report;
    let journal = desk.read_by(&key, &format!("/api/v1/exports/journal.csv?{MARCH}")).await;
    let named = journal.headers["content-disposition"].to_str().unwrap();
    assert_eq!(named, "attachment; filename=\"plugtill-journal-2026-03-02-2026-03-03.csv\"");
    let mut balances = BTreeMap::<&str, Decimal>::new();
    for line in journal.body.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let side = |index: usize| cells[index].parse::<Decimal>().unwrap_or_default();
        *balances.entry(cells[4]).or_default() += side(5) - side(6);
    }
    assert_eq!(balances.values().sum::<Decimal>(), Decimal::ZERO);
    for account in Account::ALL {
        let expected = report.accounts["EUR"].get(&account).copied().unwrap_or_default();
        assert_eq!(
            balances.get(account.as_str()).copied().unwrap_or_default(),
            Decimal::new(expected, 2),
            "{}",
            account.as_str()
        );
    }
    let sessions = desk.read_by(&key, &format!("/api/v1/exports/sessions.csv?{MARCH}")).await.body;
    let ended: Vec<&str> = sessions.lines().skip(1).map(|line| line.split(',').nth(7).unwrap()).collect();
    assert_eq!(ended, ["captured", "uncollectable", "waived", "quarantined"], "{sessions}");
    let days = desk.read_by(&key, &format!("/api/v1/exports/days.csv?{MARCH}")).await.body;
    let billed: Decimal =
        days.lines().skip(1).map(|line| line.split(',').nth(5).unwrap().parse::<Decimal>().unwrap()).sum();
    assert_eq!(billed, Decimal::new(report.money()[0].billed_minor, 2));
    for (file, begins) in [("sessions.xlsx", "PK"), ("days.parquet", "PAR1")] {
        let reply = desk.read_by(&key, &format!("/api/v1/exports/{file}?{MARCH}")).await;
        assert!(reply.status == StatusCode::OK && reply.body.starts_with(begins), "{file}");
    }
    let audit = desk.read_by(&key, "/api/v1/audit").await.json().to_string();
    assert!(
        audit.contains("export journal.csv: 2026-03-02 to 2026-03-03") || !audit.contains("manager-machine"),
        "{audit}"
    );
    let owner = desk.key("owner", &[]).await;
    let audit = desk.read_by(&owner, "/api/v1/audit").await.json().to_string();
    assert!(audit.contains("export journal.csv: 2026-03-02 to 2026-03-03, all sites"), "{audit}");
}

#[tokio::test]
async fn cdrs_are_those_of_the_partners_format_and_a_site_without_a_party_has_none() {
    let roaming = json!({ "country_code": "FR", "party_id": "YRD", "address": "1 Quai", "city": "Paris", "country": "FRA",
        "latitude": "48.850000", "longitude": "2.350000", "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET", "connector_power_type": "AC_3_PHASE" });
    for (change, status) in [(json!({ "roaming": roaming }), StatusCode::OK), (json!({}), StatusCode::CONFLICT)] {
        let mut desk = Desk { stack: stack(&site(change)).await };
        desk.hear(&hour().traffic()).await;
        desk.wait(180).await;
        let key = desk.key("manager", &[]).await;
        let reply = desk.read_by(&key, &format!("/api/v1/exports/cdrs.json?{MARCH}")).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        if status == StatusCode::OK {
            assert_eq!(
                (reply.json()[0]["total_energy"].to_string().as_str(), &reply.json()[0]["party_id"]),
                ("10", &json!("YRD")),
                "{}",
                reply.body
            );
        }
    }
}

#[tokio::test]
async fn a_file_that_there_is_not_and_one_for_somebody_else_are_refused() {
    let mut desk = Desk::after(&hour()).await;
    let key = desk.key("manager", &[]).await;
    for file in ["journal", "journal.pdf", "ledger.csv", "cdrs.csv", ".csv"] {
        assert_eq!(
            desk.read_by(&key, &format!("/api/v1/exports/{file}")).await.status,
            StatusCode::NOT_FOUND,
            "{file}"
        );
    }
    let viewer = desk.key("viewer", &[]).await;
    assert_eq!(desk.read_by(&viewer, "/api/v1/exports/days.csv").await.status, StatusCode::FORBIDDEN);
    let other = desk.key("manager", &["quay"]).await;
    let days = desk.read_by(&other, &format!("/api/v1/exports/days.csv?{MARCH}")).await.body;
    assert_eq!(days.lines().count(), 1, "the head alone: {days}");
}
