//! The table's operations, with the outcome of a condition as a value.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::MAX_ATTEMPTS;
use super::expression::{Expression, Item};
use super::page::{self, SentItem};
use super::{wire, written};
use crate::clock::Timestamp;
use crate::store::StoreError;
use crate::store::item::{self, HOUSEHOLD, ReadItem, StoredItem, Written};
use crate::store::kv::Attempt;
use crate::store::unit::{Expected, ItemChange, Write};

/// Number of entries that one page may have at most.
const PAGE: usize = 100;

/// The most writes of one transaction (DynamoDB, quotas of `TransactWriteItems`).
const LARGEST_TRANSACTION: usize = 100;

/// The outcome of a commit.
pub(super) enum Commit {
    /// All of it was made.
    Made,
    /// Nothing was made: these items are not as the writes suppose, and this is what they are.
    Refused(Vec<(String, Option<Item>)>),
    /// Nothing was made: another transaction was at work on an item.
    Conflict,
}

/// Puts a [`Condition`] on a request, or on a part of a transaction. The builders share method names and no trait.
macro_rules! on_condition {
    ($builder:expr, $condition:expr) => {{
        let Condition { text, names, values } = $condition;
        let refused_by = text.is_some().then_some(ReturnValuesOnConditionCheckFailure::AllOld);
        $builder
            .set_condition_expression(text)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .set_return_values_on_condition_check_failure(refused_by)
    }};
}

/// The household's items in one table.
#[derive(Clone)]
pub(super) struct Table {
    client: Client,
    name: String,
}

impl StoredItem for Item {
    fn encode<T: Serialize>(
        key: &str,
        item: &Written<'_, T>,
        _expires_at: Option<i64>,
    ) -> Result<Self, StoreError> {
        let mut written: Self = serde_dynamo::to_item(item).map_err(|error| item::corrupt(key, &error))?;
        written.insert("pk".to_owned(), text(HOUSEHOLD));
        written.insert("sk".to_owned(), text(key));
        Ok(written)
    }

    fn revision(&self) -> u64 {
        let counted = || self.get("revision")?.as_n().ok()?.parse().ok();
        counted().unwrap_or(0)
    }
}

impl ReadItem for Item {
    fn key(&self) -> &str {
        self.get("sk").and_then(|sk| sk.as_s().ok()).map_or("", String::as_str)
    }

    fn schema(&self) -> Option<u32> {
        self.get("schema")?.as_n().ok()?.parse().ok()
    }

    fn expires_at(&self) -> Option<i64> {
        self.get("expires_at")?.as_n().ok()?.parse().ok()
    }

    fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        let json = written::json(&self).map_err(|error| error.to_string())?;
        wire::decode(&json).map_err(|error| error.to_string())
    }
}

