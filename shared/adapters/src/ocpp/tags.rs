//! Who presented what, taken out of a frame that is kept.

use std::ops::Range;

/// The fields of OCPP 1.6 and 2.0.1 that hold what a driver presented. In 2.0.1 `idToken` is the object as well as the text
/// in it; only a text is replaced.
const FIELDS: [&str; 3] = ["idTag", "parentIdTag", "idToken"];

/// The frame with another tag wherever a field holds this one, however its letters are escaped; every other byte stays. `None`
/// when it is nowhere.
#[must_use]
pub fn with_tag(frame: &str, tag: &str, other: &str) -> Option<String> {
    let other = serde_json::to_string(other).ok()?;
    let found = places(frame, tag);
    let mut frame = frame.to_owned();
    // From the end, so that earlier places stay where they are.
    for place in found.iter().rev() {
        frame.replace_range(place.clone(), &other);
    }
    (!found.is_empty()).then_some(frame)
}

/// Where the values of the fields stand that are this text.
fn places(frame: &str, tag: &str) -> Vec<Range<usize>> {
    let texts = texts(frame);
    let read = |place: &Range<usize>| serde_json::from_str::<String>(frame.get(place.clone())?).ok();
    let is_field = |name: &Range<usize>| read(name).is_some_and(|name| FIELDS.contains(&name.as_str()));
    let found = texts.windows(2).filter_map(|pair| {
        let [name, value] = pair else { return None };
        let between = frame.get(name.end..value.start)?.trim();
        (between == ":" && is_field(name) && read(value)? == tag).then(|| value.clone())
    });
    found.collect()
}

/// Where the texts of a JSON document stand, with their quotes.
fn texts(json: &str) -> Vec<Range<usize>> {
    let (mut found, mut begun, mut escaped) = (Vec::new(), None, false);
    for (at, byte) in json.bytes().enumerate() {
        match (begun, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(start), b'"') => {
                found.push(start..at + 1);
                begun = None;
            }
            (None, b'"') => begun = Some(at),
            (Some(_) | None, _) => {}
        }
    }
    found
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

    #[test]
    fn a_tag_that_is_written_with_escapes_is_replaced_too() {
        let frame = r#"[2,"1","StartTransaction",{"id\u0054ag":"B\u002dEV-7","note":"\"idTag\":\"B-EV-7\""}]"#;
        let other = r#"[2,"1","StartTransaction",{"id\u0054ag":"erased-1","note":"\"idTag\":\"B-EV-7\""}]"#;
        assert_eq!(with_tag(frame, "B-EV-7", "erased-1").as_deref(), Some(other));
    }
}
