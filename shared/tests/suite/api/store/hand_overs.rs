//! Requests of persons that wait, in a store that fails on demand.

use async_trait::async_trait;
use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::Timestamp;
use ma_alexa::playback::{AwaitStart, Household, PlayerKey, Transition, WaitState};
use ma_alexa::store::{HandOverStore, StoreError};
use tokio::sync::watch;

use super::FaultyStore;

#[async_trait]
impl HandOverStore for FaultyStore {
    async fn await_start(&self, wait: &AwaitStart, seen: &Household) -> Result<Transition, StoreError> {
        self.asked_to("await_start").await?;
        self.store.await_start(wait, seen).await
    }

    async fn send_steps(
        &self,
        player: PlayerKey,
        request: &str,
        at: Timestamp,
    ) -> Result<Option<i32>, StoreError> {
        self.asked_to("send_steps").await?;
        self.store.send_steps(player, request, at).await
    }

    async fn hand_over(
        &self,
        player: PlayerKey,
        version: u64,
        at: Timestamp,
    ) -> Result<Transition, StoreError> {
        self.asked_to("hand_over").await?;
        self.store.hand_over(player, version, at).await
    }

    async fn silence(
        &self,
        player: PlayerKey,
        device: &DeviceId,
        at: Timestamp,
    ) -> Result<Transition, StoreError> {
        self.asked_to("silence").await?;
        self.store.silence(player, device, at).await
    }

    async fn wait_state(
        &self,
        player: PlayerKey,
        request: &str,
        now: Timestamp,
    ) -> Result<WaitState, StoreError> {
        self.asked_to("wait_state").await?;
        self.store.wait_state(player, request, now).await
    }

    async fn end_wait(
        &self,
        player: PlayerKey,
        request: &str,
        at: Timestamp,
    ) -> Result<WaitState, StoreError> {
        self.asked_to("end_wait").await?;
        self.store.end_wait(player, request, at).await
    }

    fn hand_overs(&self) -> watch::Receiver<u64> {
        self.store.hand_overs()
    }
}
