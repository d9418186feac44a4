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

impl Examination {
    /// Whether nothing is broken.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.links.iter().all(|link| link.verdict != Verdict::Broken)
    }

    /// With one more thing found of a link.
    #[must_use]
    pub(super) fn with(mut self, kind: LinkKind, finding: Finding) -> Self {
        if let Some(link) = self.links.iter_mut().find(|link| link.link == kind) {
            let mut findings = std::mem::take(&mut link.findings);
            findings.retain(|found| found.verdict != Verdict::Ok);
            findings.insert(0, finding.clone());
            *link = Link::of(kind, findings, || finding);
        }
        self
    }

    /// Everything that was found, in the order of the chain.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.links.iter().flat_map(|link| &link.findings)
    }
}

impl Link {
    /// A link with what was found of it. Where that is nothing bad, it holds, and `ok` says why.
    pub(super) fn of(link: LinkKind, mut findings: Vec<Finding>, ok: impl FnOnce() -> Finding) -> Self {
        if findings.is_empty() {
            findings.push(ok());
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        let verdict = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok);
        Self { link, verdict, findings }
    }
}

impl LinkKind {
    /// The links, in the order of the chain.
    pub const ALL: [Self; 12] = [
        Self::Configuration,
        Self::Clock,
        Self::Api,
        Self::Stream,
        Self::Art,
        Self::Skill,
        Self::Language,
        Self::Push,
        Self::Echo,
        Self::Playback,
        Self::Amazon,
        Self::MusicAssistant,
    ];

    /// Its name, in words joined by hyphens.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Clock => "clock",
            Self::Api => "api",
            Self::Stream => "stream",
            Self::Art => "art",
            Self::Skill => "skill",
            Self::Language => "language",
            Self::Push => "push",
            Self::Echo => "echo",
            Self::Playback => "playback",
            Self::Amazon => "amazon",
            Self::MusicAssistant => "music-assistant",
        }
    }
}

impl Verdict {
    /// Its name, in words joined by hyphens.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotCheckable => "not-checkable",
            Self::Broken => "broken",
        }
    }
}
