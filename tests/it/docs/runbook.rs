//! The runbook knows every kind of incident and every alarm, and says of each what is asked in the night.

use std::collections::BTreeSet;

use plugtill_domain::incident::Kind;
use serde_norway::Value;

use super::root;

/// A heading with its level and what stands under it, up to the next of any level.
struct Section {
    level: usize,
    title: String,
    text: String,
}

fn sections(page: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in page.lines() {
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if level > 0 {
            let title = line[level..].trim().trim_matches('`').to_owned();
            sections.push(Section { level, title, text: String::new() });
        } else if let Some(last) = sections.last_mut() {
            last.text.push_str(line);
            last.text.push('\n');
        }
    }
    sections
}

fn runbook() -> Vec<Section> {
    sections(&std::fs::read_to_string(root().join("docs/runbook.md")).unwrap())
}

/// The alarms of the template, by their names there.
fn alarms() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("infra/aws/template.yaml")).unwrap();
    let template: Value = serde_norway::from_str(&text).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let is_alarm = |resource: &Value| resource["Type"].as_str() == Some("AWS::CloudWatch::Alarm");
    resources
        .iter()
        .filter(|(_, resource)| is_alarm(resource))
        .map(|(name, _)| name.as_str().unwrap().to_owned())
        .collect()
}

/// What is missing in the sections that these names need.
fn missing(sections: &[Section], names: &BTreeSet<String>, labels: &[&str]) -> Vec<String> {
    let mut missing = Vec::new();
    for name in names {
        let of_it: Vec<_> = sections.iter().filter(|section| section.title == *name).collect();
        let [section] = of_it[..] else {
            missing.push(format!("{name} has {} headings", of_it.len()));
            continue;
        };
        let begins = section.text.trim_start();
        if begins.is_empty() || begins.starts_with('-') {
            missing.push(format!("{name} does not say what it means"));
        }
        let lacks = labels.iter().filter(|label| !section.text.contains(&format!("\n- **{label}** ")));
        missing.extend(lacks.map(|label| format!("{name} has nothing under {label}")));
    }
    missing
}

fn kinds() -> BTreeSet<String> {
    Kind::ALL.into_iter().map(|kind| kind.as_str().to_owned()).collect()
}

#[test]
fn the_runbook_knows_every_kind_of_incident() {
    let nothing: [String; 0] = [];
    assert_eq!(missing(&runbook(), &kinds(), &["Drivers", "Look", "Do", "Ends"]), nothing);
}

#[test]
fn the_runbook_knows_every_alarm() {
    let nothing: [String; 0] = [];
    assert!(alarms().len() >= 38, "only {} alarms were found", alarms().len());
    assert_eq!(missing(&runbook(), &alarms(), &[]), nothing);
    let mut group = None;
    for section in runbook() {
        match section.level {
            3 => group = Some(section),
            4 => {
                let group = group.as_ref().unwrap();
                for label in ["Look", "Do"] {
                    assert!(group.text.contains(&format!("\n- **{label}** ")), "{}: {label}", group.title);
                }
                assert!(alarms().contains(&section.title), "{} is no alarm", section.title);
            }
            _ => group = None,
        }
    }
}

#[test]
fn what_the_runbook_leaves_out_is_noticed() {
    let names = BTreeSet::from(["a".to_owned(), "b".to_owned(), "c".to_owned()]);
    let page = "### `a`\n\nIt is ill.\n\n- **Do** mend it.\n\n### b\n\n- **Look** there.\n\n#### d\n\nText.\n";
    let expected =
        ["a has nothing under Look", "b does not say what it means", "b has nothing under Do", "c has 0 headings"];
    assert_eq!(missing(&sections(page), &names, &["Look", "Do"]), expected);
}
