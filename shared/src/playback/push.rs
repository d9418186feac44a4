//! Pushes of Music Assistant: the stream of a player, and the names of what it plays.

use std::num::NonZeroU64;
use std::time::Duration;

use super::id::{PlayerId, RequestId};
use super::player::Player;
use super::report::InterruptedMusic;
use super::short_hash::ShortHash;
use super::stream::{StreamKind, StreamUrl};
use super::types::{HandedVersion, Metadata, PastStream, REPLACED_KEPT, StreamStart, StreamState};
use super::version::PresentVersion;
use crate::clock::{SKEW, Timestamp};

/// Retention of replaced streams. Music Assistant's provider repeats a replaced stream only until it hears of the next
/// one.
const REPLACED_FOR: Duration = Duration::from_hours(24);

/// Time after which a repeated push of a reused address is a new start. Within it, it is the second push of the same
/// play.
const REUSED_AFTER: Duration = Duration::from_secs(10);

/// Time before a start without names in which pushed names belong to that start. On a skip Music Assistant pushes them
/// with the old address, and never again.
const NAMED_BEFORE: Duration = Duration::from_secs(2);

/// The first names of a start come about a second after it and are its own. They are those of the next start only if
/// that follows as closely as Music Assistant sends both.
const NAMED_JUST_BEFORE: Duration = Duration::from_millis(250);

/// Time after a start in which its first names come, where nothing delays them much.
const FIRST_NAMES: Duration = Duration::from_secs(3);

/// Names that came this long after a start, or earlier, are those of the item that it began with.
const NAMES_OF_ITEM: Duration = Duration::from_secs(10);

/// The most players that a household keeps: far more than a home has.
pub const MOST_PLAYERS: usize = 200;

/// A push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The player of the stream.
    pub player: PlayerId,
    /// The stream.
    pub stream: StreamUrl,
    /// Grant of the stream for the door, where one is in use.
    pub grant: Option<String>,
    /// Names of the music, [cleaned](Metadata::clean).
    pub metadata: Metadata,
    /// Time at which it came.
    pub at: Timestamp,
    /// The request that brought it.
    pub request: RequestId,
    /// Whether a person asks for this very play. Then it is always a start: only Music Assistant's
    /// pushes come twice for one play.
    pub is_play: bool,
    /// Whether its sender can leave out the sentence that makes the Echo ask, where a request waits for the stream; none
    /// where it knows nothing of that.
    pub can_skip_speech: Option<bool>,
    /// Whether a renderer of a home started it, to which functions in AWS hand on what the Echo reports.
    pub reports_home: bool,
}

/// A push, taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    /// It was of a stream that was replaced: that version's number, and nothing changes.
    Late(u64),
    /// The player as it is now.
    Taken(Box<Player>),
}

/// Effect of a push on its player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushPlan {
    /// It describes the present version.
    Describe,
    /// It repeats a stream that was replaced: that version's number, and nothing changes.
    Late(u64),
    /// It starts a new version.
    Start,
}

/// Condition on which a push that repeats the present address describes the present music.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// Always: each play has an address of its own, or the push names a track of it.
    Always,
    /// Until it ended: every play of this item has the same address.
    UntilItEnds,
    /// Until it ended, if it started at this moment or later: the address is used again and again.
    IfStartedSince(Timestamp),
}

impl Push {
    /// Takes this push, given what is known of its player.
    #[must_use]
    pub fn take(&self, known: Option<Player>) -> PushOutcome {
        match (self.plan(known.as_ref()), known) {
            (PushPlan::Late(version), _) => PushOutcome::Late(version),
            (PushPlan::Describe, Some(mut player)) => {
                player.describe(self);
                self.offered(player, false)
            }
            (_, known) => self.offered(Player::started(known.as_ref(), self), true),
        }
    }

    /// An announcement lies over the music that a person asked for, and leaves a hand-over alone. So does a play that a
    /// person asked for in another way.
    fn offered(&self, mut player: Player, is_start: bool) -> PushOutcome {
        let is_announcement = self.stream.kind() == StreamKind::Announcement;
        let is_apart = is_announcement || self.is_play && self.can_skip_speech.is_none();
        if !is_apart {
            player.offer(self.can_skip_speech, is_start, self.at);
        }
        PushOutcome::Taken(Box::new(player))
    }

    /// Whether this push handed its stream over to a request that waited for it.
    #[must_use]
    pub fn has_handed_over(&self, player: &Player) -> bool {
        let handed = player.hand_over.as_ref().and_then(|hand_over| hand_over.handed);
        handed == Some(HandedVersion { version: player.version(), at: self.at })
    }

