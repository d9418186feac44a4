//! A client of the Alexa app's API: the account's Echos as devices, and the session that opens them.
//!
//! Amazon documents none of this; `docs/amazon-api.md` holds the facts, and comments cite it by number. Each request
//! names its target by an [`AmazonHost`](crate::account::AmazonHost), so that no token can leave for another place. It
//! goes through one of the two lanes of the household. Its response is classified before it is read, since a status of
//! 200 promises nothing.

mod app;
mod client;
mod devices;
mod error;
mod http;
mod jar;
pub mod live;
mod login;
mod rate_limit;
mod reported;
mod response;
mod session;
pub mod testing;
mod tokens;
mod transport;

pub use devices::{
    CommandOutcome, DeviceClient, DeviceOutcome, Devices, Freshness, Identification, IdentifyOutcome,
    PlayOutcome, PlayTarget, SentWords, TransportCommand, VolumeChange, VolumeOutcome,
};
pub use error::{AmazonError, AmazonErrorCode, LoginError};
#[cfg(feature = "http")]
pub(crate) use login::bare;
pub use reported::{NowPlaying, Reading, SpeakerVolume};
pub use session::{
    AccountStatus, LoginDone, LoginUrl, LogoutDone, RefreshReport, RefreshedPart, SessionManager,
};
#[cfg(feature = "http")]
pub(crate) use tokens::{TokenError, developer_answer, developer_call, developer_refresh};
#[cfg(feature = "http")]
pub(crate) use transport::{AmazonRequest, AmazonResponse};
pub use transport::{AmazonTransport, TIMEOUT, TransportError, TransportSetupError};
