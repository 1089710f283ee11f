//! What is filed, how often, and how it is found again.

use plugtill::edges::dynamo::StoreFault;
use plugtill::edges::sqs::QueueFault;
use plugtill_adapters::webhook::{ACTED_ON, ObjectKind};
use plugtill_stripe_webhook::Received;
use plugtill_tests::at;
use serde_json::json;

use super::{SECRET, capturable, endpoint, event, signed};

const TYPE: &str = "payment_intent.succeeded";

fn second(minute: i64) -> i64 {
    at(minute).as_second()
}

#[tokio::test]
async fn f66_a_webhook_delivered_twice_is_filed_once() {
    let endpoint = endpoint().await;
    assert!(matches!(endpoint.delivers(&capturable()).await, Received::Filed));
    let pending = endpoint.pending("pi_1").await;
    let again = endpoint.delivers(&capturable()).await;
    assert!(matches!(again, Received::Duplicate));
    assert_eq!(again.status(), 200);
    assert_eq!(endpoint.pending("pi_1").await, pending, "nothing has changed");
    assert_eq!(endpoint.stack.queues.depth("settle"), 1, "one doorbell");
}

#[tokio::test]
async fn f66_a_duplicate_of_a_webhook_that_was_dealt_with_is_not_due_again() {
    let mut endpoint = endpoint().await;
    endpoint.delivers(&capturable()).await;
    endpoint.stack.advance_to(at(5)).await.unwrap();
    assert_eq!(endpoint.pending("pi_1").await, [], "settle has looked");
    assert!(matches!(endpoint.delivers(&capturable()).await, Received::Duplicate));
    assert_eq!(endpoint.pending("pi_1").await, []);
}

#[tokio::test]
async fn f72_an_unknown_type_is_answered_and_forgotten() {
    let endpoint = endpoint().await;
    let usage = endpoint.stack.table.usage();
    let thin = json!({ "id": "evt_t", "object": "v2.core.event", "type": "v2.core.account.updated",
                       "created": "2026-03-02T09:00:00.000Z", "related_object": { "id": "acct_1" } });
    let odd = json!({ "type": "payment_intent.succeeded_" });
    for unknown in [event("evt_1", "invoice.paid", second(0), "in_1"), thin, odd] {
        let received = endpoint.delivers(&unknown).await;
        assert!(matches!(received, Received::Ignored), "{unknown}: {received:?}");
        assert_eq!(received.status(), 200);
    }
    assert_eq!(endpoint.stack.table.usage(), usage);
}

#[tokio::test]
async fn f72_fields_of_another_api_version_do_not_matter() {
    let endpoint = endpoint().await;
    for (index, event_type) in ACTED_ON.iter().enumerate() {
        let id = format!("evt_{index}");
        let mut newer = event(&id, event_type, second(0), "pi_1");
        newer["api_version"] = json!("2031-01-01.thyme");
        newer["type_version"] = json!({ "major": 7 });
        newer["request"] = json!("req_1");
        newer["data"]["previous_attributes"] = json!([1, 2]);
        newer["data"]["object"]["amount"] = json!({ "value": "20.00" });
        newer["data"]["object"]["status"] = json!("requires_telepathy");
        let received = endpoint.delivers(&newer).await;
        assert!(matches!(received, Received::Filed), "{event_type}: {received:?}");
    }
    assert_eq!(endpoint.pending("pi_1").await.len(), ACTED_ON.len(), "each type for itself");
}

#[tokio::test]
async fn a_genuine_event_that_lacks_what_is_read_of_it_is_refused_and_so_seen() {
    let endpoint = endpoint().await;
    let usage = endpoint.stack.table.usage();
    for (pointer, value) in [
        ("/id", json!("evt 1")),
        ("/id", json!("")),
        ("/created", json!("today")),
        ("/data/object/id", json!(null)),
        ("/data/object/id", json!("../charges/ch_1")),
        ("/data/object", json!(7)),
    ] {
        let mut broken = capturable();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert_eq!(endpoint.delivers(&broken).await.status(), 400, "{pointer}");
    }
    assert_eq!(endpoint.stack.table.usage(), usage);
}

#[tokio::test]
async fn the_latest_of_a_type_is_kept_in_whatever_order_they_come() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let endpoint = endpoint().await;
        for minute in order {
            let id = format!("evt_{minute}");
            assert!(matches!(endpoint.delivers(&event(&id, TYPE, second(minute), "pi_1")).await, Received::Filed));
        }
        let pending = endpoint.pending("pi_1").await;
        assert_eq!(pending.len(), 1, "coalesced");
        let found = (&*pending[0].event_id, pending[0].created, pending[0].version, pending[0].kind);
        assert_eq!(found, ("evt_2", at(2), 3, ObjectKind::PaymentIntent), "{order:?}");
    }
}

#[tokio::test]
async fn any_new_event_makes_an_object_due_again_after_it_was_dealt_with() {
    let mut endpoint = endpoint().await;
    endpoint.delivers(&event("evt_2", TYPE, second(2), "pi_1")).await;
    endpoint.stack.advance_to(at(5)).await.unwrap();
    assert_eq!(endpoint.pending_ids("pi_1").await, [""; 0]);
    endpoint.delivers(&event("evt_1", TYPE, second(1), "pi_1")).await;
    assert_eq!(endpoint.pending_ids("pi_1").await, ["evt_2"], "an older one does not become the latest");
    endpoint.stack.advance_to(at(10)).await.unwrap();
    endpoint.delivers(&event("evt_3", TYPE, second(3), "pi_1")).await;
    assert_eq!(endpoint.pending_ids("pi_1").await, ["evt_3"]);
}

