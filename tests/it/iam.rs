//! Who may do what on AWS: the template, the matrix and the page for readers say the same.
//!
//! A permission that is added, widened or dropped in `infra/aws/template.yaml` must be added to
//! `infra/aws/iam-matrix.json` and `infra/aws/IAM.md` too, where a reviewer sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_norway::{Mapping, Value};

/// Role -> resource -> actions.
type Matrix = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[test]
fn the_template_allows_exactly_what_the_matrix_lists() -> Outcome {
    let expected: Matrix = serde_json::from_str(&read("iam-matrix.json")?)?;
    assert_eq!(template_matrix(&read("template.yaml")?)?, expected);
    Ok(())
}

#[test]
fn the_page_lists_exactly_what_the_matrix_lists() -> Outcome {
    let expected: Matrix = serde_json::from_str(&read("iam-matrix.json")?)?;
    assert_eq!(page_matrix(&read("IAM.md")?), expected);
    Ok(())
}

#[test]
fn an_action_added_to_the_template_is_noticed() -> Outcome {
    let template = read("template.yaml")?;
    let widened = template.replacen("[sns:Publish]", "[sns:Publish, sns:Subscribe]", 1);
    assert!(template != widened, "the template no longer holds the statement that this test widens");
    assert_ne!(template_matrix(&template)?, template_matrix(&widened)?);
    Ok(())
}

#[test]
fn no_permission_is_a_wildcard() -> Outcome {
    for (role, resources) in template_matrix(&read("template.yaml")?)? {
        for (resource, actions) in resources {
            assert!(!resource.contains('*'), "{role} may act on `{resource}`");
            assert!(!actions.iter().any(|action| action.contains('*')), "{role} may do {actions:?} on {resource}");
        }
    }
    Ok(())
}

#[test]
fn only_settle_reads_the_stripe_key_and_only_notify_publishes() -> Outcome {
    let matrix = template_matrix(&read("template.yaml")?)?;
    let reads = |role: &str, secret: &str| matrix[role].get(secret).is_some_and(|actions| !actions.is_empty());
    assert_eq!(
        holders(&matrix, "secretsmanager:GetSecretValue"),
        [
            "driver-portal",
            "notify",
            "operator",
            "operator-console",
            "reconcile",
            "settle",
            "stripe-webhook",
            "webhooks"
        ]
    );
    assert!(reads("settle", "StripeSecretArn") && !reads("stripe-webhook", "StripeSecretArn"));
    // Of Stripe's keys each reads its own: one may look, one may make pages, one moves money; notify signs links only.
    assert!(reads("driver-portal", "StripeCheckoutSecretArn") && !reads("driver-portal", "StripeSecretArn"));
    assert!(reads("notify", "LinkSecret") && !reads("notify", "StripeSecretArn"));
    assert!(reads("reconcile", "StripeReadSecretArn") && !reads("reconcile", "StripeSecretArn"));
    assert!(reads("stripe-webhook", "StripeWebhookSecretArn") && !reads("settle", "StripeWebhookSecretArn"));
    assert_eq!(holders(&matrix, "sns:Publish"), ["notify"]);
    // Each charger in its own name, and gateways for many; who answers them, to any.
    // A claim asks the broker for a certificate, and reaches no charger's topic.
    assert_eq!(holders(&matrix, "iot:Publish"), ["ChargerPolicy", "ClaimPolicy", "GatewayPolicy", "charger-events"]);
    assert!(!matrix["ChargerPolicy"].keys().any(|resource| resource.ends_with("/frames")));
    assert!(matrix["ClaimPolicy"].keys().all(|resource| !resource.contains("<charger>")));
    Ok(())
}

#[test]
fn every_function_runs_under_a_role_written_in_the_template() -> Outcome {
    let template: Value = serde_norway::from_str(&read("template.yaml")?)?;
    for (name, function) in resources_of(&template, "AWS::Serverless::Function")? {
        let properties = mapping(&function["Properties"], &name)?;
        let role = name.replace("Function", "Role");
        assert_eq!(properties.get("Role").map(resource_name).transpose()?.as_deref(), Some(role.as_str()));
        assert!(!properties.contains_key("Policies"), "{name} has policies beside its role");
    }
    Ok(())
}

