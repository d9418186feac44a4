//! What an Echo that asks for music is to play.

use super::digest::Digest;
use super::household::Household;
use super::pairing::{Claim, PairingKind, Revival, Withdrawal};
use super::player::{Player, PlayerId, RequestId, StreamState};
use super::stray::Wanting;
use super::token::PlayToken;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// An Echo asks for music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The Echo.
    pub device: DeviceId,
    /// Digest of its endpoint id.
    pub endpoint: Option<Digest>,
    /// Digest of its user's id.
    pub user: Option<Digest>,
    /// The request.
    pub request: RequestId,
    /// When.
    pub at: Timestamp,
    /// Whether it asks in the words that are fixed inside Music Assistant.
    pub is_ma_phrase: bool,
    /// Whether it plays one of our streams at this moment.
    pub plays_ours: bool,
    /// The stream of ours that it played last, or plays.
    pub reported: Option<ReportedPlay>,
    /// When it asked before, if it is known that the answer to that did not reach it.
    pub lost: Option<Timestamp>,
}

/// What an Echo says of the stream of ours that it played last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportedPlay {
    /// Its token.
    pub token: PlayToken,
    /// Whether it plays at this moment.
    pub plays: bool,
    /// Whether it came to an end, or was ended by a person.
    pub ended: bool,
}

impl ReportedPlay {
    fn is_of(&self, player: &Player) -> bool {
        self.token.player == player.player.key() && self.token.version == player.version
    }
}

/// What an Echo is to play.
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
    Revive(Vec<Revival>),
    /// Nothing: Music Assistant started a player that it does not serve.
    Elsewhere(Elsewhere<'a>),
    /// Nothing, and these learned pairings are doubtful.
    Withdraw(Vec<Withdrawal>),
    /// Nothing.
    Nothing(Nothing<'a>),
}

/// A start that an Echo asked for in Music Assistant's words although it does not serve its player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere<'a> {
    /// The player that it serves and that was started last; none where it serves nobody.
    pub own: Option<&'a Player>,
    /// The player that was started.
    pub started: &'a Player,
    /// What is to be noted of that, unless it is already.
    pub wanting: Option<Wanting>,
}

/// Why there is nothing to play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nothing<'a> {
    /// The Echo serves no player.
    NotPaired,
    /// Its players have nothing that can be played; the one that was started last.
    NotPlayable(&'a Player),
}

