//! What AWS IoT lets a charger do: the policies of the template, evaluated as AWS documents it. Nothing is allowed that no
//! statement allows; a resource is compared as text, where `*` stands for anything; a variable that is not known fits
//! nothing. A charger is known by the name of its thing, which its certificate proves.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_norway::Value;

use crate::iam::{list, read, resources_of};

const HERE: &str = "arn:AWS::Partition:iot:AWS::Region:AWS::AccountId:";
const THING: &str = "${!iot:Connection.Thing.ThingName}";

/// Read once: the properties ask it many times.
static CHARGER: LazyLock<Policy> = LazyLock::new(|| Policy::of("ChargerPolicy"));

/// Allowed actions with the resources they are allowed on, variables not yet filled in.
struct Policy(Vec<(String, String)>);

impl Policy {
    fn of(name: &str) -> Self {
        let template: Value = serde_norway::from_str(&read("template.yaml").unwrap()).unwrap();
        let policies = resources_of(&template, "AWS::IoT::Policy").unwrap();
        let (_, policy) = policies.iter().find(|(found, _)| found == name).unwrap();
        let mut allowed = Vec::new();
        for statement in list(&policy["Properties"]["PolicyDocument"]["Statement"]) {
            assert_eq!(statement["Effect"], "Allow", "this evaluator knows no other");
            for resource in list(&statement["Resource"]) {
                let text = if let Value::Tagged(tagged) = resource { &tagged.value } else { resource };
                let text = text.as_str().unwrap().to_owned();
                allowed.extend(
                    list(&statement["Action"]).iter().map(|it| (it.as_str().unwrap().to_owned(), text.clone())),
                );
            }
        }
        Self(allowed)
    }

    fn allows(&self, thing: Option<&str>, action: &str, resource: &str) -> bool {
        self.0.iter().any(|(allowed, pattern)| {
            if pattern.contains(THING) && thing.is_none() {
                return false;
            }
            let filled = pattern.replace(THING, thing.unwrap_or_default());
            // What CloudFormation fills in stays as it is written: the resource asked for is written alike.
            let filled = filled.replace("${", "").replace('}', "");
            allowed == action && like(&filled, &format!("{HERE}{resource}"))
        })
    }
}

/// Whether a text is like a pattern in which `*` stands for any text.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            let Some(rest) = text.strip_prefix(before) else { return false };
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| like(after, &rest[at..]))
        }
    }
}

/// Everything that a charger has reason to do.
fn own(charger: &str) -> [(&'static str, String); 5] {
    [
        ("iot:Connect", format!("client/{charger}")),
        ("iot:Publish", format!("topic/{charger}/in")),
        ("iot:Publish", format!("topic/$aws/rules/FromChargerRule/{charger}/in")),
        ("iot:Subscribe", format!("topicfilter/{charger}/out")),
        ("iot:Receive", format!("topic/{charger}/out")),
    ]
}

#[test]
fn a_charger_may_do_its_own_and_nothing_without_a_thing() {
    for (action, resource) in own("CP1") {
        assert!(CHARGER.allows(Some("CP1"), action, &resource), "{action} {resource}");
        assert!(!CHARGER.allows(None, action, &resource), "a certificate of no thing: {action} {resource}");
    }
}

#[test]
fn a_charger_cannot_listen_to_all_speak_for_the_back_end_or_reach_what_is_awss() {
    for (action, resource) in [
        ("iot:Subscribe", "topicfilter/#"),
        ("iot:Subscribe", "topicfilter/+/out"),
        ("iot:Subscribe", "topicfilter/+/in"),
        ("iot:Subscribe", "topicfilter/CP1/#"),
        ("iot:Subscribe", "topicfilter/CP1/in"),
        ("iot:Publish", "topic/CP1/out"),
        ("iot:Publish", "topic/CP1/frames"),
        ("iot:Publish", "topic/$aws/rules/FromGatewayRule/CP1/frames"),
        ("iot:Publish", "topic/CP1/in/more"),
        ("iot:Publish", "topic/$aws/rules/ToChargerRule/CP1/out"),
        ("iot:Publish", "topic/$aws/events/presence/disconnected/CP2"),
        ("iot:Publish", "topic/$aws/things/CP1/shadow/update"),
        ("iot:Connect", "client/*"),
        ("iot:RetainPublish", "topic/CP1/in"),
        ("iot:DeleteThingShadow", "thing/CP1"),
    ] {
        assert!(!CHARGER.allows(Some("CP1"), action, resource), "{action} {resource}");
    }
}

#[test]
fn a_gateway_speaks_under_its_own_name_by_its_own_rule_and_only_hears_what_chargers_are_told() {
    let policy = Policy::of("GatewayPolicy");
    let allowed = [
        ("iot:Connect", "client/gw1"),
        ("iot:Publish", "topic/gw1/frames"),
        ("iot:Publish", "topic/$aws/rules/FromGatewayRule/gw1/frames"),
        ("iot:Subscribe", "topicfilter/+/out"),
        ("iot:Receive", "topic/CP1/out"),
    ];
    for (action, resource) in allowed {
        assert!(policy.allows(Some("gw1"), action, resource), "{action} {resource}");
    }
    for (action, resource) in [
        ("iot:Publish", "topic/gw2/frames"),
        ("iot:Publish", "topic/CP1/in"),
        ("iot:Publish", "topic/CP1/out"),
        ("iot:Publish", "topic/$aws/rules/FromChargerRule/CP1/in"),
        ("iot:Connect", "client/CP1"),
        ("iot:Subscribe", "topicfilter/#"),
        ("iot:Receive", "topic/CP1/in"),
    ] {
        assert!(!policy.allows(Some("gw1"), action, resource), "{action} {resource}");
    }
    assert!(!policy.allows(None, "iot:Publish", "topic/gw1/frames"));
}

#[test]
fn a_claim_enrols_and_is_no_charger() {
    let policy = Policy::of("ClaimPolicy");
    assert!(policy.allows(None, "iot:Connect", "client/claim-7"));
    assert!(policy.allows(None, "iot:Publish", "topic/$aws/certificates/create/json"));
    for (action, resource) in own("CP1") {
        assert!(!policy.allows(None, action, &resource), "{action} {resource}");
        assert!(!policy.allows(Some("CP1"), action, &resource), "{action} {resource}");
    }
}

proptest! {
    /// Names of things are what AWS allows in them; one may begin with the other.
    #[test]
    fn no_charger_can_do_anything_as_another(name in "[a-zA-Z0-9:_-]{1,12}", other in "[a-zA-Z0-9:_-]{0,6}", same in any::<bool>()) {
        let other = if same { format!("{name}{other}") } else { other };
        prop_assume!(other != name && !other.is_empty());
            for (action, resource) in own(&other) {
            prop_assert!(!CHARGER.allows(Some(&name), action, &resource), "{} does {} {}", name, action, resource);
        }
    }
}
