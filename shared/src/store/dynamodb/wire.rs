//! Reads an item from the JSON in which DynamoDB sends it, as `{"title": {"S": "Blue"}, "version": {"N": "7"}}`.
//!
//! A play reads all items of a household. To build a table of attributes for each, as the SDK does, costs more than all the
//! rest of a play: half of its processor time (Amazon DynamoDB, "DynamoDB low-level API").

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, IntoDeserializer as _, MapAccess,
    SeqAccess, Visitor,
};
use serde::{Deserializer, forward_to_deserialize_any};

/// Reads the JSON of one item.
///
/// # Errors
/// Which attribute is missing, or is not what it should be.
pub(super) fn decode<T: DeserializeOwned>(item: &str) -> Result<T, serde_json::Error> {
    T::deserialize(Attributes(&mut serde_json::Deserializer::from_str(item)))
}

/// Named attributes: an item, or a map within it.
struct Attributes<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Attributes<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Content(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier option newtype_struct enum ignored_any
    }
}

/// One attribute: its type as the one name of an object, and its value.
struct Attribute<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Attribute<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Typed(Any(visitor)))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Typed(Optional(visitor)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Typed(Choice(visitor)))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier
    }
}

/// A form of an attribute, which a visitor reads.
trait Form<'de>: Sized {
    type Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    fn read<A: MapAccess<'de>>(self, attribute: Value<'_, 'de, A>) -> Result<Self::Value, A::Error>;
}

/// A type for each form and no parameter, so that a visitor is compiled for the form that it has alone.
macro_rules! form {
    ($(#[$doc:meta])* $form:ident, $read:expr) => {
        $(#[$doc])*
        struct $form<V>(V);

        impl<'de, V: Visitor<'de>> Form<'de> for $form<V> {
            type Value = V::Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.expecting(f)
            }

            fn read<A: MapAccess<'de>>(self, attribute: Value<'_, 'de, A>) -> Result<V::Value, A::Error> {
                $read(attribute, self.0)
            }
        }
    };
}

form!(
    /// Whatever there is.
    Any,
    Value::deserialize_any
);
form!(
    /// An attribute that may be absent.
    Optional,
    Value::deserialize_option
);
form!(
    /// One of several variants.
    Choice,
    |attribute: Value<'_, 'de, A>, visitor| attribute.deserialize_enum("", &[], visitor)
);

/// Visits the object of one attribute.
struct Typed<F>(F);

impl<'de, F: Form<'de>> Visitor<'de> for Typed<F> {
    type Value = F::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<F::Value, A::Error> {
        let kind = map.next_key::<&str>()?.ok_or_else(|| A::Error::custom("an attribute has no type"))?;
        let value = self.0.read(Value { kind, map: &mut map })?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("an attribute has two types")),
        }
    }
}

/// The value of an attribute whose type is known.
struct Value<'a, 'de, A> {
    kind: &'de str,
    map: &'a mut A,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Value<'_, 'de, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        match self.kind {
            "S" => self.map.next_value_seed(Text(visitor)),
            "N" => number(self.map.next_value()?, visitor),
            "BOOL" => visitor.visit_bool(self.map.next_value()?),
            "NULL" => self.map.next_value::<IgnoredAny>().and_then(|_| visitor.visit_unit()),
            "L" => self.map.next_value_seed(List(visitor)),
            "M" => self.map.next_value_seed(Map(visitor)),
            _ => Err(A::Error::custom("an attribute is of a type that is never written")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        match self.kind {
            "NULL" => self.map.next_value::<IgnoredAny>().and_then(|_| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        match self.kind {
            "S" => visitor.visit_enum(self.map.next_value::<String>()?.into_deserializer()),
            "M" => self.map.next_value_seed(Map(Variant(visitor))),
            _ => Err(A::Error::custom("an attribute is no choice")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A text, for this visitor.
struct Text<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Text<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_str(self.0)
    }
}

/// A list of attributes, for this visitor.
struct List<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for List<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_seq(Content(self.0))
    }
}

/// Named attributes, for this visitor.
struct Map<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Map<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_map(Content(self.0))
    }
}

/// Shows a visitor of attributes their values.
struct Content<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Content<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Each(map))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Each(seq))
    }
}

/// Shows a visitor the variant of a choice that has content.
struct Variant<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Variant<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(MapAccessDeserializer::new(map))
    }
}

/// Attributes one after the other.
struct Each<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Each<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Of(seed))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Each<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Of(seed))
    }
}

/// The part that is read of one attribute.
struct Of<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Of<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Attribute(deserializer))
    }
}

/// DynamoDB has one type for all numbers and writes them in decimal digits.
fn number<'de, V: Visitor<'de>, E: de::Error>(digits: &str, visitor: V) -> Result<V::Value, E> {
    if let Ok(number) = digits.parse() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = digits.parse() {
        return visitor.visit_i64(number);
    }
    visitor.visit_f64(digits.parse().map_err(E::custom)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::super::expression::Item;
    use super::super::written;
    use super::*;

    /// A value of each type that items consist of.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Sample {
        text: String,
        number: i64,
        count: u64,
        flag: bool,
        perhaps: Option<String>,
        none: Option<u32>,
        list: Vec<Option<Named>>,
        choice: Kind,
        map: BTreeMap<String, Kind>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Named(String);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Plain,
        With { version: u64 },
        Of(String),
    }

    fn choices() -> impl Strategy<Value = Kind> {
        prop_oneof![
            Just(Kind::Plain),
            any::<u64>().prop_map(|version| Kind::With { version }),
            ".*".prop_map(Kind::Of)
        ]
    }

    fn samples() -> impl Strategy<Value = Sample> {
        let texts = (".*", proptest::option::of(".*"));
        let numbers = (any::<i64>(), any::<u64>(), any::<bool>(), any::<Option<u32>>());
        let list = proptest::collection::vec(proptest::option::of(".*".prop_map(Named)), 0..4);
        let map = proptest::collection::btree_map(".*", choices(), 0..4);
        (texts, numbers, list, choices(), map).prop_map(|(texts, numbers, list, choice, map)| {
            let ((text, perhaps), (number, count, flag, none)) = (texts, numbers);
            Sample { text, number, count, flag, perhaps, none, list, choice, map }
        })
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read_as_it_was_written(sample in samples()) {
            let item: Item = serde_dynamo::to_item(&sample).unwrap();
            prop_assert_eq!(decode::<Sample>(&written::json(&item).unwrap()).unwrap(), sample);
        }

        #[test]
        fn anything_else_is_refused_without_a_crash(json in ".*|(\\{\"(S|N|M|L|BOOL|NULL|text)\":)*[0-9\"a{}\\[\\]]*") {
            let _ = decode::<Sample>(&json);
        }
    }

    #[test]
    fn an_attribute_has_one_known_type_and_the_rest_is_passed_over() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Title {
            title: String,
        }
        let read = |json: &str| decode::<Title>(json).ok().map(|read| read.title);
        assert_eq!(
            read(r#"{"set":{"SS":["a"]},"title":{"S":"Bl\u00fce"},"x":{"L":[{"B":"YQ=="}]}}"#).as_deref(),
            Some("Blüe")
        );
        for refused in [
            r#"{"title":{"SS":["a"]}}"#,
            r#"{"title":{"S":"a","N":"1"}}"#,
            r#"{"title":{}}"#,
            r#"{"title":"a"}"#,
            r#"{"title":{"N":"1"}}"#,
        ] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }
}
