//! Reads an item by taking it apart: its texts move into what is read. A play reads all items of a household, and to
//! copy their texts costs more than to read them.

use std::collections::hash_map;
use std::iter;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserializer;
use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::expression::Item;

/// Reads what [`serde_dynamo::to_item`] wrote.
///
/// # Errors
/// Which attribute is missing, or is not what it should be.
pub(super) fn decode<T: DeserializeOwned>(item: Item) -> Result<T, String> {
    T::deserialize(map(item)).map_err(|error| error.to_string())
}

type Attribute = (String, AttributeValue);
type Entries = iter::Map<hash_map::IntoIter<String, AttributeValue>, fn(Attribute) -> (String, Value)>;

fn map(item: Item) -> MapDeserializer<'static, Entries, Error> {
    MapDeserializer::new(item.into_iter().map(|(name, value)| (name, Value(value))))
}

/// One attribute.
struct Value(AttributeValue);

impl<'de> Deserializer<'de> for Value {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            AttributeValue::S(text) => visitor.visit_string(text),
            AttributeValue::N(digits) => number(&digits, visitor),
            AttributeValue::Bool(value) => visitor.visit_bool(value),
            AttributeValue::Null(_) => visitor.visit_unit(),
            AttributeValue::L(values) => {
                visitor.visit_seq(SeqDeserializer::new(values.into_iter().map(Value)))
            }
            AttributeValue::M(fields) => visitor.visit_map(map(fields)),
            _ => Err(Error::custom("an attribute is of a type that is never written")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            AttributeValue::Null(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            AttributeValue::S(variant) => visitor.visit_enum(variant.into_deserializer()),
            AttributeValue::M(fields) => visitor.visit_enum(MapAccessDeserializer::new(map(fields))),
            _ => Err(Error::custom("an attribute is no choice")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier
    }
}

impl IntoDeserializer<'_, Error> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// DynamoDB has one type for all numbers and writes them in decimal digits.
fn number<'de, V: Visitor<'de>>(digits: &str, visitor: V) -> Result<V::Value, Error> {
    if let Ok(number) = digits.parse() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = digits.parse() {
        return visitor.visit_i64(number);
    }
    visitor.visit_f64(digits.parse().map_err(Error::custom)?)
}
