//! What has to happen for the first sound, as a chain of links.

use super::answer::Place;
use super::step::Step;
use crate::clock::Timestamp;
use crate::playback::{Household, Player, PlayerState};
use crate::web::page::Page;

/// The progress of the newest play until the first sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FirstPlay {
    /// The links that were reached, from Music Assistant to the sound.
    reached: usize,
    /// Whether the Echo reported that it could not play.
    pub(super) has_failed: bool,
    /// Whether an Echo reported that it plays.
    pub(super) has_played: bool,
    /// Title and player of what plays now.
    pub(super) now: Option<(String, String)>,
}

/// A link of the chain for the page.
#[derive(Clone, Debug)]
pub(super) struct LinkView {
    pub(super) title: String,
    /// For classes.
    pub(super) state: &'static str,
    pub(super) sign: &'static str,
    pub(super) word: String,
    /// The cure of a link that was not reached, and the address that it leads to.
    pub(super) cure: Option<(String, String, String)>,
    /// Whether it is the first that was not reached.
    pub(super) is_next: bool,
}

/// The links, each with the place of its cure.
const LINKS: [(&str, Place); 5] = [
    ("sent", Place::new(Step::MusicAssistant, "players")),
    ("heard", Place::new(Step::Skill, "skill-form")),
    ("answered", Place::new(Step::MusicAssistant, "pairing")),
    ("fetched", Place::new(Step::Address, "address-check")),
    ("playing", Place::new(Step::Address, "address-check")),
];

impl FirstPlay {
    pub(super) fn of(household: &Household, now: Timestamp) -> Self {
        let has_played = household.players.iter().any(Player::has_played);
        let started = household.players.iter().filter(|player| player.start.is_some());
        let newest = started.max_by_key(|player| player.started_at().map(|at| at.order(now)));
        let view = newest.map(|player| household.view(player, now));
        let has_asked = newest.and_then(Player::started_at).is_some_and(|started| {
            household.echos.iter().any(|echo| echo.asked_at.is_some_and(|asked| asked >= started))
        });
        let state = view.as_ref().map(|view| view.state);
        let reached = match state {
            _ if has_played => LINKS.len(),
            None => 0,
            Some(PlayerState::Idle) => 1 + usize::from(has_asked),
            Some(PlayerState::Requested | PlayerState::Failed) => 3,
            Some(PlayerState::Playing | PlayerState::Stopped | PlayerState::Finished) => LINKS.len(),
        };
        let playing =
            household.players.iter().find(|player| household.view(player, now).state == PlayerState::Playing);
        let title = playing
            .and_then(|player| Some((player.metadata.title.clone()?, player.player.as_str().to_owned())));
        Self {
            reached,
            has_failed: !has_played && state == Some(PlayerState::Failed),
            has_played,
            now: title,
        }
    }

    /// The links for the page.
    pub(super) fn links(&self, page: &Page) -> Vec<LinkView> {
        LINKS.iter().enumerate().map(|(at, link)| self.link(page, at, *link)).collect()
    }

    fn link(&self, page: &Page, at: usize, (name, place): (&str, Place)) -> LinkView {
        let is_next = at == self.reached;
        let (state, sign) = match (at < self.reached, is_next && self.has_failed) {
            (true, _) => ("done", "✓"),
            (false, true) => ("failed", "✗"),
            (false, false) if is_next => ("waiting", "◔"),
            (false, false) => ("todo", ""),
        };
        let cure = || {
            let button = page.format_one("setup-open-step", "number", place.step().number().to_string());
            (page.text(&format!("setup-link-{name}-cure")), place.path(), button)
        };
        LinkView {
            title: page.text(&format!("setup-link-{name}")),
            state,
            sign,
            word: page.text(&format!("setup-status-{state}")),
            cure: (at >= self.reached).then(cure),
            // Before anything was sent there is nothing to mend.
            is_next: is_next && self.reached > 0,
        }
    }
}
