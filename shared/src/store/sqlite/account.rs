//! What functions share of the Amazon side: each change is a pure function, run in a transaction.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SqliteStore;
use super::items::Items;
use crate::account::{
    DeviceList, Lane, LaneAnswer, LaneLeave, LaneState, LaneWish, Lease, LeaseAnswer, LeaseWish, Sent,
    VolumeWish, Volumes, Wanted,
};
use crate::clock::Timestamp;
use crate::store::account::{DEVICES, RENEWAL, Renewal, VOLUMES, lane_key};
use crate::store::{AccountStore, StoreError};

/// Runs a pure function on an item, or on the default where there is none, and writes down what it changed.
fn alter<T, R>(items: &Items<'_>, sk: &str, change: impl FnOnce(&mut T) -> R) -> Result<R, StoreError>
where
    T: Clone + Default + PartialEq + Serialize + DeserializeOwned,
{
    let before: T = items.lasting(sk)?.unwrap_or_default();
    let mut after = before.clone();
    let changed = change(&mut after);
    if after != before {
        items.put(sk, &after, None)?;
    }
    Ok(changed)
}

#[async_trait]
impl AccountStore for SqliteStore {
    async fn take_lane(&self, lane: Lane, wish: &LaneWish) -> Result<LaneAnswer, StoreError> {
        let wish = wish.clone();
        self.write(move |items| alter(items, &lane_key(lane), |state: &mut LaneState| state.take(&wish)))
            .await
    }

    async fn leave_lane(&self, lane: Lane, leave: &LaneLeave) -> Result<(), StoreError> {
        let leave = leave.clone();
        self.write(move |items| {
            alter(items, &lane_key(lane), |state: &mut LaneState| state.leave(lane, &leave))
        })
        .await
    }

    async fn lane(&self, lane: Lane) -> Result<LaneState, StoreError> {
        self.read(move |items| Ok(items.lasting(&lane_key(lane))?.unwrap_or_default())).await
    }

    async fn take_renewal(&self, wish: &LeaseWish) -> Result<LeaseAnswer, StoreError> {
        let wish = wish.clone();
        self.write(move |items| {
            alter(items, RENEWAL, |renewal: &mut Renewal| Lease::take(&mut renewal.lease, &wish))
        })
        .await
    }

    async fn leave_renewal(&self, holder: &str) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.write(move |items| {
            alter(items, RENEWAL, |renewal: &mut Renewal| Lease::leave(&mut renewal.lease, &holder))
        })
        .await
    }

    async fn want_volumes(&self, wishes: &[VolumeWish], at: Timestamp) -> Result<Wanted, StoreError> {
        let wishes = wishes.to_vec();
        self.write(move |items| alter(items, VOLUMES, |volumes: &mut Volumes| volumes.want(&wishes, at)))
            .await
    }

    async fn note_volumes(&self, sent: &[(String, Sent)]) -> Result<(), StoreError> {
        let sent = sent.to_vec();
        self.write(move |items| {
            alter(items, VOLUMES, |volumes: &mut Volumes| {
                for (serial, sent) in &sent {
                    volumes.note_sent(serial, sent);
                }
            })
        })
        .await
    }

    async fn volumes(&self) -> Result<Volumes, StoreError> {
        self.read(|items| Ok(items.lasting(VOLUMES)?.unwrap_or_default())).await
    }

    async fn devices(&self) -> Result<Option<DeviceList>, StoreError> {
        self.read(|items| items.lasting(DEVICES)).await
    }

    async fn put_devices(&self, devices: Option<&DeviceList>) -> Result<(), StoreError> {
        let devices = devices.cloned();
        self.write(move |items| {
            items.check_schema(DEVICES)?;
            if let Some(devices) = devices {
                return items.put(DEVICES, &devices, None);
            }
            items.remove(DEVICES)?;
            alter(items, VOLUMES, Volumes::forget)
        })
        .await
    }
}
