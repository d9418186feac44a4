//! Comparing what is wished with what Amazon answers, which may come in another order and with members that nobody
//! sent, and showing the difference.

use serde_json::{Map, Value};
use similar::TextDiff;

/// Longest difference that is shown, in bytes.
const LONGEST: usize = 16 * 1024;

/// What names an entry of a list, in the order in which it is looked for.
const NAMES: [&str; 4] = ["name", "type", "eventName", "id"];

/// Whether what is there has all that is wished, and no further entry in a list of it.
pub(super) fn is_same(wished: &Value, there: &Value) -> bool {
    let wished = tidy(wished);
    pruned(&tidy(there), &wished) == wished
}

/// What is there without the members that are not wished: they would only hide what differs.
pub(super) fn wished_part(there: &Value, wished: &Value) -> Value {
    pruned(&tidy(there), &tidy(wished))
}

/// Whether both say the same, entry for entry and member for member.
pub(super) fn is_equal(one: &Value, other: &Value) -> bool {
    tidy(one) == tidy(other)
}

/// The difference as a unified diff of JSON with sorted members; none where there is none.
pub(super) fn diff(there: Option<&Value>, wished: &Value) -> Option<String> {
    let (there, wished) = (there.map(tidy), tidy(wished));
    let (old, new) = (there.as_ref().map_or_else(String::new, pretty), pretty(&wished));
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
    if text.len() > LONGEST {
        let mut end = LONGEST;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("\n…\n");
    }
    text
}

/// Without what says nothing, and with lists in one order.
fn tidy(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), tidy(value)));
            Value::Object(members.filter(|(_, value)| !says_nothing(value)).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(tidy).collect();
            items.sort_by_cached_key(|item| (name_of(item).unwrap_or_default(), item.to_string()));
            Value::Array(items)
        }
        other => other.clone(),
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// What an entry of a list is called; a name may be an object with the value in it, as in slot types.
fn name_of(item: &Value) -> Option<String> {
    let named = NAMES.iter().find_map(|name| item.get(name))?;
    let text = named.as_str().or_else(|| named.get("value")?.as_str())?;
    Some(text.to_owned())
}

/// Without the members of objects that are not wished.
fn pruned(there: &Value, wished: &Value) -> Value {
    match (there, wished) {
        (Value::Object(there), Value::Object(wished)) => {
            let kept = there.iter().filter_map(|(name, value)| {
                wished.get(name).map(|wished| (name.clone(), pruned(value, wished)))
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        (Value::Array(there), Value::Array(wished)) => Value::Array(
            there.iter().enumerate().map(|(place, item)| pruned_item(item, place, wished)).collect(),
        ),
        _ => there.clone(),
    }
}

fn pruned_item(item: &Value, place: usize, wished: &[Value]) -> Value {
    let found = match name_of(item) {
        // Both lists are in the order of these names.
        Some(name) => wished
            .binary_search_by(|known| name_of(known).unwrap_or_default().cmp(&name))
            .ok()
            .map(|place| &wished[place]),
        None => wished.get(place),
    };
    found.map_or_else(|| item.clone(), |wished| pruned(item, wished))
}
