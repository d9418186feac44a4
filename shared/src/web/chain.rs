//! The chain of a play or of a test tone: its links, from the start to the sound. The log, Devices and the set-up show it.

use crate::alexa::request::MediaErrorType;
use crate::api::devices::TrialBody;
use crate::api::{ApiState, PlayView};
use crate::playback::{PlayLink, Trial, TrialStage};
use crate::web::page::Page;
use crate::web::remedy::{self, PagePart};

/// The links of a play or of a tone, and what to do about the first that was not reached.
pub(crate) struct Chain {
    pub(crate) links: Vec<ChainLink>,
    pub(crate) remedy: Option<Remedy>,
}

/// A link of a chain.
pub(crate) struct ChainLink {
    name: LinkName,
    state: LinkState,
}

/// The name of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LinkName {
    Sent,
    Heard,
    Asked,
    Answered,
    /// Only a door sees it.
    Fetched,
    Playing,
}

/// The state of a link.
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

/// The remedy of a link that was not reached.
pub(crate) struct Remedy {
    pub(crate) text: String,
    /// The page where a person does it; none where no page mends it.
    pub(crate) link: Option<remedy::Link>,
}

impl LinkName {
    /// All, in their order.
    const ALL: [Self; 6] =
        [Self::Sent, Self::Heard, Self::Asked, Self::Answered, Self::Fetched, Self::Playing];

    /// The key of the name.
    fn key(self) -> &'static str {
        match self {
            Self::Sent => "chain-sent",
            Self::Heard => "chain-heard",
            Self::Asked => "chain-asked",
            Self::Answered => "chain-answered",
            Self::Fetched => "chain-fetched",
            Self::Playing => "chain-playing",
        }
    }

    /// The remedy of a play that did not reach it: the key of the sentence, and the place.
    fn remedy_of_play(self) -> (&'static str, PagePart) {
        match self {
            Self::Sent | Self::Playing => ("chain-remedy-silent", PagePart::AddressCheck),
            Self::Heard => ("chain-remedy-heard", PagePart::SkillForm),
            Self::Asked => ("chain-remedy-asked", PagePart::Devices),
            Self::Answered => ("chain-remedy-refused", PagePart::Home),
            Self::Fetched => ("chain-remedy-fetched", PagePart::AddressCheck),
        }
    }

    /// The remedy of a tone that did not reach it: the key of the sentence, and the place.
    fn remedy_of_tone(self) -> (&'static str, PagePart) {
        match self {
            Self::Sent => ("chain-remedy-sent", PagePart::Household),
            Self::Heard | Self::Asked | Self::Answered => ("chain-remedy-heard", PagePart::SkillForm),
            Self::Fetched => ("chain-remedy-fetched", PagePart::AddressCheck),
            Self::Playing => ("chain-remedy-playing", PagePart::Home),
        }
    }
}

impl ChainLink {
    /// The key of its name.
    pub(crate) fn name(&self) -> &'static str {
        self.name.key()
    }

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
    pub(crate) fn of_play(page: &Page, state: &ApiState, play: &PlayView) -> Self {
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
        let remedy = play_remedy(page, play, &links);
        Self { links, remedy }
    }

    /// The chain before the first play.
    pub(crate) fn before_any(state: &ApiState) -> Self {
        Self { links: links([Some(false); 6], true, state.fetches().is_here()), remedy: None }
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
        let dark = first_dark(&links).filter(|_| body.stage != TrialStage::Stopped);
        let remedy = dark.map(|name| Remedy::of(page, name.remedy_of_tone()));
        Self { links, remedy }
    }

    /// Whether a link was not reached, and is not any more.
    pub(crate) fn is_broken(&self) -> bool {
        first_dark(&self.links).is_some()
    }
}

impl Remedy {
    fn of(page: &Page, (key, place): (&str, PagePart)) -> Self {
        Self { text: page.text(key), link: Some(place.link(page.language())) }
    }
}

/// The links by what is known of each. Without a door in this process, what only a door sees is left out.
fn links(known: [Option<bool>; 6], waits: bool, has_door: bool) -> Vec<ChainLink> {
    let link = |(name, known)| {
        let state = match known {
            Some(true) => LinkState::Lit,
            Some(false) if waits => LinkState::Waits,
            Some(false) => LinkState::Dark,
            None => LinkState::Unknown,
        };
        ChainLink { name, state }
    };
    let all = LinkName::ALL.into_iter().zip(known);
    all.filter(|(name, known)| *name != LinkName::Fetched || has_door || known.is_some()).map(link).collect()
}

/// The name of the first link that was not reached.
fn first_dark(links: &[ChainLink]) -> Option<LinkName> {
    links.iter().find(|link| link.state == LinkState::Dark).map(|link| link.name)
}

/// A play that another one took the place of may have had no time: then it has no remedy, unless it failed.
fn play_remedy(page: &Page, play: &PlayView, links: &[ChainLink]) -> Option<Remedy> {
    let name = first_dark(links)?;
    if let Some(kind) = &play.progress.error {
        let (text, place) = remedy::of_failure(page, &MediaErrorType::from(kind.as_str()));
        return Some(Remedy { text, link: place.map(|place| place.link(page.language())) });
    }
    (!play.is_past).then(|| Remedy::of(page, name.remedy_of_play()))
}
