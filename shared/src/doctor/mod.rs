//! Walks the chain from Music Assistant to the Echo's loudspeaker, and names the broken link.
//!
//! What is known is gathered, what can be asked is asked, all at once and within bounds, and then every link has a pure
//! function that says what is the matter with it. No request of Alexa's or of Music Assistant's waits for any of it.

mod answers;
mod codes;
mod examination;
mod facts;
mod links;
mod nobody;
mod outlet;
mod provider;
mod texts;
mod walk;

pub use codes::{Code, codes};
pub use examination::{Examination, Finding, Link, LinkKind, Verdict};
pub use provider::ProviderSeen;
pub use walk::{Doctor, DoctorParts};