    /// Effect of this push on its player.
    #[must_use]
    pub fn plan(&self, player: Option<&Player>) -> PushPlan {
        let live = player.filter(|player| !player.is_expired(self.at));
        let Some(present) = live.and_then(|player| player.present.as_ref()) else { return PushPlan::Start };
        let start = &present.start;
        if start.start_request == self.request {
            return PushPlan::Describe;
        }
        if self.is_play {
            return PushPlan::Start;
        }
        let stream = self.stream.short_hash();
        if start.stream_digest == stream {
            let is_restart = self.is_restart(present);
            return if is_restart { PushPlan::Start } else { PushPlan::Describe };
        }
        match present.replaced(&stream, self.at) {
            Some(before) if self.is_replay(before) => PushPlan::Start,
            Some(before) => PushPlan::Late(before.version),
            None => PushPlan::Start,
        }
    }

    /// Condition on which this push, should it repeat the present address, is no new start.
    #[must_use]
    pub fn repeats(&self) -> Repeats {
        let kind = self.stream.kind();
        if !kind.is_reused() {
            return if self.stream.has_session() { Repeats::Always } else { Repeats::UntilItEnds };
        }
        // No start names an artist: the names of tracks come while the stream goes on.
        if kind.holds_tracks() && self.metadata.artist.is_some() {
            return Repeats::Always;
        }
        Repeats::IfStartedSince(self.at.minus(REUSED_AFTER))
    }

    fn is_restart(&self, present: &PresentVersion) -> bool {
        let state = present.report().map(|report| report.state.kind());
        let ended = matches!(state, Some(StreamState::Finished | StreamState::Failed | StreamState::Stopped));
        match self.repeats() {
            Repeats::Always => false,
            Repeats::UntilItEnds => ended,
            Repeats::IfStartedSince(earliest) => {
                ended || self.is_other_play(present.start.started_at, earliest)
            }
        }
    }

    /// Whether this push of an address that something else replaced plays it again.
    fn is_replay(&self, before: &PastStream) -> bool {
        match self.repeats() {
            Repeats::Always => false,
            // Names that come late belong to what was replaced. A push without any starts it.
            Repeats::UntilItEnds => {
                !self.metadata.names_something() || self.at.since(before.replaced_at) > REUSED_AFTER
            }
            Repeats::IfStartedSince(earliest) => self.is_other_play(before.started_at, earliest),
        }
    }

    /// Whether an event of a reused address is too old for this push, or was recorded before the clock was set back.
    fn is_other_play(&self, started_at: Timestamp, earliest: Timestamp) -> bool {
        started_at < earliest || started_at > self.ahead_from()
    }

    /// Names of the music, as far as they are known when this push starts it.
    fn metadata_after(&self, before: Option<&PresentVersion>) -> Metadata {
        let mut metadata = before
            .filter(|before| self.takes_names_of(before))
            .map_or_else(Metadata::default, |before| before.metadata.clone());
        metadata.update(self.metadata.clone());
        metadata
    }

    fn takes_names_of(&self, before: &PresentVersion) -> bool {
        self.may_take_names() && (self.was_named_by(before) || self.begins_again(before))
    }

    /// Whether the names of what it starts were pushed just before it, with the address before.
    fn was_named_by(&self, before: &PresentVersion) -> bool {
        let is_first = before.was_named_within(FIRST_NAMES);
        let longest = if is_first { NAMED_JUST_BEFORE } else { NAMED_BEFORE };
        let is_close = |at| self.at.since(at) <= longest && at <= self.ahead_from();
        before.named_at.is_some_and(is_close)
    }

    /// Whether it starts the item of the start before again, as a resume and a seek do. Its names are the same, so Music
    /// Assistant may push none.
    fn begins_again(&self, before: &PresentVersion) -> bool {
        let item = before.start.stream.item();
        let is_bare = self.metadata == Metadata::default();
        is_bare && item.is_some() && item == self.stream.item() && before.was_named_within(NAMES_OF_ITEM)
    }

    /// Whether the names of what it starts may have been pushed before it. An announcement is no track of a queue.
    #[must_use]
    pub fn may_take_names(&self) -> bool {
        !self.metadata.names_something() && self.stream.kind() != StreamKind::Announcement && !self.is_play
    }

    /// The latest moment that another machine can have noted before this push. What is later was noted before the clock
    /// was set back.
    #[must_use]
    pub fn ahead_from(&self) -> Timestamp {
        self.at.plus(SKEW)
    }
}

