//! The simulator keeps Stripe's rules.

use super::bench::{Bench, HOUR_SECONDS, Outcome};

const HOLD: &str = "POST /v1/payment_intents amount=4000&currency=eur&capture_method=manual&confirm=true\
                    &payment_method=pm_card_visa&metadata[session]=s-1";

#[test]
fn an_unknown_parameter_is_refused_by_name() -> Outcome {
    let bench = Bench::new();
    for (request, name) in [
        ("POST /v1/payment_intents amount=100&currency=eur&ammount=100", "ammount"),
        ("POST /v1/customers metadata[a]=b&colour[of]=car", "colour[of]"),
        ("POST /v1/refunds payment_intent=pi_1&sum=3", "sum"),
        ("GET /v1/payment_intents?limit=1&offset=3", "offset"),
    ] {
        let answer = bench.raw(request, None)?;
        assert_eq!((answer.status().as_u16(), &answer.body()["error"]["code"]), (400, &"parameter_unknown".into()));
        assert_eq!(answer.body()["error"]["param"], name, "{request}");
    }
    Ok(())
}

#[test]
fn a_missing_or_senseless_parameter_is_refused_and_leaves_nothing_behind() -> Outcome {
    let bench = Bench::new();
    for form in [
        "currency=eur",
        "amount=1.5&currency=eur",
        "amount=-5&currency=eur",
        "amount=100&currency=xyz",
        "amount=100&currency=eur&capture_method=maybe",
        "amount=100&currency=eur&confirm=true",
        "amount=100&currency=eur&confirm=true&payment_method=pm_unknown",
        "amount=150&currency=isk",
        "amount=1001&currency=kwd",
    ] {
        let answer = bench.raw(&format!("POST /v1/payment_intents {form}"), None)?;
        assert!(answer.status().is_client_error(), "{form}: {answer:?}");
    }
    assert_eq!(bench.raw("GET /v1/payment_intents", None)?.body()["data"], serde_json::json!([]));
    Ok(())
}

#[test]
fn the_first_answer_under_a_key_is_the_answer_for_a_day() -> Outcome {
    let bench = Bench::new();
    let first = bench.raw(HOLD, Some("k1"))?;
    let again = bench.raw(HOLD, Some("k1"))?;
    assert_eq!(first.body(), again.body());
    assert!(!first.headers().contains_key("idempotent-replayed"));
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_ne!(first.headers()["request-id"], again.headers()["request-id"]);
    bench.sleep(24 * HOUR_SECONDS);
    assert_ne!(bench.raw(HOLD, Some("k1"))?.body()["id"], first.body()["id"]);
    Ok(())
}

#[test]
fn a_refused_request_does_not_use_up_its_key() -> Outcome {
    let bench = Bench::new();
    assert_eq!(bench.raw("POST /v1/payment_intents amount=1&currency=eur", Some("k1"))?.status(), 400);
    assert_eq!(bench.raw(HOLD, Some("k1"))?.status(), 200);
    let other = bench.raw(&HOLD.replace("4000", "4100"), Some("k1"))?;
    assert_eq!((other.status().as_u16(), &other.body()["error"]["type"]), (400, &"idempotency_error".into()));
    assert_eq!(bench.raw(HOLD, Some(&"k".repeat(256)))?.status(), 400);
    Ok(())
}

#[test]
fn a_charge_is_shown_by_id_unless_expanded() -> Outcome {
    let bench = Bench::new();
    let hold = bench.raw(HOLD, None)?;
    let charge = hold.body()["latest_charge"].as_str().ok_or("not an id")?.to_owned();
    let id = hold.body()["id"].as_str().ok_or("no id")?;
    let expanded =
        bench.raw(&format!("GET /v1/payment_intents/{id}?expand[]=customer&expand[]=latest_charge"), None)?;
    let read = bench.raw(&format!("GET /v1/charges/{charge}"), None)?;
    assert_eq!(&expanded.body()["latest_charge"], read.body());
    assert_eq!(read.body()["payment_method_details"]["card"]["capture_before"], bench.now() + 7 * 24 * HOUR_SECONDS);
    assert_eq!(bench.raw("GET /v1/charges/ch_00000000000099", None)?.status(), 404);
    Ok(())
}

