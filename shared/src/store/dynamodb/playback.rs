//! What happens while music is asked for and played: each of these is one conditional write.

use serde::Serialize;

use super::expression::Expression;
use super::table::{self, Transacted, Written};
use super::{DynamoStore, RACES};
use crate::clock::{SKEW, Timestamp};
use crate::playback::{
    Asked, Claim, Echo, EventKind, KEPT, PairingKind, PlaybackEvent, Player, Recorded, RequestId, Revival,
    Transition, Wanting, Withdrawal,
};
use crate::store::StoreError;
use crate::store::item;

impl DynamoStore {
    /// One write to an Echo that asked before; a second one where it did not.
    pub(super) async fn write_asked(&self, asked: &Asked) -> Result<Transition, StoreError> {
        let key = item::echo_key(&asked.device);
        for _ in 0..RACES {
            if let Written::Refused(old) = self.table.update(&key, &asked_again(asked)).await? {
                let written = match item::read_live::<Echo>(old.as_ref(), asked.at)? {
                    Some(echo) if echo.asked_at.is_none() => {
                        self.table.update(&key, &asked_first(asked)).await?
                    }
                    Some(mut echo) => return Ok(unless_made(echo.note(asked))),
                    None => {
                        let absent = Expression::of_absent(asked.at);
                        self.table.put(&key, &Echo::first(asked), Some(&absent)).await?
                    }
                };
                if let Written::Refused(_) = written {
                    continue;
                }
            }
            return Ok(Transition::Made);
        }
        Err(table::contended(&key))
    }

    pub(super) async fn write_event(
        &self,
        event: &PlaybackEvent,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let key = item::player_key(event.token.player);
        for _ in 0..RACES {
            let old = match self.table.update(&key, &counted(event, now)).await? {
                Written::Made(new) => return Ok(Recorded::Counted(Box::new(item::read(&new)?))),
                Written::Refused(old) => item::read_live::<Player>(old.as_ref(), now)?,
            };
            let Some(old) = old else { return Ok(Recorded::Ignored) };
            let mut new = old.clone();
            match new.record(event, now) {
                Transition::Repeated => return Ok(Recorded::Counted(Box::new(old))),
                Transition::Refused => return Ok(Recorded::Ignored),
                // It is of another Echo, or of the music under an announcement, which what was refused tells, so that
                // nothing more is read.
                Transition::Made if (&old.moved, &old.under) != (&new.moved, &new.under) => {
                    if let Written::Made(new) = self.table.update(&key, &beside(&old, &new, now)).await? {
                        return Ok(Recorded::Counted(Box::new(item::read(&new)?)));
                    }
                }
                Transition::Made => {}
            }
        }
        Err(table::contended(&key))
    }

    /// One write; a transaction where it also depends on the Echo that had been seen to serve the player.
    pub(super) async fn write_claim(&self, claim: &Claim) -> Result<Transition, StoreError> {
        let key = item::player_key(claim.player.key());
        let Some((device, asked)) = &claim.seen_echo else {
            let written = self.table.update(&key, &claimed(claim)).await?;
            return outcome(written, claim.at, |player| player.claim(claim, None));
        };
        let echo_key = item::echo_key(device);
        for _ in 0..RACES {
            let writes = vec![
                self.table.transact(&key, claimed(claim))?,
                self.table.check(&echo_key, seen(claim, asked.as_ref()))?,
            ];
            match self.table.write_all(writes, None).await? {
                Transacted::Made => return Ok(Transition::Made),
                Transacted::Overtaken => {}
                Transacted::Refused(items) => {
                    let [player, echo] = &items[..] else {
                        return Ok(Transition::Refused);
                    };
                    let echo: Option<Echo> = item::read_live(echo.as_ref(), claim.at)?;
                    let written = Written::Refused(player.clone());
                    return outcome(written, claim.at, |player| player.claim(claim, echo.as_ref()));
                }
            }
        }
        Err(table::contended(&key))
    }

    pub(super) async fn write_withdrawal(&self, withdrawal: &Withdrawal) -> Result<Transition, StoreError> {
        let key = item::player_key(withdrawal.player.key());
        let written = self.table.update(&key, &withdrawn(withdrawal)).await?;
        outcome(written, withdrawal.at, |player| player.withdraw(withdrawal))
    }