#[test]
fn a_policy_for_several_roles_is_for_every_function_and_only_where_it_is_asked_for() -> Outcome {
    let template: Value = serde_norway::from_str(&read("template.yaml")?)?;
    let functions = resources_of(&template, "AWS::Serverless::Function")?;
    for (name, policy) in resources_of(&template, "AWS::IAM::Policy")? {
        assert!(policy["Condition"].as_str().is_some(), "{name} is always there: it belongs into the roles");
        let roles: Vec<_> = list(&policy["Properties"]["Roles"]).iter().filter_map(|role| role.as_str()).collect();
        for (function, _) in &functions {
            assert!(roles.contains(&function.replace("Function", "Role").as_str()), "{name} leaves out {function}");
        }
    }
    Ok(())
}

fn holders<'a>(matrix: &'a Matrix, action: &str) -> Vec<&'a str> {
    let holds = |resources: &BTreeMap<String, BTreeSet<String>>| resources.values().any(|a| a.contains(action));
    matrix.iter().filter(|(_, resources)| holds(resources)).map(|(role, _)| role.as_str()).collect()
}

fn template_matrix(template: &str) -> Outcome<Matrix> {
    let template: Value = serde_norway::from_str(template)?;
    for other in ["AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::SQS::QueuePolicy"] {
        assert_eq!(resources_of(&template, other)?.len(), 0, "{other} grants permissions outside of the roles");
    }
    let mut matrix = Matrix::new();
    for (name, role) in resources_of(&template, "AWS::IAM::Role")? {
        let properties = mapping(&role["Properties"], &name)?;
        assert!(!properties.contains_key("ManagedPolicyArns"), "{name} carries a managed policy");
        for policy in list(&role["Properties"]["Policies"]) {
            add_policy(&mut matrix, policy["PolicyName"].as_str(), policy)?;
        }
    }
    for (_, policy) in resources_of(&template, "AWS::IAM::Policy")? {
        add_policy(&mut matrix, policy["Properties"]["PolicyName"].as_str(), &policy["Properties"])?;
    }
    // What the broker allows chargers is no role's, and a permission all the same.
    for (name, policy) in resources_of(&template, "AWS::IoT::Policy")? {
        add_policy(&mut matrix, Some(&name), &policy["Properties"])?;
    }
    Ok(matrix)
}

fn add_policy(matrix: &mut Matrix, name: Option<&str>, policy: &Value) -> Outcome {
    let resources = matrix.entry(name.ok_or("a policy has no name")?.to_owned()).or_default();
    list(&policy["PolicyDocument"]["Statement"])
        .into_iter()
        .try_for_each(|statement| add_statement(resources, statement))
}

fn add_statement(resources: &mut BTreeMap<String, BTreeSet<String>>, statement: &Value) -> Outcome {
    let mut keys: BTreeSet<_> = mapping(statement, "statement")?.keys().filter_map(Value::as_str).collect();
    let prefix =
        if keys.remove("Condition") { format!("/{}", key_prefix(&statement["Condition"])?) } else { String::new() };
    assert_eq!(statement["Effect"].as_str(), Some("Allow"));
    let named = if keys.remove("NotResource") {
        vec![all_but(&statement["NotResource"])?]
    } else if statement["Resource"].as_str() == Some("*") {
        keys.remove("Resource");
        vec![any(&statement["Action"])]
    } else {
        assert!(keys.remove("Resource"), "a statement about nothing");
        list(&statement["Resource"]).into_iter().map(resource_name).collect::<Outcome<_>>()?
    };
    assert_eq!(keys, BTreeSet::from(["Action", "Effect"]), "the matrix knows no other kind of statement");
    for resource in named {
        let actions = resources.entry(resource + &prefix).or_default();
        actions.extend(list(&statement["Action"]).iter().filter_map(|action| action.as_str()).map(str::to_owned));
    }
    Ok(())
}

/// What IAM has no name for: what is known of a subscription, a trace, the tie between a thing and a certificate. No other
/// action may be allowed on everything.
fn any(actions: &Value) -> String {
    let actions: Vec<_> = list(actions).iter().filter_map(|action| action.as_str()).collect();
    match actions.as_slice() {
        ["sns:GetSubscriptionAttributes"] => "Subscriptions",
        ["xray:PutTraceSegments", "xray:PutTelemetryRecords"] => "Traces",
        ["iot:AttachThingPrincipal"] => "Things",
        other => panic!("the matrix knows no statement that allows {other:?} on everything"),
    }
    .to_owned()
}

