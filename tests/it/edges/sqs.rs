//! SQS in process.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use jiff::SignedDuration;
use plugtill::edges::clock::VirtualClock;
use plugtill::edges::sqs::{LocalQueues, QueueFault, QueueOptions};
use plugtill_adapters::doorbell::{Doorbell, Ring};
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::incident::{Kind, Subject};

use super::{after_seconds, start};

const QUEUE: &str = "settle";

fn queues() -> (LocalQueues, VirtualClock) {
    let clock = VirtualClock::new(start());
    let queues = LocalQueues::new(clock.clone());
    let dead_letter = Some("settle-dead".to_owned());
    queues.create(QUEUE, QueueOptions { visibility_seconds: 60, max_receive_count: 2, dead_letter });
    (queues, clock)
}

fn bodies(queues: &LocalQueues, clock: &VirtualClock) -> Vec<String> {
    queues.receive(QUEUE, 10, clock.now()).into_iter().map(|delivery| delivery.body).collect()
}

#[tokio::test]
async fn a_delayed_message_appears_when_its_delay_is_over() {
    let (queues, clock) = queues();
    let client = queues.sdk_client();
    let send = client.send_message().queue_url(LocalQueues::url(QUEUE)).message_body("ring").delay_seconds(90);
    let message_id = send.send().await.unwrap().message_id.unwrap();

    assert_eq!(queues.next_visible_at(), Some(after_seconds(90)));
    clock.advance_to(after_seconds(89));
    assert!(bodies(&queues, &clock).is_empty());
    clock.advance_to(after_seconds(90));
    let delivery = queues.receive(QUEUE, 10, clock.now()).remove(0);
    assert_eq!((delivery.body.as_str(), delivery.message_id, delivery.receive_count), ("ring", message_id, 1));
}

#[tokio::test]
async fn a_message_not_deleted_comes_back_and_then_goes_to_the_dead_letters() {
    let (queues, clock) = queues();
    queues.send(QUEUE, "poison", SignedDuration::ZERO).unwrap();
    let first = queues.receive(QUEUE, 10, clock.now()).remove(0);
    assert!(bodies(&queues, &clock).is_empty(), "hidden while in flight");
    assert_eq!(queues.depth(QUEUE), 1);

    clock.advance_to(after_seconds(60));
    let second = queues.receive(QUEUE, 10, clock.now()).remove(0);
    assert_eq!(second.receive_count, 2);
    assert!(!queues.delete(QUEUE, &first.receipt), "delivered again since");

    clock.advance_to(after_seconds(120));
    assert!(bodies(&queues, &clock).is_empty());
    let dead = queues.dead_letters(QUEUE);
    assert_eq!((dead[0].body.as_str(), dead[0].receive_count, dead[0].at), ("poison", 2, after_seconds(120)));
    assert_eq!((queues.depth(QUEUE), queues.next_visible_at()), (0, None));
}

#[tokio::test]
async fn a_deleted_message_is_gone() {
    let (queues, clock) = queues();
    queues.send(QUEUE, "done", SignedDuration::ZERO).unwrap();
    let delivery = queues.receive(QUEUE, 10, clock.now()).remove(0);
    assert!(queues.delete(QUEUE, &delivery.receipt));
    assert!(!queues.delete(QUEUE, &delivery.receipt));
    clock.advance_to(after_seconds(3600));
    assert!(bodies(&queues, &clock).is_empty());
}

#[tokio::test]
async fn a_receiver_may_give_a_message_back_early() {
    let (queues, clock) = queues();
    queues.send(QUEUE, "busy", SignedDuration::ZERO).unwrap();
    let delivery = queues.receive(QUEUE, 10, clock.now()).remove(0);
    assert!(queues.change_visibility(QUEUE, &delivery.receipt, after_seconds(5)));
    assert_eq!(queues.next_visible_at(), Some(after_seconds(5)));
    clock.advance_to(after_seconds(5));
    assert_eq!(bodies(&queues, &clock), ["busy"]);
}

#[tokio::test]
async fn a_batch_answers_for_each_entry() {
    let (queues, clock) = queues();
    let entry = |id: &str, delay| {
        let entry = SendMessageBatchRequestEntry::builder().id(id).message_body(id).delay_seconds(delay);
        entry.build().unwrap()
    };
    let batch = queues.sdk_client().send_message_batch().queue_url(LocalQueues::url(QUEUE));
    let answer = batch.entries(entry("now", 0)).entries(entry("too-late", 901)).send().await.unwrap();
    assert_eq!(answer.successful()[0].id(), "now");
    assert_eq!(answer.failed()[0].id(), "too-late");
    assert_eq!(bodies(&queues, &clock), ["now"]);
}

#[tokio::test]
async fn an_unknown_queue_is_refused_by_its_name() {
    let (queues, _) = queues();
    let send = queues.sdk_client().send_message().queue_url(LocalQueues::url("nobody")).message_body("ring");
    assert!(send.send().await.unwrap_err().into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn a_send_may_be_throttled_lost_applied_unheard_or_doubled() {
    let (queues, clock) = queues();
    let client = queues.sdk_client();
    for fault in [QueueFault::ThrottleBefore, QueueFault::DropBefore, QueueFault::DropAfter, QueueFault::Duplicate] {
        queues.inject(fault);
    }
    let send = |body: &str| client.send_message().queue_url(LocalQueues::url(QUEUE)).message_body(body).send();
    assert!(send("throttled").await.unwrap_err().into_service_error().is_request_throttled());
    assert!(send("lost").await.is_err());
    assert!(send("unheard").await.is_err());
    send("doubled").await.unwrap();
    let deliveries = queues.receive(QUEUE, 10, clock.now());
    let bodies: Vec<_> = deliveries.iter().map(|delivery| delivery.body.as_str()).collect();
    assert_eq!(bodies, ["unheard", "doubled", "doubled"]);
    assert_eq!(deliveries[1].message_id, deliveries[2].message_id);
}

#[tokio::test]
async fn a_ring_that_no_queue_took_is_left_to_sweep() {
    let (queues, clock) = queues();
    let doorbell = Doorbell::new(queues.sdk_client(), LocalQueues::url(QUEUE), LocalQueues::url(QUEUE));
    let ring = Ring::Incident(Subject::of_connector(
        Kind::ChargerFault,
        "yard".parse().unwrap(),
        "CP1".parse().unwrap(),
        ConnectorId(1),
    ));
    queues.inject(QueueFault::DropBefore);
    doorbell.ring(vec![(ring.clone(), after_seconds(-60))], clock.now()).await.unwrap_err();
    assert_eq!(doorbell.take_left_to_sweep(), Some(start()), "the host's timer wakes up for it");
    doorbell.ring(vec![(ring, start())], clock.now()).await.unwrap();
    assert_eq!((doorbell.take_left_to_sweep(), queues.depth(QUEUE)), (None, 1));
}
