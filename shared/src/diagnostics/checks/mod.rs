//! The checks: pure functions from evidence to findings.

mod address;
mod amazon;
mod api;
mod clock;
mod configuration;
mod door;
mod echo;
mod language;
mod live;
mod music_assistant;
mod playback;
mod public_origin;
mod push;
mod renderers;
mod skill;

use super::check::{Check, CheckKind};
use super::evidence::{ProbeResults, Reached, Snapshot};
use super::finding::{Finding, Verdict};

/// All checks in their order.
pub(super) fn all(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Check> {
    CheckKind::ALL.iter().map(|kind| Check::new(*kind, &findings(*kind, snapshot, probes))).collect()
}

/// The findings about the public addresses; none where all is well.
pub(super) fn addresses(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    let findings = [
        door::check(snapshot, probes),
        public_origin::check_stream(snapshot, probes),
        skill::check_endpoint(snapshot, probes).into_iter().collect(),
    ];
    findings.into_iter().flatten().filter(|finding| finding.verdict() != Verdict::Ok).collect()
}

/// The findings about names, connections and certificates; none where all is well.
pub(super) fn reach(reached: &Reached) -> Vec<Finding> {
    let problems = reached.0.iter().filter_map(|(address, probe)| {
        address::private(*address, &probe.url).or_else(|| address::problem(*address, probe))
    });
    problems.collect()
}

fn findings(kind: CheckKind, snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    match kind {
        CheckKind::Configuration => configuration::check(snapshot),
        CheckKind::Clock => clock::check(probes),
        CheckKind::Api => api::check(snapshot, probes),
        CheckKind::Door => door::check(snapshot, probes),
        CheckKind::Stream => public_origin::check_stream(snapshot, probes),
        CheckKind::Art => public_origin::check_art(snapshot, probes),
        CheckKind::Skill => skill::check(snapshot, probes),
        CheckKind::Language => language::check(snapshot, probes),
        CheckKind::Push => push::check(snapshot),
        CheckKind::Echo => echo::check(snapshot),
        CheckKind::Playback => playback::check(snapshot),
        CheckKind::Amazon => amazon::check(snapshot),
        CheckKind::Live => live::check(snapshot),
        CheckKind::Renderers => renderers::check(snapshot),
        CheckKind::MusicAssistant => music_assistant::check(snapshot, probes),
    }
}
