//! An Echo brings back the code that it was made to say, and so tells which of Amazon's devices it is.

use super::digest::Digest;
use super::echo::Echo;
use super::household::Household;
use super::pairing::{ManualPairing, PairingKind, paired_by_hand};
use super::player::{Player, PlayerId, RequestId};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// Which of Amazon's devices an Echo is. It serves the player of that name from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The Echo, by its id for the skill.
    pub device: DeviceId,
    /// Digest of its endpoint id, where known.
    pub endpoint: Option<Digest>,
    /// Digest of its user's id, where known.
    pub user: Option<Digest>,
    /// Its language.
    pub locale: Option<String>,
    /// Its serial number at Amazon.
    pub serial: String,
    /// Its name at Amazon, which is the id of its player in Music Assistant. That player need not be known.
    pub player: PlayerId,
    /// The request.
    pub request: RequestId,
    /// When.
    pub at: Timestamp,
}

/// What a link changes, as it is afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The Echo first, then whoever had its serial number before.
    pub echos: Vec<Echo>,
    /// The player first, then what the Echo had only learned to serve.
    pub players: Vec<Player>,
}

impl Link {
    fn pairing(&self) -> ManualPairing {
        ManualPairing {
            player: self.player.clone(),
            device: self.device.clone(),
            endpoint: self.endpoint.clone(),
            user: self.user.clone(),
            kind: PairingKind::Code,
            request: self.request.clone(),
            at: self.at,
        }
    }
}

impl Household {
    /// What a link changes; nothing where this very request made it before. The household is that of the link's
    /// time.
    #[must_use]
    pub fn link(&self, link: &Link) -> Option<Linked> {
        let player = self.player(&link.player);
        if player.is_some_and(|player| player.was_paired_by(&link.request)) {
            return None;
        }
        let others = self.echos.iter().filter(|echo| echo.device != link.device);
        let bereft = others.filter(|echo| echo.serial.as_ref() == Some(&link.serial)).map(Echo::unlinked);
        let player = player.cloned().unwrap_or_else(|| Player::unstarted(&link.player));
        Some(Linked {
            echos: [Echo::linked(self.echo(&link.device), link)].into_iter().chain(bereft).collect(),
            players: paired_by_hand(player, &self.players, &link.pairing()),
        })
    }
}

impl Echo {
    /// The Echo after a link, which is no question for music.
    #[must_use]
    pub fn linked(before: Option<&Self>, link: &Link) -> Self {
        let expires_at = link.at.plus(super::KEPT).seconds();
        Self {
            device: link.device.clone(),
            endpoint: link.endpoint.clone(),
            user: link.user.clone(),
            locale: link.locale.clone(),
            serial: Some(link.serial.clone()),
            name: Some(link.player.to_string()),
            asked_at: before.and_then(|echo| echo.asked_at),
            asked_request: before.and_then(|echo| echo.asked_request.clone()),
            asked_before: before.and_then(|echo| echo.asked_before),
            expires_at: before.map_or(expires_at, |echo| echo.expires_at.max(expires_at)),
        }
    }

    /// The Echo without what a link said: another one has its serial number. An Echo gets a new id when the skill
    /// is enabled again.
    #[must_use]
    pub fn unlinked(&self) -> Self {
        Self { serial: None, name: None, ..self.clone() }
    }
}
