//! Durable state in the domain's words.
//!
//! The traits are narrow: a function takes those that it uses. One repository implements them over a key-value store. A
//! rule is a pure function of [`crate::playback`] or [`crate::account`], and runs on its items. DynamoDB and SQLite are
//! such stores, which one contract suite holds to the same behaviour.
//!
//! Lookups answer `Option` or an empty list where there is nothing; a lost race is a value, never an error.
//! Every read and every condition treats an expired item as absent.

#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
mod account;
mod activity;
mod cached;
mod change;
mod document;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
mod error;
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
mod item;
mod known_names;
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
mod kv;
mod open;
mod open_error;
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
mod repository;
mod silence;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
mod unit;

use std::fmt;
use std::sync::Arc;
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::watch;

use crate::account::{
    AcquireRequest, AcquireResult, ChallengeResponse, DeviceList, LaneRelease, LeaseRequest, LeaseResult,
    LimiterState, OneTimeWord, PairingChallenge, QueuedChanges, RequestLane, VolumeAttempt, VolumeRequest,
    Volumes,
};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::config::Settings;
use crate::control::{Presence, Reply, WaitingRequest};
use crate::playback::{
    AwaitStart, Claim, DeviceBinding, EchoReport, Household, KeepNext, KnownRoutes, LastRequest,
    ManualPairing, Player, PlayerId, PlayerKey, Push, Rebind, RecordStray, Recorded, RequestId, Revocation,
    RouteOutcome, ShortHash, Transition, Trial, WaitState,
};

pub use activity::{Activity, ActivityKind};
pub use cached::CachedSettings;
pub(crate) use change::change_document;
pub use change::note_document;
#[cfg(feature = "http")]
pub(crate) use change::{replace_document, written};
pub use document::{Document, VersionedDocument};
pub use error::StoreError;
pub use known_names::{KnownNames, NamesInModels};
pub use open::{Environment, open};
pub use open_error::OpenError;
pub(crate) use silence::note_silence;

/// Retention of an activity.
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
const ACTIVITY_KEPT: Duration = Duration::from_hours(7 * 24);

/// The outcome of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushResult {
    /// The version that the stream is.
    pub version: u64,
    /// Whether this push started it, or did so before, when its answer was lost.
    pub started: bool,
    /// Whether it was handed over to a request that waited for it.
    pub handed: bool,
    /// The player as it was before a start.
    pub before: Option<Box<Player>>,
}

/// Players, starts, events and pairings.
#[async_trait]
pub trait PlaybackStore: fmt::Debug + Send + Sync {
    /// Everything that a play needs to know, in one consistent query.
    async fn household(&self, now: Timestamp) -> Result<Household, StoreError>;

    /// Notes that an Echo asks for music; see [`crate::playback::Echo::record_request`].
    async fn record_request(&self, request: &LastRequest) -> Result<Transition, StoreError>;

    /// Takes a push; see [`Push::take`]. A new player may be one too many; see [`crate::playback::surplus`].
    async fn push(&self, push: &Push) -> Result<PushResult, StoreError>;

    /// Takes what an Echo reports; see [`Player::record`].
    async fn record(&self, event: &EchoReport, now: Timestamp) -> Result<Recorded, StoreError>;

    /// Takes the outcome of a route for an Echo; see [`KnownRoutes::learn`]. What is known then; none where the Echo is not
    /// known.
    async fn learn_route(
        &self,
        device: &DeviceId,
        outcome: &RouteOutcome,
        now: Timestamp,
    ) -> Result<Option<KnownRoutes>, StoreError>;

    /// Gives back the music that an announcement lay over, which is over, unless the player changed since it was read;
    /// see [`crate::playback::Player::restore`].
    async fn restore(&self, over: &Player, now: Timestamp) -> Result<Transition, StoreError>;

    /// Keeps the item that follows a version of a player; see [`crate::playback::Player::keep_next`].
    async fn keep_next(&self, keep: &KeepNext) -> Result<Transition, StoreError>;

    /// Claims an open start; see [`crate::playback::Player::claim`]. `seen` is the household of the decision. An item
    /// of it is read again only if it has changed since, here and below.
    async fn claim(&self, claim: &Claim, seen: &Household) -> Result<Transition, StoreError>;

    /// Withdraws a doubtful claim; see [`crate::playback::Player::revoke`].
    async fn revoke(&self, revocation: &Revocation, seen: &Household) -> Result<Transition, StoreError>;

    /// Notes that an Echo asks for a start of a player that it does not serve; see
    /// [`crate::playback::Player::record_stray`].
    async fn record_stray(&self, record: &RecordStray, seen: &Household) -> Result<Transition, StoreError>;

    /// Gives a pairing the Echo's new id; see [`crate::playback::Player::rebind`].
    async fn rebind(&self, rebind: &Rebind, seen: &Household) -> Result<Transition, StoreError>;

    /// Pairs by hand, in one transaction. The player leaves the Echo that served it. The Echo loses its learned
    /// players, as by [`crate::playback::Player::unpair`]; players by hand stay. A request that made the player's
    /// pairing already changes nothing. `false` where the player is not known.
    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError>;

