//! What is lost between the services of AWS, when they run late or twice, and when the region is away.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use plugtill::stack::Stack;
use plugtill_domain::closing::EndCause;
use plugtill_domain::session::Outcome;
use plugtill_tests::wrong::Wrong::{Doubled, LostBefore};
use plugtill_tests::wrong::{Edge, goes_wrong, hand_in, pass_to, tell_by_queue};
use plugtill_tests::{Story, at, look_at};
use serde_json::{Value, json};
use serde_norway::Value as Yaml;

use super::{alerts, as_without_fault, billed, billed_350, idle, moves, only_session, plain, through, yard};
use crate::iam::{Outcome as Read, read, resources_of};

/// The resource that a reference names.
fn named(value: &Yaml) -> Option<String> {
    let Yaml::Tagged(tagged) = value else { return None };
    tagged.value.as_str().map(|name| name.split('.').next().unwrap_or(name).to_owned())
}

#[test]
fn f84_what_a_rules_action_refuses_goes_to_a_queue_that_the_same_function_reads() -> Read {
    let template: Yaml = serde_norway::from_str(&read("template.yaml")?)?;
    let rules = resources_of(&template, "AWS::IoT::TopicRule")?;
    assert!(rules.len() >= 5, "only {} rules", rules.len());
    let mut queues = BTreeSet::new();
    for (name, rule) in rules {
        let error = &rule["Properties"]["TopicRulePayload"]["ErrorAction"]["Sqs"];
        queues.insert(named(&error["QueueUrl"]).ok_or_else(|| format!("{name} has no error action"))?);
        assert!(named(&error["RoleArn"]).is_some(), "{name} may not send there");
    }
    let functions = resources_of(&template, "AWS::Serverless::Function")?;
    let (_, function) = functions.iter().find(|(name, _)| name == "ChargerEventsFunction").ok_or("no such function")?;
    let events = function["Properties"]["Events"].as_mapping().ok_or("no events")?;
    let reads: BTreeSet<_> = events.iter().filter_map(|(_, event)| named(&event["Properties"]["Queue"])).collect();
    assert!(queues.is_subset(&reads), "{queues:?} are not all among {reads:?}");
    for queue in resources_of(&template, "AWS::SQS::Queue")?.into_iter().filter(|(name, _)| queues.contains(name)) {
        assert!(!queue.1["Properties"]["RedrivePolicy"].is_null(), "{} loses what cannot be handled", queue.0);
    }
    Ok(())
}

#[tokio::test]
async fn f84_what_a_rule_could_not_hand_on_is_billed_as_if_it_had() {
    let (mut stack, sites) = yard(json!({})).await;
    let story = plain();
    let received = story.count();
    for line in story.traffic().lines() {
        let told: Value = serde_json::from_str(line).unwrap();
        pass_to(&mut stack, told["received_at"].as_str().unwrap().parse().unwrap()).await;
        // As the error action of a rule sends it (docs.aws.amazon.com, "error handling (error action)").
        let payload = aws_smithy_types::base64::encode(told["payload"].to_string());
        let failure = json!({ "ruleName": "FromCharger", "topic": told["topic"], "cloudwatchTraceId": "t", "clientId": "CP1",
            "base64OriginalPayload": payload,
            "failures": [{ "failedAction": "SqsAction", "errorMessage": "Access to the resource is denied" }] });
        stack.hand_in(&failure.to_string()).unwrap();
    }
    pass_to(&mut stack, at(26 * 60)).await;
    billed_350(&look_at(stack, received, &sites).await);
}

#[tokio::test]
async fn f85_a_stop_that_a_queue_dropped_is_missed_by_sweep_which_closes_the_session_on_what_is_known() {
    let (mut stack, sites) = yard(json!({})).await;
    // The start comes, a reading, and then nothing more of it: neither its stop nor any ring.
    let told = hand_in(&mut stack, &Story::new().start(0, 1_000).meter(60, "11000", "Wh")).await;
    goes_wrong(&stack, |edge, operation| (edge == Edge::Queues && operation == "SendMessage").then_some(LostBefore));
    pass_to(&mut stack, told + SignedDuration::from_hours(47)).await;
    assert_eq!(only_session(&stack).await.outcome, Outcome::Open, "the charger may still tell");
    pass_to(&mut stack, told + SignedDuration::from_hours(50)).await;
    let happened = look_at(stack, Story::new().start(0, 1_000).meter(60, "11000", "Wh").count(), &sites).await;
    billed_350(&happened);
    assert_eq!(happened.session().closed.map(|closed| closed.cause), Some(EndCause::Silence));
}

#[tokio::test]
async fn f09_what_was_given_up_on_while_the_table_was_away_is_waited_for_before_a_charger_counts_as_silent() {
    for handed_in_again in [true, false] {
        let (mut stack, sites) = yard(json!({})).await;
        let told = hand_in(&mut stack, &Story::new().start(0, 1_000).meter(60, "6000", "Wh")).await;
        // The stop comes while nothing can be written, for ten hours, and is given up on.
        let away = goes_wrong(&stack, |edge, _| (edge == Edge::Table).then_some(LostBefore));
        let stop = Story::new().stop(200, 11_000, "EVDisconnected");
        let last = hand_in(&mut stack, &stop).await;
        pass_to(&mut stack, last + SignedDuration::from_hours(10)).await;
        assert!(away.times() > 0 && stack.queues.dead_letters("charger-events").len() == 1);
        goes_wrong(&stack, |_, _| None);
        pass_to(&mut stack, told + SignedDuration::from_hours(50)).await;
        assert_eq!(only_session(&stack).await.outcome, Outcome::Open, "what would tell waits for an operator");
        if handed_in_again {
            assert_eq!(stack.redrive().unwrap(), 1);
        } else {
            // Nobody looks: no longer than a hold stands.
            pass_to(&mut stack, told + SignedDuration::from_hours(8 * 24)).await;
        }
        pass_to(&mut stack, told + SignedDuration::from_hours(9 * 24)).await;
        let closed = only_session(&stack).await.closed.map(|closed| closed.cause);
        assert_eq!(closed, (!handed_in_again).then_some(EndCause::Silence));
        let (received, minor) = if handed_in_again { (4, 350) } else { (3, 175) };
        billed(&look_at(stack, received, &sites).await, minor);
    }
}

