//! Writes an item that the SDK has read in the JSON in which DynamoDB sent it, so that there is one reader: [`super::wire`].

use aws_sdk_dynamodb::types::AttributeValue;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::expression::Item;

/// The JSON of an item.
pub(super) fn json(item: &Item) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Names(item))
}

/// Named attributes, as DynamoDB writes them.
struct Names<'a>(&'a Item);

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Written(value))))
    }
}

/// One attribute, as DynamoDB writes it.
struct Written<'a>(&'a AttributeValue);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut typed = serializer.serialize_map(Some(1))?;
        match self.0 {
            AttributeValue::S(text) => typed.serialize_entry("S", text),
            AttributeValue::N(digits) => typed.serialize_entry("N", digits),
            AttributeValue::Bool(value) => typed.serialize_entry("BOOL", value),
            AttributeValue::Null(value) => typed.serialize_entry("NULL", value),
            AttributeValue::L(list) => {
                typed.serialize_entry("L", &list.iter().map(Written).collect::<Vec<_>>())
            }
            AttributeValue::M(map) => typed.serialize_entry("M", &Names(map)),
            // Sets and bytes, which are never written and so never read.
            _ => typed.serialize_entry("SS", &[(); 0]),
        }?;
        typed.end()
    }
}
