//! What happens while music is asked for and played: each of these is one conditional write.

use serde::Serialize;

use super::expression::Expression;
use super::table::{self, TransactResult, WriteResult};
use super::{DynamoStore, MAX_ATTEMPTS};
use crate::clock::{SKEW, Timestamp};
use crate::playback::{
    Claim, Echo, EventKind, LastRequest, PairingKind, PlaybackEvent, Player, RETENTION, Rebind, RecordStray,
    Recorded, RequestId, Revocation, Transition,
};
use crate::store::StoreError;
use crate::store::item;

impl DynamoStore {
    /// One write to an Echo that asked before; a second one where it did not.
    pub(super) async fn write_asked(&self, asked: &LastRequest) -> Result<Transition, StoreError> {
        let key = item::echo_key(&asked.device);
        for _ in 0..MAX_ATTEMPTS {
            if let WriteResult::Refused(old) = self.table.update(&key, &asked_again(asked)).await? {
                let written = match item::read_unexpired::<Echo>(old.as_ref(), asked.at)? {
                    Some(echo) if echo.asked_at.is_none() => {
                        self.table.update(&key, &asked_first(asked)).await?
                    }
                    Some(mut echo) => return Ok(unless_made(echo.record_request(asked))),
                    None => {
                        let absent = Expression::of_absent(asked.at);
                        self.table.put(&key, &Echo::first(asked), Some(&absent)).await?
                    }
                };
                if let WriteResult::Refused(_) = written {
                    continue;
                }
            }
            return Ok(Transition::Applied);
        }
        Err(table::contention(&key))
    }

    pub(super) async fn write_event(
        &self,
        event: &PlaybackEvent,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let key = item::player_key(event.token.player);
        for _ in 0..MAX_ATTEMPTS {
            let old = match self.table.update(&key, &counted(event, now)).await? {
                WriteResult::Made(new) => return Ok(Recorded::Applied(Box::new(item::read(&new)?))),
                WriteResult::Refused(old) => item::read_unexpired::<Player>(old.as_ref(), now)?,
            };
            let Some(old) = old else { return Ok(Recorded::Stale) };
            let mut new = old.clone();
            match new.record(event, now) {
                Transition::AlreadyApplied => return Ok(Recorded::Applied(Box::new(old))),
                Transition::Rejected => return Ok(Recorded::Stale),
                // It is of another Echo, or of the music under an announcement, which what was refused tells, so that
                // nothing more is read.
                Transition::Applied if (&old.moved, &old.under) != (&new.moved, &new.under) => {
                    if let WriteResult::Made(new) = self.table.update(&key, &beside(&old, &new, now)).await? {
                        return Ok(Recorded::Applied(Box::new(item::read(&new)?)));
                    }
                }
                Transition::Applied => {}
            }
        }
        Err(table::contention(&key))
    }

    /// One write; a transaction where it also depends on the Echo that had been seen to serve the player.
    pub(super) async fn write_claim(&self, claim: &Claim) -> Result<Transition, StoreError> {
        let key = item::player_key(claim.player.key());
        let Some((device, asked)) = &claim.seen_echo else {
            let written = self.table.update(&key, &claimed(claim)).await?;
            return outcome(written, claim.at, |player| player.claim(claim, None));
        };
        let echo_key = item::echo_key(device);
        for _ in 0..MAX_ATTEMPTS {
            let writes = vec![
                self.table.transact(&key, claimed(claim))?,
                self.table.check(&echo_key, seen(claim, asked.as_ref()))?,
            ];
            match self.table.write_all(writes, None).await? {
                TransactResult::Made => return Ok(Transition::Applied),
                TransactResult::Overtaken => {}
                TransactResult::Refused(items) => {
                    let [player, echo] = &items[..] else {
                        return Ok(Transition::Rejected);
                    };
                    let echo: Option<Echo> = item::read_unexpired(echo.as_ref(), claim.at)?;
                    let written = WriteResult::Refused(player.clone());
                    return outcome(written, claim.at, |player| player.claim(claim, echo.as_ref()));
                }
            }
        }
        Err(table::contention(&key))
    }

    pub(super) async fn write_revocation(&self, revocation: &Revocation) -> Result<Transition, StoreError> {
        let key = item::player_key(revocation.player.key());
        let written = self.table.update(&key, &withdrawn(revocation)).await?;
        outcome(written, revocation.at, |player| player.revoke(revocation))
    }

