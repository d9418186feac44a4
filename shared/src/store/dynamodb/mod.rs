//! State in one DynamoDB table, for the cloud.
//!
//! What a pure function of [`crate::playback`] decides is said in a condition, so that a write needs no read
//! before it. A condition that fails returns the item that refused it, and the pure function, run on that,
//! says why: a write whose answer was lost finds its own request there and has succeeded.

mod account;
mod codes;
mod decode;
mod expression;
mod link;
mod pairing;
mod playback;
mod push;
mod stores;
mod table;

use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder};

use crate::aws::{AwsError, Lookup, sdk_config};
use crate::clock::Random;
use table::Table;

/// How often a write that lost a race is tried again with what won it.
const RACES: usize = 8;

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
