//! The Amazon side of the same store.

use async_trait::async_trait;
use ma_alexa::account::{
    DeviceList, Lane, LaneAnswer, LaneLeave, LaneState, LaneWish, LeaseAnswer, LeaseWish, Sent, VolumeWish,
    Volumes, Wanted,
};
use ma_alexa::clock::Timestamp;
use ma_alexa::store::{AccountStore, StoreError};

use super::MoodyStore;

#[async_trait]
impl AccountStore for MoodyStore {
    async fn take_lane(&self, lane: Lane, wish: &LaneWish) -> Result<LaneAnswer, StoreError> {
        self.asked_to("take_lane").await?;
        self.store.take_lane(lane, wish).await
    }

    async fn leave_lane(&self, lane: Lane, leave: &LaneLeave) -> Result<(), StoreError> {
        self.asked_to("leave_lane").await?;
        self.store.leave_lane(lane, leave).await
    }

    async fn lane(&self, lane: Lane) -> Result<LaneState, StoreError> {
        self.asked_to("lane").await?;
        self.store.lane(lane).await
    }

    async fn take_renewal(&self, wish: &LeaseWish) -> Result<LeaseAnswer, StoreError> {
        self.asked_to("take_renewal").await?;
        self.store.take_renewal(wish).await
    }

    async fn leave_renewal(&self, holder: &str) -> Result<(), StoreError> {
        self.asked_to("leave_renewal").await?;
        self.store.leave_renewal(holder).await
    }

    async fn want_volumes(&self, wishes: &[VolumeWish], at: Timestamp) -> Result<Wanted, StoreError> {
        self.asked_to("want_volumes").await?;
        self.store.want_volumes(wishes, at).await
    }

    async fn note_volumes(&self, sent: &[(String, Sent)]) -> Result<(), StoreError> {
        self.asked_to("note_volumes").await?;
        self.store.note_volumes(sent).await
    }

    async fn volumes(&self) -> Result<Volumes, StoreError> {
        self.asked_to("volumes").await?;
        self.store.volumes().await
    }

    async fn devices(&self) -> Result<Option<DeviceList>, StoreError> {
        self.asked_to("devices").await?;
        self.store.devices().await
    }

    async fn put_devices(&self, devices: Option<&DeviceList>) -> Result<(), StoreError> {
        self.asked_to("put_devices").await?;
        self.store.put_devices(devices).await
    }
}