#[test]
fn f86_nothing_is_read_from_a_stream_whose_records_age_out_after_a_day() -> Read {
    let template: Yaml = serde_norway::from_str(&read("template.yaml")?)?;
    for (name, table) in resources_of(&template, "AWS::DynamoDB::Table")? {
        assert!(table["Properties"]["StreamSpecification"].is_null(), "{name} has a stream");
    }
    for (name, function) in resources_of(&template, "AWS::Serverless::Function")? {
        for (_, event) in function["Properties"]["Events"].as_mapping().into_iter().flatten() {
            assert_ne!(event["Type"].as_str(), Some("DynamoDB"), "{name} reads a stream");
        }
    }
    Ok(())
}

#[tokio::test]
async fn f86_what_nobody_looked_at_for_three_days_is_found_in_the_table() {
    let (mut stack, sites) = yard(json!({})).await;
    hand_in(&mut stack, &plain()).await;
    assert_eq!(only_session(&stack).await.outcome, Outcome::Open);
    // Three days without any function; whatever was in the queues is gone.
    stack.clock.advance_to(at(3 * 24 * 60));
    while !stack.queues.receive("settle", 10, stack.clock.now()).is_empty() {}
    let now = stack.clock.now();
    for queue in ["settle", "notify"] {
        for delivery in stack.queues.receive(queue, 100, now + SignedDuration::from_hours(1)) {
            assert!(stack.queues.delete(queue, &delivery.receipt));
        }
        assert_eq!(stack.queues.depth(queue), 0);
    }
    pass_to(&mut stack, now + SignedDuration::from_mins(3)).await;
    assert_eq!(moves(&stack), (1, 1, 0, 0), "sweep alone found it");
    pass_to(&mut stack, now + SignedDuration::from_hours(26)).await;
    billed_350(&look_at(stack, plain().count(), &sites).await);
}

/// The clock goes on without anything being done, and then everything that is due is.
fn late(stack: &Stack, minutes: i64) {
    stack.clock.advance_to(stack.clock.now() + SignedDuration::from_mins(minutes));
}

#[tokio::test]
async fn f88_a_timer_that_fires_twice_late_or_never_changes_no_fee() {
    let undisturbed = through(&idle(), json!({}), |_| ()).await;
    let twice = through(&idle(), json!({}), |stack| {
        goes_wrong(stack, |edge, _| (edge == Edge::Queues).then_some(Doubled));
    })
    .await;
    as_without_fault(&twice, &undisturbed, "each ring twice");
    let never = through(&idle(), json!({}), |stack| {
        let clock = stack.clock.clone();
        goes_wrong(stack, move |edge, _| (edge == Edge::Queues && clock.now() < at(170)).then_some(LostBefore));
    })
    .await;
    as_without_fault(&never, &undisturbed, "no ring in time");
    let (mut stack, sites) = yard(json!({})).await;
    hand_in(&mut stack, &idle()).await;
    late(&stack, 6 * 60);
    pass_to(&mut stack, at(40 * 60)).await;
    let happened = look_at(stack, idle().count(), &sites).await;
    billed(&happened, 350 + 850);
    as_without_fault(&happened, &undisturbed, "six hours late");
}

#[tokio::test]
async fn f89_six_hours_without_the_region_lose_nothing_and_bill_nothing_twice() {
    let undisturbed = through(&idle(), json!({}), |_| ()).await;
    for from in [1, 30, 61, 162] {
        let (mut stack, sites) = yard(json!({})).await;
        let (clock, until) = (stack.clock.clone(), from + 6 * 60);
        let met = goes_wrong(&stack, move |_, _| (at(from)..at(until)).contains(&clock.now()).then_some(LostBefore));
        // What chargers say meanwhile waits in them, and comes with the first connection.
        let mut story = Story::new();
        for line in idle().traffic().lines() {
            let mut told: Value = serde_json::from_str(line).unwrap();
            let received: jiff::Timestamp = told["received_at"].as_str().unwrap().parse().unwrap();
            let arrives = if (at(from)..at(until)).contains(&received) { at(until) } else { received };
            told["received_at"] = json!(arrives.to_string());
            story = story.line(arrives, told.to_string());
        }
        let received = tell_by_queue(&mut stack, &story).await;
        assert!(from != 162 || met.times() > 100, "{} requests in vain", met.times());
        let told = alerts(&stack);
        let once: BTreeSet<_> = told.iter().collect();
        assert_eq!(once.len(), told.len(), "{told:?}");
        let happened = look_at(stack, received, &sites).await;
        assert_eq!(happened.session().bill, undisturbed.session().bill, "away from minute {from} on");
        assert_eq!(moves(&happened.replayed.stack), (1, 1, 0, 0));
    }
}