    pub(super) async fn write_wanting(&self, wanting: &Wanting) -> Result<Transition, StoreError> {
        let key = item::player_key(wanting.player.key());
        let written = self.table.update(&key, &wanted(wanting)).await?;
        outcome(written, wanting.at, |player| player.want(wanting))
    }

    /// One write for a learned pairing; a second one for a manual one, which is kept for ever.
    pub(super) async fn write_revival(&self, revival: &Revival) -> Result<Transition, StoreError> {
        let key = item::player_key(revival.player.key());
        for manual in [false, true].into_iter().cycle().take(RACES) {
            let written = self.table.update(&key, &revived(revival, manual)).await?;
            let Written::Refused(old) = written else {
                return Ok(Transition::Made);
            };
            let found: Option<Player> = item::read_live(old.as_ref(), revival.at)?;
            // What could still be revived is of the other kind.
            match found.map_or(Transition::Refused, |mut player| player.revive(revival)) {
                Transition::Made => {}
                decided => return Ok(decided),
            }
        }
        Err(table::contended(&key))
    }
}

/// The outcome of a condition that says the same as `transition`, which tells why it failed.
fn outcome(
    written: Written,
    now: Timestamp,
    transition: impl FnOnce(&mut Player) -> Transition,
) -> Result<Transition, StoreError> {
    let Written::Refused(old) = written else {
        return Ok(Transition::Made);
    };
    let found: Option<Player> = item::read_live(old.as_ref(), now)?;
    Ok(found.map_or(Transition::Refused, |mut player| unless_made(transition(&mut player))))
}

/// Nothing was written, whatever the pure function would have done.
fn unless_made(transition: Transition) -> Transition {
    match transition {
        Transition::Repeated => Transition::Repeated,
        Transition::Made | Transition::Refused => Transition::Refused,
    }
}

/// See [`Echo::note`].
fn asked_again(asked: &Asked) -> Expression {
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
fn asked_first(asked: &Asked) -> Expression {
    let mut write = Expression::of_live(asked.at);
    let unasked = write.is_absent("asked_at");
    write.require(unasked);
    note(&mut write, asked);
    write
}

fn note(write: &mut Expression, asked: &Asked) {
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
    write.set("expires_at", claim.at.plus(KEPT).seconds());
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

/// See [`Player::withdraw`].
fn withdrawn(withdrawal: &Withdrawal) -> Expression {
    let mut write = Expression::of_live(withdrawal.at);
    write.require_equal("version", withdrawal.version);
    write.require_equal("pairing.kind", PairingKind::Learned);
    write.require_equal("pairing.version", withdrawal.version);
    write.require_equal("pairing.device", &withdrawal.device);
    write.remove("pairing");
    write.set("contested", true);
    write
}

/// See [`Player::want`].
fn wanted(wanting: &Wanting) -> Expression {
    let mut write = Expression::of_live(wanting.at);
    write.require_equal("version", wanting.wanted.version);
    let as_seen = match &wanting.seen {
        Some(request) => write.equals("wanted.request", request),
        None => write.is_absent("wanted"),
    };
    write.require(as_seen);
    let repeated = write.equals("wanted.request", &wanting.wanted.request);
    write.require(format!("NOT {repeated}"));
    write.set("wanted", &wanting.wanted);
    write
}

/// See [`Player::revive`].
fn revived(revival: &Revival, manual: bool) -> Expression {
    let mut write = Expression::of_live(revival.at);
    write.require_equal("pairing.endpoint", &revival.endpoint);
    let same = write.equals("pairing.device", &revival.device);
    write.require(format!("NOT {same}"));
    let learned = write.equals("pairing.kind", PairingKind::Learned);
    write.require(if manual { format!("NOT {learned}") } else { learned });
    write.set("pairing.device", &revival.device);
    write.set_or_remove("pairing.user", revival.user.as_ref());
    write.set("pairing.request", &revival.request);
    let expiry = (!manual).then(|| revival.at.plus(KEPT).seconds());
    write.set_or_remove("expires_at", expiry);
    write
}