    /// Binds an Echo to one of Amazon's devices, and pairs it by [`PairingKind::Word`] with the player of that name.
    /// One transaction does both and stores the activity: see [`Household::bind`], and [`Self::pair`] for the rest. A
    /// player that was never pushed exists from then on. [`Transition::AlreadyApplied`] where this request made the
    /// player's pairing already; never rejected.
    ///
    /// [`PairingKind::Word`]: crate::playback::PairingKind::Word
    async fn bind(&self, binding: &DeviceBinding) -> Result<Transition, StoreError>;

    /// Ends the pairings of an Echo, or the one with `player`; how many there were. See
    /// [`crate::playback::Player::unpair`].
    async fn unpair(
        &self,
        device: &DeviceId,
        player: Option<&PlayerId>,
        at: Timestamp,
    ) -> Result<usize, StoreError>;

    /// The user disabled the skill: the user's Echos are forgotten, since their ids are void, and their
    /// pairings sleep; see [`crate::playback::Player::suspend`]. How many pairings that
    /// concerned.
    async fn suspend(&self, user: &ShortHash, at: Timestamp) -> Result<usize, StoreError>;
}

/// Requests of persons that wait for a start of a player.
#[async_trait]
pub trait HandOverStore: fmt::Debug + Send + Sync {
    /// Has a request wait; see [`Player::await_start`]. `seen` is the household of the decision, whose item is read again
    /// only if it has changed since.
    async fn await_start(&self, wait: &AwaitStart, seen: &Household) -> Result<Transition, StoreError>;

    /// The items that presses of a button go, which this request sends now; see [`Player::send_steps`].
    async fn send_steps(
        &self,
        player: PlayerKey,
        request: &str,
        at: Timestamp,
    ) -> Result<Option<i32>, StoreError>;

    /// Hands the present version of a player over; see [`Player::hand_over`]. A push does so by itself.
    async fn hand_over(
        &self,
        player: PlayerKey,
        version: u64,
        at: Timestamp,
    ) -> Result<Transition, StoreError>;

    /// State of a request, consistently; see [`Player::wait_state`].
    async fn wait_state(
        &self,
        player: PlayerKey,
        request: &str,
        now: Timestamp,
    ) -> Result<WaitState, StoreError>;

    /// Ends the wait of a request; see [`Player::end_wait`].
    async fn end_wait(
        &self,
        player: PlayerKey,
        request: &str,
        at: Timestamp,
    ) -> Result<WaitState, StoreError>;

    /// A person stops an Echo that was handed a version of a player, and has not begun it; see [`Player::silence`].
    async fn silence(
        &self,
        player: PlayerKey,
        device: &DeviceId,
        at: Timestamp,
    ) -> Result<Transition, StoreError>;

    /// Counts the hand-overs of this process: a change says that it is worth a look.
    fn hand_overs(&self) -> watch::Receiver<u64>;
}

/// Activities of the last days.
#[async_trait]
pub trait ActivityStore: fmt::Debug + Send + Sync {
    /// Keeps an entry for a week.
    async fn note(&self, activity: &Activity) -> Result<(), StoreError>;

    /// The newest entries, newest first, at most `limit`.
    async fn recent(&self, limit: usize, now: Timestamp) -> Result<Vec<Activity>, StoreError>;
}

/// A change of the settings; it leaves alone what it is not about.
pub type SettingsChange = Arc<dyn Fn(&mut Settings) + Send + Sync>;

/// State that people can change while everything runs.
#[async_trait]
pub trait SetupStore: fmt::Debug + Send + Sync {
    /// The settings; the defaults where none were ever written.
    async fn settings(&self) -> Result<Settings, StoreError>;

    /// Replaces the settings, without a look at the old ones.
    async fn put_settings(&self, settings: &Settings) -> Result<(), StoreError>;

    /// Changes the present settings, and returns the new ones. No change of another process at the same time is lost.
    /// `change` may run several times.
    async fn change_settings(&self, change: SettingsChange) -> Result<Settings, StoreError>;

    /// A document as it is; none where it was never written.
    async fn document(&self, which: Document) -> Result<Option<VersionedDocument>, StoreError>;

    /// Writes a document, if its revision is still the one that was `read`, or there is none where there was none.
    /// `false` where another wrote it meanwhile, whose content stays.
    async fn put_document(
        &self,
        which: Document,
        content: &Value,
        read: Option<u64>,
    ) -> Result<bool, StoreError>;
}

/// One-time words.
#[async_trait]
pub trait WordStore: fmt::Debug + Send + Sync {
    /// Keeps a challenge under its word. `false` where that word is on another challenge still; the same challenge twice is
    /// one.
    async fn put_challenge(&self, challenge: &PairingChallenge, now: Timestamp) -> Result<bool, StoreError>;

