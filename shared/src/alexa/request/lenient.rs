//! Reading details that the answer does not depend on: one of an unexpected type counts as absent.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::clock::Timestamp;

/// `T`, or its default where the value is of another type.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).unwrap_or_default())
}

/// The text as `T`; `None` where it is blank or no text at all.
pub(super) fn non_blank<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.trim().is_empty() => Some(T::from(text)),
        _ => None,
    })
}

/// The text as an open enum; where it is no text, [`unnamed`].
pub(super) fn open<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => T::from(text.as_str()),
        _ => unnamed(),
    })
}

/// Value of an open enum where the field is absent.
pub(super) fn unnamed<T: for<'a> From<&'a str>>() -> T {
    T::from("")
}

/// The elements that are `T`.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(elements) => {
            elements.into_iter().filter_map(|element| T::deserialize(element).ok()).collect()
        }
        _ => Vec::new(),
    })
}

/// The entries whose values are `T`.
pub(super) fn map<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Object(entries) => {
            entries.into_iter().filter_map(|(key, value)| Some((key, T::deserialize(value).ok()?))).collect()
        }
        _ => BTreeMap::new(),
    })
}

/// The keys of an object, with values of any kind.
pub(super) fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Object(entries) => entries.into_iter().map(|(key, _)| key).collect(),
        _ => BTreeSet::new(),
    })
}

/// Whether the value is an object with something in it.
pub(super) fn is_object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(!keys(deserializer)?.is_empty())
}

/// A count of milliseconds: a negative one is 0, a fraction is dropped.
pub(super) fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let rounded = || value.as_f64().map_or(0, truncate);
    Ok(value.as_u64().unwrap_or_else(rounded))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates at both ends, which is the rule"
)]
fn truncate(number: f64) -> u64 {
    number as u64
}

/// A moment in ISO 8601 or in milliseconds since the epoch.
pub(super) fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Timestamp::parse_rfc3339(&text),
        Value::Number(number) => number.as_i64().map(Timestamp::from_millis),
        _ => None,
    })
}
