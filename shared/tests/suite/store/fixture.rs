//! One store for one test, with a way to what it holds.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::clock::{Random as _, SystemRandom};
use ma_alexa::store::dynamodb::DynamoStore;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::store::{Store, dynamodb};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::Value;
use tempfile::TempDir;

use super::samples::T0;

/// Runs each function against both stores.
macro_rules! contract {
    ($($module:ident::$name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test]
            fn $name() {
                super::fixture::run(async { super::$module::$name(&super::fixture::Fixture::sqlite()).await });
            })*
        }
        mod on_dynamodb {
            $(#[test]
            fn $name() {
                super::fixture::run(async {
                    if let Some(fixture) = super::fixture::Fixture::dynamodb().await {
                        super::$module::$name(&fixture).await;
                    }
                });
            })*
        }
    };
}
pub(crate) use contract;

/// Longest that a test may take: what waits for a request that never comes has failed.
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs a test.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(async { tokio::time::timeout(PATIENCE, test).await.unwrap() })
}

/// A store of one test alone.
pub(crate) struct Fixture {
    pub(crate) store: Arc<dyn Store>,
    /// The address for [`ma_alexa::store::open`], here and in child processes.
    pub(crate) url: String,
    raw: Raw,
}

enum Raw {
    Sqlite(TempDir),
    Dynamo(Client, String),
}

impl Fixture {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").join("state.db");
        let (clock, random) = (Arc::new(ManualClock::at(T0)), Arc::new(SeededRandom::new(1)));
        Self {
            store: Arc::new(SqliteStore::open(&path, clock, random).unwrap()),
            url: format!("sqlite:{}", path.display()),
            raw: Raw::Sqlite(folder),
        }
    }

    /// A store in a table of its own; nothing where there is no emulator.
    pub(crate) async fn dynamodb() -> Option<Self> {
        let client = client(&emulator()?);
        let table = create_table(&client).await;
        Some(Self {
            store: Arc::new(dynamo_store(client.clone(), &table)),
            url: format!("dynamodb://{table}"),
            raw: Raw::Dynamo(client, table),
        })
    }

    /// An empty one of the same kind.
    pub(crate) async fn another(&self) -> Self {
        match self.raw {
            Raw::Sqlite(_) => Self::sqlite(),
            Raw::Dynamo(..) => Self::dynamodb().await.unwrap(),
        }
    }

    /// Asserts that an empty store of the same kind agrees with each of so many random cases.
    pub(crate) fn each_agrees<S: Strategy>(
        &self,
        cases: u32,
        strategy: S,
        agrees: &impl AsyncFn(&dyn Store, S::Value) -> Result<(), TestCaseError>,
    ) {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        tokio::task::block_in_place(|| {
            let taken = TestRunner::new(config).run(&strategy, |case| {
                tokio::runtime::Handle::current().block_on(async {
                    let fixture = self.another().await;
                    agrees(&*fixture.store, case).await
                })
            });
            if let Err(failure) = taken {
                panic!("{failure}");
            }
        });
    }

    /// The same store, as another process opens it.
    pub(crate) fn reopened(&self) -> Arc<dyn Store> {
        match &self.raw {
            Raw::Sqlite(folder) => {
                let path = folder.path().join("data").join("state.db");
                let (clock, random) = (Arc::new(ManualClock::at(T0)), Arc::new(SeededRandom::new(2)));
                Arc::new(SqliteStore::open(&path, clock, random).unwrap())
            }
            Raw::Dynamo(client, table) => Arc::new(dynamo_store(client.clone(), table)),
        }
    }

    /// Whether a round trip costs so much that a test has to do with fewer.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self.raw, Raw::Dynamo(..))
    }

    /// Puts an item there as it stands.
    pub(crate) async fn insert(&self, sk: &str, item: &Value) {
        match &self.raw {
            Raw::Sqlite(folder) => {
                let expiry = item.get("expires_at").and_then(Value::as_i64);
                open_raw(folder)
                    .execute(
                        "INSERT OR REPLACE INTO items VALUES ('home', ?1, ?2, ?3)",
                        (sk, item.to_string(), expiry),
                    )
                    .unwrap();
            }
            Raw::Dynamo(client, table) => {
                let item = serde_dynamo::to_item(item).unwrap();
                client
                    .put_item()
                    .table_name(table)
                    .set_item(Some(item))
                    .item("pk", AttributeValue::S("home".to_owned()))
                    .item("sk", AttributeValue::S(sk.to_owned()))
                    .send()
                    .await
                    .unwrap();
            }
        }
    }

    /// All items as they stand, by sort key.
    pub(crate) async fn items(&self) -> BTreeMap<String, Value> {
        match &self.raw {
            Raw::Sqlite(folder) => {
                let connection = open_raw(folder);
                let mut items = connection.prepare("SELECT sk, body FROM items WHERE pk = 'home'").unwrap();
                let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
                let items = items.query_map([], row).unwrap().map(Result::unwrap);
                items.map(|(sk, body)| (sk, serde_json::from_str(&body).unwrap())).collect()
            }
            Raw::Dynamo(client, table) => {
                let found = client.scan().table_name(table).send().await.unwrap();
                let items = found.items.unwrap().into_iter().map(|mut item| {
                    assert_eq!(item.remove("pk").unwrap().as_s().unwrap(), "home");
                    let sk = item.remove("sk").unwrap().as_s().unwrap().clone();
                    (sk, serde_dynamo::from_item(item).unwrap())
                });
                items.collect()
            }
        }
    }
}

