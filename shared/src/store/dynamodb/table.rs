//! The table's operations, with the outcome of a condition as a value.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::MAX_ATTEMPTS;
use super::decode::decode;
use super::expression::{Expression, Item};
use crate::clock::Timestamp;
use crate::store::StoreError;
use crate::store::item::{self, HOUSEHOLD, StoredItem, WithSchema};

/// How many entries one page may have at most.
const PAGE: usize = 100;

/// The outcome of a conditional write.
pub(super) enum WriteResult {
    /// It was made; the item as it is now, where that was asked for.
    Made(Item),
    /// Its condition failed on this item, or on its absence.
    Refused(Option<Item>),
}

/// The outcome of a transaction.
pub(super) enum TransactResult {
    /// All of it was made.
    Made,
    /// A condition failed; for each part, the item that refused it, if one did.
    Refused(Vec<Option<Item>>),
    /// Another transaction was at work on an item, or had the same token and supposed something else.
    Overtaken,
}

/// The household's items in one table.
#[derive(Clone)]
pub(super) struct Table {
    client: Client,
    name: String,
}

impl StoredItem for Item {
    fn key(&self) -> &str {
        self.get("sk").and_then(|sk| sk.as_s().ok()).map_or("", String::as_str)
    }

    fn schema(&self) -> Option<u32> {
        self.get("schema")?.as_n().ok()?.parse().ok()
    }

    fn expires_at(&self) -> Option<i64> {
        self.get("expires_at")?.as_n().ok()?.parse().ok()
    }

    fn decode<T: DeserializeOwned>(&self) -> Result<T, String> {
        decode(self)
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

    /// Updates an item in one write; returns it as it is then.
    pub(super) async fn update(&self, sk: &str, expression: &Expression) -> Result<WriteResult, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let sent = self
                .client
                .update_item()
                .table_name(&self.name)
                .key("pk", text(HOUSEHOLD))
                .key("sk", text(sk))
                .update_expression(expression.update())
                .condition_expression(expression.condition()?)
                .set_expression_attribute_names(Some(expression.names.clone()))
                .set_expression_attribute_values(Some(expression.values.clone()))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            return match sent {
                Ok(made) => Ok(WriteResult::Made(made.attributes.unwrap_or_default())),
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::TransactionConflictException(_)) => continue,
                    Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                        Ok(WriteResult::Refused(failed.item.clone()))
                    }
                    _ => Err(unavailable(&error)),
                },
            };
        }
        Err(contention(sk))
    }

    /// Writes a whole item in one write.
    pub(super) async fn put<T: Serialize + Sync>(
        &self,
        sk: &str,
        item: &T,
        expression: Option<&Expression>,
    ) -> Result<WriteResult, StoreError> {
        let written = whole(sk, item)?;
        let mut put = self.client.put_item().table_name(&self.name).set_item(Some(written));
        if let Some(expression) = expression {
            put = put
                .condition_expression(expression.condition()?)
                .set_expression_attribute_names(Some(expression.names.clone()))
                .set_expression_attribute_values(Some(expression.values.clone()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        }
        match put.send().await {
            Ok(_) => Ok(WriteResult::Made(Item::new())),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(WriteResult::Refused(failed.item.clone()))
                }
                _ => Err(unavailable(&error)),
            },
        }
    }

    /// Deletes an item, whether or not it is there.
    pub(super) async fn delete(&self, sk: &str) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.name)
            .key("pk", text(HOUSEHOLD))
            .key("sk", text(sk))
            .send()
            .await
            .map(drop)
            .map_err(|error| unavailable(&error))
    }

    /// Deletes an item, if a condition holds; nothing where it does not.
    pub(super) async fn delete_if(&self, sk: &str, expression: &Expression) -> Result<bool, StoreError> {
        let sent = self
            .client
            .delete_item()
            .table_name(&self.name)
            .key("pk", text(HOUSEHOLD))
            .key("sk", text(sk))
            .condition_expression(expression.condition()?)
            .set_expression_attribute_names(Some(expression.names.clone()))
            .set_expression_attribute_values(Some(expression.values.clone()))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// An update as a part of a transaction.
    pub(super) fn transact(&self, sk: &str, expression: Expression) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.name)
            .key("pk", text(HOUSEHOLD))
            .key("sk", text(sk))
            .update_expression(expression.update())
            .condition_expression(expression.condition()?)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StoreError::Malformed(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// A whole item as a part of a transaction, if there is no item under its key, or an expired one, at `absent_at`;
    /// whether or not there is one, where that is not given.
    pub(super) fn transact_put<T: Serialize>(
        &self,
        sk: &str,
        item: &T,
        absent_at: Option<Timestamp>,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut put = Put::builder().table_name(&self.name).set_item(Some(whole(sk, item)?));
        if let Some(now) = absent_at {
            let absent = Expression::of_absent(now);
            put = put
                .condition_expression(absent.condition()?)
                .set_expression_attribute_names(Some(absent.names))
                .set_expression_attribute_values(Some(absent.values))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        }
        let put = put.build().map_err(|error| StoreError::Malformed(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A condition as a part of a transaction that leaves its item as it is.
    pub(super) fn check(&self, sk: &str, expression: Expression) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .key("pk", text(HOUSEHOLD))
            .key("sk", text(sk))
            .condition_expression(expression.condition()?)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StoreError::Malformed(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Makes all of the writes or none. With `token`, DynamoDB recognises the same transaction when a later
    /// call sends it again; the client's own attempts are recognised in any case.
    pub(super) async fn write_all(
        &self,
        writes: Vec<TransactWriteItem>,
        token: Option<&str>,
    ) -> Result<TransactResult, StoreError> {
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .set_client_request_token(token.map(str::to_owned))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(TransactResult::Made);
        };
        let cancelled = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled,
            Some(TransactWriteItemsError::IdempotentParameterMismatchException(_)) => {
                return Ok(TransactResult::Overtaken);
            }
            _ => return Err(unavailable(&error)),
        };
        let reasons = cancelled.cancellation_reasons();
        let is = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
        if is("ConditionalCheckFailed") {
            let items = reasons.iter().map(|reason| reason.item().cloned());
            return Ok(TransactResult::Refused(items.collect()));
        }
        if is("TransactionConflict") {
            return Ok(TransactResult::Overtaken);
        }
        Err(unavailable(&error))
    }
}

/// An item with its keys and its schema number.
fn whole<T: Serialize>(sk: &str, item: &T) -> Result<Item, StoreError> {
    let mut whole: Item =
        serde_dynamo::to_item(WithSchema::new(item)).map_err(|error| item::corrupt(sk, &error))?;
    whole.insert("pk".to_owned(), text(HOUSEHOLD));
    whole.insert("sk".to_owned(), text(sk));
    Ok(whole)
}

/// Others write this item faster than we can.
pub(super) fn contention(sk: &str) -> StoreError {
    StoreError::Unavailable(format!("item {sk} is being changed by too many at once"))
}

fn is_refused(error: &SdkError<DeleteItemError>) -> bool {
    error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception)
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
    let said = format!("{}: {}", code.unwrap_or("error"), message.unwrap_or("no reason given"));
    match code {
        Some("ValidationException" | "ItemCollectionSizeLimitExceededException") => {
            StoreError::Malformed(said)
        }
        _ => StoreError::Unavailable(said),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}
