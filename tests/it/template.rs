//! What has to hold of every queue, alarm, function and route of the template, whichever there are.
//!
//! `problems` tells what does not. It is itself held to its word: each thing that it asks for is taken out of the template in
//! turn, and it has to notice every time.

use std::collections::BTreeSet;

use serde_norway::Value;

use crate::iam::{Outcome, list, read, resources_of};
use values::{each_value, keys, refers_to};

mod mutants;
mod values;

const QUEUE: &str = "AWS::SQS::Queue";
const ALARM: &str = "AWS::CloudWatch::Alarm";
const FUNCTION: &str = "AWS::Serverless::Function";
const RULE: &str = "AWS::IoT::TopicRule";
const LOGS: &str = "AWS::Logs::LogGroup";
const TABLE: &str = "AWS::DynamoDB::Table";
const ROUTE: &str = "AWS::ApiGatewayV2::Route";
const BUCKET: &str = "AWS::S3::Bucket";
const KEY: &str = "AWS::KMS::Key";
const SECRET: &str = "AWS::SecretsManager::Secret";

/// What is watched besides queues, functions and rules: metric, and of what.
const WATCHED: [(&str, &str); 12] = [
    ("5xx", "HttpApi"),
    ("WebhooksRejected", ""),
    ("Invocations", "SweepFunction"),
    ("Throttles", ""),
    ("SystemErrors", "GetItem"),
    ("SystemErrors", "PutItem"),
    ("ReadThrottleEvents", "Table"),
    ("WriteThrottleEvents", "Table"),
    ("BillingStopped", ""),
    ("SMSMonthToDateSpentUSD", ""),
    ("DeliveryToS3.DataFreshness", "ArchiveStream"),
    ("TargetErrorCount", "ExportSchedules"),
];

#[test]
fn the_template_has_no_problem() -> Outcome {
    assert_eq!(problems(&template()?)?, [] as [String; 0]);
    Ok(())
}

#[test]
fn whatever_is_taken_out_is_noticed() -> Outcome {
    let template = template()?;
    let mut mutants = 0;
    for (what, mutant) in mutants::of(&template)? {
        assert!(!problems(&mutant)?.is_empty(), "nobody notices that {what} is gone");
        mutants += 1;
    }
    assert!(mutants > 200, "only {mutants} mutants: the paths of this test no longer lead to anything");
    Ok(())
}

#[test]
fn a_wildcard_in_an_action_is_noticed() -> Outcome {
    let text = read("template.yaml")?;
    let widened = text.replacen("[secretsmanager:GetSecretValue]", "[secretsmanager:*]", 1);
    assert_ne!(text, widened);
    assert!(!problems(&serde_norway::from_str(&widened)?)?.is_empty());
    Ok(())
}

#[test]
fn a_route_without_authorization_says_why() -> Outcome {
    let text = read("template.yaml")?;
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let open = lines.windows(2).filter(|pair| pair[1] == "AuthorizationType: NONE");
    assert!(open.clone().count() > 0);
    assert!(open.clone().all(|pair| pair[0].starts_with('#')), "a route is open and no comment says why");
    Ok(())
}

#[test]
fn what_is_json_inside_the_template_is_json() -> Outcome {
    let template = template()?;
    let resources = &template["Resources"];
    for (name, property) in [("OverviewDashboard", "DashboardBody"), ("ChargerProvisioning", "TemplateBody")] {
        let text = resources[name]["Properties"][property].as_str().ok_or(name)?;
        // What CloudFormation puts in is a name or an ARN: nothing that JSON would have to escape.
        let filled: String =
            text.split("${").enumerate().map(|(at, part)| if at == 0 { part } else { after(part) }).collect();
        let json: serde_json::Value = serde_json::from_str(&filled).map_err(|error| format!("{name}: {error}"))?;
        assert!(json.is_object());
    }
    Ok(())
}

/// What follows a placeholder of which `${` is gone.
fn after(part: &str) -> &str {
    part.split_once('}').map_or(part, |(_, rest)| rest)
}

fn template() -> Outcome<Value> {
    Ok(serde_norway::from_str(&read("template.yaml")?)?)
}

