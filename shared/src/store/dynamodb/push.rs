//! A push: describes the present version first, which is what most pushes do, and starts the next one only
//! where that is refused.

use super::expression::Expression;
use super::table::{self, WriteResult};
use super::{DynamoStore, MAX_ATTEMPTS};
use crate::clock::Timestamp;
use crate::playback::{PairingKind, Player, Push, PushPlan, Repeats, StreamState, Transition, surplus};
use crate::store::item;
use crate::store::{PushResult, StoreError};

/// What a start leaves as it finds it: pairings and reports change it, which may happen at the same moment.
const UNTOUCHED: [&str; 4] = ["pairing", "had_echo", "silent_plays", "played_at"];

/// What a version may have and the next one begins without.
const OPTIONAL: [&str; 21] = [
    "replaced",
    "title",
    "artist",
    "album",
    "image_url",
    "named_at",
    "previous_started_at",
    "contested",
    "last_event",
    "event_request",
    "state",
    "state_at",
    "origin",
    "error",
    "replayed_by",
    "played_by",
    "reported_at",
    "moved",
    "under",
    "wanted",
    "expires_at",
];

impl DynamoStore {
    pub(super) async fn write_push(&self, push: &Push) -> Result<PushResult, StoreError> {
        let key = item::player_key(push.player.key());
        let mut refused = self.table.update(&key, &described(push, true)).await?;
        for race in 0..4 * MAX_ATTEMPTS {
            // The first refusal is usual; a further one is a lost race.
            if race > 0 && matches!(refused, WriteResult::Refused(_)) {
                self.wait_after(race).await?;
            }
            let known: Option<Player> = match &refused {
                WriteResult::Made(new) => return pushed(push, &item::read(new)?),
                WriteResult::Refused(old) => item::read_unexpired(old.as_ref(), push.at)?,
            };
            refused = match (push.plan(known.as_ref()), known) {
                (PushPlan::Late(version), _) => {
                    return Ok(PushResult { version, started: false });
                }
                // Our own start, whose answer was lost.
                (PushPlan::Describe, Some(player)) if player.was_started_by(&push.request) => {
                    return pushed(push, &player);
                }
                (PushPlan::Describe, Some(player)) => {
                    let in_order =
                        player.pushed_at().is_none_or(|at| at <= push.at || at > push.ahead_from());
                    self.table.update(&key, &described(push, in_order)).await?
                }
                (_, Some(player)) => self.table.update(&key, &started(&player, push)?).await?,
                (_, None) => {
                    let first = Player::started(None, push);
                    let absent = Expression::of_absent(push.at);
                    match self.table.put(&key, &first, Some(&absent)).await? {
                        WriteResult::Made(_) => {
                            self.drop_surplus(push).await?;
                            return pushed(push, &first);
                        }
                        refused @ WriteResult::Refused(_) => refused,
                    }
                }
            };
        }
        Err(table::contention(&key))
    }

    /// Keeps a new player from being one too many; see [`surplus`].
    async fn drop_surplus(&self, push: &Push) -> Result<(), StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let players = self.players(push.at).await?;
            let mut refused = false;
            for old in surplus(&players, push) {
                // One that has been pushed or paired since stays, and another goes.
                let key = item::player_key(old.player.key());
                refused |= !self.table.delete_if(&key, &as_read(old, push)).await?;
            }
            if !refused {
                break;
            }
        }
        Ok(())
    }
}

/// The condition that a player is still as it was read.
fn as_read(player: &Player, push: &Push) -> Expression {
    let mut write = Expression::of_live(push.at);
    write.require_equal("version", player.version);
    write.require_equal_or_absent("pairing", player.pairing.as_ref());
    write.require_equal_or_absent("had_echo", player.had_echo.then_some(true));
    write.require_equal_or_absent("pushed_at", player.pushed_at());
    write
}

