//! Building one conditional write: what it sets, what it removes, and on which condition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::store::StoreError;
use crate::store::item::SCHEMA;
use crate::store::unit::Expected;

/// An item as DynamoDB holds it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// One conditional write. Every name goes through a placeholder, since DynamoDB reserves hundreds of words.
#[derive(Debug, Default)]
pub(super) struct Expression {
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
    set: Vec<String>,
    remove: Vec<String>,
    add: Vec<String>,
    conditions: Vec<String>,
    failure: Option<String>,
}

impl Expression {
    /// A write to an item that has to exist, unexpired, at `now`, in a schema that this release knows.
    pub(super) fn of_live(now: Timestamp) -> Self {
        let mut expression = Self::default();
        let (key, expiry) = (expression.name("pk"), expression.name("expires_at"));
        let (schema, known) = (expression.name("schema"), expression.value(SCHEMA));
        let now = expression.value(now.seconds());
        expression.require(format!("attribute_exists({key})"));
        expression.require(format!("(attribute_not_exists({expiry}) OR {expiry} > {now})"));
        expression.require(format!("{schema} <= {known}"));
        expression
    }

    /// The condition of a compare-and-swap, at `now`; none where any item may be there.
    pub(super) fn of_expected(expected: Expected, now: Timestamp) -> Option<Self> {
        let mut expression = Self::default();
        match expected {
            Expected::Any => return None,
            Expected::Absent => {
                let (key, expiry) = (expression.name("pk"), expression.name("expires_at"));
                let now = expression.value(now.seconds());
                expression.require(format!("(attribute_not_exists({key}) OR {expiry} <= {now})"));
            }
            // An item that an older release wrote.
            Expected::Revision(0) => {
                let (key, uncounted) = (expression.name("pk"), expression.is_absent("revision"));
                expression.require(format!("attribute_exists({key})"));
                expression.require(uncounted);
            }
            Expected::Revision(revision) => expression.require_equal("revision", revision),
        }
        Some(expression)
    }

    /// The placeholder of an attribute, or of one inside a map, as `pairing.device`.
    pub(super) fn name(&mut self, path: &str) -> String {
        let parts = path.split('.').map(|part| {
            let placeholder = format!("#{part}");
            self.names.insert(placeholder.clone(), part.to_owned());
            placeholder
        });
        parts.collect::<Vec<_>>().join(".")
    }

    /// The placeholder of a value.
    pub(super) fn value(&mut self, value: impl Serialize) -> String {
        let placeholder = format!(":v{}", self.values.len());
        match serde_dynamo::to_attribute_value(value) {
            Ok(value) => {
                self.values.insert(placeholder.clone(), value);
            }
            Err(error) => self.failure = Some(error.to_string()),
        }
        placeholder
    }

    /// Adds a condition; all of them have to hold.
    pub(super) fn require(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    /// Requires that an attribute has a value.
    pub(super) fn require_equal(&mut self, path: &str, value: impl Serialize) {
        let condition = self.equals(path, value);
        self.require(condition);
    }

    /// The condition that an attribute has a value. It does not hold where there is no such attribute.
    pub(super) fn equals(&mut self, path: &str, value: impl Serialize) -> String {
        let (name, value) = (self.name(path), self.value(value));
        format!("{name} = {value}")
    }

    /// The condition that there is no such attribute.
    pub(super) fn is_absent(&mut self, path: &str) -> String {
        format!("attribute_not_exists({})", self.name(path))
    }

    /// Sets an attribute.
    pub(super) fn set(&mut self, path: &str, value: impl Serialize) {
        let (name, value) = (self.name(path), self.value(value));
        self.set.push(format!("{name} = {value}"));
    }

    /// Sets an attribute, or removes it where there is no value for it.
    pub(super) fn set_or_remove(&mut self, path: &str, value: Option<impl Serialize>) {
        match value {
            Some(value) => self.set(path, value),
            None => self.remove(path),
        }
    }

    /// Sets an attribute that is not there yet.
    pub(super) fn set_if_absent(&mut self, path: &str, value: impl Serialize) {
        let (name, value) = (self.name(path), self.value(value));
        self.set.push(format!("{name} = if_not_exists({name}, {value})"));
    }

    /// Adds one to a count, which is 0 where it is absent.
    pub(super) fn count_up(&mut self, path: &str) {
        let (name, one) = (self.name(path), self.value(1));
        self.add.push(format!("{name} {one}"));
    }

    /// Gives an attribute the value that another one has before this write.
    pub(super) fn copy(&mut self, from: &str, to: &str) {
        let (from, to) = (self.name(from), self.name(to));
        self.set.push(format!("{to} = {from}"));
    }

    /// Removes an attribute.
    pub(super) fn remove(&mut self, path: &str) {
        let name = self.name(path);
        self.remove.push(name);
    }

    /// The condition as DynamoDB reads it.
    ///
    /// # Errors
    /// When a value could not be written down.
    pub(super) fn condition(&self) -> Result<String, StoreError> {
        match &self.failure {
            Some(failure) => Err(StoreError::Malformed(failure.clone())),
            None => Ok(self.conditions.join(" AND ")),
        }
    }

    /// The update as DynamoDB reads it.
    pub(super) fn update(&self) -> String {
        let clause = |word: &str, parts: &[String]| {
            (!parts.is_empty()).then(|| format!("{word} {}", parts.join(", ")))
        };
        [clause("SET", &self.set), clause("REMOVE", &self.remove), clause("ADD", &self.add)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }
}
