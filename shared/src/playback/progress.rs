//! The progress of a play on its way to the sound, by what is kept of it. Pages show it as a chain of links.

use serde::{Deserialize, Serialize};

use super::household::Household;
use super::player::Player;
use super::types::{PairingKind, StreamState};
use crate::clock::Timestamp;

/// A link of a play that the store knows of. Each comes after those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayLink {
    /// Music Assistant sent the stream.
    Sent,
    /// An Echo opened the skill.
    Heard,
    /// The Echo of the player asked for the stream.
    Asked,
    /// It was answered with the stream.
    Answered,
    /// It reported that it plays.
    Playing,
}

/// The progress of a play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayProgress {
    /// The last link that it got to.
    pub reached: PlayLink,
    /// Whether it may have got further than is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_uncertain: bool,
    /// Whether a door served the stream; none where no door of this process would have seen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<bool>,
    /// Amazon's type of the error, where the Echo failed to play.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A play whose player has another stream by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastPlay {
    /// The version that it was.
    pub version: u64,
    /// Title, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Time of its start.
    pub started_at: Timestamp,
    /// Its progress.
    #[serde(flatten)]
    pub progress: PlayProgress,
}

impl PlayProgress {
    fn to(reached: PlayLink) -> Self {
        Self { reached, is_uncertain: false, fetched: None, error: None }
    }

    /// By the player alone: its Echo's reports, and what says that the Echo got the stream.
    fn of(player: &Player) -> Self {
        let effective = player.effective_report();
        match effective.map(|effective| effective.state()) {
            Some(StreamState::Playing | StreamState::Stopped | StreamState::Finished) => {
                Self::to(PlayLink::Playing)
            }
            Some(StreamState::Failed) => {
                let error = effective.and_then(|effective| effective.report.state.error());
                Self { error: error.map(|error| error.kind.to_string()), ..Self::to(PlayLink::Answered) }
            }
            None if player.is_contested() => Self::to(PlayLink::Asked),
            None if player.was_claimed() || player.was_handed(player.version()) => {
                Self::to(PlayLink::Answered)
            }
            None => {
                let is_wanted = player.stray().is_some_and(|stray| player.is_at(stray.version));
                Self {
                    is_uncertain: true,
                    ..Self::to(if is_wanted { PlayLink::Heard } else { PlayLink::Sent })
                }
            }
        }
    }
}

impl PastPlay {
    /// The progress of a player's version, by the player alone; none where it was never started.
    #[must_use]
    pub fn of(player: &Player) -> Option<Self> {
        Some(Self {
            version: player.version(),
            title: player.metadata().title.clone(),
            started_at: player.started_at()?,
            progress: PlayProgress::of(player),
        })
    }

    /// With what the Echos of the household did until the next start, as far as that is still known.
    #[must_use]
    pub fn seen_by(mut self, household: &Household, player: &Player, until: Timestamp) -> Self {
        let progress = &mut self.progress;
        if progress.is_uncertain {
            progress.reached = progress.reached.max(household.requested(player, self.started_at, until));
            progress.is_uncertain = false;
        }
        self
    }
}

impl Player {
    /// Whether an Echo claimed this version.
    fn was_claimed(&self) -> bool {
        self.pairing.as_ref().is_some_and(|pairing| {
            pairing.kind == PairingKind::Learned && self.is_at(pairing.version) && pairing.device.is_some()
        })
    }
}

impl Household {
    /// The progress of the present play of a player. Where Alexa refused an answer, `refused_at` is the last time of
    /// that.
    #[must_use]
    pub fn progress(&self, player: &Player, refused_at: Option<Timestamp>, now: Timestamp) -> PlayProgress {
        let progress = PlayProgress::of(player);
        let Some(started_at) = player.started_at() else { return progress };
        let no_report = player.effective_report().is_none();
        let requested_at = self.view(player, now).since.filter(|_| no_report);
        let mut reached = progress.reached;
        if progress.is_uncertain {
            reached = reached.max(self.requested(player, started_at, now));
        }
        let is_refused = refused_at.zip(requested_at).is_some_and(|(refused, asked)| {
            refused >= asked && refused.is_within(super::ANSWER_LIFETIME, asked)
        });
        if is_refused && reached == PlayLink::Answered {
            reached = PlayLink::Asked;
        }
        PlayProgress { reached, is_uncertain: false, ..progress }
    }

    /// The progress of a start by the requests of Echos between two moments. Only the last two of each Echo are known.
    fn requested(&self, player: &Player, from: Timestamp, until: Timestamp) -> PlayLink {
        let asked = |device| {
            let echo = self.echo(device)?;
            let last = [echo.asked_at, echo.asked_before];
            last.into_iter().flatten().find(|at| *at >= from && *at <= until)
        };
        let own = player.pairing.as_ref().and_then(|pairing| pairing.device.as_ref());
        if own.and_then(asked).is_some_and(|at| !self.is_overtaken(player, from, at)) {
            return PlayLink::Answered;
        }
        // An Echo that serves no player asked for what was started last.
        let strangers = self.echos.iter().filter(|echo| self.served_by(&echo.device).is_empty());
        let is_for_it = |at: Timestamp| {
            let starts = self.players.iter().filter(|other| other.player != player.player);
            !starts.filter_map(Player::started_at).any(|other| other > from && other <= at)
        };
        let heard = strangers.filter_map(|echo| asked(&echo.device)).any(is_for_it);
        if heard { PlayLink::Heard } else { PlayLink::Sent }
    }

    /// Whether a later start of another player of the same Echo came before a request.
    fn is_overtaken(&self, player: &Player, from: Timestamp, asked_at: Timestamp) -> bool {
        let Some(device) = player.pairing.as_ref().and_then(|pairing| pairing.device.as_ref()) else {
            return false;
        };
        let others = self.served_by(device).into_iter().filter(|other| other.player != player.player);
        others.filter_map(Player::started_at).any(|other| other > from && other <= asked_at)
    }
}