    pub(super) async fn write_stray(&self, record: &RecordStray) -> Result<Transition, StoreError> {
        let key = item::player_key(record.player.key());
        let written = self.table.update(&key, &wanted(record)).await?;
        outcome(written, record.at, |player| player.record_stray(record))
    }

    /// One write for a learned pairing; a second one for a manual one, which is kept for ever.
    pub(super) async fn write_rebind(&self, rebind: &Rebind) -> Result<Transition, StoreError> {
        let key = item::player_key(rebind.player.key());
        for manual in [false, true].into_iter().cycle().take(MAX_ATTEMPTS) {
            let written = self.table.update(&key, &revived(rebind, manual)).await?;
            let WriteResult::Refused(old) = written else {
                return Ok(Transition::Applied);
            };
            let found: Option<Player> = item::read_unexpired(old.as_ref(), rebind.at)?;
            // What could still be revived is of the other kind.
            match found.map_or(Transition::Rejected, |mut player| player.rebind(rebind)) {
                Transition::Applied => {}
                decided => return Ok(decided),
            }
        }
        Err(table::contention(&key))
    }
}

/// The outcome of a condition that says the same as `transition`, which tells why it failed.
fn outcome(
    written: WriteResult,
    now: Timestamp,
    transition: impl FnOnce(&mut Player) -> Transition,
) -> Result<Transition, StoreError> {
    let WriteResult::Refused(old) = written else {
        return Ok(Transition::Applied);
    };
    let found: Option<Player> = item::read_unexpired(old.as_ref(), now)?;
    Ok(found.map_or(Transition::Rejected, |mut player| unless_made(transition(&mut player))))
}

/// Nothing was written, even where the pure function would have changed the item.
fn unless_made(transition: Transition) -> Transition {
    match transition {
        Transition::AlreadyApplied => Transition::AlreadyApplied,
        Transition::Applied | Transition::Rejected => Transition::Rejected,
    }
}

/// See [`Echo::note`].
fn asked_again(asked: &LastRequest) -> Expression {
    let mut write = Expression::of_live(asked.at);
    let repeated = write.equals("asked_request", &asked.request);
    write.require(format!("NOT {repeated}"));
    let (asked_at, at) = (write.name("asked_at"), write.value(asked.at));
    let ahead = write.value(asked.at.plus(SKEW));
    write.require(format!("({asked_at} <= {at} OR {asked_at} > {ahead})"));
    write.copy("asked_at", "asked_before");
    note(&mut write, asked);
    write
}

/// The same for an Echo that was linked and did not ask yet.
fn asked_first(asked: &LastRequest) -> Expression {
    let mut write = Expression::of_live(asked.at);
    let unasked = write.is_absent("asked_at");
    write.require(unasked);
    note(&mut write, asked);
    write
}

fn note(write: &mut Expression, asked: &LastRequest) {
    write.set("asked_at", asked.at);
    write.set("asked_request", &asked.request);
    write.set_or_remove("endpoint", asked.endpoint.as_ref());
    write.set_or_remove("user", asked.user.as_ref());
    write.set_or_remove("locale", asked.locale.as_ref());
    write.set("expires_at", Echo::first(asked).expires_at);
}

/// See [`Player::record`].
fn counted(event: &PlaybackEvent, now: Timestamp) -> Expression {
    let mut write = Expression::of_live(now);
    let order = event.order();
    write.require_equal("version", event.token.version);
    let (last, ours) = (write.name("last_event"), write.value(&order));
    let latest = write.value(PlaybackEvent::latest(now));
    write.require(format!("(attribute_not_exists({last}) OR {last} < {ours} OR {last} > {latest})"));
    if let Some(device) = &event.device {
        let unserved = write.is_absent("pairing.device");
        let own = write.equals("pairing.device", device);
        let played = write.equals("played_by", event.reporter());
        write.require(format!("({unserved} OR {own} OR {played})"));
    }
    write.set("last_event", &order);
    write.set("event_request", &event.request);
    write.set("state", event.kind.state());
    write.set("offset_ms", event.offset_ms);
    write.set("state_at", event.at);
    write.set("origin", event.token.origin);
    write.set("reported_at", now);
    write.set_or_remove("played_by", event.reporter());
    write.set_or_remove("error", event.error.as_ref());
    match event.is_silent_end() {
        Some(true) => write.count_up("silent_plays"),
        Some(false) => write.remove("silent_plays"),
        None => {}
    }
    if event.kind == EventKind::Started {
        write.set("played_at", now);
        write.remove("moved");
    }
    if event.is_worth_a_replay() {
        write.set_if_absent("replayed_by", &event.request);
    }
    write
}

