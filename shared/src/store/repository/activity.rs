//! Activities of the last days.

use async_trait::async_trait;

use super::Repository;
use crate::clock::Timestamp;
use crate::store::item::{self, ACTIVITY, StoredItem, WithTtl, Written};
use crate::store::kv::KeyValue;
use crate::store::{ACTIVITY_KEPT, Activity, ActivityStore, StoreError};

#[async_trait]
impl<K: KeyValue> ActivityStore for Repository<K> {
    async fn note(&self, activity: &Activity) -> Result<(), StoreError> {
        let mut nonce = [0; 8];
        self.random.fill(&mut nonce).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let expires_at = activity.at.plus(ACTIVITY_KEPT).seconds();
        let entry = Written::new(WithTtl { expires_at, item: activity });
        let key = item::activity_key(activity.at, nonce);
        self.kv.append(K::Item::encode(&key, &entry, Some(expires_at))?).await
    }

    async fn recent(&self, limit: usize, now: Timestamp) -> Result<Vec<Activity>, StoreError> {
        // Entries expire in the order of their keys: none that expired stands before one that did not.
        item::read_all(self.kv.newest(ACTIVITY, limit).await?, now)
    }
}
