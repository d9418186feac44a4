//! A page of a query as DynamoDB sent it, split into its items. They are read by [`super::wire`], past the SDK's tables of
//! attributes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents, RuntimePlugin as _};
use aws_sdk_dynamodb::operation::query::{Query, QueryOutput};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::task_local;

use super::expression::Item;
use super::wire;
use crate::store::StoreError;
use crate::store::item::{self, HOUSEHOLD, ReadItem};

/// One page: its items, and where the next one begins.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ItemPage {
    #[serde(default)]
    items: Vec<Box<RawValue>>,
    last_evaluated_key: Option<Box<RawValue>>,
}

impl ItemPage {
    /// Adds the items to others. One without a head that can be read is left out and logged.
    ///
    /// # Errors
    /// When the place of the next page cannot be read.
    pub(super) fn split(self, items: &mut Vec<SentItem>) -> Result<Option<Item>, StoreError> {
        for item in self.items {
            items.extend(item::unless_corrupt(SentItem::new(item))?);
        }
        self.last_evaluated_key.map(|key| start_after(&key)).transpose()
    }
}

/// The place behind the last item of a page, as a query takes it.
fn start_after(key: &RawValue) -> Result<Item, StoreError> {
    let Head { sk, .. } =
        wire::decode(key.get()).map_err(|error| item::corrupt("at a page's end", &error))?;
    let text = AttributeValue::S;
    Ok(Item::from([("pk".to_owned(), text(HOUSEHOLD.to_owned())), ("sk".to_owned(), text(sk))]))
}

/// An item as DynamoDB sent it.
pub(super) struct SentItem {
    head: Head,
    json: Box<RawValue>,
}

/// The members that decide the type of an item, and whether it counts.
#[derive(Deserialize)]
struct Head {
    sk: String,
    schema: Option<u32>,
    expires_at: Option<i64>,
}

impl SentItem {
    fn new(json: Box<RawValue>) -> Result<Self, StoreError> {
        let head = wire::decode(json.get()).map_err(|error| item::corrupt("without a head", &error))?;
        Ok(Self { head, json })
    }
}

impl ReadItem for SentItem {
    fn key(&self) -> &str {
        &self.head.sk
    }

    fn schema(&self) -> Option<u32> {
        self.head.schema
    }

    fn expires_at(&self) -> Option<i64> {
        self.head.expires_at
    }

    fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        wire::decode(self.json.get()).map_err(|error| error.to_string())
    }
}

task_local! {
    /// The reader of the query that this task waits for.
    static READER: PageReader;
}

/// Takes the page of one query out of its response.
#[derive(Clone, Default)]
struct PageReader(Arc<Mutex<Option<ItemPage>>>);

impl PageReader {
    fn page(&self) -> MutexGuard<'_, Option<ItemPage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for PageReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageReader").finish_non_exhaustive()
    }
}

/// Sends a query of a client that has the interceptor [`Pages`]. Its page, and an output without it.
///
/// The two meet in the task: to give the query an interceptor of its own compiles the SDK's whole way of a request a second
/// time, which makes each archive 45 kB larger.
pub(super) async fn send<E>(
    query: impl Future<Output = Result<QueryOutput, E>>,
) -> Result<Option<ItemPage>, E> {
    let reader = PageReader::default();
    READER.scope(reader.clone(), query).await?;
    let page = reader.page().take();
    Ok(page)
}

/// Has the responses of the queries of [`send`] read as pages.
#[derive(Debug)]
pub(super) struct Pages;

impl Intercept for Pages {
    fn name(&self) -> &'static str {
        "Pages"
    }

    fn modify_before_deserialization(
        &self,
        _: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Ok(reader) = READER.try_with(PageReader::clone) {
            config.interceptor_state().store_put(SharedResponseDeserializer::new(reader));
        }
        Ok(())
    }
}

impl DeserializeResponse for PageReader {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        config: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        if !response.status().is_success() {
            return refused(response, config);
        }
        let body = response.body().bytes().unwrap_or_default();
        let page = serde_json::from_slice(body).map_err(|error| OrchestratorError::response(error.into()))?;
        *self.page() = Some(page);
        Ok(Output::erase(QueryOutput::builder().build()))
    }
}

/// The SDK's result for an error response.
fn refused(response: &HttpResponse, config: &ConfigBag) -> Result<Output, OrchestratorError<Error>> {
    let query = Query::new().config();
    let usual = query.as_ref().and_then(|query| query.load::<SharedResponseDeserializer>());
    let usual = usual.ok_or_else(|| OrchestratorError::other("the SDK reads no errors"))?;
    usual.deserialize_nonstreaming_with_config(response, config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(page: &str) -> (Vec<String>, Option<Item>) {
        let page: ItemPage = serde_json::from_str(page).unwrap();
        let mut items = Vec::new();
        let after = page.split(&mut items).unwrap();
        (items.iter().map(|item| item.key().to_owned()).collect(), after)
    }

    #[test]
    fn a_page_has_its_items_and_the_place_of_the_next_one() {
        let (items, after) = split(
            r#"{"Count":3,"Items":[
                {"title":{"S":"Blue"},"sk":{"S":"play#a"},"schema":{"N":"1"}},
                {"title":{"S":"without a key"}},
                {"sk":{"S":"play#b"},"tags":{"SS":["set"]}}
            ],"LastEvaluatedKey":{"sk":{"S":"play#b"},"pk":{"S":"home"}},"ScannedCount":3}"#,
        );
        assert_eq!(items, ["play#a", "play#b"]);
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let expected = [("pk".to_owned(), text("home")), ("sk".to_owned(), text("play#b"))];
        assert_eq!(after, Some(Item::from(expected)));
    }

    #[test]
    fn a_last_page_has_no_next_one() {
        assert_eq!(split(r#"{"Count":0,"Items":[],"ScannedCount":0}"#), (Vec::new(), None));
    }
}
