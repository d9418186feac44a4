//! Requests of persons that wait for a start of a player.

use async_trait::async_trait;
use tokio::sync::watch;

use super::Repository;
use super::playback::{apply, seen_items, transition};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::{AwaitStart, Household, Player, PlayerKey, Transition, WaitState};
use crate::store::item::{self, player_key};
use crate::store::kv::{KeyValue, Read};
use crate::store::{HandOverStore, StoreError};

#[async_trait]
impl<K: KeyValue> HandOverStore for Repository<K> {
    async fn await_start(&self, wait: &AwaitStart, seen: &Household) -> Result<Transition, StoreError> {
        let read = seen_items::<K>(seen, &wait.player, None)?;
        let (key, at, wait) = (wait.player.key(), wait.at, wait.clone());
        transition(&self.kv, read, key, at, move |player| player.await_start(&wait)).await
    }

    async fn send_steps(
        &self,
        player: PlayerKey,
        request: &str,
        at: Timestamp,
    ) -> Result<Option<i32>, StoreError> {
        let request = request.to_owned();
        change(&self.kv, player, at, None, move |player| player.send_steps(&request)).await
    }

    async fn hand_over(
        &self,
        player: PlayerKey,
        version: u64,
        at: Timestamp,
    ) -> Result<Transition, StoreError> {
        let read = Read::key(player_key(player));
        let handed =
            transition(&self.kv, read, player, at, move |player| player.hand_over(version, at)).await?;
        if handed == Transition::Applied {
            self.handed_over();
        }
        Ok(handed)
    }

    async fn silence(
        &self,
        player: PlayerKey,
        device: &DeviceId,
        at: Timestamp,
    ) -> Result<Transition, StoreError> {
        let (read, device) = (Read::key(player_key(player)), device.clone());
        transition(&self.kv, read, player, at, move |player| player.silence(&device)).await
    }

    async fn wait_state(
        &self,
        player: PlayerKey,
        request: &str,
        now: Timestamp,
    ) -> Result<WaitState, StoreError> {
        let item = self.kv.get(&player_key(player)).await?;
        let player: Option<Player> = item::read_unexpired(item, now)?;
        Ok(player.map_or(WaitState::Over, |player| player.wait_state(request)))
    }

    async fn end_wait(
        &self,
        player: PlayerKey,
        request: &str,
        at: Timestamp,
    ) -> Result<WaitState, StoreError> {
        let request = request.to_owned();
        change(&self.kv, player, at, WaitState::Over, move |player| player.end_wait(&request)).await
    }

    fn hand_overs(&self) -> watch::Receiver<u64> {
        self.hand_overs.subscribe()
    }
}

impl<K> Repository<K> {
    /// Wakes the requests of this process that wait.
    pub(super) fn handed_over(&self) {
        self.hand_overs.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Runs a rule on a player, and writes down what it changed; `none` where there is no player.
async fn change<K: KeyValue, R: Clone + Send + Sync + 'static>(
    kv: &K,
    key: PlayerKey,
    at: Timestamp,
    none: R,
    rule: impl Fn(&mut Player) -> R + Send + Sync + 'static,
) -> Result<R, StoreError> {
    kv.change(Read::key(player_key(key)), at, move |unit| {
        let Some(mut player) = unit.player(key)? else { return Ok(none.clone()) };
        let before = player.hand_over.clone();
        let outcome = rule(&mut player);
        let is_changed = player.hand_over != before;
        let written = if is_changed { Transition::Applied } else { Transition::AlreadyApplied };
        apply(unit, Some(&mut player), |_| written)?;
        Ok(outcome)
    })
    .await
}
