//! Selection of the stream for a play request.

use super::household::Household;
use super::id::PlayerId;
use super::pairing::{Claim, Rebind, Revocation};
use super::player::Player;
use super::request::{PlayRequest, ReportedActivity};
use super::stray::RecordStray;
use super::types::{PairingKind, StreamState};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// Selection for a play request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// A start of a player that it serves, which it has not asked for yet.
    Start(&'a Player),
    /// A stream of a player that it serves, which it had before.
    Resume(&'a Player),
    /// Nothing: it plays this already, or was given it a moment ago.
    Playing(&'a Player),
    /// An open start, once the claim has been written: without it, another Echo might have it too.
    Claim(&'a Player, Claim),
    /// Nothing before these pairings have been given the Echo's new id.
    Rebind(Vec<Rebind>),
    /// Nothing: Music Assistant started a player that it does not serve.
    Elsewhere(Elsewhere<'a>),
    /// Nothing, and these learned pairings are doubtful.
    Revoke(Vec<Revocation>),
    /// No stream, and the reason.
    NoStream(NoStreamReason<'a>),
}

/// A start that an Echo asked for in Music Assistant's words although it does not serve its player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere<'a> {
    /// The player that it serves and that was started last; none where it serves no player.
    pub own: Option<&'a Player>,
    /// The player that was started.
    pub started: &'a Player,
    /// Record of the stray request, unless it is stored already.
    pub record: Option<RecordStray>,
}

/// Reason why there is nothing to play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoStreamReason<'a> {
    /// The Echo serves no player.
    NotPaired,
    /// Its players have nothing that can be played; the one that was started last.
    NotPlayable(&'a Player),
}

impl Household {
    /// Selects the stream for a play request. A paired Echo never gets the stream of a player that it does not serve.
    /// An unpaired Echo gets a stream only by a claim.
    #[must_use]
    pub fn select_stream(&self, request: &PlayRequest) -> Decision<'_> {
        let rebinds = self.rebinds(request);
        if !rebinds.is_empty() {
            return Decision::Rebind(rebinds);
        }
        let served = self.newest_served_by(request);
        let asked_before = self.echo(&request.device).and_then(|echo| echo.asked_before(&request.request));
        let order = |player: &Player| player.started_at().map(|started| started.order(request.at));
        let own = || served.iter().filter(|player| !player.is_astray_from(&request.device, request.at));
        let newest_untaken = own().find(|player| {
            asked_before.is_none_or(|requested_at| Some(requested_at.order(request.at)) < order(player))
        });
        let stray = self.stray_start(request, &served);
        // Music Assistant's words for a start that is none of its own never bring an older one of its own.
        let newest_untaken = newest_untaken.filter(|_| stray.is_none());
        if let Some(player) = newest_untaken.filter(|player| player.is_playable(request.at)) {
            // A start that is younger than the request will not look taken by it.
            let learned = player.pairing.as_ref().is_some_and(|pairing| !pairing.kind.is_manual());
            let rivals = player.may_be_followed();
            if self.is_open(player, request) || rivals || (learned && player.started_at() > Some(request.at))
            {
                return Decision::Claim(player, self.claim(request, player));
            }
            return Decision::Start(player);
        }
        if let Some(player) = self.claimable(request, &served) {
            return Decision::Claim(player, self.claim(request, player));
        }
        if let Some(started) = stray {
            if started.may_follow(&request.device, &served) {
                return Decision::Claim(started, self.claim(request, started));
            }
            let own = served.first().copied();
            return Decision::Elsewhere(Elsewhere { own, started, record: started.stray_record(request) });
        }
        if let Some(player) = own().find(|player| player.is_playable(request.at)) {
            let playing = plays(player, request) || is_given(player, request, asked_before);
            return if playing { Decision::Playing(player) } else { Decision::Resume(player) };
        }
        let doubtful = self.doubtful(request);
        if !doubtful.is_empty() {
            return Decision::Revoke(doubtful);
        }
        nothing(&served)
    }

    /// Selects the stream for an Echo that was made to request this version of a player: that version, else the newest
    /// playable one of its players; nothing where it plays that, or was given it by other words a moment ago.
    #[must_use]
    pub fn select_version(&self, request: &PlayRequest, player_id: &PlayerId, version: u64) -> Decision<'_> {
        let served = self.newest_served_by(request);
        let mut playable = served.iter().filter(|player| player.is_playable(request.at));
        let exactly = playable.clone().find(|player| &player.player == player_id && player.is_at(version));
        let asked_before = self.echo(&request.device).and_then(|echo| echo.asked_before(&request.request));
        match exactly.or_else(|| playable.next()) {
            Some(player) if plays(player, request) || was_given(player, request, asked_before) => {
                Decision::Playing(player)
            }
            Some(player) => Decision::Resume(player),
            None => nothing(&served),
        }
    }

    /// The players that an Echo serves, the one that was started last first.
    fn newest_served_by(&self, request: &PlayRequest) -> Vec<&Player> {
        let mut served = self.served_by(&request.device);
        served.sort_by_key(|player| {
            let started_at = player.started_at().map(|started| started.order(request.at));
            std::cmp::Reverse((started_at, player.player.clone()))
        });
        served
    }

    /// The pairings of this Echo from before the skill was enabled again.
    fn rebinds(&self, request: &PlayRequest) -> Vec<Rebind> {
        let Some(endpoint) = &request.endpoint else {
            return Vec::new();
        };
        let under_another_id = |player: &&Player| {
            player.pairing.as_ref().is_some_and(|pairing| {
                pairing.endpoint.as_ref() == Some(endpoint)
                    && pairing.device.as_ref() != Some(&request.device)
            })
        };
        self.players
            .iter()
            .filter(under_another_id)
            .map(|player| Rebind {
                player: player.player.clone(),
                endpoint: endpoint.clone(),
                device: request.device.clone(),
                user: request.user.clone(),
                request: request.request.clone(),
                at: request.at,
            })
            .collect()
    }

    /// The one start that this Echo may claim.
    fn claimable(&self, request: &PlayRequest, served: &[&Player]) -> Option<&Player> {
        if !request.is_ma_phrase {
            return None;
        }
        let mut open = self.players.iter().filter(|player| self.is_open(player, request));
        let (Some(player), None) = (open.next(), open.next()) else {
            return None;
        };
        // A person who renames an Echo makes Music Assistant see a new player, which the old Echo serves.
        let manual = served
            .iter()
            .any(|player| player.pairing.as_ref().is_some_and(|pairing| pairing.kind.is_manual()));
        let renamed = !manual && !player.had_echo && !request.plays_ours;
        (served.is_empty() || renamed).then_some(player)
    }

    /// Whether an Echo without a pairing by hand may claim the present start of this player.
    fn is_open(&self, player: &Player, request: &PlayRequest) -> bool {
        let Some(started_at) = player.started_at() else { return false };
        let taken_care_of = player.pairing.as_ref().is_some_and(|pairing| {
            let cares = pairing.device.as_ref().is_some_and(|device| {
                let seen = self.seen(device, pairing.at, request);
                seen.order(request.at) >= started_at.order(request.at)
                    || self.is_live(device, seen, request.at)
            });
            pairing.kind.is_manual() || cares
        });
        player.is_fresh(request.at) && !player.is_contested() && !taken_care_of
    }

    /// Whether an Echo was seen within [`super::ECHO_LIVENESS`] and still takes what its players start.
    fn is_live(&self, device: &DeviceId, seen: Timestamp, now: Timestamp) -> bool {
        let mut starts: Vec<Timestamp> = self
            .served_by(device)
            .iter()
            .flat_map(|player| [player.started_at(), player.previous_started_at()])
            .flatten()
            .collect();
        starts.sort_unstable_by_key(|start| start.order(now));
        let missed_two =
            starts.iter().rev().nth(1).is_some_and(|second_last| seen.order(now) < second_last.order(now));
        now.since(seen).max(seen.since(now)) < super::ECHO_LIVENESS && !missed_two
    }

    /// Claims to which another Echo may have the better right. Only one thing explains a request of this Echo in Music
    /// Assistant's words: the start was meant for it.
    fn doubtful(&self, request: &PlayRequest) -> Vec<Revocation> {
        let explained = self.players.iter().any(|player| self.is_open(player, request));
        if !request.is_ma_phrase || explained {
            return Vec::new();
        }
        self.players
            .iter()
            .filter(|player| player.is_fresh(request.at) && !player.is_contested())
            .filter_map(|player| {
                let pairing = player.pairing.as_ref()?;
                let claimed = pairing.kind == PairingKind::Learned && player.is_at(pairing.version);
                let device = pairing.device.clone().filter(|device| claimed && device != &request.device)?;
                Some(Revocation {
                    player: player.player.clone(),
                    version: player.version(),
                    device,
                    request: request.request.clone(),
                    at: request.at,
                })
            })
            .collect()
    }

    fn claim(&self, request: &PlayRequest, player: &Player) -> Claim {
        let pairing = player.pairing.as_ref();
        let other =
            pairing.and_then(|pairing| pairing.device.clone()).filter(|device| device != &request.device);
        Claim {
            player: player.player.clone(),
            version: player.version(),
            seen: pairing.map(|pairing| pairing.request.clone()),
            seen_echo: other.map(|device| {
                let last_request = self.echo(&device).and_then(|echo| echo.asked_request.clone());
                (device, last_request)
            }),
            device: request.device.clone(),
            endpoint: request.endpoint.clone(),
            user: request.user.clone(),
            request: request.request.clone(),
            at: player.started_at().map_or(request.at, |started| request.at.max(started)),
        }
    }
}

/// Whether the Echo says that it plays the present version of this player. To play it again would begin it again.
fn plays(player: &Player, request: &PlayRequest) -> bool {
    request
        .reported
        .is_some_and(|reported| reported.activity == ReportedActivity::Plays && reported.is_of(player))
}

/// Whether Music Assistant's words are about a version that the Echo was given a moment ago. It speaks one sentence for
/// each of several quick choices, and the first of them got the newest.
fn is_given(player: &Player, request: &PlayRequest, asked_before: Option<Timestamp>) -> bool {
    request.is_ma_phrase && was_given(player, request, asked_before)
}

/// Whether the Echo was given the present version a moment ago, and it did not end since. An answer that was lost gave
/// nothing.
fn was_given(player: &Player, request: &PlayRequest, asked_before: Option<Timestamp>) -> bool {
    let ended = request
        .reported
        .is_some_and(|reported| reported.activity == ReportedActivity::Ended && reported.is_of(player))
        || !matches!(player.state(), None | Some(StreamState::Playing));
    // An Echo that did not serve the player then was not given it. A one-time word has just paired it once more.
    let is_paired_now = player.was_paired_by(&request.request);
    let served_since = player.pairing.as_ref().map(|pairing| pairing.at);
    let given = asked_before.is_some_and(|requested_at| {
        let was_given = Some(requested_at) > player.started_at()
            && served_since.is_some_and(|since| since <= requested_at || is_paired_now);
        was_given
            && request.lost != Some(requested_at)
            && request.at.is_within(super::ANSWER_LIFETIME, requested_at)
    });
    player.is_fresh(request.at) && given && !ended
}

fn nothing<'a>(served: &[&'a Player]) -> Decision<'a> {
    Decision::NoStream(
        served.first().map_or(NoStreamReason::NotPaired, |player| NoStreamReason::NotPlayable(player)),
    )
}