/// The one thing that only an exception can name: telephones, which are what SNS publishes to beside its own resources.
fn all_but(resource: &Value) -> Outcome<String> {
    let name = resource_name(resource)?;
    assert_eq!(name, "arn:AWS::Partition:sns:*:*:*", "the matrix knows no other exception");
    Ok("Telephones".to_owned())
}

/// `event#` for the condition that partition keys are like `event#*`: the one kind of condition that the matrix knows.
fn key_prefix(condition: &Value) -> Outcome<&str> {
    let like = &condition["ForAllValues:StringLike"];
    assert_eq!((mapping(condition, "condition")?.len(), mapping(like, "condition")?.len()), (1, 1));
    let keys = like["dynamodb:LeadingKeys"].as_str().ok_or("a condition is not about one prefix of keys")?;
    let prefix = keys.strip_suffix('*').ok_or("a condition on keys names no prefix")?;
    assert!(!prefix.is_empty(), "a condition that every key meets");
    Ok(prefix)
}

/// `Table` for `!Ref Table` and `!GetAtt Table.Arn`, `Table/index/due` for `!Sub ${Table.Arn}/index/due`, and what is the
/// broker's by its topic.
fn resource_name(value: &Value) -> Outcome<String> {
    let plain = if let Value::Tagged(tagged) = value { &tagged.value } else { value };
    let text = plain.as_str().ok_or_else(|| format!("{value:?} is no plain reference"))?;
    let name = text.replace("${", "").replace('}', "").replace(".Arn", "");
    let here = |service: &str| format!("arn:AWS::Partition:{service}:AWS::Region:AWS::AccountId:");
    if let Some(topic) = name.strip_prefix(&here("iot")) {
        return Ok(at_broker(topic));
    }
    Ok(match name.as_str() {
        it if it == here("lambda") + "function:AWS::StackName-*" => "Functions".to_owned(),
        it if it == here("cloudwatch") + "alarm:AWS::StackName-*" => "Alarms".to_owned(),
        "ArchiveBucket/*" | "ExportsBucket/*" => name.replace('*', "<any object>"),
        _ => name,
    })
}

/// `topic/<charger>/in` for a charger's topic under its own name. Charger ids are not known when the template is deployed, so
/// that only their form can be given: whoever answers or enrols chargers is allowed any.
fn at_broker(name: &str) -> String {
    match name {
        "topic/*/out" => "topic/<any charger>/out".to_owned(),
        "thing/*" => "thing/<any charger>".to_owned(),
        "cert/*" => "cert/<any>".to_owned(),
        "client/claim-*" => "client/claim-<any>".to_owned(),
        other => other.replace("!iot:Connection.Thing.ThingName", "<charger>"),
    }
}

fn page_matrix(page: &str) -> Matrix {
    let mut matrix = Matrix::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split('|').map(names).collect();
        let [_, role, resource, actions, ..] = cells.as_slice() else { continue };
        let resources = matrix.entry(role.concat()).or_default();
        resources.entry(resource.concat()).or_default().extend(actions.iter().cloned());
    }
    matrix
}

/// What stands between backquotes.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

pub(crate) fn resources_of(template: &Value, kind: &str) -> Outcome<Vec<(String, Value)>> {
    let of_kind = |(name, resource): (&Value, &Value)| {
        let name = name.as_str()?.to_owned();
        (resource["Type"].as_str() == Some(kind)).then(|| (name, resource.clone()))
    };
    Ok(mapping(&template["Resources"], "Resources")?.iter().filter_map(of_kind).collect())
}

pub(crate) fn mapping<'a>(value: &'a Value, what: &str) -> Outcome<&'a Mapping> {
    value.as_mapping().ok_or_else(|| format!("{what} is no mapping").into())
}

/// The items of a list; a template may give a single item for a list of one.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    value.as_sequence().map_or_else(|| vec![value], |items| items.iter().collect())
}

pub(crate) fn read(name: &str) -> Outcome<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/aws").join(name);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()).into())
}
