//! Players, starts, events and pairings.

use async_trait::async_trait;

use super::Repository;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::{
    Claim, DeviceBinding, Echo, EchoReport, Household, KeepNext, KnownRoutes, LastRequest, ManualPairing,
    Player, PlayerId, PlayerKey, Push, PushOutcome, Rebind, RecordStray, Recorded, Revocation, RouteOutcome,
    ShortHash, Transition, paired_by_hand, surplus,
};
use crate::store::item::{self, PLAY, StoredItem, Written, echo_key, player_key};
use crate::store::kv::{Attempt, KeyValue, Keys, Read};
use crate::store::unit::Unit;
use crate::store::{PlaybackStore, PushResult, StoreError};

/// Number of searches for surplus players, where others change them at the same time.
const SURPLUS_ROUNDS: usize = 8;

#[async_trait]
impl<K: KeyValue> PlaybackStore for Repository<K> {
    async fn household(&self, now: Timestamp) -> Result<Household, StoreError> {
        self.kv.household(now).await
    }

    async fn record_request(&self, request: &LastRequest) -> Result<Transition, StoreError> {
        let seen = match self.kv.record_request_blindly(request).await? {
            Attempt::Made(_) => return Ok(Transition::Applied),
            Attempt::Open(seen) => seen,
        };
        let request = request.clone();
        self.kv
            .change(Read::key(echo_key(&request.device)).seen(seen), request.at, move |unit| {
                let mut echo = unit.echo(&request.device)?;
                let transition = Echo::record_first_or_next(&mut echo, &request);
                if let Some(echo) = echo.filter(|_| transition == Transition::Applied) {
                    unit.put_echo(&echo)?;
                }
                Ok(transition)
            })
            .await
    }

    async fn push(&self, push: &Push) -> Result<PushResult, StoreError> {
        let taken = push.clone();
        let (result, is_new) = self
            .kv
            .change(Read::key(player_key(push.player.key())), push.at, move |unit| take_push(unit, &taken))
            .await?;
        if result.handed {
            self.handed_over();
        }
        if is_new {
            drop_surplus(&self.kv, push).await?;
        }
        Ok(result)
    }

    async fn record(&self, event: &EchoReport, now: Timestamp) -> Result<Recorded, StoreError> {
        let seen = match self.kv.record_blindly(event, now).await? {
            Attempt::Made(item) => return Ok(Recorded::Applied(Box::new(item::read(item)?))),
            Attempt::Open(seen) => seen,
        };
        let (key, event) = (event.token.player, event.clone());
        self.kv
            .change(Read::key(player_key(key)).seen(seen), now, move |unit| {
                let mut player = unit.player(key)?;
                let transition = apply(unit, player.as_mut(), |player| player.record(&event, now))?;
                Ok(match player {
                    Some(player) if transition.succeeded() => Recorded::Applied(Box::new(player)),
                    Some(player) if player.has_dropped(&event) => Recorded::Dropped,
                    Some(_) | None => Recorded::Stale,
                })
            })
            .await
    }

    async fn learn_route(
        &self,
        device: &DeviceId,
        outcome: &RouteOutcome,
        now: Timestamp,
    ) -> Result<Option<KnownRoutes>, StoreError> {
        let (device, outcome) = (device.clone(), outcome.clone());
        self.kv
            .change(Read::key(echo_key(&device)), now, move |unit| {
                let Some(mut echo) = unit.echo(&device)? else { return Ok(None) };
                if echo.routes.learn(outcome.clone(), now) {
                    unit.put_echo(&echo)?;
                }
                Ok(Some(echo.routes))
            })
            .await
    }

    async fn restore(&self, over: &Player, now: Timestamp) -> Result<Transition, StoreError> {
        let version = over.version();
        let read = Read::key(player_key(over.player.key())).seen(Some(vec![encode_player::<K>(over)?]));
        transition(&self.kv, read, over.player.key(), now, move |player| player.restore(version, now)).await
    }

    async fn keep_next(&self, keep: &KeepNext) -> Result<Transition, StoreError> {
        let (key, keep) = (keep.player.key(), keep.clone());
        let read = Read::key(player_key(key));
        transition(&self.kv, read, key, keep.at, move |player| player.keep_next(&keep)).await
    }