impl Household {
    /// Decides what an Echo that asks is to play. A paired Echo never gets the stream of a player that it
    /// does not serve, and an unpaired one gets a stream only by a claim.
    #[must_use]
    pub fn decide(&self, ask: &Ask) -> Decision<'_> {
        let revivals = self.revivals(ask);
        if !revivals.is_empty() {
            return Decision::Revive(revivals);
        }
        let served = self.newest_served_by(ask);
        let asked_before = self.echo(&ask.device).and_then(|echo| echo.asked_before(&ask.request));
        let order = |player: &Player| player.started_at().map(|started| started.order(ask.at));
        let own = || served.iter().filter(|player| !player.is_astray_from(&ask.device, ask.at));
        let newest_untaken =
            own().find(|player| asked_before.is_none_or(|asked| Some(asked.order(ask.at)) < order(player)));
        let stray = self.stray_start(ask, &served);
        // Music Assistant's words for a start that is none of its own never bring an older one of its own.
        let newest_untaken = newest_untaken.filter(|_| stray.is_none());
        if let Some(player) = newest_untaken.filter(|player| player.is_playable(ask.at)) {
            // A start that is younger than the request will not look taken by it.
            let learned = player.pairing.as_ref().is_some_and(|pairing| !pairing.kind.is_manual());
            let rivals = player.may_be_followed();
            if self.is_open(player, ask) || rivals || (learned && player.started_at() > Some(ask.at)) {
                return Decision::Claim(player, self.claim(ask, player));
            }
            return Decision::Start(player);
        }
        if let Some(player) = self.claimable(ask, &served) {
            return Decision::Claim(player, self.claim(ask, player));
        }
        if let Some(started) = stray {
            if started.may_follow(&ask.device, &served) {
                return Decision::Claim(started, self.claim(ask, started));
            }
            let own = served.first().copied();
            return Decision::Elsewhere(Elsewhere { own, started, wanting: started.wanting(ask) });
        }
        if let Some(player) = own().find(|player| player.is_playable(ask.at)) {
            let playing = plays(player, ask) || is_given(player, ask, asked_before);
            return if playing { Decision::Playing(player) } else { Decision::Resume(player) };
        }
        let doubtful = self.doubtful(ask);
        if !doubtful.is_empty() {
            return Decision::Withdraw(doubtful);
        }
        nothing(&served)
    }

    /// Decides what an Echo is to play that was made to ask for this version of a player: that, else the newest that
    /// can be played among its players.
    #[must_use]
    pub fn decide_wanted(&self, ask: &Ask, wanted: &PlayerId, version: u64) -> Decision<'_> {
        let served = self.newest_served_by(ask);
        let mut playable = served.iter().filter(|player| player.is_playable(ask.at));
        let exactly = playable.clone().find(|player| &player.player == wanted && player.version == version);
        exactly
            .or_else(|| playable.next())
            .map_or_else(|| nothing(&served), |player| Decision::Resume(player))
    }

    /// The players that an Echo serves, the one that was started last first.
    fn newest_served_by(&self, ask: &Ask) -> Vec<&Player> {
        let mut served = self.served_by(&ask.device);
        served.sort_by_key(|player| {
            let started_at = player.started_at().map(|started| started.order(ask.at));
            std::cmp::Reverse((started_at, player.player.clone()))
        });
        served
    }

    /// The pairings of this Echo from before the skill was enabled again.
    fn revivals(&self, ask: &Ask) -> Vec<Revival> {
        let Some(endpoint) = &ask.endpoint else {
            return Vec::new();
        };
        let under_another_id = |player: &&Player| {
            player.pairing.as_ref().is_some_and(|pairing| {
                pairing.endpoint.as_ref() == Some(endpoint) && pairing.device.as_ref() != Some(&ask.device)
            })
        };
        self.players
            .iter()
            .filter(under_another_id)
            .map(|player| Revival {
                player: player.player.clone(),
                endpoint: endpoint.clone(),
                device: ask.device.clone(),
                user: ask.user.clone(),
                request: ask.request.clone(),
                at: ask.at,
            })
            .collect()
    }

    /// The one start that this Echo may claim.
    fn claimable(&self, ask: &Ask, served: &[&Player]) -> Option<&Player> {
        if !ask.is_ma_phrase {
            return None;
        }
        let mut open = self.players.iter().filter(|player| self.is_open(player, ask));
        let (Some(player), None) = (open.next(), open.next()) else {
            return None;
        };
        // Somebody who renames an Echo makes Music Assistant see a new player, which the old Echo serves.
        let manual = served
            .iter()
            .any(|player| player.pairing.as_ref().is_some_and(|pairing| pairing.kind.is_manual()));
        let renamed = !manual && !player.had_echo && !ask.plays_ours;
        (served.is_empty() || renamed).then_some(player)
    }

    /// Whether an Echo that nobody paired may claim the present start of this player.
    fn is_open(&self, player: &Player, ask: &Ask) -> bool {
        let Some(started_at) = player.started_at() else { return false };
        let taken_care_of = player.pairing.as_ref().is_some_and(|pairing| {
            let cares = pairing.device.as_ref().is_some_and(|device| {
                let seen = self.seen(device, pairing.at, ask);
                seen.order(ask.at) >= started_at.order(ask.at) || self.is_live(device, seen, ask.at)
            });
            pairing.kind.is_manual() || cares
        });
        player.is_fresh(ask.at) && !player.contested && !taken_care_of
    }

    /// When an Echo was last seen. That it asks at this moment does not count: others may not know of it yet.
    pub(super) fn seen(&self, device: &DeviceId, paired_at: Timestamp, ask: &Ask) -> Timestamp {
        let asked = self.echo(device).and_then(|echo| echo.asked_before(&ask.request));
        asked.map_or(paired_at, |asked| std::cmp::max_by_key(asked, paired_at, |at| at.order(ask.at)))
    }

    /// Whether an Echo was seen lately and still takes what its players start.
    fn is_live(&self, device: &DeviceId, seen: Timestamp, now: Timestamp) -> bool {
        let mut starts: Vec<Timestamp> = self
            .served_by(device)
            .iter()
            .flat_map(|player| [player.started_at(), player.previous_started_at])
            .flatten()
            .collect();
        starts.sort_unstable_by_key(|start| start.order(now));
        let missed_two =
            starts.iter().rev().nth(1).is_some_and(|second_last| seen.order(now) < second_last.order(now));
        now.since(seen).max(seen.since(now)) < super::LIVE && !missed_two
    }

    /// The claims that another Echo may have had the better right to: nothing explains why this one asks in
    /// Music Assistant's words, unless it is the one that was meant.
    fn doubtful(&self, ask: &Ask) -> Vec<Withdrawal> {
        let explained = self.players.iter().any(|player| self.is_open(player, ask));
        if !ask.is_ma_phrase || explained {
            return Vec::new();
        }
        self.players
            .iter()
            .filter(|player| player.is_fresh(ask.at) && !player.contested)
            .filter_map(|player| {
                let pairing = player.pairing.as_ref()?;
                let claimed = pairing.kind == PairingKind::Learned && pairing.version == player.version;
                let device = pairing.device.clone().filter(|device| claimed && device != &ask.device)?;
                Some(Withdrawal {
                    player: player.player.clone(),
                    version: player.version,
                    device,
                    request: ask.request.clone(),
                    at: ask.at,
                })
            })
            .collect()
    }

    fn claim(&self, ask: &Ask, player: &Player) -> Claim {
        let pairing = player.pairing.as_ref();
        let other = pairing.and_then(|pairing| pairing.device.clone()).filter(|device| device != &ask.device);
        Claim {
            player: player.player.clone(),
            version: player.version,
            seen: pairing.map(|pairing| pairing.request.clone()),
            seen_echo: other.map(|device| {
                let asked = self.echo(&device).and_then(|echo| echo.asked_request.clone());
                (device, asked)
            }),
            device: ask.device.clone(),
            endpoint: ask.endpoint.clone(),
            user: ask.user.clone(),
            request: ask.request.clone(),
            at: player.started_at().map_or(ask.at, |started| ask.at.max(started)),
        }
    }
}

