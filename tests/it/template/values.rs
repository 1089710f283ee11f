//! Reading a template without knowing what is in it.

use serde_norway::Value;

/// Calls `look` on a value and everything in it.
pub(super) fn each_value(value: &Value, look: &mut dyn FnMut(&Value)) {
    look(value);
    match value {
        Value::Tagged(tagged) => each_value(&tagged.value, look),
        Value::Sequence(items) => items.iter().for_each(|item| each_value(item, look)),
        Value::Mapping(entries) => entries.values().for_each(|entry| each_value(entry, look)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `Queue` of `!Ref Queue` and `!GetAtt Queue.Arn`.
pub(super) fn refers_to(value: &Value) -> Option<&str> {
    value.as_str()?.split('.').next()
}

pub(super) fn keys(value: &Value) -> Vec<&str> {
    value.as_mapping().into_iter().flat_map(|it| it.keys()).filter_map(Value::as_str).collect()
}