/// What the template lacks, in words.
fn problems(template: &Value) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    queues(template, &mut found)?;
    alarms(template, &mut found)?;
    functions(template, &mut found)?;
    what_is_kept(template, &mut found)?;
    for (name, rule) in resources_of(template, RULE)? {
        let action = &rule["Properties"]["TopicRulePayload"]["ErrorAction"]["Sqs"]["QueueUrl"];
        note(&mut found, action.as_str().is_some(), &name, "loses what it cannot deliver");
    }
    for (name, route) in resources_of(template, ROUTE)? {
        let kind = &route["Properties"]["AuthorizationType"];
        // Or, by a parameter, one of two kinds; each has to be said.
        let said = |kind: &Value| kind.as_str().is_some_and(|kind| ["NONE", "JWT", "AWS_IAM"].contains(&kind));
        let choice = if let Value::Tagged(choice) = kind { Some(choice) } else { None };
        let either = choice.filter(|choice| choice.tag == "If").and_then(|choice| choice.value.as_sequence());
        let either = either.is_some_and(|parts| parts.len() == 3 && parts[1..].iter().all(said));
        note(&mut found, said(kind) || either, &name, "does not say who may call it");
    }
    for (name, parameter) in template["Parameters"].as_mapping().into_iter().flatten() {
        let described = parameter["Description"].as_str().is_some_and(|text| !text.is_empty());
        note(&mut found, described, name.as_str().unwrap_or_default(), "is a parameter without a description");
    }
    let names: BTreeSet<_> = ["Resources", "Parameters"].into_iter().flat_map(|part| keys(&template[part])).collect();
    each_value(template, &mut |value| no_dangling_reference(value, &names, &mut found));
    each_value(template, &mut |value| no_wildcard(value, &mut found));
    Ok(found)
}

/// A queue that is worked on gives up on a message into another queue, in its time, and is watched; so is each other queue.
fn queues(template: &Value, found: &mut Vec<String>) -> Outcome {
    let queues = resources_of(template, QUEUE)?;
    let watched = watched(template)?;
    for (name, queue) in &queues {
        let readers = readers(template, name)?;
        if readers.is_empty() {
            let rings = watched.contains(&("ApproximateNumberOfMessagesVisible".to_owned(), name.clone()));
            note(found, rings, name, "takes dead letters, and no alarm tells of them");
            continue;
        }
        let redrive = refers_to(&queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]);
        let there = queues.iter().any(|(other, _)| Some(other.as_str()) == redrive && other != name);
        note(found, there, name, "has no queue for dead letters");
        let visible = queue["Properties"]["VisibilityTimeout"].as_u64().unwrap_or(30);
        note(found, readers.iter().all(|needed| visible >= *needed), name, "delivers again what is still worked on");
        let aged = watched.contains(&("ApproximateAgeOfOldestMessage".to_owned(), name.clone()));
        note(found, aged, name, "may stand still without an alarm");
    }
    Ok(())
}

/// How long each function that reads the queue may hold a message: six times its timeout, and the batching window.
fn readers(template: &Value, queue: &str) -> Outcome<Vec<u64>> {
    let mut needed = Vec::new();
    for (_, function) in resources_of(template, FUNCTION)? {
        let timeout = function["Properties"]["Timeout"].as_u64().unwrap_or(3);
        for (_, event) in function["Properties"]["Events"].as_mapping().into_iter().flatten() {
            if refers_to(&event["Properties"]["Queue"]) == Some(queue) {
                let window =
                    list(&event["Properties"]["MaximumBatchingWindowInSeconds"]).into_iter().filter_map(Value::as_u64);
                needed.push(6 * timeout + window.max().unwrap_or(0));
            }
        }
    }
    Ok(needed)
}

fn alarms(template: &Value, found: &mut Vec<String>) -> Outcome {
    for (name, alarm) in resources_of(template, ALARM)? {
        for actions in ["AlarmActions", "OKActions"] {
            let told = list(&alarm["Properties"][actions]).into_iter().any(|it| refers_to(it) == Some("AlertTopic"));
            note(found, told, &name, &format!("has no {actions} on the topic"));
        }
    }
    let watched = watched(template)?;
    for (metric, of) in WATCHED {
        let rings = watched.contains(&(metric.to_owned(), of.to_owned()));
        note(found, rings, metric, &format!("of `{of}` is watched by no alarm"));
    }
    for (name, rule) in resources_of(template, RULE)? {
        // Where a parameter chooses between two, both.
        let sql = serde_norway::to_string(&rule["Properties"]["TopicRulePayload"]["Sql"]);
        let reads_frames = sql.is_ok_and(|sql| sql.contains("encode(*"));
        let rings = watched.contains(&("ParseError".to_owned(), name.clone()));
        note(found, rings || !reads_frames, &name, "has no alarm for frames that it cannot read");
    }
    for (name, _) in resources_of(template, FUNCTION)? {
        note(found, watched.contains(&("Errors".to_owned(), name.clone())), &name, "has no alarm on errors");
    }
    slow(template, found)
}

