//! Reading of members that come and go between the schemas of Music Assistant.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The value; the default where it is null or has another type. For members that are missing, `default` stands beside it.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// The items of a list that can be read, at most `most`. Others are left out, since one of them must not hide the rest.
pub(super) fn items<T: DeserializeOwned>(list: Vec<Value>, most: usize) -> Vec<T> {
    list.into_iter().filter_map(|item| serde_json::from_value(item).ok()).take(most).collect()
}

/// The same for a member.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(match value {
        Value::Array(list) => items(list, usize::MAX),
        _ => Vec::new(),
    })
}