    async fn claim(&self, claim: &Claim, seen: &Household) -> Result<Transition, StoreError> {
        let rival = claim.seen_echo.as_ref().map(|(device, _)| device.clone());
        let read = seen_items::<K>(seen, &claim.player, rival.as_ref())?;
        let (key, claim) = (claim.player.key(), claim.clone());
        self.kv
            .change(read, claim.at, move |unit| {
                let rival = match &rival {
                    Some(device) => {
                        unit.suppose(&echo_key(device));
                        unit.echo(device)?
                    }
                    None => None,
                };
                let mut player = unit.player(key)?;
                apply(unit, player.as_mut(), |player| player.claim(&claim, rival.as_ref()))
            })
            .await
    }

    async fn revoke(&self, revocation: &Revocation, seen: &Household) -> Result<Transition, StoreError> {
        let read = seen_items::<K>(seen, &revocation.player, None)?;
        let (key, at, revocation) = (revocation.player.key(), revocation.at, revocation.clone());
        transition(&self.kv, read, key, at, move |player| player.revoke(&revocation)).await
    }

    async fn record_stray(&self, record: &RecordStray, seen: &Household) -> Result<Transition, StoreError> {
        let read = seen_items::<K>(seen, &record.player, None)?;
        let (key, at, record) = (record.player.key(), record.at, record.clone());
        transition(&self.kv, read, key, at, move |player| player.record_stray(&record)).await
    }

    async fn rebind(&self, rebind: &Rebind, seen: &Household) -> Result<Transition, StoreError> {
        let read = seen_items::<K>(seen, &rebind.player, None)?;
        let (key, at, rebind) = (rebind.player.key(), rebind.at, rebind.clone());
        transition(&self.kv, read, key, at, move |player| player.rebind(&rebind)).await
    }

    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        let pairing = pairing.clone();
        self.kv.change(Read::prefix(PLAY), pairing.at, move |unit| pair(unit, &pairing)).await
    }

    async fn bind(&self, binding: &DeviceBinding) -> Result<Transition, StoreError> {
        let binding = binding.clone();
        self.kv.change(Read::prefix(PLAY), binding.at, move |unit| bind(unit, &binding)).await
    }

    async fn unpair(
        &self,
        device: &DeviceId,
        player: Option<&PlayerId>,
        at: Timestamp,
    ) -> Result<usize, StoreError> {
        let (device, only) = (device.clone(), player.cloned());
        self.kv
            .change(Read::prefix(PLAY), at, move |unit| {
                let mut players = unit.household()?.players;
                players.retain(|player| only.as_ref().is_none_or(|only| &player.player == only));
                apply_to_each(unit, players, |player| player.unpair(&device, at))
            })
            .await
    }

    async fn suspend(&self, user: &ShortHash, at: Timestamp) -> Result<usize, StoreError> {
        let user = user.clone();
        self.kv
            .change(Read::prefix(PLAY), at, move |unit| {
                let household = unit.household()?;
                for echo in household.echos.iter().filter(|echo| echo.user.as_ref() == Some(&user)) {
                    unit.remove(&echo_key(&echo.device))?;
                }
                apply_to_each(unit, household.players, |player| player.suspend(&user, at))
            })
            .await
    }
}

pub(super) async fn transition<K: KeyValue>(
    kv: &K,
    read: Read<K::Item>,
    key: PlayerKey,
    at: Timestamp,
    rule: impl Fn(&mut Player) -> Transition + Send + Sync + 'static,
) -> Result<Transition, StoreError> {
    kv.change(read, at, move |unit| {
        let mut player = unit.player(key)?;
        apply(unit, player.as_mut(), &rule)
    })
    .await
}

/// Keeps a new player from being one too many; see [`surplus`].
async fn drop_surplus<K: KeyValue>(kv: &K, push: &Push) -> Result<(), StoreError> {
    for _ in 0..SURPLUS_ROUNDS {
        let players = item::household(kv.query(PLAY).await?, push.at)?.players;
        let mut all_went = true;
        for old in surplus(&players, push) {
            all_went &= remove_unchanged(kv, old, push.at).await?;
        }
        if all_went {
            break;
        }
    }
    Ok(())
}