/// Whether the Echo says that it plays the present version of this player. To play it again would begin it again.
fn plays(player: &Player, ask: &Ask) -> bool {
    ask.reported.is_some_and(|reported| reported.plays && reported.is_of(player))
}

/// Whether the Echo was given the present version a moment ago, and it did not end since. Music Assistant speaks one
/// sentence for each of several quick choices, and the first of them got the newest. An answer that was lost gave
/// nothing.
fn is_given(player: &Player, ask: &Ask, asked_before: Option<Timestamp>) -> bool {
    let ended = ask.reported.is_some_and(|reported| reported.ended && reported.is_of(player))
        || !matches!(player.state, None | Some(StreamState::Playing));
    // An Echo that did not serve the player then was not given it.
    let served_since = player.pairing.as_ref().map(|pairing| pairing.at);
    let given = asked_before.is_some_and(|asked| {
        let was_given = Some(asked) > player.started_at() && served_since.is_some_and(|since| since <= asked);
        was_given && ask.lost != Some(asked) && ask.at.is_within(super::GIVEN, asked)
    });
    ask.is_ma_phrase && player.is_fresh(ask.at) && given && !ended
}

fn nothing<'a>(served: &[&'a Player]) -> Decision<'a> {
    Decision::Nothing(served.first().map_or(Nothing::NotPaired, |player| Nothing::NotPlayable(player)))
}