/// The players that are too many beside the one of the last push, those that were not used for the longest time first.
/// One that never had an Echo goes before one that had, and that before one that an Echo serves. A person who renames
/// Echos leaves old names behind, so that a new name is worth more than any of them.
#[must_use]
pub fn surplus<'a>(players: &'a [Player], push: &Push) -> Vec<&'a Player> {
    let count = players.len().saturating_sub(MOST_PLAYERS);
    if count == 0 {
        return Vec::new();
    }
    let mut others: Vec<&Player> = players.iter().filter(|player| player.player != push.player).collect();
    others.sort_by_key(|player| {
        let pairing = player.pairing.as_ref();
        let is_served = pairing.is_some_and(|pairing| pairing.device.is_some());
        let times = [player.pushed_at(), pairing.map(|pairing| pairing.at)];
        let used = times.into_iter().flatten().map(|at| at.order(push.at)).max();
        (is_served, player.had_echo, used, &player.player)
    });
    others.truncate(count);
    others
}

impl Player {
    /// The player as a push starts it: the next version, with nothing of the one before but the pairing.
    #[must_use]
    pub fn started(player: Option<&Self>, push: &Push) -> Self {
        let before = player.filter(|before| !before.is_expired(push.at));
        let mut started = before.map_or_else(|| Self::new(&push.player), Self::without_present);
        let present = before.and_then(|before| before.present.as_ref());
        started.present = Some(PresentVersion::started(present, push));
        started.drop_past_hand_over(push.at);
        started.reports_home |= push.reports_home;
        let pairing = started.pairing.as_ref();
        let is_kept = pairing.is_some_and(|pairing| pairing.kind.is_manual() && pairing.device.is_some());
        started.expires_at = (!is_kept).then(|| push.at.plus(super::RETENTION).seconds());
        started
    }

    /// Takes the names that a push brings for the present version.
    pub fn describe(&mut self, push: &Push) {
        if let Some(present) = &mut self.present {
            present.describe(push);
        }
    }
}

impl PresentVersion {
    /// The version that a push starts after another one.
    fn started(before: Option<&Self>, push: &Push) -> Self {
        let start = StreamStart {
            stream: push.stream.clone(),
            grant: push.grant.clone(),
            stream_digest: push.stream.short_hash(),
            started_at: push.at,
            pushed_at: push.at,
            start_request: push.request.clone(),
        };
        let number = before.map_or(NonZeroU64::MIN, Self::next_number);
        Self {
            replaced: before
                .map_or_else(Vec::new, |before| before.replaced_by(&start.stream_digest, push.at)),
            previous_started_at: before.map(|before| before.start.started_at),
            under: InterruptedMusic::beneath(&push.stream, before, push.at),
            wanted: before.and_then(Self::still_wanted),
            ..Self::new(number, start, push.metadata_after(before))
        }
    }

    fn describe(&mut self, push: &Push) {
        self.metadata.update(push.metadata.clone());
        // A push that was overtaken by a later one leaves the times of that. A time that is still to come was noted before
        // the clock was set back.
        if self.start.pushed_at > push.at && self.start.pushed_at <= push.ahead_from() {
            return;
        }
        self.start.pushed_at = push.at;
        if push.grant.is_some() {
            self.start.grant.clone_from(&push.grant);
        }
        if push.metadata.names_something() {
            self.named_at = Some(push.at);
        }
    }

    /// Whether its last names came at most this long after its start, or with it.
    fn was_named_within(&self, longest: Duration) -> bool {
        self.named_at.is_none_or(|named_at| named_at.since(self.start.started_at) <= longest)
    }

    fn replaced(&self, stream: &ShortHash, now: Timestamp) -> Option<&PastStream> {
        self.replaced
            .iter()
            .rev()
            .find(|replaced| &replaced.stream == stream && now.is_within(REPLACED_FOR, replaced.replaced_at))
    }

    /// The streams that are behind a version that starts at a moment with this one.
    pub(super) fn replaced_by(&self, new: &ShortHash, at: Timestamp) -> Vec<PastStream> {
        let mut replaced: Vec<PastStream> = self
            .replaced
            .iter()
            .filter(|old| at.is_within(REPLACED_FOR, old.replaced_at))
            .cloned()
            .chain(std::iter::once(PastStream {
                stream: self.start.stream_digest.clone(),
                version: self.number.get(),
                started_at: self.start.started_at,
                replaced_at: at,
            }))
            .filter(|old| old.stream != *new)
            .collect();
        let surplus = replaced.len().saturating_sub(REPLACED_KEPT);
        replaced.drain(..surplus);
        replaced
    }
}
