//! The items in one DynamoDB table, for the cloud.
//!
//! A write names the revision of the item that a rule saw. One that is refused returns the item as it is now, and the
//! rule runs again on that. Three writes are blind: see the module `blind`.

mod blind;
mod expression;
mod page;
mod table;
mod wire;
mod written;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder};

use super::StoreError;
use super::item::{self, PLAY, ReadItem as _, StoredItem as _};
use super::kv::{Attempt, KeyValue, Keys, Read};
use super::repository::Repository;
use super::unit::{ItemChange, Unit, Write};
use crate::account::{ChallengeResponse, OneTimeWord};
use crate::aws::{AwsError, Lookup, sdk_config};
use crate::clock::{Random, Timestamp};
use crate::playback::{EchoReport, Household, LastRequest};
use expression::Item;
use table::{Commit, Table};

/// Number of attempts of a write that lost a race. One of the racers wins each time, so that this and the waits are
/// enough for dozens of them.
const MAX_ATTEMPTS: usize = 32;

/// Longest wait after the second lost race; it doubles up to [`LONGEST_WAIT`]. The first is tried again at once.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// Longest wait after any lost race.
const LONGEST_WAIT: Duration = Duration::from_millis(320);

/// The state of a household in a DynamoDB table.
pub type DynamoStore = Repository<DynamoTable>;

/// A rule that keeps its outcome by itself.
type Rule<'a> = dyn Fn(&mut Unit<Item>) -> Result<(), StoreError> + Send + Sync + 'a;

/// A DynamoDB table with the keys `pk` and `sk`, both text, and the time to live `expires_at`.
#[derive(Clone)]
pub struct DynamoTable {
    table: Table,
    random: Arc<dyn Random>,
}

impl fmt::Debug for DynamoTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoStore").field("table", &self.table.name()).finish_non_exhaustive()
    }
}

impl DynamoStore {
    /// A store in `table`, which has to exist. The client is one of [`client`], which reads pages as this store does.
    #[must_use]
    pub fn new(client: Client, table: &str, random: Arc<dyn Random>) -> Self {
        let table = Table::new(client, table);
        Self::over(DynamoTable { table, random: Arc::clone(&random) }, random)
    }
}

/// A client of DynamoDB; see [`sdk_config`] for the variables that `lookup` is asked for.
///
/// # Errors
/// When a variable that is needed is missing, or one is malformed.
pub fn client(lookup: Lookup<'_>) -> Result<Client, AwsError> {
    // The SDK's quota of retries is made for those who send thousands of requests at once. A household's would be
    // used up by a short outage, and for days after it every connection that broke would be an error.
    let retries = RetryPartition::custom("dynamodb").token_bucket(TokenBucket::unlimited()).build();
    let config = Builder::from(&sdk_config("DYNAMODB", lookup)?)
        .behavior_version(BehaviorVersion::latest())
        .retry_partition(retries)
        .interceptor(page::Pages)
        .build();
    Ok(Client::from_conf(config))
}

impl KeyValue for DynamoTable {
    type Item = Item;

    async fn get(&self, key: &str) -> Result<Option<Item>, StoreError> {
        self.table.get(key).await
    }

    async fn query(&self, prefix: &'static str) -> Result<Vec<Item>, StoreError> {
        self.table.all(prefix).await
    }

    async fn household(&self, now: Timestamp) -> Result<Household, StoreError> {
        item::household(self.table.all_as_sent(PLAY).await?, now)
    }

    async fn newest(&self, prefix: &'static str, limit: usize) -> Result<Vec<Item>, StoreError> {
        self.table.newest(prefix, limit).await
    }

    async fn append(&self, item: Item) -> Result<(), StoreError> {
        self.table.put(item).await
    }