/// An item without the members that releases write differently: the count of its writes, and where a stream is of
/// which nothing was reported.
pub(crate) fn uncounted(mut item: Value) -> Value {
    let members = item.as_object_mut().unwrap();
    members.remove("revision");
    members.remove("writer");
    if !members.contains_key("state") {
        members.remove("offset_ms");
    }
    item
}

fn open_raw(folder: &TempDir) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.path().join("data").join("state.db")).unwrap()
}

/// The endpoint of the emulator; nothing, and a line that says so, where there is none.
pub(crate) fn emulator() -> Option<String> {
    static SAID: Once = Once::new();
    let endpoint = std::env::var("TEST_DYNAMODB_ENDPOINT").ok().filter(|endpoint| !endpoint.is_empty());
    if endpoint.is_none() {
        let reason = "not run: DynamoDB contract (TEST_DYNAMODB_ENDPOINT is not set)";
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        // Past the capture of a test that passes, which would hide that it did nothing.
        SAID.call_once(|| {
            let mut stderr = std::io::stderr().lock();
            writeln!(stderr, "{reason}").unwrap();
        });
    }
    endpoint
}

/// The emulator's socket.
pub(crate) fn emulator_address(endpoint: &str) -> SocketAddr {
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    host.to_socket_addrs().unwrap().next().unwrap()
}

/// The variables that a client of an emulator needs.
pub(crate) fn variables(endpoint: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
    ])
}

/// A client of an emulator.
pub(crate) fn client(endpoint: &str) -> Client {
    let variables = variables(endpoint);
    dynamodb::client(&|name| variables.get(name).cloned()).unwrap()
}

/// A store in a table, with random numbers of its own: by them it knows its own writes.
pub(crate) fn dynamo_store(client: Client, table: &str) -> DynamoStore {
    static STORES: AtomicU64 = AtomicU64::new(1);
    let seed = STORES.fetch_add(1, Ordering::Relaxed);
    DynamoStore::new(client, table, Arc::new(SeededRandom::new(seed)))
}

/// A new table, as the deployment makes it.
pub(crate) async fn create_table(client: &Client) -> String {
    let mut nonce = [0; 8];
    SystemRandom.fill(&mut nonce).unwrap();
    let table = format!("contract-{:016x}", u64::from_be_bytes(nonce));
    let mut create = client.create_table().table_name(&table).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let attribute =
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
        create = create.attribute_definitions(attribute.build().unwrap()).key_schema(key.build().unwrap());
    }
    match create.send().await {
        // A slow emulator made it, and the client asked again before it said so.
        Err(error)
            if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {}
        created => drop(created.unwrap()),
    }
    table
}
