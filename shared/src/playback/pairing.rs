//! Pairing of an Echo with a player, and its history.

use super::echo::Echo;
use super::id::{PlayerId, RequestId};
use super::player::Player;
use super::short_hash::ShortHash;
use super::types::{Pairing, PairingKind, Transition};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// An Echo takes an open start: an unpaired one, or its own that was not live and comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The player.
    pub player: PlayerId,
    /// The start that was seen open.
    pub version: u64,
    /// The pairing that was seen, although its Echo is not live, by the request that made it.
    pub seen: Option<RequestId>,
    /// The Echo of that pairing, where it is another one, and the request by which it was seen to ask last. It
    /// must not have asked since: then it is live.
    pub seen_echo: Option<(DeviceId, Option<RequestId>)>,
    /// The Echo that claims.
    pub device: DeviceId,
    /// Short hash of its endpoint id.
    pub endpoint: Option<ShortHash>,
    /// Short hash of its user's id.
    pub user: Option<ShortHash>,
    /// The request.
    pub request: RequestId,
    /// Time of the change.
    pub at: Timestamp,
}

impl Claim {
    /// The pairing that it makes.
    #[must_use]
    pub fn pairing(&self) -> Pairing {
        Pairing {
            device: Some(self.device.clone()),
            endpoint: self.endpoint.clone(),
            user: self.user.clone(),
            kind: PairingKind::Learned,
            at: self.at,
            version: self.version,
            request: self.request.clone(),
        }
    }
}

/// A learned pairing turns out to be doubtful: another Echo asked in Music Assistant's words for the same start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The player.
    pub player: PlayerId,
    /// The start that was claimed.
    pub version: u64,
    /// The Echo that claimed it.
    pub device: DeviceId,
    /// The request of the other Echo.
    pub request: RequestId,
    /// Time of the change.
    pub at: Timestamp,
}

/// An Echo comes back under a new id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebind {
    /// The player.
    pub player: PlayerId,
    /// Short hash of the endpoint id that both ids share.
    pub endpoint: ShortHash,
    /// The new id.
    pub device: DeviceId,
    /// Short hash of the user's new id.
    pub user: Option<ShortHash>,
    /// The request.
    pub request: RequestId,
    /// Time of the change.
    pub at: Timestamp,
}

/// A person decides which player an Echo is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualPairing {
    /// The player, which has to be known.
    pub player: PlayerId,
    /// The Echo.
    pub device: DeviceId,
    /// Short hash of its endpoint id, where known.
    pub endpoint: Option<ShortHash>,
    /// Short hash of its user's id, where known.
    pub user: Option<ShortHash>,
    /// Way in which the person paired them; never [`PairingKind::Learned`].
    pub kind: PairingKind,
    /// The request.
    pub request: RequestId,
    /// Time of the pairing.
    pub at: Timestamp,
}

/// Players that a pairing by hand changes, in their new state: `player`, and the learned players of the Echo among
/// `players`, which lose it.
#[must_use]
pub fn paired_by_hand(mut player: Player, players: &[Player], pairing: &ManualPairing) -> Vec<Player> {
    player.pair(pairing);
    let learned =
        |other: &&Player| other.pairing.as_ref().is_some_and(|made| made.kind == PairingKind::Learned);
    let forgotten = players.iter().filter(|other| other.player != player.player).filter(learned);
    let forgotten = forgotten.filter_map(|other| {
        let mut other = other.clone();
        (other.unpair(&pairing.device, pairing.at) == Transition::Applied).then_some(other)
    });
    let forgotten: Vec<Player> = forgotten.collect();
    std::iter::once(player).chain(forgotten).collect()
}

impl Player {
    /// Whether this request made its pairing.
    #[must_use]
    pub fn was_paired_by(&self, request: &str) -> bool {
        self.pairing.as_ref().is_some_and(|pairing| pairing.request == request)
    }

    /// Whether this Echo serves it.
    #[must_use]
    pub fn is_served_by(&self, device: &DeviceId) -> bool {
        self.pairing.as_ref().is_some_and(|pairing| pairing.device.as_ref() == Some(device))
    }

