//! What the doctor found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;

/// One walk along the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examination {
    /// When it began.
    pub at: Timestamp,
    /// The links, in the order of the chain.
    pub links: Vec<Link>,
}

/// What there is to say of one link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Which.
    pub link: LinkKind,
    /// How it is: as bad as the worst of its findings.
    pub verdict: Verdict,
    /// What was found, the worst first; at least one, which says why where all is well.
    pub findings: Vec<Finding>,
}

/// How a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Ok,
    /// It cannot be told from here.
    NotCheckable,
    /// It is broken, or will let something through that it should not.
    Broken,
}

/// A link of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Everything is set that has to be.
    Configuration,
    /// The time of this machine.
    Clock,
    /// The HTTP API as Music Assistant reaches it.
    Api,
    /// Where Echos fetch streams.
    Stream,
    /// Where Echos fetch pictures.
    Art,
    /// The skill at Amazon.
    Skill,
    /// The names and languages.
    Language,
    /// What Music Assistant pushes.
    Push,
    /// What Echos ask, and whom they serve.
    Echo,
    /// What Echos report of the streams.
    Playback,
    /// The session of the Amazon account.
    Amazon,
    /// Music Assistant's own API.
    MusicAssistant,
}

/// One thing that was found. Its sentence and its cure are texts of the pages, under its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is, in words joined by hyphens; never changes its meaning.
    pub code: String,
    /// How it is.
    pub verdict: Verdict,
    /// Names and values that the texts have in them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}
