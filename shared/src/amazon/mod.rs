//! A client of the Alexa app's API: the account's Echos as devices, and the session that opens them.
//!
//! Amazon documents none of this; `docs/amazon-api.md` holds the facts, and comments cite it by number. Every request
//! names its target by an [`AmazonHost`](crate::account::AmazonHost), so that no token can leave for another place; goes through one of the two lanes of the household; and has its answer sorted
//! before it is read, since a status of 200 promises nothing.

mod account;
mod answer;
mod app;
mod behavior;
mod calls;
mod control;
mod error;
mod jar;
mod list;
mod login;
mod observe;
mod pairing_challenge;
mod rate_limit;
mod renamed;
mod session;
pub mod testing;
mod tokens;
mod transport;
mod volume;

pub use account::{Account, DeviceOutcome, Devices, Freshness, Outcome};
pub use control::TransportCommand;
pub use error::{AmazonError, LoginError};
#[cfg(feature = "http")]
pub(crate) use login::bare;
pub use observe::{NowPlaying, Seen, SpeakerVolume};
pub use pairing_challenge::{Identification, IdentifyOutcome, PlayOutcome, PlayTarget};
pub use session::{AccountStatus, LoginDone, LoginUrl, LogoutDone, RefreshReport, Renewed, SessionKeeper};
#[cfg(feature = "http")]
pub(crate) use tokens::{TokenError, developer_answer, developer_call, developer_refresh};
#[cfg(feature = "http")]
pub(crate) use transport::{Call, Reply};
pub use transport::{TIMEOUT, Transport, TransportError, TransportSetupError};
pub use volume::{VolumeChange, VolumeOutcome};