/// Who works on a queue is watched for how long it takes, against the timeout that it has.
fn slow(template: &Value, found: &mut Vec<String>) -> Outcome {
    let alarms = resources_of(template, ALARM)?;
    for (name, function) in resources_of(template, FUNCTION)? {
        let mut events = function["Properties"]["Events"].as_mapping().into_iter().flatten();
        let four_fifths = function["Properties"]["Timeout"].as_u64().unwrap_or_default() * 800;
        let rings = alarms.iter().map(|(_, alarm)| &alarm["Properties"]).any(|alarm| {
            alarm["MetricName"].as_str() == Some("Duration")
                && refers_to(&alarm["Dimensions"][0]["Value"]) == Some(name.as_str())
                && alarm["Threshold"].as_u64() == Some(four_fifths)
        });
        let has_queue = events.any(|(_, event)| event["Type"].as_str() == Some("SQS"));
        note(found, rings || !has_queue, &name, "may near its timeout without an alarm");
    }
    Ok(())
}

/// Which metric of which resource some alarm looks at.
fn watched(template: &Value) -> Outcome<BTreeSet<(String, String)>> {
    let mut all = BTreeSet::new();
    for (_, alarm) in resources_of(template, ALARM)? {
        let metric = alarm["Properties"]["MetricName"].as_str().unwrap_or_default();
        for dimension in list(&alarm["Properties"]["Dimensions"]) {
            all.insert((metric.to_owned(), refers_to(&dimension["Value"]).unwrap_or_default().to_owned()));
        }
    }
    Ok(all)
}

fn functions(template: &Value, found: &mut Vec<String>) -> Outcome {
    let (roles, logs) = (resources_of(template, "AWS::IAM::Role")?, resources_of(template, LOGS)?);
    let mut taken = BTreeSet::new();
    for (name, function) in resources_of(template, FUNCTION)? {
        let properties = &function["Properties"];
        let role = refers_to(&properties["Role"]).unwrap_or_default();
        note(
            found,
            roles.iter().any(|(it, _)| it == role) && taken.insert(role.to_owned()),
            &name,
            "has no role of its own",
        );
        let log = refers_to(&properties["LoggingConfig"]["LogGroup"]);
        note(found, logs.iter().any(|(it, _)| Some(it.as_str()) == log), &name, "logs into no group of the template");
        note(found, properties["Timeout"].as_u64().is_some(), &name, "has no timeout");
        let guarded = list(&properties["DeploymentPreference"]["Alarms"]).into_iter().any(|it| refers_to(it).is_some());
        note(found, guarded, &name, "is deployed without an alarm to take it back");
        for (event, source) in properties["Events"].as_mapping().into_iter().flatten() {
            let one_by_one = list(&source["Properties"]["FunctionResponseTypes"])
                .into_iter()
                .any(|kind| kind.as_str() == Some("ReportBatchItemFailures"));
            let event = format!("{name}'s {}", event.as_str().unwrap_or_default());
            note(found, one_by_one || source["Type"].as_str() != Some("SQS"), &event, "fails a batch as a whole");
        }
    }
    for (name, log) in logs {
        note(found, !log["Properties"]["RetentionInDays"].is_null(), &name, "is kept for ever");
    }
    Ok(())
}

/// What must outlive a mistake, and the stack.
fn what_is_kept(template: &Value, found: &mut Vec<String>) -> Outcome {
    for kind in [TABLE, BUCKET, KEY, SECRET] {
        for (name, resource) in resources_of(template, kind)? {
            for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
                note(found, resource[policy].as_str() == Some("Retain"), &name, &format!("goes, for want of {policy}"));
            }
        }
    }
    for (name, table) in resources_of(template, TABLE)? {
        let properties = &table["Properties"];
        let recovers = properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"].as_bool();
        note(found, recovers == Some(true), &name, "cannot be taken back to a point in time");
        note(found, properties["DeletionProtectionEnabled"].as_bool() == Some(true), &name, "may be deleted");
    }
    Ok(())
}

fn no_dangling_reference(value: &Value, names: &BTreeSet<&str>, found: &mut Vec<String>) {
    let Value::Tagged(tagged) = value else { return };
    if (tagged.tag == "Ref" || tagged.tag == "GetAtt")
        && let Some(name) = refers_to(value)
        && !name.starts_with("AWS::")
    {
        note(found, names.contains(name), name, "is referred to, and not there");
    }
}

fn no_wildcard(value: &Value, found: &mut Vec<String>) {
    for action in value.as_mapping().and_then(|it| it.get("Action")).into_iter().flat_map(list) {
        let text = action.as_str().unwrap_or_default();
        note(found, !text.contains('*'), text, "is a wildcard");
    }
}

fn note(found: &mut Vec<String>, holds: bool, name: &str, problem: &str) {
    if !holds {
        found.push(format!("{name} {problem}"));
    }
}
