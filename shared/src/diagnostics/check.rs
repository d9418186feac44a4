//! One check of a report.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::finding::{Finding, ReportedFinding, Verdict};

/// A check with its findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The subject of the check.
    #[serde(rename = "link")]
    pub kind: CheckKind,
    /// The worst verdict of the findings.
    pub verdict: Verdict,
    /// The findings, the worst first. At least one: it says why all is well where nothing is wrong.
    pub findings: Vec<ReportedFinding>,
}

impl Check {
    /// A check with findings in any order.
    pub(super) fn new(kind: CheckKind, findings: &[Finding]) -> Self {
        Self::of_reported(kind, findings.iter().map(ReportedFinding::from).collect())
    }

    /// The same check with one more finding, which replaces a finding that all is well.
    pub(super) fn with(self, finding: &Finding) -> Self {
        let kept = self.findings.into_iter().filter(|kept| kept.verdict != Verdict::Ok);
        Self::of_reported(self.kind, [finding.into()].into_iter().chain(kept).collect())
    }

    fn of_reported(kind: CheckKind, mut findings: Vec<ReportedFinding>) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        let verdict = findings.first().map_or(Verdict::Ok, |worst| worst.verdict);
        Self { kind, verdict, findings }
    }
}

/// The subject of a check. The variants stand in the order of the checks, from Music Assistant to the Echo's loudspeaker.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case")]
#[schema(as = LinkKind)]
pub enum CheckKind {
    /// Settings and passwords.
    Configuration,
    /// The clock of this machine.
    Clock,
    /// The HTTP API, as Music Assistant reaches it.
    Api,
    /// The door.
    Door,
    /// The public origin of streams.
    Stream,
    /// The public origin of pictures.
    Art,
    /// The skill at Amazon.
    Skill,
    /// Names and languages.
    Language,
    /// The last push of Music Assistant.
    Push,
    /// Requests from Echos, and the players that they serve.
    Echo,
    /// Playback as Echos report it.
    Playback,
    /// The session of the Amazon account.
    Amazon,
    /// Live events of Amazon.
    Live,
    /// The Echos as players that Music Assistant finds by itself.
    Renderers,
    /// The API of Music Assistant.
    MusicAssistant,
}

impl CheckKind {
    /// All kinds, in the order of the checks.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The name in keys of texts, in kebab case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
