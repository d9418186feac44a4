//! Reads an item as it lies there. A play reads all items of a household, and to copy each of them first costs more
//! than to read it.

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
pub(super) fn decode<T: DeserializeOwned>(item: &Item) -> Result<T, String> {
    T::deserialize(map(item)).map_err(|error| error.to_string())
}

type Entries<'a> = MapDeserializer<'a, Box<dyn Iterator<Item = (&'a str, Value<'a>)> + 'a>, Error>;

fn map(item: &Item) -> Entries<'_> {
    MapDeserializer::new(Box::new(item.iter().map(|(name, value)| (name.as_str(), Value(value)))))
}

/// One attribute.
#[derive(Clone, Copy)]
struct Value<'a>(&'a AttributeValue);

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            AttributeValue::S(text) => visitor.visit_borrowed_str(text),
            AttributeValue::N(digits) => number(digits, visitor),
            AttributeValue::Bool(value) => visitor.visit_bool(*value),
            AttributeValue::Null(_) => visitor.visit_unit(),
            AttributeValue::L(values) => visitor.visit_seq(SeqDeserializer::new(values.iter().map(Value))),
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
            AttributeValue::S(variant) => visitor.visit_enum(variant.as_str().into_deserializer()),
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

impl<'de> IntoDeserializer<'de, Error> for Value<'de> {
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
