//! The door: the routes that are let out to the internet, and the fetches behind them.
//!
//! It serves what grants open, Alexa's `POST /` and `GET /healthz`; everything else is a 404 without a body. It asks
//! Music Assistant's own address alone, for the path in the grant, and machines of the home for media that another
//! controller plays. It keeps no state. So it serves what functions in AWS
//! granted, and it runs without a store.
//!
//! Two requests for one stream share one fetch, as a second `GET` of a flow sets Music Assistant's record of it back to
//! its beginning.

mod answers;
mod fetch;
mod fetches;
mod fixed;
mod granted;
mod health;
mod lists;
mod media;
mod path;
mod picture;
mod ring;
mod routes;
mod upstream;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::BoxFuture;

use crate::clock::Clock;
use crate::config::Origin;
use crate::grant::GrantKeys;
use crate::playback::PlayerKey;
use crate::telemetry::{LogLimiter, Metrics};

pub use answers::router;
pub use fixed::FixedSource;
pub use granted::playlists;
pub use health::{
    DoorCertificateRecord, DoorEvents, DoorFailure, DoorFailureKind, DoorFailureRecord, DoorHealth, NoEvents,
};
pub use lists::{HLS_TYPE, HlsPiece, PLAYLIST_TYPE, hls, playlist};
pub use media::{HomeHosts, MediaHosts};
pub use path::address;
pub use upstream::DoorSetupError;

/// Keys of the grants, which may change while the door runs.
pub trait DoorKeys: fmt::Debug + Send + Sync {
    /// The keys; none where there are none yet. Every request asks for them, also a stranger's, so it has to be cheap.
    fn keys(&self) -> BoxFuture<'_, Option<Arc<GrantKeys>>>;
}

/// Addresses of Music Assistant.
pub trait DoorOrigins: fmt::Debug + Send + Sync {
    /// The origin of a player's streams and pictures; none where it is not known. It is asked after a grant was opened.
    fn origin(&self, player: PlayerKey) -> BoxFuture<'_, Option<Origin>>;
}

/// Limits of the door.
#[derive(Clone, Debug)]
pub struct DoorLimits {
    /// Answers that share one fetch.
    pub readers: usize,
    /// Fetches of streams at a time.
    pub streams: usize,
    /// Bytes of a stream that are kept: four seconds at 320 kbit/s.
    pub ring_bytes: usize,
    /// Time limit for a connection to Music Assistant.
    pub connect: Duration,
    /// Time limit for a connection and the header of the answer together.
    pub headers: Duration,
    /// Time for which a stream may bring nothing, while there is room for more.
    pub idle: Duration,
    /// Time for which a reader may take nothing, while another waits for it.
    pub stall: Duration,
    /// Time for which a stream without a reader waits for the next one.
    pub linger: Duration,
    /// Pictures at a time.
    pub pictures: usize,
    /// Largest picture in bytes.
    pub picture_bytes: u64,
    /// Time limit for a picture, from the request to its last byte.
    pub picture_time: Duration,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            readers: 3,
            streams: 256,
            ring_bytes: 160 * 1024,
            connect: Duration::from_secs(3),
            headers: Duration::from_secs(5),
            idle: Duration::from_mins(1),
            stall: Duration::from_secs(2),
            linger: Duration::from_secs(1),
            pictures: 32,
            picture_bytes: 10_000_000,
            picture_time: Duration::from_secs(30),
        }
    }
}

/// The services of the door.
#[derive(Clone, Debug)]
pub struct DoorServices {
    /// The keys of the grants.
    pub keys: Arc<dyn DoorKeys>,
    /// The addresses of Music Assistant.
    pub origins: Arc<dyn DoorOrigins>,
    /// The machines from which media is fetched.
    pub media: Arc<dyn MediaHosts>,
    /// Serves `POST /`, with its own limits; none where the door runs alone.
    pub alexa: Option<Router>,
    /// Serves `/t/{grant}`, the tone of a trial.
    pub tone: Router,
    /// The limits.
    pub limits: DoorLimits,
    /// The time, of which grants know the end.
    pub clock: Arc<dyn Clock>,
    /// Counts requests and refused grants.
    pub metrics: Arc<Metrics>,
    /// Bounds the lines about failures.
    pub log_limiter: Arc<LogLimiter>,
    /// Keeps the last failure.
    pub health: Arc<DoorHealth>,
    /// Takes each failure and recovery.
    pub events: Arc<dyn DoorEvents>,
}
