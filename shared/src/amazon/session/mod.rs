//! The session of the Amazon account: shared by all processes, refreshed by one at a time.
//!
//! The secret is the truth. A process caches the session that it read. A request whose session is refused refreshes
//! it, unless another process did so meanwhile. A write is based on the version that was read, or does not happen.

#[cfg(feature = "live")]
mod bearer;
mod deregister;
mod exchange;
mod manager;
mod parts;
mod refresh;
mod sign_in;

pub(super) use exchange::{Endpoints, Me};
pub(super) use manager::ActiveSession;
pub use manager::SessionManager;
pub use parts::{RefreshReport, RefreshedPart};
pub use sign_in::{AccountStatus, LoginDone, LoginUrl, LogoutDone};
