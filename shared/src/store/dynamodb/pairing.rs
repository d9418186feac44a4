//! What people do to pairings: rare, and spread over several items, so that it begins with a read.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::expression::{Expression, Item};
use super::table::{self, TransactResult, WriteResult};
use super::{DynamoStore, MAX_ATTEMPTS};
use crate::clock::Timestamp;
use crate::playback::{ManualPairing, Player, Transition, paired_by_hand, short_hash};
use crate::store::StoreError;
use crate::store::item::{self, PLAY};

impl DynamoStore {
    /// One query and one transaction, again where something changed in between.
    pub(super) async fn write_pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        for attempt in 0..MAX_ATTEMPTS {
            let players = self.players(pairing.at).await?;
            let Some(player) = players.iter().find(|player| player.player == pairing.player) else {
                return Ok(false);
            };
            if player.was_paired_by(&pairing.request) {
                return Ok(true);
            }
            let changed = paired_by_hand(player.clone(), &players, pairing);
            let writes = self.player_writes(&players, &changed, pairing.at)?;
            // A later attempt is another transaction and needs a token of its own. Tokens are shared by all
            // tables of an account.
            let token = short_hash(&format!(
                "{} {} {} {} {attempt}",
                self.table.name(),
                pairing.request,
                pairing.player,
                pairing.at.millis()
            ));
            if let TransactResult::Made = self.table.write_all(writes, Some(token.as_str())).await? {
                return Ok(true);
            }
        }
        Err(table::contention(&item::player_key(pairing.player.key())))
    }

    /// Writes players as they are to be, each if it is still as it was read, or still absent.
    pub(super) fn player_writes(
        &self,
        before: &[Player],
        after: &[Player],
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let write = |after: &Player| {
            let key = item::player_key(after.player.key());
            match before.iter().find(|before| before.player == after.player) {
                Some(before) => self.table.transact(&key, changed(before, after, now)?),
                None => self.table.transact_put(&key, after, Some(now)),
            }
        };
        after.iter().map(write).collect()
    }

    /// Runs a pure function on every player and writes down what it changed; how many that were.
    pub(super) async fn change_players(
        &self,
        now: Timestamp,
        transition: impl Fn(&mut Player) -> Transition + Send + Sync,
    ) -> Result<usize, StoreError> {
        self.change_each(self.players(now).await?, now, transition).await
    }

    /// The same on `players`, as they were read.
    pub(super) async fn change_each(
        &self,
        players: Vec<Player>,
        now: Timestamp,
        transition: impl Fn(&mut Player) -> Transition + Send + Sync,
    ) -> Result<usize, StoreError> {
        let mut changed = 0;
        for player in players {
            if self.change_player(player, now, &transition).await? {
                changed += 1;
            }
        }
        Ok(changed)
    }

    /// Whether there was something to change, by this request or by another.
    async fn change_player(
        &self,
        player: Player,
        now: Timestamp,
        transition: &(impl Fn(&mut Player) -> Transition + Send + Sync),
    ) -> Result<bool, StoreError> {
        let key = item::player_key(player.player.key());
        let mut before = Some(player);
        for attempt in 0..MAX_ATTEMPTS {
            let mut after = before.clone();
            let (Some(before_it), Some(after_it)) = (&before, &mut after) else {
                return Ok(attempt > 0);
            };
            if transition(after_it) != Transition::Applied {
                return Ok(attempt > 0);
            }
            match self.table.update(&key, &changed(before_it, after_it, now)?).await? {
                WriteResult::Made(_) => return Ok(true),
                WriteResult::Refused(old) => before = item::read_unexpired(old.as_ref(), now)?,
            }
        }
        Err(table::contention(&key))
    }

    pub(super) async fn players(&self, now: Timestamp) -> Result<Vec<Player>, StoreError> {
        Ok(item::household(&self.table.all(PLAY).await?, now)?.players)
    }
}

/// Writes the difference between two states of a player, if version and pairing are still as in the first.
fn changed(before: &Player, after: &Player, now: Timestamp) -> Result<Expression, StoreError> {
    let mut write = Expression::of_live(now);
    write.require_equal("version", before.version);
    let same = match &before.pairing {
        Some(pairing) => write.equals("pairing", pairing),
        None => write.is_absent("pairing"),
    };
    write.require(same);
    let (before, after) = (attributes(before)?, attributes(after)?);
    let mut removed: Vec<_> = before.keys().filter(|name| !after.contains_key(*name)).collect();
    removed.sort();
    for name in removed {
        write.remove(name);
    }
    let mut set: Vec<_> = after.into_iter().filter(|(name, value)| before.get(name) != Some(value)).collect();
    set.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, value) in set {
        write.set_raw(&name, value);
    }
    Ok(write)
}

fn attributes(player: &Player) -> Result<Item, StoreError> {
    serde_dynamo::to_item(player).map_err(|error| StoreError::Malformed(error.to_string()))
}