    /// Takes a one-time word, which works once; see [`PairingChallenge::take`]. None where there is no such word, or no longer.
    async fn consume_challenge(
        &self,
        word: &OneTimeWord,
        taken: &ChallengeResponse,
    ) -> Result<Option<PairingChallenge>, StoreError>;

    /// The challenge of a word, to see whether it came back; none where it has expired.
    async fn challenge(
        &self,
        word: &OneTimeWord,
        now: Timestamp,
    ) -> Result<Option<PairingChallenge>, StoreError>;
}

/// A change of the last trial of a device, which may be none.
pub type TrialChange = Arc<dyn Fn(&mut Option<Trial>) + Send + Sync>;

/// Trials of routes.
#[async_trait]
pub trait TrialStore: fmt::Debug + Send + Sync {
    /// The last trial of each device, of the last day.
    async fn trials(&self, now: Timestamp) -> Result<Vec<Trial>, StoreError>;

    /// Changes the last trial of a device, and returns it as it is then; see [`Trial::key_of`]. `change` may run several
    /// times.
    async fn change_trial(
        &self,
        key: PlayerKey,
        now: Timestamp,
        change: TrialChange,
    ) -> Result<Option<Trial>, StoreError>;
}

/// Requests that wait for the program at home, and its presence.
#[async_trait]
pub trait BridgeStore: fmt::Debug + Send + Sync {
    /// The last sight of the home; none where it was never seen, or not for a week.
    async fn presence(&self, now: Timestamp) -> Result<Option<Presence>, StoreError>;

    /// Notes that the home is seen.
    async fn note_presence(&self, now: Timestamp) -> Result<(), StoreError>;

    /// Keeps a request that begins to wait, and returns it. One of the same id that waits already stays as it is, and is
    /// returned instead.
    async fn put_waiting(
        &self,
        request: &WaitingRequest,
        now: Timestamp,
    ) -> Result<(WaitingRequest, Transition), StoreError>;

    /// The request of an id, with its reply once it is there; none where none waits, or not any more.
    async fn waiting(&self, id: &RequestId, now: Timestamp) -> Result<Option<WaitingRequest>, StoreError>;

    /// Takes the reply to a request; see [`WaitingRequest::take`]. [`Transition::Rejected`] where none of this id waits.
    async fn take_reply(
        &self,
        id: &RequestId,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Transition, StoreError>;
}

/// State that functions share of the Amazon side.
#[async_trait]
pub trait AccountStore: fmt::Debug + Send + Sync {
    /// Takes a lane for one request; see [`LimiterState::acquire`].
    async fn acquire_lane(
        &self,
        lane: RequestLane,
        request: &AcquireRequest,
    ) -> Result<AcquireResult, StoreError>;

    /// Frees a lane; see [`LimiterState::release`].
    async fn release_lane(&self, lane: RequestLane, release: &LaneRelease) -> Result<(), StoreError>;

    /// A lane as it is.
    async fn lane(&self, lane: RequestLane) -> Result<LimiterState, StoreError>;

    /// Takes the lease on the refresh of the session; see [`crate::account::Lease::acquire`].
    async fn acquire_refresh_lease(&self, request: &LeaseRequest) -> Result<LeaseResult, StoreError>;

    /// Gives that lease back; nothing where another has it by now.
    async fn release_refresh_lease(&self, holder: &str) -> Result<(), StoreError>;

    /// Takes or renews the lease on the account's one stream of live events; see [`crate::account::Lease::acquire`].
    async fn acquire_live_lease(&self, request: &LeaseRequest) -> Result<LeaseResult, StoreError>;

    /// Gives that lease back; nothing where another has it by now.
    async fn release_live_lease(&self, holder: &str) -> Result<(), StoreError>;

    /// Notes volumes that are wanted; see [`Volumes::enqueue`].
    async fn enqueue_volumes(
        &self,
        requests: &[VolumeRequest],
        at: Timestamp,
    ) -> Result<QueuedChanges, StoreError>;

    /// Notes attempts to set volumes, by serial number; see [`Volumes::record_attempt`].
    async fn record_attempts(&self, sent: &[(String, VolumeAttempt)]) -> Result<(), StoreError>;

    /// The volumes that are wanted, and what of them was sent.
    async fn volumes(&self) -> Result<Volumes, StoreError>;

    /// The account's devices as they were last listed; none where they never were, or for another account.
    async fn devices(&self) -> Result<Option<DeviceList>, StoreError>;

    /// Keeps a list of devices, or forgets it with all wanted volumes: the account was signed out. See
    /// [`Volumes::forget`].
    async fn put_devices(&self, devices: Option<&DeviceList>) -> Result<(), StoreError>;
}

/// All of it, for what wires the parts together.
pub trait Store:
    PlaybackStore
    + HandOverStore
    + ActivityStore
    + SetupStore
    + AccountStore
    + WordStore
    + TrialStore
    + BridgeStore
{
}

impl<T> Store for T where
    T: PlaybackStore
        + HandOverStore
        + ActivityStore
        + SetupStore
        + AccountStore
        + WordStore
        + TrialStore
        + BridgeStore
{
}
