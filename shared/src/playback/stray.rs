//! A stray start: an Echo asked for it in Music Assistant's words, and is not the one that serves its player. The Echo
//! was renamed, took the place of another, or swapped names with one.

use super::household::Household;
use super::id::{PlayerId, RequestId};
use super::player::Player;
use super::request::PlayRequest;
use super::types::{StrayRequest, Transition};
use super::version::PresentVersion;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// A player is shown with its remedy after so many starts in a row that went astray.
pub const STRAYS_SHOWN: u32 = 3;

/// The note that an Echo asks for a start of a player that it does not serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordStray {
    /// The player.
    pub player: PlayerId,
    /// The stray request to record.
    pub wanted: StrayRequest,
    /// The request of the note that was seen before.
    pub seen: Option<RequestId>,
    /// Time of the request.
    pub at: Timestamp,
}

/// A player whose starts go astray, and the Echo that asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stray<'a> {
    /// The player.
    pub player: &'a Player,
    /// Number of starts in a row.
    pub starts: u32,
    /// The Echo that asked for each of them.
    pub echo: &'a DeviceId,
}

impl Household {
    /// The players whose starts went astray [`STRAYS_SHOWN`] times in a row or more, by name. Pairing each with its
    /// Echo is the remedy.
    #[must_use]
    pub fn strays(&self) -> Vec<Stray<'_>> {
        let mut strays: Vec<Stray<'_>> = self
            .players
            .iter()
            .filter_map(|player| {
                let stray = player.stray().filter(|stray| stray.starts >= STRAYS_SHOWN)?;
                let heals = player.report().is_none() && !player.is_served_by(&stray.device);
                heals.then_some(Stray { player, starts: stray.starts, echo: &stray.device })
            })
            .collect();
        strays.sort_by(|one, other| one.player.player.cmp(&other.player.player));
        strays
    }

    /// The one start that explains a request in Music Assistant's words, where no own player of the Echo, `served`, has
    /// a fresh start.
    pub(super) fn stray_start(&self, request: &PlayRequest, served: &[&Player]) -> Option<&Player> {
        if !request.is_ma_phrase || served.iter().any(|player| player.is_fresh(request.at)) {
            return None;
        }
        let mut strays = self.players.iter().filter(|player| self.is_unasked(player, request));
        let (stray, more) = (strays.next()?, strays.next());
        more.is_none().then_some(stray)
    }

    /// Whether a player has a fresh start for which its own Echo, if there is one, did not request.
    fn is_unasked(&self, player: &Player, request: &PlayRequest) -> bool {
        let last_request = player.pairing.as_ref().and_then(|pairing| {
            let device = pairing.device.as_ref()?;
            Some(self.seen(device, pairing.at, request))
        });
        let order = |at: Option<Timestamp>| at.map(|at| at.order(request.at));
        let is_taken = order(last_request) >= order(player.started_at());
        player.is_fresh(request.at) && !player.is_contested() && player.report().is_none() && !is_taken
    }
}

impl Player {
    /// The stray request for its present start, or for the one before.
    #[must_use]
    pub fn stray(&self) -> Option<&StrayRequest> {
        self.present.as_ref()?.wanted.as_ref()
    }

    /// Whether this Echo, which serves the players `served`, may claim the present start on repeated evidence. It alone
    /// requested the start before, no Echo played that, and no person decided otherwise.
    pub(super) fn may_follow(&self, device: &DeviceId, served: &[&Self]) -> bool {
        let is_manual =
            |player: &Self| player.pairing.as_ref().is_some_and(|pairing| pairing.kind.is_manual());
        let repeats = self.stray().is_some_and(|stray| {
            &stray.device == device && stray.starts > 0 && stray.version + 1 == self.version()
        });
        repeats && !is_manual(self) && !served.iter().any(|player| is_manual(player))
    }

    /// Whether another Echo may take the present start by [`Self::may_follow`], as far as a process knows that read
    /// the player a moment ago. Its own Echo then has to claim it, too.
    pub(super) fn may_be_followed(&self) -> bool {
        let learned = self.pairing.as_ref().is_some_and(|pairing| !pairing.kind.is_manual());
        learned
            && self.stray().is_some_and(|stray| {
                stray.version + 1 == self.version() || (self.is_at(stray.version) && stray.starts == 0)
            })
    }

    /// Whether another Echo than this one alone asked for the present start, which its own Echo missed. It is no more
    /// the music of that Echo, as far as no person decided it.
    pub(super) fn is_astray_from(&self, device: &DeviceId, now: Timestamp) -> bool {
        let learned = self.pairing.as_ref().is_some_and(|pairing| !pairing.kind.is_manual());
        let stray = self.stray().filter(|stray| &stray.device != device && stray.starts > 0);
        let astray = stray.is_some_and(|stray| self.is_at(stray.version));
        learned && astray && self.report().is_none() && !self.is_fresh(now)
    }

    /// The note that this Echo asks for the present start; none where it is made already.
    pub(super) fn stray_record(&self, request: &PlayRequest) -> Option<RecordStray> {
        let before = self.stray();
        let same = before.filter(|stray| self.is_at(stray.version));
        if same.is_some_and(|stray| stray.device == request.device) {
            return None;
        }
        let previous = before.filter(|stray| stray.version + 1 == self.version() && stray.starts > 0);
        let starts = match (same, previous) {
            // Another one asked as well, for this start or for the one before.
            (Some(_), _) => 0,
            (None, Some(stray)) if stray.device != request.device => 0,
            (None, Some(stray)) => stray.starts.saturating_add(1),
            (None, None) => 1,
        };
        Some(RecordStray {
            player: self.player.clone(),
            wanted: StrayRequest {
                device: request.device.clone(),
                version: self.version(),
                request: request.request.clone(),
                starts,
            },
            seen: before.map(|stray| stray.request.clone()),
            at: request.at,
        })
    }

    /// Notes that an Echo asks for the present start, if the note before is still the one that was seen.
    pub fn record_stray(&mut self, record: &RecordStray) -> Transition {
        let is_expired = self.is_expired(record.at);
        let version = record.wanted.version;
        let present = self.present.as_mut().filter(|present| !is_expired && present.number.get() == version);
        let Some(present) = present else { return Transition::Rejected };
        let request = present.wanted.as_ref().map(|stray| &stray.request);
        if request == Some(&record.wanted.request) {
            return Transition::AlreadyApplied;
        }
        if request != record.seen.as_ref() {
            return Transition::Rejected;
        }
        present.wanted = Some(record.wanted.clone());
        Transition::Applied
    }
}

impl PresentVersion {
    /// The part of the record that goes over to the next start: it counts starts in a row that no Echo played.
    pub(super) fn still_wanted(&self) -> Option<StrayRequest> {
        let stray = self.wanted.as_ref().filter(|stray| stray.version == self.number.get());
        stray.filter(|_| self.reports.is_none()).cloned()
    }
}
