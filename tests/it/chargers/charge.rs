//! A charger for trying endpoints, at ours: over a WebSocket, on the clock of the wall.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use plugtill::charge::{self, ChargeArguments, ChargeError, Protocol};
use plugtill::mail::MailArguments;
use plugtill::serve::{self, ServeArguments};
use plugtill::stack::{Options, Stack};
use plugtill_adapters::clock::Clock;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::session::{Outcome, Session};
use plugtill_tests::site;
use serde_json::json;

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn charging(address: &str, protocol: Protocol, tag: &str) -> ChargeArguments {
    ChargeArguments {
        address: address.to_owned(),
        password: None,
        protocol,
        connector: 1,
        tag: Some(tag.to_owned()),
        charges: SignedDuration::from_mins(60),
        stays: SignedDuration::from_mins(30),
        power: 11_000,
        register: 100_000,
        every: SignedDuration::from_mins(5),
        pace: 20_000,
    }
}

/// Serves a yard, lets vehicles charge there, and ends.
async fn at_a_yard<T>(data: &Path, visits: impl AsyncFnOnce(String) -> T) -> T {
    let file = data.join("site.json");
    let yard = json!({ "sites": [{ "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "role": "answering", "hold": "20.00", "settle_after_minutes": 0,
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 22_000 }] }],
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.35" }] }] },
        "idle": { "grace_minutes": 10, "price_per_minute": "0.10" },
        "drivers": { "by_id_tag": { "TAG1": "pm_card_visa" } } }] });
    std::fs::write(&file, yard.to_string()).unwrap();
    let port = free_port();
    let arguments = ServeArguments {
        site: Some(file),
        data: data.to_owned(),
        mqtt: "127.0.0.1:0".parse().unwrap(),
        ocpp: format!("127.0.0.1:{port}").parse().unwrap(),
        http: "127.0.0.1:0".parse().unwrap(),
        portal_url: None,
        mail: MailArguments { smtp: None, mail_from: None },
        run_for: None,
    };
    let stop = AtomicBool::new(false);
    let serving = Box::pin(serve::run(arguments, None, &stop));
    let visiting = async {
        let mut tries = 0;
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tries += 1;
            assert!(tries < 600, "nobody listens");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let visited = visits(format!("ws://127.0.0.1:{port}")).await;
        stop.store(true, Ordering::Relaxed);
        visited
    };
    let (served, visited) = tokio::join!(serving, visiting);
    served.unwrap();
    visited
}

async fn session_of(stack: &Stack, charger: &str) -> Option<Session> {
    let now = Clock::system().now();
    let found = stack.store.latest_session(&charger.parse().unwrap(), ConnectorId(1), now).await.unwrap();
    found.map(|stored| stored.session)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vehicle_charges_in_both_protocols_and_is_billed_for_energy_and_idling() {
    let directory = tempfile::tempdir().unwrap();
    let never = AtomicBool::new(false);
    at_a_yard(directory.path(), async |endpoint| {
        for (charger, protocol) in [("OLD", Protocol::Ocpp16), ("NEW", Protocol::Ocpp201)] {
            let arguments = charging(&format!("{endpoint}/{charger}"), protocol, "TAG1");
            Box::pin(charge::run(arguments, &never)).await.unwrap();
        }
        let stranger = charging(&format!("{endpoint}/OTHER"), Protocol::Ocpp16, "NOBODY");
        let refused = Box::pin(charge::run(stranger, &never)).await;
        assert!(
            matches!(&refused, Err(ChargeError::Refused { tag, status }) if tag == "NOBODY" && status == "Invalid"),
            "{refused:?}"
        );
    })
    .await;
    let options =
        Options { data: Some(directory.path().to_owned()), start: Clock::system().now(), ..Options::default() };
    let mut stack = Stack::start(&options, &site(json!({}))).await.unwrap();
    stack.advance_to(options.start + SignedDuration::from_mins(5)).await.unwrap();
    for charger in ["OLD", "NEW"] {
        let session = session_of(&stack, charger).await.unwrap();
        // 11 kWh at 0.35 are 3.85; half an hour without charging, ten minutes of it free, at 0.10.
        assert_eq!((session.outcome, session.billed().minor()), (Outcome::Captured, 385 + 200), "{session:?}");
        assert_eq!(session.collected(), session.billed());
    }
    assert!(session_of(&stack, "OTHER").await.is_none());
}