/// Removes a player, if it is still as it was read: one that was pushed or paired since stays, and another goes.
async fn remove_unchanged<K: KeyValue>(kv: &K, player: &Player, at: Timestamp) -> Result<bool, StoreError> {
    let (key, revision) = (player_key(player.player.key()), player.revision);
    let read = Read::key(key.clone()).seen(Some(vec![encode_player::<K>(player)?]));
    kv.change(read, at, move |unit| {
        let found = unit.revision(&key);
        let is_unchanged = found == Some(revision);
        if is_unchanged {
            unit.remove(&key)?;
        }
        Ok(is_unchanged || found.is_none())
    })
    .await
}

/// The player, and the Echo, as a household shows them; to be read again where it does not know the player.
pub(super) fn seen_items<K: KeyValue>(
    household: &Household,
    player: &PlayerId,
    echo: Option<&DeviceId>,
) -> Result<Read<K::Item>, StoreError> {
    let keys = std::iter::once(player_key(player.key())).chain(echo.map(echo_key)).collect();
    let Some(player) = household.player(player) else {
        return Ok(Read { keys: Keys::Each(keys), seen: None });
    };
    let mut seen = vec![encode_player::<K>(player)?];
    if let Some(echo) = echo.and_then(|device| household.echo(device)) {
        let item = Written::counted(echo, echo.revision, None);
        seen.push(K::Item::encode(&echo_key(&echo.device), &item, Some(echo.expires_at))?);
    }
    Ok(Read { keys: Keys::Each(keys), seen: Some(seen) })
}

fn encode_player<K: KeyValue>(player: &Player) -> Result<K::Item, StoreError> {
    let item = Written::counted(player, player.revision, None);
    K::Item::encode(&player_key(player.player.key()), &item, player.expires_at)
}

/// Runs a rule on a player, if there is one, and writes down what it changed.
pub(super) fn apply<I: StoredItem>(
    unit: &mut Unit<I>,
    player: Option<&mut Player>,
    rule: impl Fn(&mut Player) -> Transition,
) -> Result<Transition, StoreError> {
    let Some(player) = player else { return Ok(Transition::Rejected) };
    let transition = rule(player);
    if transition == Transition::Applied {
        unit.put_player(player)?;
    }
    Ok(transition)
}

/// Number of players that a rule changed.
fn apply_to_each<I: StoredItem>(
    unit: &mut Unit<I>,
    players: Vec<Player>,
    rule: impl Fn(&mut Player) -> Transition,
) -> Result<usize, StoreError> {
    let mut changed = 0;
    for mut player in players {
        changed += usize::from(apply(unit, Some(&mut player), &rule)? == Transition::Applied);
    }
    Ok(changed)
}

/// Takes a push, and returns whether the player is new.
fn take_push<I: StoredItem>(unit: &mut Unit<I>, push: &Push) -> Result<(PushResult, bool), StoreError> {
    let known = unit.player(push.player.key())?;
    let before = known.clone();
    Ok(match push.take(known) {
        PushOutcome::Late(version) => {
            (PushResult { version, started: false, handed: false, before: None }, false)
        }
        PushOutcome::Taken(mut player) => {
            if before.as_ref() != Some(&*player) {
                unit.put_player(&mut player)?;
            }
            let (started, handed) = (player.was_started_by(&push.request), push.has_handed_over(&player));
            let is_new = before.is_none();
            // Where the answer was lost, the player is the started one already.
            let before =
                before.filter(|before| started && before.version() != player.version()).map(Box::new);
            (PushResult { version: player.version(), started, handed, before }, is_new)
        }
    })
}

fn pair<I: StoredItem>(unit: &mut Unit<I>, pairing: &ManualPairing) -> Result<bool, StoreError> {
    let Some(player) = unit.player(pairing.player.key())? else { return Ok(false) };
    if player.was_paired_by(&pairing.request) {
        return Ok(true);
    }
    for mut changed in paired_by_hand(player, &unit.household()?.players, pairing) {
        unit.put_player(&mut changed)?;
    }
    Ok(true)
}

fn bind<I: StoredItem>(unit: &mut Unit<I>, binding: &DeviceBinding) -> Result<Transition, StoreError> {
    let Some(change) = unit.household()?.bind(binding) else {
        return Ok(Transition::AlreadyApplied);
    };
    for echo in &change.echos {
        unit.put_echo(echo)?;
    }
    for mut player in change.players {
        unit.put_player(&mut player)?;
    }
    let (key, entry) = item::binding_activity(binding);
    let expires_at = entry.expires_at;
    unit.append(&key, entry, Some(expires_at))?;
    Ok(Transition::Applied)
}
