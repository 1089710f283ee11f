//! SNS as a sink.

use aws_sdk_sns::types::MessageAttributeValue;
use plugtill::edges::clock::VirtualClock;
use plugtill::edges::sns::{Delivered, LocalTopics, Protocol, PublishFault, Subscription};

use super::start;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:incidents";

fn topics() -> LocalTopics {
    let subscriptions = [
        Subscription::to(Protocol::Email, "ops@example.org"),
        Subscription::to(Protocol::Sms, "+4915112345678").only("severity", ["critical"]),
        Subscription::to(Protocol::Email, "harbour@example.org").only("site", ["harbour"]),
        Subscription::to(Protocol::Email, "unconfirmed@example.org").unconfirmed(),
    ];
    LocalTopics::new(VirtualClock::new(start()), subscriptions, None)
}

fn attribute(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().unwrap()
}

#[tokio::test]
async fn a_published_message_is_kept_with_its_attributes_and_recipients() {
    let topics = topics();
    let publish = topics.sdk_client().publish().topic_arn(TOPIC).subject("Charger c&7 <offline>");
    let publish = publish.message("Offline since 08:00 = 3 min\nSite: Möwe + Hafen 100 %");
    let publish = publish.message_attributes("severity", attribute("critical"));
    let answer = publish.message_attributes("site", attribute("old town")).send().await.unwrap();

    let sent = topics.sent().remove(0);
    assert_eq!(sent.message_id, answer.message_id.unwrap());
    assert_eq!(sent.topic_arn.as_deref(), Some(TOPIC));
    assert_eq!(sent.subject.as_deref(), Some("Charger c&7 <offline>"));
    assert_eq!(sent.message, "Offline since 08:00 = 3 min\nSite: Möwe + Hafen 100 %");
    assert_eq!(sent.attribute("severity"), "critical");
    assert_eq!(sent.attribute("site"), "old town");
    assert_eq!(sent.at, start());
    let endpoints: Vec<_> = sent.recipients.iter().map(|recipient| recipient.endpoint.as_str()).collect();
    assert_eq!(endpoints, ["ops@example.org", "+4915112345678"]);
    assert_eq!(topics.delivered(), Delivered { sms: 1, email: 1 });
}

#[tokio::test]
async fn a_text_message_to_one_number_counts_as_sms() {
    let topics = topics();
    topics.sdk_client().publish().phone_number("+4915187654321").message("Idle fee from 08:10").send().await.unwrap();
    assert_eq!(topics.delivered(), Delivered { sms: 1, email: 0 });
    assert_eq!(topics.sent()[0].phone_number.as_deref(), Some("+4915187654321"));
}

#[tokio::test]
async fn what_aws_would_refuse_is_refused() {
    let topics = topics();
    let client = topics.sdk_client();
    let long = "x".repeat(100);
    for subject in ["two\nlines", long.as_str()] {
        let refused = client.publish().topic_arn(TOPIC).subject(subject).message("text").send().await.unwrap_err();
        assert!(refused.into_service_error().is_invalid_parameter_exception());
    }
    let refused = client.publish().phone_number("0151 1234").message("text").send().await.unwrap_err();
    assert!(refused.into_service_error().is_invalid_parameter_exception());
    assert!(topics.sent().is_empty());
}

#[tokio::test]
async fn a_publish_may_be_throttled_or_go_out_unheard() {
    let topics = topics();
    let client = topics.sdk_client();
    topics.inject(PublishFault::ThrottleBefore);
    topics.inject(PublishFault::DropAfter);
    let publish = || client.publish().topic_arn(TOPIC).message("text").send();
    let throttled = publish().await.unwrap_err().into_service_error();
    assert_eq!(throttled.meta().code(), Some("Throttling"));
    assert!(publish().await.unwrap_err().as_service_error().is_none());
    assert_eq!(topics.sent().len(), 1);
}

#[tokio::test]
async fn each_protocol_gets_the_text_that_is_meant_for_it() {
    let topics = topics();
    let texts = r#"{"default":"long","sms":"short"}"#;
    let publish = || topics.sdk_client().publish().topic_arn(TOPIC).message_structure("json");
    publish().message(texts).send().await.unwrap();
    assert_eq!((topics.sent()[0].message.as_str(), topics.sent()[0].text()), ("long", "short"));
    for wrong in ["no json", r#"{"sms":"no default"}"#] {
        let refused = publish().message(wrong).send().await.unwrap_err().into_service_error();
        assert!(refused.is_invalid_parameter_exception(), "{wrong}");
    }
}

#[tokio::test]
async fn who_subscribes_hears_what_the_filter_lets_through_until_they_unsubscribe() {
    let directory = tempfile::tempdir().unwrap();
    let topics = LocalTopics::kept(VirtualClock::new(start()), directory.path());
    let client = topics.sdk_client();
    let subscribe = |endpoint: &str, filter: &str| {
        let asked = client.subscribe().topic_arn(TOPIC).protocol("email").endpoint(endpoint);
        asked.attributes("FilterPolicy", filter).return_subscription_arn(true).send()
    };
    let second = subscribe("second@example.org", r#"{"escalation":["second"]}"#).await.unwrap();
    subscribe("others@example.org", r#"{"site":[{"anything-but":["yard"]}]}"#).await.unwrap();
    subscribe("coast@example.org", r#"{"site":[{"prefix":"ya"},{"exists":false}]}"#).await.unwrap();
    let refused = subscribe("nobody", "{}").await.unwrap_err().into_service_error();
    assert!(refused.is_invalid_parameter_exception());
    let array = MessageAttributeValue::builder().data_type("String.Array").string_value(r#"["first","second"]"#);
    let publish = || {
        let publish = client.publish().topic_arn(TOPIC).message("text").message_attributes("site", attribute("yard"));
        publish.message_attributes("escalation", array.clone().build().unwrap()).send()
    };
    publish().await.unwrap();
    client.unsubscribe().subscription_arn(second.subscription_arn.unwrap()).send().await.unwrap();
    publish().await.unwrap();
    let reached: Vec<Vec<String>> = topics
        .sent()
        .into_iter()
        .map(|sent| sent.recipients.into_iter().map(|recipient| recipient.endpoint).collect())
        .collect();
    assert_eq!(reached, [vec!["second@example.org", "coast@example.org"], vec!["coast@example.org"]]);
    let known = plugtill_adapters::alerts::Alerts::new(client.clone(), TOPIC).subscriptions().await.unwrap();
    assert_eq!(known.len(), 2);
    assert!(known.iter().all(|one| one.confirmed) && !known[0].hears_of("yard") && known[1].hears_of("yard"));
    let again = LocalTopics::kept(VirtualClock::new(start()), directory.path());
    assert_eq!(
        again.sdk_client().list_subscriptions_by_topic().topic_arn(TOPIC).send().await.unwrap().subscriptions().len(),
        2
    );
    assert_eq!(plugtill::edges::sns::kept_messages(directory.path()).unwrap(), topics.sent());
}
