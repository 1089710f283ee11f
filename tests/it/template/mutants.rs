//! The template with one thing taken out, for each thing that has to be noticed.

use serde_norway::Value;

use super::values::keys;
use super::{ALARM, BUCKET, FUNCTION, KEY, LOGS, QUEUE, ROUTE, RULE, SECRET, TABLE};
use crate::iam::{Outcome, resources_of};

/// What `problems` asks for, by the kind of resource.
const PROPERTIES: [(&str, &str); 21] = [
    (QUEUE, "Properties/RedrivePolicy"),
    (QUEUE, "Properties/VisibilityTimeout"),
    (RULE, "Properties/TopicRulePayload/ErrorAction"),
    (ALARM, "Properties/AlarmActions"),
    (ALARM, "Properties/OKActions"),
    (LOGS, "Properties/RetentionInDays"),
    (FUNCTION, "Properties/Role"),
    (FUNCTION, "Properties/LoggingConfig"),
    (FUNCTION, "Properties/Timeout"),
    (FUNCTION, "Properties/DeploymentPreference"),
    (TABLE, "Properties/PointInTimeRecoverySpecification"),
    (TABLE, "Properties/DeletionProtectionEnabled"),
    (TABLE, "DeletionPolicy"),
    (TABLE, "UpdateReplacePolicy"),
    (BUCKET, "DeletionPolicy"),
    (BUCKET, "UpdateReplacePolicy"),
    (KEY, "DeletionPolicy"),
    (KEY, "UpdateReplacePolicy"),
    (SECRET, "DeletionPolicy"),
    (SECRET, "UpdateReplacePolicy"),
    (ROUTE, "Properties/AuthorizationType"),
];

/// The template without one thing at a time, and what that is.
pub(super) fn of(template: &Value) -> Outcome<Vec<(String, Value)>> {
    let mut cuts: Vec<Vec<String>> = Vec::new();
    for kind in [QUEUE, ALARM, LOGS] {
        cuts.extend(resources_of(template, kind)?.into_iter().map(|(name, _)| vec!["Resources".to_owned(), name]));
    }
    for (kind, path) in PROPERTIES {
        for (name, _) in resources_of(template, kind)? {
            let below = path.split('/').map(str::to_owned);
            cuts.push(["Resources".to_owned(), name].into_iter().chain(below).collect());
        }
    }
    for name in keys(&template["Parameters"]) {
        cuts.push(["Parameters", name, "Description"].map(str::to_owned).to_vec());
    }
    for (name, function) in resources_of(template, FUNCTION)? {
        for event in keys(&function["Properties"]["Events"]) {
            let path = ["Resources", &name, "Properties", "Events", event, "Properties", "FunctionResponseTypes"];
            cuts.push(path.map(str::to_owned).to_vec());
        }
    }
    let without = |path: Vec<String>| {
        let mut mutant = template.clone();
        remove(&mut mutant, &path).then(|| (path.join("."), mutant))
    };
    Ok(cuts.into_iter().filter_map(without).collect())
}

/// Whether there was something to remove.
fn remove(value: &mut Value, path: &[String]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let parent = parents.iter().try_fold(value, |value, key| value.get_mut(key.as_str()));
    parent.and_then(Value::as_mapping_mut).is_some_and(|entries| entries.remove(last.as_str()).is_some())
}
