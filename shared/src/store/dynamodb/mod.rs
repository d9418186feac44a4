//! State in one DynamoDB table, for the cloud.
//!
//! What a pure function of [`crate::playback`] decides is said in a condition, so that a write needs no read
//! before it. A condition that fails returns the item that refused it, and the pure function, run on that,
//! says why: a write whose answer was lost finds its own request there and has succeeded.

mod account;
mod binding;
mod challenges;
mod decode;
mod expression;
mod pairing;
mod playback;
mod push;
mod stores;
mod table;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder};

use super::StoreError;
use crate::aws::{AwsError, Lookup, sdk_config};
use crate::clock::Random;
use table::Table;

/// How often a write that lost a race is tried again with what won it.
const MAX_ATTEMPTS: usize = 8;

/// Longest wait after the first lost race; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// Longest wait after any lost race.
const LONGEST_WAIT: Duration = Duration::from_millis(320);

/// A DynamoDB table with the keys `pk` and `sk`, both text, and the time to live `expires_at`.
#[derive(Clone)]
pub struct DynamoStore {
    table: Table,
    random: Arc<dyn Random>,
}

impl fmt::Debug for DynamoStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoStore").field("table", &self.table.name()).finish_non_exhaustive()
    }
}

impl DynamoStore {
    /// A store in `table`, which has to exist.
    #[must_use]
    pub fn new(client: Client, table: &str, random: Arc<dyn Random>) -> Self {
        Self { table: Table::new(client, table), random }
    }

    /// A random wait, so that those who race do not all come again at once.
    async fn wait_after(&self, race: usize) -> Result<(), StoreError> {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let doubled = 2_u32.saturating_pow(u32::try_from(race).map_or(8, |race| race.min(8)));
        let part = f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX);
        tokio::time::sleep(LONGEST_WAIT.min(FIRST_WAIT * doubled).mul_f64(part)).await;
        Ok(())
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
        .build();
    Ok(Client::from_conf(config))
}
