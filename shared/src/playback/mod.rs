//! The domain: players, starts, streams, tokens, events, and which Echo serves which player.
//!
//! Pure functions over plain data. A store keeps the data and runs these functions on it; one contract suite holds every
//! store to them.
//!
//! A *start* is a push whose stream is new for its player; a player's `version` counts them. A start is *fresh* for
//! [`CLAIM_WINDOW`], and *taken* once the player's Echo asked after it. It is *open* while it is fresh, not contested,
//! and its player has no live Echo.
//!
//! The files stand in the order of their dependence: each imports only from those above it. `types` holds the parts of
//! a player, `version` what is known of one start alone, and `player` the whole. The files below hold one rule each, with
//! its transition of the player. Its `impl Player` stands there and not in `player`.

mod short_hash;

mod id;
mod names;

mod stream_path;

mod stream;

mod types;

mod known_routes;

mod address;
mod media;

mod echo;
mod token;

mod event;
mod report;

mod version;

mod player;

mod item;

mod announcement;
mod heard;
mod moved;
mod pairing;

mod hand_over;

mod record;
mod request;
mod resume;

mod household;

mod stray;

mod form;
mod tone_request;
mod trial;

mod binding;
mod push;

mod next;

mod progress;
mod select;

use std::time::Duration;

pub use address::{RouteStanding, RoutedStream, StreamAddresses, Unreachable};
pub use binding::{BindingChange, DeviceBinding};
pub use echo::{Echo, EchoKind, LastRequest};
pub use event::{EchoReport, ReportKind};
pub use form::{Form, LeftOut, LeftOutReason, ToneKind, TonePath};
pub use hand_over::{AwaitStart, HANDED_WITHIN, PRESSED_WITHIN, WaitState};
pub use heard::{HeardReport, ReportListener};
pub use household::{Household, Pausing, PlayerState, PlayerView};
pub use id::{PlayerId, PlayerKey, RequestId};
pub use known_routes::{KnownRoutes, RouteOutcome};
pub use media::MediaPlace;
pub use names::{Spoken, find_spoken};
pub use next::KeepNext;
pub use pairing::{Claim, ManualPairing, Rebind, Revocation, paired_by_hand};
pub use player::Player;
pub use progress::{PastPlay, PlayLink, PlayProgress};
pub use push::{MOST_PLAYERS, Push, PushOutcome, PushPlan, surplus};
pub use record::Recorded;
pub use report::{InterruptedMusic, MovedPlayback, Report, ReportedState};
pub use request::{PlayRequest, ReportedActivity, ReportedPlay};
pub use resume::{PlayPlan, ReportedPosition};
pub use select::{Decision, Elsewhere, NoStreamReason};
pub use short_hash::{ShortHash, short_hash};
pub use stray::{RecordStray, STRAYS_SHOWN, Stray};
pub use stream::{StreamKind, StreamUrl, StreamUrlError};
pub use token::PlayToken;
pub use tone_request::{TonePart, ToneRequest};
pub use trial::{TONE_REQUESTS, TRIAL_LENGTH, TRIAL_PATIENCE, Tone, ToneOutcome, Trial, TrialStage};
pub use types::{
    Failure, HandOver, HandedVersion, Metadata, NextItem, Pairing, PairingKind, PastStream, StartReason,
    StrayRequest, StreamStart, StreamState, Transition,
};
pub use version::{EffectiveReport, Following, OwnReports, PresentVersion};

/// Time after its push in which an Echo without a pairing by hand can claim a start.
pub const CLAIM_WINDOW: Duration = Duration::from_secs(30);

/// Time after a start in which a stop or a pause of Music Assistant may still concern the stream before. It speaks both
/// 50 to 70 ms apart, and they may change places at Amazon.
pub const JUST_STARTED: Duration = Duration::from_secs(3);

/// Time for which an Echo is still about to play a start that it got. Music Assistant's sentences for several quick
/// choices come within it.
pub const ANSWER_LIFETIME: Duration = Duration::from_secs(10);

/// An Echo that has not asked for this long no longer keeps others from its players.
pub const ECHO_LIVENESS: Duration = Duration::from_hours(30 * 24);

/// Time limit for the report of a second try after a failure. Without one it failed as well.
pub const REPLAY_REPORTED: Duration = Duration::from_secs(30);

/// Age of the last push or report at which a version is not played any more. Its session is gone in Music Assistant, so
/// the Echo would fetch a 404 and stay silent.
pub const STREAM_LIFETIME: Duration = Duration::from_hours(12);

/// Retention of players without push or pairing, suspended pairings and Echos without a request.
pub const RETENTION: Duration = Duration::from_hours(90 * 24);
