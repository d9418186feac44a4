//! What is the matter with each link: pure functions of what is known and what was answered.

mod address;
mod amazon;
mod api;
mod clock;
mod configuration;
mod echo;
mod language;
mod music_assistant;
mod outlet;
mod playback;
mod push;
mod skill;

use super::answers::Answers;
use super::examination::{Link, LinkKind};
use super::facts::Facts;

pub(super) use configuration::malformed;
pub(super) use music_assistant::{is_music_assistant, may_carry_a_token};

/// All links, in the order of the chain.
pub(super) fn all(facts: &Facts, answers: &Answers) -> Vec<Link> {
    LinkKind::ALL
        .into_iter()
        .map(|kind| match kind {
            LinkKind::Configuration => configuration::link(facts),
            LinkKind::Clock => clock::link(answers),
            LinkKind::Api => api::link(facts, answers),
            LinkKind::Stream => outlet::stream(facts, answers),
            LinkKind::Art => outlet::art(facts, answers),
            LinkKind::Skill => skill::link(facts, answers),
            LinkKind::Language => language::link(facts, answers),
            LinkKind::Push => push::link(facts),
            LinkKind::Echo => echo::link(facts),
            LinkKind::Playback => playback::link(facts),
            LinkKind::Amazon => amazon::link(facts),
            LinkKind::MusicAssistant => music_assistant::link(facts, answers),
        })
        .collect()
}