    /// Makes a claim on three conditions. The start is still the seen one. No other Echo claimed it since. The Echo
    /// that was seen to serve the player, `seen_echo` as it is now, sent no request since.
    pub fn claim(&mut self, claim: &Claim, seen_echo: Option<&Echo>) -> Transition {
        let seen = self.pairing.as_ref().map(|pairing| &pairing.request);
        if self.pairing.as_ref().is_some_and(|pairing| pairing.request == claim.request) {
            return Transition::AlreadyApplied;
        }
        let manual = self.pairing.as_ref().is_some_and(|pairing| pairing.kind.is_manual());
        if self.is_expired(claim.at)
            || !self.is_at(claim.version)
            || self.is_contested()
            || manual
            || seen != claim.seen.as_ref()
            || claim.seen_echo.as_ref().is_some_and(|(_, asked)| {
                seen_echo.and_then(|echo| echo.asked_request.as_ref()) != asked.as_ref()
            })
        {
            return Transition::Rejected;
        }
        self.pairing = Some(claim.pairing());
        self.had_echo = true;
        self.forget_strays();
        self.expires_at = Some(claim.at.plus(super::RETENTION).seconds());
        Transition::Applied
    }

    /// Undoes a claim and contests its start. Contesting it twice is no different from once.
    pub fn revoke(&mut self, revocation: &Revocation) -> Transition {
        if self.is_expired(revocation.at) || !self.is_at(revocation.version) {
            return Transition::Rejected;
        }
        let claimed = self.pairing.as_ref().is_some_and(|pairing| {
            pairing.kind == PairingKind::Learned
                && pairing.version == revocation.version
                && pairing.device.as_ref() == Some(&revocation.device)
        });
        if !claimed {
            return if self.is_contested() { Transition::AlreadyApplied } else { Transition::Rejected };
        }
        self.pairing = None;
        self.contest();
        Transition::Applied
    }

    /// Gives the pairing the Echo's new id.
    pub fn rebind(&mut self, rebind: &Rebind) -> Transition {
        let expired = self.is_expired(rebind.at);
        let Some(pairing) = self.pairing.as_mut().filter(|_| !expired) else {
            return Transition::Rejected;
        };
        if pairing.endpoint.as_ref() != Some(&rebind.endpoint) {
            return Transition::Rejected;
        }
        if pairing.device.as_ref() == Some(&rebind.device) {
            return Transition::AlreadyApplied;
        }
        pairing.device = Some(rebind.device.clone());
        pairing.user.clone_from(&rebind.user);
        pairing.request.clone_from(&rebind.request);
        self.expires_at =
            if pairing.kind.is_manual() { None } else { Some(rebind.at.plus(super::RETENTION).seconds()) };
        Transition::Applied
    }

    /// Pairs by hand, also where another Echo served the player.
    pub fn pair(&mut self, pairing: &ManualPairing) {
        self.pairing = Some(Pairing {
            device: Some(pairing.device.clone()),
            endpoint: pairing.endpoint.clone(),
            user: pairing.user.clone(),
            kind: pairing.kind,
            at: pairing.at,
            version: self.version(),
            request: pairing.request.clone(),
        });
        self.had_echo = true;
        self.forget_strays();
        self.expires_at = None;
    }

    /// Ends the pairing with `device`. The present start is contested with it, so that no other Echo gets a
    /// start that one already had.
    pub fn unpair(&mut self, device: &DeviceId, at: Timestamp) -> Transition {
        let paired = self.pairing.as_ref().is_some_and(|pairing| pairing.device.as_ref() == Some(device));
        if !paired || self.is_expired(at) {
            return Transition::Rejected;
        }
        self.pairing = None;
        self.contest();
        self.expires_at = Some(at.plus(super::RETENTION).seconds());
        Transition::Applied
    }

    /// The user disabled the skill: device id and user id go, endpoint and player stay for [`super::RETENTION`].
    /// A pairing whose endpoint is not known cannot be found again and goes as a whole. The present start is
    /// contested with it, as in [`Self::unpair`].
    pub fn suspend(&mut self, user: &ShortHash, at: Timestamp) -> Transition {
        let expired = self.is_expired(at);
        let Some(pairing) =
            self.pairing.as_mut().filter(|pairing| !expired && pairing.user.as_ref() == Some(user))
        else {
            return Transition::Rejected;
        };
        pairing.device = None;
        pairing.user = None;
        if pairing.endpoint.is_none() {
            self.pairing = None;
        }
        self.contest();
        self.expires_at = Some(at.plus(super::RETENTION).seconds());
        Transition::Applied
    }

    fn contest(&mut self) {
        if let Some(present) = &mut self.present {
            present.contested = true;
        }
    }

    fn forget_strays(&mut self) {
        if let Some(present) = &mut self.present {
            present.wanted = None;
        }
    }
}