impl Table {
    pub(super) fn new(client: Client, name: &str) -> Self {
        Self { client, name: name.to_owned() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// All items of a prefix, consistently; one request for each megabyte.
    pub(super) async fn all(&self, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let page = self
                .query(prefix)
                .consistent_read(true)
                .set_exclusive_start_key(after)
                .send()
                .await
                .map_err(|error| unavailable(&error))?;
            items.extend(page.items.unwrap_or_default());
            after = page.last_evaluated_key;
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    /// The same as [`Self::all`], to be read and not to be changed.
    pub(super) async fn all_as_sent(&self, prefix: &str) -> Result<Vec<SentItem>, StoreError> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let query = self.query(prefix).consistent_read(true).set_exclusive_start_key(after).send();
            let page = page::send(query).await.map_err(|error| unavailable(&error))?;
            let page = page.ok_or_else(|| StoreError::Unavailable("a page was not read".to_owned()))?;
            after = page.split(&mut items)?;
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    /// The last `limit` items of a prefix, from the end of the order.
    pub(super) async fn newest(&self, prefix: &str, limit: usize) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut after = None;
        while items.len() < limit {
            let page = self
                .query(prefix)
                .scan_index_forward(false)
                .limit(i32::try_from(limit.min(PAGE)).unwrap_or(i32::MAX))
                .set_exclusive_start_key(after)
                .send()
                .await
                .map_err(|error| unavailable(&error))?;
            items.extend(page.items.unwrap_or_default());
            after = page.last_evaluated_key;
            if after.is_none() {
                break;
            }
        }
        items.truncate(limit);
        Ok(items)
    }

    fn query(&self, prefix: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(HOUSEHOLD))
            .expression_attribute_values(":prefix", text(prefix))
    }

    /// One item, consistently.
    pub(super) async fn get(&self, sk: &str) -> Result<Option<Item>, StoreError> {
        self.client
            .get_item()
            .table_name(&self.name)
            .key("pk", text(HOUSEHOLD))
            .key("sk", text(sk))
            .consistent_read(true)
            .send()
            .await
            .map(|found| found.item)
            .map_err(|error| unavailable(&error))
    }

    /// Updates an item in one write, if its condition holds.
    pub(super) async fn update(&self, sk: &str, write: &Expression) -> Result<Attempt<Item>, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let sent = self
                .client
                .update_item()
                .table_name(&self.name)
                .key("pk", text(HOUSEHOLD))
                .key("sk", text(sk))
                .update_expression(write.update())
                .condition_expression(write.condition()?)
                .set_expression_attribute_names(Some(write.names.clone()))
                .set_expression_attribute_values(Some(write.values.clone()))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            return match sent {
                Ok(made) => Ok(Attempt::Made(made.attributes.unwrap_or_default())),
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::TransactionConflictException(_)) => continue,
                    Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                        Ok(Attempt::Open(Some(failed.item.clone().into_iter().collect())))
                    }
                    _ => Err(unavailable(&error)),
                },
            };
        }
        Err(StoreError::Unavailable(format!("item {sk} is in transactions all the time")))
    }

    /// Writes an item, whether or not there is one under its key.
    pub(super) async fn put(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(|error| unavailable(&error))
    }

    /// Makes all of the writes or none, if each finds the item that it supposes at `now`. Beyond what one transaction
    /// holds it takes several, each whole.
    pub(super) async fn commit(&self, writes: &[Write<Item>], now: Timestamp) -> Result<Commit, StoreError> {
        if let [write] = writes {
            return match &write.change {
                ItemChange::Put(item) => self.put_if(&write.key, item, write.expected, now).await,
                ItemChange::Remove => self.delete_if(&write.key, write.expected, now).await,
                ItemChange::Keep => Ok(Commit::Made),
            };
        }
        for part in writes.chunks(LARGEST_TRANSACTION) {
            match self.transact(part, now).await? {
                Commit::Made => {}
                refused => return Ok(refused),
            }
        }
        Ok(Commit::Made)
    }

    async fn put_if(
        &self,
        sk: &str,
        item: &Item,
        expected: Expected,
        now: Timestamp,
    ) -> Result<Commit, StoreError> {
        let condition = Condition::of(expected, now)?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item.clone()));
        let put = on_condition!(put, condition);
        let Err(error) = put.send().await else { return Ok(Commit::Made) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                Ok(Commit::Refused(vec![(sk.to_owned(), failed.item.clone())]))
            }
            Some(PutItemError::TransactionConflictException(_)) => Ok(Commit::Conflict),
            _ => Err(unavailable(&error)),
        }
    }

    async fn delete_if(&self, sk: &str, expected: Expected, now: Timestamp) -> Result<Commit, StoreError> {
        let condition = Condition::of(expected, now)?;
        let delete =
            self.client.delete_item().table_name(&self.name).key("pk", text(HOUSEHOLD)).key("sk", text(sk));
        let delete = on_condition!(delete, condition);
        let Err(error) = delete.send().await else { return Ok(Commit::Made) };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => {
                Ok(Commit::Refused(vec![(sk.to_owned(), failed.item.clone())]))
            }
            Some(DeleteItemError::TransactionConflictException(_)) => Ok(Commit::Conflict),
            _ => Err(unavailable(&error)),
        }
    }

    /// One transaction. DynamoDB recognises the client's own attempts of it.
    async fn transact(&self, writes: &[Write<Item>], now: Timestamp) -> Result<Commit, StoreError> {
        let parts = writes.iter().map(|write| self.part(write, now)).collect::<Result<_, _>>()?;
        let sent = self.client.transact_write_items().set_transact_items(Some(parts)).send().await;
        let Err(error) = sent else { return Ok(Commit::Made) };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
        else {
            return Err(unavailable(&error));
        };
        let reasons = cancelled.cancellation_reasons();
        let is = |reason: &CancellationReason, code: &str| reason.code() == Some(code);
        let refused: Vec<_> = writes
            .iter()
            .zip(reasons)
            .filter(|(_, reason)| is(reason, "ConditionalCheckFailed"))
            .map(|(write, reason)| (write.key.clone(), reason.item().cloned()))
            .collect();
        if !refused.is_empty() {
            return Ok(Commit::Refused(refused));
        }
        if reasons.iter().any(|reason| is(reason, "TransactionConflict")) {
            return Ok(Commit::Conflict);
        }
        Err(unavailable(&error))
    }

    /// One write as a part of a transaction.
    fn part(&self, write: &Write<Item>, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let condition = Condition::of(write.expected, now)?;
        let part = TransactWriteItem::builder();
        let malformed = |error: BuildError| StoreError::Malformed(error.to_string());
        Ok(match &write.change {
            ItemChange::Put(item) => {
                let put = Put::builder().table_name(&self.name).set_item(Some(item.clone()));
                part.put(on_condition!(put, condition).build().map_err(malformed)?)
            }
            ItemChange::Remove => {
                let delete = Delete::builder().table_name(&self.name).key("pk", text(HOUSEHOLD));
                let delete = delete.key("sk", text(&write.key));
                part.delete(on_condition!(delete, condition).build().map_err(malformed)?)
            }
            ItemChange::Keep => {
                let check = ConditionCheck::builder().table_name(&self.name).key("pk", text(HOUSEHOLD));
                let check = check.key("sk", text(&write.key));
                part.condition_check(on_condition!(check, condition).build().map_err(malformed)?)
            }
        }
        .build())
    }
}

/// The condition of a write, as DynamoDB reads it.
#[derive(Default)]
struct Condition {
    text: Option<String>,
    names: Option<HashMap<String, String>>,
    values: Option<Item>,
}

impl Condition {
    /// None where any item may be there.
    fn of(expected: Expected, now: Timestamp) -> Result<Self, StoreError> {
        let Some(expression) = Expression::of_expected(expected, now) else { return Ok(Self::default()) };
        let text = Some(expression.condition()?);
        // DynamoDB refuses an empty map of values.
        let values = Some(expression.values).filter(|values| !values.is_empty());
        Ok(Self { text, names: Some(expression.names), values })
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn unavailable<E>(error: &SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let Some(service) = error.as_service_error() else {
        return StoreError::Unavailable(with_causes(error));
    };
    let (code, message) = (service.code(), service.message());
    let reason = format!("{}: {}", code.unwrap_or("error"), message.unwrap_or("no reason given"));
    match code {
        Some("ValidationException" | "ItemCollectionSizeLimitExceededException") => {
            StoreError::Malformed(reason)
        }
        _ => StoreError::Unavailable(reason),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    reason
}
