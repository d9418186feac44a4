//! The chain of a play or of a test tone: its links, from the start to the sound. The log, Devices and the set-up show it.

use crate::api::devices::TrialBody;
use crate::api::{ApiState, Play};
use crate::playback::{PlayLink, Trial, TrialStage};
use crate::web::page::Page;
use crate::web::text::failure_word;

/// The links of a play or of a tone, and what to do about the first that was not reached.
pub(crate) struct Chain {
    pub(crate) links: Vec<Link>,
    pub(crate) cure: Option<Cure>,
}

/// A link of a chain.
pub(crate) struct Link {
    /// The key of its name.
    pub(crate) name: &'static str,
    state: LinkState,
}

/// What is known of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LinkState {
    /// It was reached.
    Lit,
    /// It may still be reached.
    Waits,
    /// It was not reached.
    Dark,
    /// It is not known whether it was reached.
    Unknown,
}

/// What to do about a link that was not reached.
pub(crate) struct Cure {
    pub(crate) text: String,
    /// The address of its place.
    pub(crate) href: &'static str,
}

/// The names of the links, in their order.
const NAMES: [&str; 6] =
    ["chain-sent", "chain-heard", "chain-asked", "chain-answered", "chain-fetched", "chain-playing"];

/// The place of the link that only the door sees.
const FETCHED: usize = 4;

impl Link {
    /// The class of its picture.
    pub(crate) fn state(&self) -> &'static str {
        match self.state {
            LinkState::Lit => "lit",
            LinkState::Waits => "waits",
            LinkState::Dark => "dark",
            LinkState::Unknown => "unknown",
        }
    }

    /// Its picture.
    pub(crate) fn sign(&self) -> &'static str {
        match self.state {
            LinkState::Lit => "✓",
            LinkState::Waits => "",
            LinkState::Dark => "✗",
            LinkState::Unknown => "?",
        }
    }

    /// The key of its state in words.
    pub(crate) fn word(&self) -> &'static str {
        match self.state {
            LinkState::Lit => "chain-reached",
            LinkState::Waits => "chain-waits",
            LinkState::Dark => "chain-not-reached",
            LinkState::Unknown => "chain-unknown",
        }
    }

    /// Whether its state is said in a word, beside its picture.
    pub(crate) fn is_unknown(&self) -> bool {
        self.state == LinkState::Unknown
    }
}

impl Chain {
    /// The chain of a play.
    pub(crate) fn of_play(page: &Page, state: &ApiState, play: &Play) -> Self {
        let progress = &play.progress;
        let reached = |link| Some(progress.reached >= link);
        let known = [
            reached(PlayLink::Sent),
            reached(PlayLink::Heard),
            reached(PlayLink::Asked),
            reached(PlayLink::Answered),
            progress.fetched,
            reached(PlayLink::Playing),
        ];
        let known = known.map(|known| known.filter(|reached| *reached || !progress.is_uncertain));
        let links = links(known, play.waits, state.fetches().is_here());
        let cure = play_cure(page, play, &links);
        Self { links, cure }
    }

    /// The chain before the first play.
    pub(crate) fn before_any(state: &ApiState) -> Self {
        Self { links: links([Some(false); 6], true, state.fetches().is_here()), cure: None }
    }

    /// The chain of the test tone.
    pub(crate) fn of_trial(page: &Page, state: &ApiState, trial: &Trial, body: &TrialBody) -> Self {
        let has_asked = body.asked_at.is_some();
        let fetched = trial.tones.iter().any(|tone| tone.fetched_at().is_some());
        let is_here = state.fetches().is_here();
        let known = [
            Some(body.heard_at.is_some() || has_asked),
            Some(has_asked),
            Some(has_asked),
            Some(has_asked && trial.tones.iter().any(|tone| tone.sent_at.is_some())),
            (fetched || is_here).then_some(fetched),
            Some(trial.tones.iter().any(|tone| tone.playing_at.is_some())),
        ];
        let links = links(known, !body.stage.is_over(), is_here || fetched);
        let cure = first_dark(&links).filter(|_| body.stage != TrialStage::Stopped).map(|name| {
            let (key, href) = match name {
                "chain-sent" => ("chain-cure-sent", "/setup/amazon#household"),
                "chain-heard" | "chain-asked" | "chain-answered" => ("chain-cure-heard", "/setup/skill"),
                "chain-fetched" => ("chain-cure-fetched", "/setup/address"),
                _ => ("chain-cure-playing", "/status"),
            };
            Cure { text: page.text(key), href }
        });
        Self { links, cure }
    }

    /// Whether a link was not reached, and is not any more.
    pub(crate) fn is_broken(&self) -> bool {
        first_dark(&self.links).is_some()
    }
}

/// The links by what is known of each. Without a door in this process, what only a door sees is left out.
fn links(known: [Option<bool>; 6], waits: bool, has_door: bool) -> Vec<Link> {
    let link = |(name, known): (&'static str, Option<bool>)| {
        let state = match known {
            Some(true) => LinkState::Lit,
            Some(false) if waits => LinkState::Waits,
            Some(false) => LinkState::Dark,
            None => LinkState::Unknown,
        };
        Link { name, state }
    };
    let all = NAMES.into_iter().zip(known).enumerate();
    all.filter(|(at, (_, known))| *at != FETCHED || has_door || known.is_some())
        .map(|(_, one)| link(one))
        .collect()
}

/// The name of the first link that was not reached.
fn first_dark(links: &[Link]) -> Option<&'static str> {
    links.iter().find(|link| link.state == LinkState::Dark).map(|link| link.name)
}

/// A play that another one took the place of may have had no time: then it has no cure, unless it failed.
fn play_cure(page: &Page, play: &Play, links: &[Link]) -> Option<Cure> {
    let name = first_dark(links)?;
    if let Some(kind) = &play.progress.error {
        let text = page.format(failure_word(kind), &[("type", kind)]);
        return Some(Cure { text, href: "/setup/address" });
    }
    if play.is_past {
        return None;
    }
    let (key, href) = match name {
        "chain-heard" => ("chain-cure-heard", "/setup/skill"),
        "chain-asked" => ("chain-cure-asked", "/devices"),
        "chain-answered" => ("chain-cure-refused", "/status"),
        "chain-fetched" => ("chain-cure-fetched", "/setup/address"),
        _ => ("chain-cure-silent", "/setup/address"),
    };
    Some(Cure { text: page.text(key), href })
}
