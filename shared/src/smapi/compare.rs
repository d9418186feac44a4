//! Comparison of desired JSON with Amazon's, which may have another order and further members, and their difference.

use serde_json::{Map, Value};
use similar::TextDiff;

/// Longest difference that is shown, in bytes.
const MAX_DIFF: usize = 16 * 1024;

/// Members that name an entry of a list, in the order in which they are tried.
const NAMES: [&str; 4] = ["name", "type", "eventName", "id"];

/// The present value without the members that the desired one has not: they would hide the real difference.
pub(super) fn desired_part(there: &Value, desired: &Value) -> Value {
    pruned(&tidy(there), &tidy(desired))
}

/// Whether both are equal, entry for entry and member for member, in any order of lists.
pub(super) fn is_equal(one: &Value, other: &Value) -> bool {
    tidy(one) == tidy(other)
}

/// A unified diff of JSON with sorted members, of at most 16 KB; none where there is no difference.
pub(super) fn diff(there: Option<&Value>, desired: &Value) -> Option<String> {
    let (there, desired) = (there.map(tidy), tidy(desired));
    let (old, new) = (there.as_ref().map_or_else(String::new, pretty), pretty(&desired));
    if old == new {
        return None;
    }
    let diff = TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).to_string();
    Some(short(diff))
}

fn pretty(value: &Value) -> String {
    // A value under string keys always serializes.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("{text}\n")
}

fn short(mut text: String) -> String {
    if text.len() > MAX_DIFF {
        let mut end = MAX_DIFF;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("\n…\n");
    }
    text
}

/// The value without empty members, and with lists in one order.
fn tidy(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), tidy(value)));
            Value::Object(members.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(tidy).collect();
            items.sort_by_cached_key(|item| (name_of(item).unwrap_or_default(), item.to_string()));
            Value::Array(items)
        }
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The name of a list's entry; it may be an object with the value in it, as in slot types.
fn name_of(item: &Value) -> Option<String> {
    let named = NAMES.iter().find_map(|name| item.get(name))?;
    let text = named.as_str().or_else(|| named.get("value")?.as_str())?;
    Some(text.to_owned())
}

/// The value without members that the desired one has not.
fn pruned(there: &Value, desired: &Value) -> Value {
    match (there, desired) {
        (Value::Object(there), Value::Object(desired)) => {
            let kept = there.iter().filter_map(|(name, value)| {
                desired.get(name).map(|desired| (name.clone(), pruned(value, desired)))
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        (Value::Array(there), Value::Array(desired)) => Value::Array(
            there.iter().enumerate().map(|(place, item)| pruned_item(item, place, desired)).collect(),
        ),
        _ => there.clone(),
    }
}

fn pruned_item(item: &Value, place: usize, desired: &[Value]) -> Value {
    let found = match name_of(item) {
        // Both lists are in the order of these names.
        Some(name) => desired
            .binary_search_by(|known| name_of(known).unwrap_or_default().cmp(&name))
            .ok()
            .map(|place| &desired[place]),
        None => desired.get(place),
    };
    found.map_or_else(|| item.clone(), |desired| pruned(item, desired))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn order_and_empty_members_do_not_count() {
        let one = json!({ "samples": ["a", "b"], "slots": [], "name": "X" });
        assert!(is_equal(&one, &json!({ "name": "X", "samples": ["b", "a"], "isEnabled": false })));
        assert!(!is_equal(&one, &json!({ "name": "X", "samples": ["a", "b", "c"] })));
        assert!(!is_equal(&one, &json!({ "name": "X", "samples": ["a", "b"], "isEnabled": true })));
    }

    #[test]
    fn further_members_are_left_out_and_further_entries_are_not() {
        let desired = json!({ "intents": [{ "name": "A" }, { "name": "B", "samples": ["b"] }] });
        let there = json!({ "intents": [
            { "name": "B", "samples": ["b"], "added": 1 }, { "name": "A", "added": 2 },
        ], "version": "7" });
        assert!(is_equal(&desired_part(&there, &desired), &desired));
        let more =
            json!({ "intents": [{ "name": "A" }, { "name": "B", "samples": ["b"] }, { "name": "C" }] });
        assert!(!is_equal(&desired_part(&more, &desired), &desired));
    }

    #[test]
    fn a_difference_shows_the_lines_that_differ() {
        let there = json!({ "name": "music", "list": ["b", "a"] });
        let desired = json!({ "list": ["a", "b"], "name": "my music" });
        let shown =
            "@@ -4,4 +4,4 @@\n     \"b\"\n   ],\n-  \"name\": \"music\"\n+  \"name\": \"my music\"\n }\n";
        assert_eq!(diff(Some(&there), &desired).as_deref(), Some(shown));
        assert_eq!(diff(Some(&desired), &desired), None);
    }

    #[test]
    fn a_long_difference_is_cut() {
        let long: Vec<String> = (0..2000).map(|number| format!("ü{number}")).collect();
        let diff = diff(None, &json!(long)).unwrap_or_default();
        assert!(diff.len() <= MAX_DIFF + 10 && diff.ends_with("\n…\n"), "{}", diff.len());
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u8>().prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let member = prop_oneof![Just("name"), Just("type"), Just("x"), Just("y")];
            let members = prop::collection::btree_map(member, inner.clone(), 0..4);
            let object = members.prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            });
            prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Value::Array), object]
        })
    }

    proptest! {
        #[test]
        fn a_difference_is_shown_where_two_values_differ(one in value(), other in value()) {
            prop_assert_eq!(diff(Some(&one), &other).is_none(), is_equal(&one, &other));
        }
    }
}