/// See [`Player::record`], for what is kept beside the version's own reports.
fn beside(old: &Player, new: &Player, now: Timestamp) -> Expression {
    let mut write = Expression::of_live(now);
    write.require_equal("version", old.version);
    let served_by = old.pairing.as_ref().and_then(|pairing| pairing.device.as_ref());
    let moved = old.moved.as_ref().map(|moved| &moved.last_event);
    let under = old.under.as_ref().and_then(|under| under.last_event.as_ref());
    let as_seen = [
        equal_or_absent(&mut write, "pairing.device", served_by),
        equal_or_absent(&mut write, "moved.last_event", moved),
        equal_or_absent(&mut write, "under.last_event", under),
    ];
    for condition in as_seen {
        write.require(condition);
    }
    write.set_or_remove("moved", new.moved.as_ref());
    write.set_or_remove("under", new.under.as_ref());
    write.set_or_remove("played_at", new.played_at);
    write
}

fn equal_or_absent(write: &mut Expression, path: &str, value: Option<&impl Serialize>) -> String {
    match value {
        Some(value) => write.equals(path, value),
        None => write.is_absent(path),
    }
}

/// See [`Player::claim`].
fn claimed(claim: &Claim) -> Expression {
    let mut write = Expression::of_live(claim.at);
    write.require_equal("version", claim.version);
    let contested = write.equals("contested", true);
    write.require(format!("NOT {contested}"));
    let unpaired = write.is_absent("pairing");
    let learned = write.equals("pairing.kind", PairingKind::Learned);
    write.require(format!("({unpaired} OR {learned})"));
    let as_seen = match &claim.seen {
        Some(request) => write.equals("pairing.request", request),
        None => write.is_absent("pairing"),
    };
    write.require(as_seen);
    let repeated = write.equals("pairing.request", &claim.request);
    write.require(format!("NOT {repeated}"));
    write.set("pairing", claim.pairing());
    write.set("had_echo", true);
    write.remove("wanted");
    write.set("expires_at", claim.at.plus(RETENTION).seconds());
    write
}

/// The Echo that was seen to serve the player has not asked since.
fn seen(claim: &Claim, asked: Option<&RequestId>) -> Expression {
    let Some(asked) = asked else {
        return Expression::of_absent_or_without("asked_request", claim.at);
    };
    let mut check = Expression::of_live(claim.at);
    check.require_equal("asked_request", asked);
    check
}

/// See [`Player::revoke`].
fn withdrawn(revocation: &Revocation) -> Expression {
    let mut write = Expression::of_live(revocation.at);
    write.require_equal("version", revocation.version);
    write.require_equal("pairing.kind", PairingKind::Learned);
    write.require_equal("pairing.version", revocation.version);
    write.require_equal("pairing.device", &revocation.device);
    write.remove("pairing");
    write.set("contested", true);
    write
}

/// See [`Player::record_stray`].
fn wanted(record: &RecordStray) -> Expression {
    let mut write = Expression::of_live(record.at);
    write.require_equal("version", record.wanted.version);
    let as_seen = match &record.seen {
        Some(request) => write.equals("wanted.request", request),
        None => write.is_absent("wanted"),
    };
    write.require(as_seen);
    let repeated = write.equals("wanted.request", &record.wanted.request);
    write.require(format!("NOT {repeated}"));
    write.set("wanted", &record.wanted);
    write
}

/// See [`Player::rebind`].
fn revived(rebind: &Rebind, manual: bool) -> Expression {
    let mut write = Expression::of_live(rebind.at);
    write.require_equal("pairing.endpoint", &rebind.endpoint);
    let same = write.equals("pairing.device", &rebind.device);
    write.require(format!("NOT {same}"));
    let learned = write.equals("pairing.kind", PairingKind::Learned);
    write.require(if manual { format!("NOT {learned}") } else { learned });
    write.set("pairing.device", &rebind.device);
    write.set_or_remove("pairing.user", rebind.user.as_ref());
    write.set("pairing.request", &rebind.request);
    let expiry = (!manual).then(|| rebind.at.plus(RETENTION).seconds());
    write.set_or_remove("expires_at", expiry);
    write
}
