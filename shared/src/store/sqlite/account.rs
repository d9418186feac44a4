//! What functions share of the Amazon side: each change is a pure function, run in a transaction.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SqliteStore;
use super::items::Items;
use crate::account::{
    AcquireRequest, AcquireResult, DeviceList, Lease, LeaseRequest, LeaseResult, LimiterState, QueuedChanges,
    Release, RequestLane, VolumeAttempt, VolumeRequest, Volumes,
};
use crate::clock::Timestamp;
use crate::store::account::{DEVICES, RENEWAL, Renewal, VOLUMES, lane_key};
use crate::store::{AccountStore, StoreError};

/// Runs a pure function on an item, or on the default where there is none, and writes down what it changed.
fn update_document<T, R>(
    items: &Items<'_>,
    sk: &str,
    change: impl FnOnce(&mut T) -> R,
) -> Result<R, StoreError>
where
    T: Clone + Default + PartialEq + Serialize + DeserializeOwned,
{
    let before: T = items.get_permanent(sk)?.unwrap_or_default();
    let mut after = before.clone();
    let changed = change(&mut after);
    if after != before {
        items.put(sk, &after, None)?;
    }
    Ok(changed)
}

#[async_trait]
impl AccountStore for SqliteStore {
    async fn acquire_lane(
        &self,
        lane: RequestLane,
        request: &AcquireRequest,
    ) -> Result<AcquireResult, StoreError> {
        let request = request.clone();
        self.write(move |items| {
            update_document(items, &lane_key(lane), |state: &mut LimiterState| state.acquire(&request))
        })
        .await
    }

    async fn release_lane(&self, lane: RequestLane, release: &Release) -> Result<(), StoreError> {
        let release = release.clone();
        self.write(move |items| {
            update_document(items, &lane_key(lane), |state: &mut LimiterState| state.release(lane, &release))
        })
        .await
    }

    async fn lane(&self, lane: RequestLane) -> Result<LimiterState, StoreError> {
        self.read(move |items| Ok(items.get_permanent(&lane_key(lane))?.unwrap_or_default())).await
    }

    async fn acquire_refresh_lease(&self, request: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        let request = request.clone();
        self.write(move |items| {
            update_document(items, RENEWAL, |renewal: &mut Renewal| {
                Lease::acquire(&mut renewal.lease, &request)
            })
        })
        .await
    }

    async fn release_refresh_lease(&self, holder: &str) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.write(move |items| {
            update_document(items, RENEWAL, |renewal: &mut Renewal| {
                Lease::release(&mut renewal.lease, &holder);
            })
        })
        .await
    }

    async fn enqueue_volumes(
        &self,
        requests: &[VolumeRequest],
        at: Timestamp,
    ) -> Result<QueuedChanges, StoreError> {
        let requests = requests.to_vec();
        self.write(move |items| {
            update_document(items, VOLUMES, |volumes: &mut Volumes| volumes.enqueue(&requests, at))
        })
        .await
    }

    async fn record_attempts(&self, sent: &[(String, VolumeAttempt)]) -> Result<(), StoreError> {
        let sent = sent.to_vec();
        self.write(move |items| {
            update_document(items, VOLUMES, |volumes: &mut Volumes| {
                for (serial, sent) in &sent {
                    volumes.record_attempt(serial, sent);
                }
            })
        })
        .await
    }

    async fn volumes(&self) -> Result<Volumes, StoreError> {
        self.read(|items| Ok(items.get_permanent(VOLUMES)?.unwrap_or_default())).await
    }

    async fn devices(&self) -> Result<Option<DeviceList>, StoreError> {
        self.read(|items| items.get_permanent(DEVICES)).await
    }

    async fn put_devices(&self, devices: Option<&DeviceList>) -> Result<(), StoreError> {
        let devices = devices.cloned();
        self.write(move |items| {
            items.check_schema(DEVICES)?;
            if let Some(devices) = devices {
                return items.put(DEVICES, &devices, None);
            }
            items.remove(DEVICES)?;
            update_document(items, VOLUMES, Volumes::forget)
        })
        .await
    }
}
