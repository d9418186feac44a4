//! What functions share of the Amazon side: each change is a pure function, run on the item that was read, and written
//! on the condition that the item is still that one.

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::DynamoStore;
use super::expression::{Expression, Item};
use super::table::{self, WriteResult};
use crate::account::{
    AcquireRequest, AcquireResult, DeviceList, Lease, LeaseRequest, LeaseResult, LimiterState, QueuedChanges,
    Release, RequestLane, VolumeAttempt, VolumeRequest, Volumes,
};
use crate::clock::Timestamp;
use crate::store::account::{DEVICES, RENEWAL, Renewal, VOLUMES, lane_key};
use crate::store::{AccountStore, StoreError, item};

/// How often a write that lost a race is tried again. Of those who race one wins each time, so that this and the waits
/// are enough for dozens of them.
const MAX_ATTEMPTS: usize = 32;

/// An item with the number of its writes.
#[derive(Serialize, Deserialize)]
struct Revised<T> {
    revision: u64,
    /// Tells a write from another one that makes the same of the item.
    writer: String,
    #[serde(flatten)]
    item: T,
}

/// The number of the writes of an item; `None` where it was never written so.
fn revision(item: &Item) -> Option<u64> {
    item.get("revision")?.as_n().ok()?.parse().ok()
}

impl DynamoStore {
    /// Runs a pure function on an item, or on the default where there is none, and writes down what it changed.
    /// `change` runs again for each lost race.
    pub(super) async fn update_document<T, R>(
        &self,
        sk: &str,
        mut change: impl FnMut(&mut T) -> R,
    ) -> Result<R, StoreError>
    where
        T: Clone + Default + PartialEq + Serialize + DeserializeOwned + Sync,
    {
        let writer = self.writer()?;
        let mut found = self.table.get(sk).await?;
        for race in 0..MAX_ATTEMPTS {
            let before: T = found.as_ref().map(item::read).transpose()?.unwrap_or_default();
            let mut after = before.clone();
            let changed = change(&mut after);
            if after == before {
                return Ok(changed);
            }
            let read = found.as_ref().and_then(revision);
            let write = Revised { revision: read.unwrap_or(0) + 1, writer: writer.clone(), item: after };
            let WriteResult::Refused(now) = self.table.put(sk, &write, Some(&if_revision(read))).await?
            else {
                return Ok(changed);
            };
            if now.as_ref().is_some_and(|now| is_of(now, &write)) {
                // Our own write, whose answer was lost.
                return Ok(changed);
            }
            found = now;
            self.wait_after(race).await?;
        }
        Err(table::contention(sk))
    }

    fn writer(&self) -> Result<String, StoreError> {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
    }

    async fn get_permanent<T: DeserializeOwned>(&self, sk: &str) -> Result<Option<T>, StoreError> {
        self.table.get(sk).await?.as_ref().map(item::read).transpose()
    }
}

/// Whether an item is what this write made of it.
fn is_of<T>(item: &Item, write: &Revised<T>) -> bool {
    let writer = item.get("writer").and_then(|writer| writer.as_s().ok());
    revision(item) == Some(write.revision) && writer == Some(&write.writer)
}

/// A write over the revision that was read, or over an item that has none.
pub(super) fn if_revision(read: Option<u64>) -> Expression {
    let mut write = Expression::of_known_schema();
    let condition = match read {
        Some(revision) => write.equals("revision", revision),
        None => write.is_absent("revision"),
    };
    write.require(condition);
    write
}

#[async_trait]
impl AccountStore for DynamoStore {
    async fn acquire_lane(
        &self,
        lane: RequestLane,
        request: &AcquireRequest,
    ) -> Result<AcquireResult, StoreError> {
        self.update_document(&lane_key(lane), |state: &mut LimiterState| state.acquire(request)).await
    }

    async fn release_lane(&self, lane: RequestLane, release: &Release) -> Result<(), StoreError> {
        self.update_document(&lane_key(lane), |state: &mut LimiterState| state.release(lane, release)).await
    }

    async fn lane(&self, lane: RequestLane) -> Result<LimiterState, StoreError> {
        Ok(self.get_permanent(&lane_key(lane)).await?.unwrap_or_default())
    }

    async fn acquire_refresh_lease(&self, request: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        self.update_document(RENEWAL, |renewal: &mut Renewal| Lease::acquire(&mut renewal.lease, request))
            .await
    }

    async fn release_refresh_lease(&self, holder: &str) -> Result<(), StoreError> {
        self.update_document(RENEWAL, |renewal: &mut Renewal| Lease::release(&mut renewal.lease, holder))
            .await
    }

    async fn enqueue_volumes(
        &self,
        requests: &[VolumeRequest],
        at: Timestamp,
    ) -> Result<QueuedChanges, StoreError> {
        self.update_document(VOLUMES, |volumes: &mut Volumes| volumes.enqueue(requests, at)).await
    }

    async fn record_attempts(&self, sent: &[(String, VolumeAttempt)]) -> Result<(), StoreError> {
        self.update_document(VOLUMES, |volumes: &mut Volumes| {
            for (serial, sent) in sent {
                volumes.record_attempt(serial, sent);
            }
        })
        .await
    }

    async fn volumes(&self) -> Result<Volumes, StoreError> {
        Ok(self.get_permanent(VOLUMES).await?.unwrap_or_default())
    }

    async fn devices(&self) -> Result<Option<DeviceList>, StoreError> {
        self.get_permanent(DEVICES).await
    }

    async fn put_devices(&self, devices: Option<&DeviceList>) -> Result<(), StoreError> {
        if let Some(devices) = devices {
            let known = Expression::of_known_schema();
            return match self.table.put(DEVICES, devices, Some(&known)).await? {
                WriteResult::Refused(Some(newer)) => item::check_schema(&newer),
                WriteResult::Made(_) | WriteResult::Refused(None) => Ok(()),
            };
        }
        self.update_document(VOLUMES, Volumes::forget).await?;
        if let Some(found) = self.table.get(DEVICES).await? {
            item::check_schema(&found)?;
            self.table.delete(DEVICES).await?;
        }
        Ok(())
    }
}
