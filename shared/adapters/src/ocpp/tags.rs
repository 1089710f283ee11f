//! Who presented what, taken out of a frame that is kept.

/// The fields of OCPP 1.6 and 2.0.1 that hold what a driver presented. In 2.0.1 `idToken` is the object as well as the text
/// in it; only a text is replaced.
const FIELDS: [&str; 3] = ["idTag", "parentIdTag", "idToken"];

/// The frame with another tag wherever a field holds this one; every other byte stays. `None` when it is nowhere.
#[must_use]
pub fn with_tag(frame: &str, tag: &str, other: &str) -> Option<String> {
    let (quoted, other) = (serde_json::to_string(tag).ok()?, serde_json::to_string(other).ok()?);
    let mut found: Vec<usize> = FIELDS.iter().flat_map(|field| places(frame, field, &quoted)).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    let mut frame = frame.to_owned();
    // From the end, so that earlier places stay where they are.
    for place in &found {
        frame.replace_range(*place..*place + quoted.len(), &other);
    }
    (!found.is_empty()).then_some(frame)
}

/// Where the values of a field stand that are exactly this text.
fn places(frame: &str, field: &str, quoted: &str) -> Vec<usize> {
    let name = format!("\"{field}\"");
    let after = frame.match_indices(&name).map(|(start, _)| start + name.len());
    after
        .filter_map(|start| {
            let rest = frame.get(start..)?.trim_start().strip_prefix(':')?.trim_start();
            rest.starts_with(quoted).then(|| frame.len() - rest.len())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_replaced_in_its_fields_and_nowhere_else() {
        let frame = r#"[2,"7","StartTransaction",{"connectorId":7,"idTag" : "7","meterStart":7,"note":"7"}]"#;
        let other = r#"[2,"7","StartTransaction",{"connectorId":7,"idTag" : "erased-1","meterStart":7,"note":"7"}]"#;
        assert_eq!(with_tag(frame, "7", "erased-1").as_deref(), Some(other));
        assert_eq!(with_tag(frame, "77", "erased-1"), None);
        let newer = r#"{"idToken":{"idToken":"7","type":"ISO14443"}}"#;
        assert_eq!(with_tag(newer, "7", "e").as_deref(), Some(r#"{"idToken":{"idToken":"e","type":"ISO14443"}}"#));
    }
}