#[tokio::test]
async fn an_event_that_comes_while_another_is_looked_at_stays_due() {
    let endpoint = endpoint().await;
    endpoint.delivers(&event("evt_1", TYPE, second(1), "pi_1")).await;
    let read = endpoint.pending("pi_1").await.remove(0);
    endpoint.delivers(&event("evt_0", TYPE, second(0), "pi_1")).await;
    assert!(!endpoint.stack.store.event_handled(&read).await.unwrap());
    let read = endpoint.pending("pi_1").await.remove(0);
    assert!(endpoint.stack.store.event_handled(&read).await.unwrap());
    assert_eq!(endpoint.pending("pi_1").await, []);
}

#[tokio::test]
async fn the_account_of_a_connected_operator_is_filed_with_its_event() {
    let endpoint = endpoint().await;
    let mut connected = capturable();
    connected["account"] = json!("acct_1");
    endpoint.delivers(&connected).await;
    assert_eq!(endpoint.pending("pi_1").await[0].account.as_deref(), Some("acct_1"));
}

#[tokio::test]
async fn settle_looks_at_every_kind_of_object_once() {
    let mut endpoint = endpoint().await;
    let objects = ["pi_1", "ch_1", "du_1", "cs_test_1", "xx_1"];
    for (index, object) in objects.iter().enumerate() {
        endpoint.delivers(&event(&format!("evt_{index}"), TYPE, second(0), object)).await;
    }
    assert_eq!(endpoint.pending("xx_1").await[0].kind, ObjectKind::Unknown);
    endpoint.stack.advance_to(at(1)).await.unwrap();
    for object in objects {
        assert_eq!(endpoint.pending(object).await, [], "{object}");
    }
    let (due, next) = endpoint.stack.store.due(at(60), 10).await.unwrap();
    assert_eq!((due, next), (vec![], None));
    assert_eq!(endpoint.stack.queues.depth("settle"), 0);
}

#[tokio::test]
async fn a_ring_that_is_lost_is_found_by_sweep() {
    let mut endpoint = endpoint().await;
    endpoint.stack.queues.inject(QueueFault::DropBefore);
    assert_eq!(endpoint.delivers(&capturable()).await.status(), 200, "what is in the table is not lost");
    assert_eq!(endpoint.stack.queues.depth("settle"), 0);
    assert_eq!(endpoint.webhook.doorbell.peek_left_to_sweep(), Some(at(0)), "a host that sleeps is told to wake");
    assert_eq!(endpoint.pending_ids("pi_1").await, ["evt_1"]);
    endpoint.stack.advance_to(at(2)).await.unwrap();
    assert_eq!(endpoint.pending("pi_1").await, []);
}

#[tokio::test]
async fn a_table_that_fails_is_answered_with_500_and_stripe_delivers_again() {
    for fault in [StoreFault::ThrottleBefore, StoreFault::ServerErrorBefore, StoreFault::DropBefore] {
        let endpoint = endpoint().await;
        endpoint.stack.table.inject_on("TransactWriteItems", fault);
        assert_eq!(endpoint.delivers(&capturable()).await.status(), 500, "{fault:?}");
        assert_eq!(endpoint.stack.queues.depth("settle"), 0, "nothing is rung that is not filed");
        assert!(matches!(endpoint.delivers(&capturable()).await, Received::Filed));
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_found_when_stripe_delivers_again() {
    let mut endpoint = endpoint().await;
    endpoint.stack.table.inject_on("TransactWriteItems", StoreFault::DropAfter);
    assert_eq!(endpoint.delivers(&capturable()).await.status(), 500);
    assert!(matches!(endpoint.delivers(&capturable()).await, Received::Duplicate));
    assert_eq!(endpoint.pending_ids("pi_1").await, ["evt_1"]);
    endpoint.stack.advance_to(at(2)).await.unwrap();
    assert_eq!(endpoint.pending("pi_1").await, [], "sweep rang");
}

#[tokio::test]
async fn a_conflict_with_another_event_is_tried_again() {
    let endpoint = endpoint().await;
    for _ in 0..3 {
        endpoint.stack.table.inject(StoreFault::TransactionConflict);
    }
    assert!(matches!(endpoint.delivers(&capturable()).await, Received::Filed));
    let endless = 20;
    for _ in 0..endless {
        endpoint.stack.table.inject(StoreFault::TransactionConflict);
    }
    assert_eq!(endpoint.delivers(&event("evt_2", TYPE, second(0), "pi_1")).await.status(), 500);
}

#[tokio::test]
async fn what_was_dealt_with_is_forgotten_after_35_days_and_what_is_due_never() {
    let mut endpoint = endpoint().await;
    endpoint.delivers(&capturable()).await;
    endpoint.stack.advance_to(at(5)).await.unwrap();
    endpoint.delivers(&event("evt_2", TYPE, second(5), "pi_1")).await;
    // Nobody rings or sweeps from here on.
    let days = |days: i64| at(days * 24 * 60 + 10);
    endpoint.stack.clock.advance_to(days(34));
    assert_eq!(endpoint.stack.table.expire().unwrap(), 0);
    endpoint.stack.clock.advance_to(days(35));
    assert_eq!(endpoint.stack.table.expire().unwrap(), 3, "two ids and the one that was dealt with");
    assert_eq!(endpoint.pending_ids("pi_1").await, ["evt_2"]);
    let body = event("evt_3", TYPE, second(6), "pi_1").to_string();
    let received = endpoint.receives(Some(&signed(SECRET, endpoint.now(), &body)), &body).await;
    assert!(matches!(received, Received::Filed));
}
