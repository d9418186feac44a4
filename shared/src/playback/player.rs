//! A player of Music Assistant: its present version, and what outlives that.

use super::id::{PlayerId, RequestId};
use super::report::Report;
use super::types::{HandOver, Metadata, NextItem, Pairing, StreamStart, StreamState};
use super::version::{EffectiveReport, PresentVersion};
use crate::clock::Timestamp;

/// The names of a player that was never started.
static UNNAMED: Metadata =
    Metadata { title: None, artist: None, album: None, image_url: None, image_grant: None };

/// A player. What is known of one start alone is in its present version, and goes with that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// Its id in Music Assistant.
    pub player: PlayerId,
    /// Its present version; none where Music Assistant has pushed nothing yet and only the Echo is known.
    pub present: Option<PresentVersion>,

    /// Number of plays in a row that ended at once.
    pub silent_plays: u32,
    /// Time of the last report that an Echo plays this player.
    pub played_at: Option<Timestamp>,

    /// The Echo that serves it.
    pub pairing: Option<Pairing>,
    /// An Echo served it at some time.
    pub had_echo: bool,

    /// The person's request that waits for its next start, or got one. It may wait before it is known whether a sender
    /// [hands over](Self::hands_over).
    pub hand_over: Option<Box<HandOver>>,
    /// Whether the sender of its last start leaves the sentence out for a request that waits.
    pub hands_over: bool,
    /// Whether a renderer of a home started it before, to which functions in AWS hand on what its Echo reports.
    pub reports_home: bool,

    /// Time at which the item expires, in seconds since the epoch; never, where it is absent.
    pub expires_at: Option<i64>,
    /// Number of writes of its item; 0 before the first one and in items of older releases. The store counts.
    pub revision: u64,
}

impl Player {
    /// A player before its first push and pairing.
    #[must_use]
    pub fn new(player: &PlayerId) -> Self {
        Self {
            player: player.clone(),
            present: None,
            silent_plays: 0,
            played_at: None,
            pairing: None,
            had_echo: false,
            hand_over: None,
            hands_over: false,
            reports_home: false,
            expires_at: None,
            revision: 0,
        }
    }

    /// The player with what outlives its present version.
    pub(super) fn without_present(&self) -> Self {
        Self {
            player: self.player.clone(),
            present: None,
            silent_plays: self.silent_plays,
            played_at: self.played_at,
            pairing: self.pairing.clone(),
            had_echo: self.had_echo,
            hand_over: self.hand_over.clone(),
            hands_over: self.hands_over,
            reports_home: self.reports_home,
            expires_at: self.expires_at,
            revision: self.revision,
        }
    }

    /// The player with another present version.
    pub(super) fn with_present(&self, present: PresentVersion) -> Self {
        Self { present: Some(present), ..self.without_present() }
    }

    /// Number of its present version; 0 before the first.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.present.as_ref().map_or(0, |present| present.number.get())
    }

    /// Whether this is the number of its present version. No version has the number 0.
    #[must_use]
    pub fn is_at(&self, version: u64) -> bool {
        self.present.as_ref().is_some_and(|present| present.number.get() == version)
    }

    /// The start of its present version; none before the first.
    #[must_use]
    pub fn start(&self) -> Option<&StreamStart> {
        self.present.as_ref().map(|present| &present.start)
    }

    /// The names of its present version; nothing is named before the first.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        self.present.as_ref().map_or(&UNNAMED, |present| &present.metadata)
    }

    /// The item that follows its present version.
    #[must_use]
    pub fn next(&self) -> Option<&NextItem> {
        self.present.as_ref()?.following.item()
    }

    /// Whether no Echo gets its present start, since two wanted it.
    #[must_use]
    pub fn is_contested(&self) -> bool {
        self.present.as_ref().is_some_and(|present| present.contested)
    }

    /// Time of the start of its present version; none before the first.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.start().map(|start| start.started_at)
    }

    /// Time of the start of the version before that.
    #[must_use]
    pub fn previous_started_at(&self) -> Option<Timestamp> {
        self.present.as_ref()?.previous_started_at
    }

    /// Time of the last push of its present version; none before the first.
    #[must_use]
    pub fn pushed_at(&self) -> Option<Timestamp> {
        self.start().map(|start| start.pushed_at)
    }

    /// Whether this request made its present version.
    #[must_use]
    pub fn was_started_by(&self, request: &str) -> bool {
        self.start().is_some_and(|start| start.start_request == request)
    }

    /// Whether the item has ceased to exist, although a store may still show it.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expiry| expiry <= now.seconds())
    }

    /// Whether a replay of its present version may still be reported; see [`PresentVersion::replay_is_pending`].
    #[must_use]
    pub fn replay_is_pending(&self, now: Timestamp) -> bool {
        self.present.as_ref().is_some_and(|present| present.replay_is_pending(now))
    }

    /// Whether an Echo ever reported that it plays this player, as far as that is still known.
    #[must_use]
    pub fn has_played(&self) -> bool {
        let state = self.effective_report().map(|state| state.state());
        self.played_at.is_some() || state.is_some_and(|state| state != StreamState::Failed)
    }

    /// Whether its present version can be asked for; see [`PresentVersion::is_playable`].
    #[must_use]
    pub fn is_playable(&self, now: Timestamp) -> bool {
        self.present.as_ref().is_some_and(|present| present.is_playable(now))
    }

    /// Whether the present start is recent enough to be claimed.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.present.as_ref().is_some_and(|present| present.is_fresh(now))
    }

    /// The report of its present version that counts; see [`PresentVersion::effective_report`].
    #[must_use]
    pub fn effective_report(&self) -> Option<EffectiveReport<'_>> {
        self.present.as_ref()?.effective_report()
    }

    /// Last report of its present version, by the Echo that got it.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.present.as_ref()?.report()
    }

    /// The request that used up the one replay of its present version.
    #[must_use]
    pub fn replayed_by(&self) -> Option<&RequestId> {
        self.present.as_ref()?.replayed_by()
    }

    /// State of the Echo that got its present version; none where it has not reported.
    #[must_use]
    pub fn state(&self) -> Option<StreamState> {
        self.report().map(|report| report.state.kind())
    }

    /// Position of that Echo in the stream, in milliseconds.
    #[must_use]
    pub fn offset_ms(&self) -> u64 {
        self.report().map_or(0, |report| report.offset_ms)
    }
}