    async fn change<R, F>(&self, read: Read<Item>, at: Timestamp, rule: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: Fn(&mut Unit<Item>) -> Result<R, StoreError> + Send + Sync + 'static,
    {
        let outcome = Mutex::new(None);
        let apply = |unit: &mut Unit<Item>| {
            let latest = rule(unit)?;
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(latest);
            Ok(())
        };
        self.apply(read, at, &apply).await?;
        let outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcome.ok_or_else(|| StoreError::Unavailable("a rule was not run".to_owned()))
    }

    async fn record_blindly(&self, event: &EchoReport, now: Timestamp) -> Result<Attempt<Item>, StoreError> {
        let (key, write) = blind::report(event, now);
        self.table.update(&key, &write).await
    }

    async fn record_request_blindly(&self, request: &LastRequest) -> Result<Attempt<Item>, StoreError> {
        let (key, write) = blind::request(request);
        self.table.update(&key, &write).await
    }

    async fn take_word_blindly(
        &self,
        word: &OneTimeWord,
        taken: &ChallengeResponse,
    ) -> Result<Attempt<Item>, StoreError> {
        let (key, write) = blind::word(word, taken);
        self.table.update(&key, &write).await
    }
}

impl DynamoTable {
    /// Runs a rule until its writes are made. It is compiled once for all rules, which keeps a function small.
    async fn apply(&self, read: Read<Item>, at: Timestamp, rule: &Rule<'_>) -> Result<(), StoreError> {
        let nonce = self.nonce()?;
        let mut items = self.read(read).await?;
        for race in 0..MAX_ATTEMPTS {
            let mut unit = Unit::new(items, at, Some(nonce.clone()));
            rule(&mut unit)?;
            let (seen, writes) = unit.into_parts();
            if writes.iter().all(|write| matches!(write.change, ItemChange::Keep)) {
                return Ok(());
            }
            let refused = match self.table.commit(&writes, at).await? {
                Commit::Made => return Ok(()),
                Commit::Refused(refused) if is_own(&writes, &refused) => return Ok(()),
                Commit::Refused(refused) => refused,
                Commit::Conflict => Vec::new(),
            };
            items = updated(seen, refused);
            self.wait_after(race).await?;
        }
        Err(StoreError::Unavailable("an item is being changed by too many at once".to_owned()))
    }

    async fn read(&self, read: Read<Item>) -> Result<Vec<Item>, StoreError> {
        match (read.seen, read.keys) {
            (Some(seen), _) => Ok(seen),
            (None, Keys::Prefix(prefix)) => self.table.all(prefix).await,
            (None, Keys::Each(keys)) => {
                let mut items = Vec::with_capacity(keys.len());
                for key in keys {
                    items.extend(self.table.get(&key).await?);
                }
                Ok(items)
            }
        }
    }

    /// A mark by which a unit's writes are recognised.
    fn nonce(&self) -> Result<String, StoreError> {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
    }

    /// A random wait, so that those who race do not all come again at once.
    async fn wait_after(&self, race: usize) -> Result<(), StoreError> {
        if race == 0 {
            return Ok(());
        }
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let doubled = 2_u32.saturating_pow(u32::try_from(race).map_or(8, |race| race.min(8)));
        let part = f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX);
        tokio::time::sleep(LONGEST_WAIT.min(FIRST_WAIT * doubled).mul_f64(part)).await;
        Ok(())
    }
}

/// Whether a commit was refused because it was made before: its answer was lost, and the client sent it again.
fn is_own(writes: &[Write<Item>], refused: &[(String, Option<Item>)]) -> bool {
    let is_own = |write: &Write<Item>| match &write.change {
        ItemChange::Put(ours) => refused.iter().any(|(key, now)| {
            let now = now.as_ref().filter(|_| *key == write.key);
            now.is_some_and(|now| {
                now.revision() == ours.revision()
                    && now.contains_key("writer")
                    && now.get("writer") == ours.get("writer")
            })
        }),
        ItemChange::Remove | ItemChange::Keep => true,
    };
    writes.iter().any(|write| matches!(write.change, ItemChange::Put(_))) && writes.iter().all(is_own)
}

/// The items that were read, with those in their place that refused a write.
fn updated(mut items: Vec<Item>, refused: Vec<(String, Option<Item>)>) -> Vec<Item> {
    for (key, now) in refused {
        items.retain(|item| item.key() != key);
        items.extend(now);
    }
    items
}