impl DynamoStore {
    /// One write, on the condition that nothing was reported of the announcement since it was read.
    pub(super) async fn write_restored(
        &self,
        over: &Player,
        now: Timestamp,
    ) -> Result<Transition, StoreError> {
        let Some(after) = over.restored(now) else { return Ok(Transition::Rejected) };
        let mut write = replaced(over, &after, now)?;
        let as_seen = match &over.last_event {
            Some(last) => write.equals("last_event", last),
            None => write.is_absent("last_event"),
        };
        write.require(as_seen);
        Ok(match self.table.update(&item::player_key(over.player.key()), &write).await? {
            WriteResult::Made(_) => Transition::Applied,
            WriteResult::Refused(_) => Transition::Rejected,
        })
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends each branch of a fallible function")]
fn pushed(push: &Push, player: &Player) -> Result<PushResult, StoreError> {
    Ok(PushResult { version: player.version, started: player.was_started_by(&push.request) })
}

/// See [`Push::plan`] and [`Player::describe`]. A push that was overtaken by a later one, and so is not
/// `in_order`, leaves the time of that.
fn described(push: &Push, in_order: bool) -> Expression {
    let mut write = Expression::of_live(push.at);
    let ours = write.equals("start_request", &push.request);
    if push.is_play {
        // A repeated stream is a start, too.
        write.require(ours);
    } else {
        let repeats = repeats(&mut write, push);
        write.require(format!("({ours} OR {repeats})"));
    }
    let (pushed_at, at) = (write.name("pushed_at"), write.value(push.at));
    let ahead = write.value(push.ahead_from());
    if in_order {
        write.require(format!("({pushed_at} <= {at} OR {pushed_at} > {ahead})"));
        write.set("pushed_at", push.at);
        if push.metadata.names_something() {
            write.set("named_at", push.at);
        }
    } else {
        write.require(format!("({pushed_at} > {at} AND {pushed_at} <= {ahead})"));
    }
    describe(&mut write, push);
    write
}

/// The condition that a push repeats the present stream, and is no new start of it; see [`Push::repeats`].
fn repeats(write: &mut Expression, push: &Push) -> String {
    let mut conditions = vec![write.equals("stream_digest", push.stream.short_hash())];
    if push.repeats() != Repeats::Always {
        let unheard = write.is_absent("state");
        let playing = write.equals("state", StreamState::Playing);
        conditions.push(format!("({unheard} OR {playing})"));
    }
    if let Repeats::IfStartedSince(earliest) = push.repeats() {
        let (started_at, earliest) = (write.name("started_at"), write.value(earliest));
        let latest = write.value(push.ahead_from());
        conditions.push(format!("{started_at} BETWEEN {earliest} AND {latest}"));
    }
    format!("({})", conditions.join(" AND "))
}

fn describe(write: &mut Expression, push: &Push) {
    let metadata = &push.metadata;
    let rest = [("artist", &metadata.artist), ("album", &metadata.album), ("image_url", &metadata.image_url)];
    if metadata.names_something() {
        write.set_or_remove("title", metadata.title.as_ref());
        for (name, value) in rest {
            write.set_or_remove(name, value.as_ref());
        }
        return;
    }
    for (name, value) in rest {
        if let Some(value) = value {
            write.set_if_absent(name, value);
        }
    }
}

/// See [`Player::started`]. What the pairing decides beside itself, the expiry, supposes that it is still of
/// the kind that was seen.
fn started(before: &Player, push: &Push) -> Result<Expression, StoreError> {
    let mut write = replaced(before, &Player::started(Some(before), push), push.at)?;
    if push.may_take_names() {
        // Names that came since it was read are the new version's.
        let named = match before.named_at {
            Some(at) => write.equals("named_at", at),
            None => write.is_absent("named_at"),
        };
        write.require(named);
    }
    Ok(write)
}

/// Puts another version in the place of the one that was read.
fn replaced(before: &Player, after: &Player, now: Timestamp) -> Result<Expression, StoreError> {
    let mut write = Expression::of_live(now);
    write.require_equal("version", before.version);
    let unserved = write.is_absent("pairing.device");
    let learned = write.equals("pairing.kind", PairingKind::Learned);
    write.require(if after.expires_at.is_some() {
        format!("({unserved} OR {learned})")
    } else {
        format!("NOT ({unserved} OR {learned})")
    });
    let attributes: super::expression::Item =
        serde_dynamo::to_item(after).map_err(|error| StoreError::Malformed(error.to_string()))?;
    for name in OPTIONAL.iter().filter(|name| !attributes.contains_key(**name)) {
        write.remove(name);
    }
    let mut attributes: Vec<_> =
        attributes.into_iter().filter(|(name, _)| !UNTOUCHED.contains(&name.as_str())).collect();
    attributes.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, value) in attributes {
        write.set_raw(&name, value);
    }
    Ok(write)
}