#[test]
fn an_intent_is_confirmed_after_it_was_made() -> Outcome {
    let bench = Bench::new();
    let made = bench.raw("POST /v1/payment_intents amount=4000&currency=EUR&capture_method=manual", None)?;
    assert_eq!((&made.body()["status"], &made.body()["currency"]), (&"requires_payment_method".into(), &"eur".into()));
    let id = made.body()["id"].as_str().ok_or("no id")?;
    let confirm = |form: &str| bench.raw(&format!("POST /v1/payment_intents/{id}/confirm {form}"), None);
    assert_eq!(confirm("")?.status(), 400);
    assert_eq!(confirm("payment_method=pm_card_chargeDeclined")?.status(), 402);
    let held = confirm("payment_method=pm_card_visa&off_session=true&expand[]=latest_charge")?;
    assert_eq!(held.body()["status"], "requires_capture");
    let card = &held.body()["latest_charge"]["payment_method_details"]["card"];
    assert_eq!(card["capture_before"], bench.now() + (4 * 24 + 18) * HOUR_SECONDS);
    assert_eq!(confirm("")?.body()["error"]["code"], "payment_intent_unexpected_state");
    Ok(())
}

#[test]
fn a_driver_who_is_there_is_asked_before_a_decline() -> Outcome {
    let bench = Bench::new();
    let asked = bench.raw(&HOLD.replace("pm_card_visa", "pm_card_authenticationRequired"), None)?;
    assert_eq!((asked.status().as_u16(), &asked.body()["status"]), (200, &"requires_action".into()));
    assert_eq!((bench.books().declines, bench.books().holds), (0, 0));
    Ok(())
}

#[test]
fn a_list_shows_one_customers_intents_newest_first_and_in_pages() -> Outcome {
    let bench = Bench::new();
    let customer = bench.raw("POST /v1/customers metadata[reference]=d-1", None)?;
    let customer = customer.body()["id"].as_str().ok_or("no id")?;
    bench.raw(HOLD, None)?;
    let mut made = Vec::new();
    for _ in 0..3 {
        let hold = bench.raw(&format!("{HOLD}&customer={customer}"), None)?;
        made.push(hold.body()["id"].as_str().ok_or("no id")?.to_owned());
    }
    let page = bench.raw(&format!("GET /v1/payment_intents?customer={customer}&limit=2"), None)?;
    assert_eq!((&page.body()["has_more"], &page.body()["data"][1]["id"]), (&true.into(), &made[1].as_str().into()));
    let next = format!("GET /v1/payment_intents?customer={customer}&limit=2&starting_after={}", made[1]);
    let page = bench.raw(&next, None)?;
    assert_eq!((&page.body()["has_more"], &page.body()["data"][0]["id"]), (&false.into(), &made[0].as_str().into()));
    Ok(())
}

#[test]
fn what_does_not_exist_is_not_found() -> Outcome {
    let bench = Bench::new();
    for path in ["/v1/payment_intents/pi_1", "/v1/refunds/re_1", "/v1/customers/cus_1", "/v1/nothing", "/customers"] {
        assert_eq!(bench.raw(&format!("GET {path}"), None)?.status(), 404, "{path}");
    }
    Ok(())
}

#[test]
fn a_restored_simulator_goes_on_where_it_stopped() -> Outcome {
    let bench = Bench::new();
    let first = bench.raw(HOLD, Some("k1"))?;
    let clock = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(bench.now() * 1000));
    let snapshot = bench.simulator.snapshot()?;
    let restored = plugtill::stripe_simulator::StripeSimulator::restored(clock, super::bench::SECRET, &snapshot)?;
    assert_eq!(restored.books(), bench.books());
    let bench = Bench { simulator: std::sync::Arc::new(restored), ..bench };
    assert_eq!(bench.raw(HOLD, Some("k1"))?.body(), first.body());
    Ok(())
}
