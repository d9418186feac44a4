//! Walks the chain from Music Assistant to the Echo's loudspeaker, and names the broken link.

mod examination;
mod walk;

pub use examination::{Examination, Finding, Link, LinkKind, Verdict};
pub use walk::{Doctor, DoctorParts};
