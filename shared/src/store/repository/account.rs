//! State that functions share of the Amazon side.

use async_trait::async_trait;

use super::Repository;
use crate::account::{
    AcquireRequest, AcquireResult, DeviceList, LaneRelease, Lease, LeaseRequest, LeaseResult, LimiterState,
    QueuedChanges, RequestLane, VolumeAttempt, VolumeRequest, Volumes,
};
use crate::clock::Timestamp;
use crate::store::account::{DEVICES, LIVE, Leased, REFRESH, VOLUMES, lane_key};
use crate::store::kv::{KeyValue, Keys, NEVER, Read};
use crate::store::unit::Unit;
use crate::store::{AccountStore, StoreError};

#[async_trait]
impl<K: KeyValue> AccountStore for Repository<K> {
    async fn acquire_lane(
        &self,
        lane: RequestLane,
        request: &AcquireRequest,
    ) -> Result<AcquireResult, StoreError> {
        let request = request.clone();
        self.kv.update(&lane_key(lane), move |state: &mut LimiterState| state.acquire(&request)).await
    }

    async fn release_lane(&self, lane: RequestLane, release: &LaneRelease) -> Result<(), StoreError> {
        let release = release.clone();
        self.kv.update(&lane_key(lane), move |state: &mut LimiterState| state.release(lane, &release)).await
    }

    async fn lane(&self, lane: RequestLane) -> Result<LimiterState, StoreError> {
        Ok(self.kv.get_permanent(&lane_key(lane)).await?.unwrap_or_default())
    }

    async fn acquire_refresh_lease(&self, request: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        let request = request.clone();
        self.kv.update(REFRESH, move |leased: &mut Leased| Lease::acquire(&mut leased.lease, &request)).await
    }

    async fn release_refresh_lease(&self, holder: &str) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.kv.update(REFRESH, move |leased: &mut Leased| Lease::release(&mut leased.lease, &holder)).await
    }

    async fn acquire_live_lease(&self, request: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        let request = request.clone();
        self.kv.update(LIVE, move |leased: &mut Leased| Lease::acquire(&mut leased.lease, &request)).await
    }

    async fn release_live_lease(&self, holder: &str) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.kv.update(LIVE, move |leased: &mut Leased| Lease::release(&mut leased.lease, &holder)).await
    }

    async fn enqueue_volumes(
        &self,
        requests: &[VolumeRequest],
        at: Timestamp,
    ) -> Result<QueuedChanges, StoreError> {
        let requests = requests.to_vec();
        self.kv.update(VOLUMES, move |volumes: &mut Volumes| volumes.enqueue(&requests, at)).await
    }

    async fn record_attempts(&self, sent: &[(String, VolumeAttempt)]) -> Result<(), StoreError> {
        let sent = sent.to_vec();
        self.kv
            .update(VOLUMES, move |volumes: &mut Volumes| {
                for (serial, sent) in &sent {
                    volumes.record_attempt(serial, sent);
                }
            })
            .await
    }

    async fn volumes(&self) -> Result<Volumes, StoreError> {
        Ok(self.kv.get_permanent(VOLUMES).await?.unwrap_or_default())
    }

    async fn devices(&self) -> Result<Option<DeviceList>, StoreError> {
        self.kv.get_permanent(DEVICES).await
    }

    async fn put_devices(&self, devices: Option<&DeviceList>) -> Result<(), StoreError> {
        if let Some(devices) = devices.cloned() {
            let replace = move |unit: &mut Unit<_>| unit.put(DEVICES, &devices, None).map(drop);
            return self.kv.change(Read::key(DEVICES), NEVER, replace).await;
        }
        let both = Keys::Each(vec![DEVICES.to_owned(), VOLUMES.to_owned()]);
        self.kv
            .change(Read { keys: both, seen: None }, NEVER, |unit| {
                unit.remove(DEVICES)?;
                unit.update(VOLUMES, Volumes::forget)
            })
            .await
    }
}
