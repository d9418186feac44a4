//! Where a person mends what a check found.

use crate::diagnostics::{CheckKind, ReportedFinding, Verdict};

/// A page, or a part of one, where something is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cure {
    /// Its address.
    pub(super) href: &'static str,
    /// The key of the text of the link.
    pub(super) text: &'static str,
}

const ADDRESS: Cure = Cure { href: "/setup/address", text: "cure-address" };
const AMAZON: Cure = Cure { href: "/setup/amazon#household", text: "cure-amazon" };
const SKILL: Cure = Cure { href: "/setup/skill", text: "cure-skill" };
const MUSIC_ASSISTANT: Cure = Cure { href: "/setup/music-assistant", text: "cure-music-assistant" };
const DEVICES: Cure = Cure { href: "/devices", text: "cure-devices" };

/// Findings that say that a step of the set-up was never taken.
const NOT_SET_UP: [&str; 5] =
    ["stream-not-set", "skill-unknown", "push-never", "amazon-not-signed-in", "endpoint-not-set"];

/// Where the findings of a check are mended; none for what no page mends.
pub(super) fn of(kind: CheckKind) -> Option<Cure> {
    Some(match kind {
        CheckKind::Configuration | CheckKind::Clock => return None,
        CheckKind::Door | CheckKind::Stream | CheckKind::Art => ADDRESS,
        CheckKind::Skill | CheckKind::Language => SKILL,
        CheckKind::Amazon | CheckKind::Live => AMAZON,
        CheckKind::Api | CheckKind::Push | CheckKind::Renderers | CheckKind::MusicAssistant => {
            MUSIC_ASSISTANT
        }
        CheckKind::Echo | CheckKind::Playback => DEVICES,
    })
}

/// Whether a finding is no problem, but a step that was not taken yet.
pub(super) fn is_not_set_up(finding: &ReportedFinding) -> bool {
    finding.verdict != Verdict::Ok && NOT_SET_UP.contains(&finding.code.as_str())
}
