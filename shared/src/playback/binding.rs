//! An Echo brings back the one-time word that it was made to say, which shows which of Amazon's devices it is.

use super::echo::{Echo, EchoKind};
use super::household::Household;
use super::id::{PlayerId, RequestId};
use super::pairing::{ManualPairing, paired_by_hand};
use super::player::Player;
use super::short_hash::ShortHash;
use super::types::PairingKind;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// Device of the account that an Echo is. The Echo serves the player of that name from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceBinding {
    /// The Echo, by its id for the skill.
    pub device: DeviceId,
    /// Short hash of its endpoint id, where known.
    pub endpoint: Option<ShortHash>,
    /// Short hash of its user's id, where known.
    pub user: Option<ShortHash>,
    /// Its language.
    pub locale: Option<String>,
    /// Its serial number at Amazon.
    pub serial: String,
    /// Its kind, where known.
    pub kind: Option<EchoKind>,
    /// Its name at Amazon, which is the id of its player in Music Assistant. That player need not be known.
    pub player: PlayerId,
    /// The request.
    pub request: RequestId,
    /// Time of the binding.
    pub at: Timestamp,
}

/// Changes that a binding makes, as it is afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingChange {
    /// The Echo first, then the one that had its serial number before.
    pub echos: Vec<Echo>,
    /// The player first, then what the Echo had only learned to serve.
    pub players: Vec<Player>,
}

impl DeviceBinding {
    fn pairing(&self) -> ManualPairing {
        ManualPairing {
            player: self.player.clone(),
            device: self.device.clone(),
            endpoint: self.endpoint.clone(),
            user: self.user.clone(),
            kind: PairingKind::Word,
            request: self.request.clone(),
            at: self.at,
        }
    }
}

impl Household {
    /// Changes that a binding makes; nothing where this very request made it before. The household is that of the binding's
    /// time.
    #[must_use]
    pub fn bind(&self, binding: &DeviceBinding) -> Option<BindingChange> {
        let player = self.player(&binding.player);
        if player.is_some_and(|player| player.was_paired_by(&binding.request)) {
            return None;
        }
        let others = self.echos.iter().filter(|echo| echo.device != binding.device);
        let mut namesakes = others.filter(|echo| echo.serial.as_ref() == Some(&binding.serial)).peekable();
        let mut linked = Echo::linked(self.echo(&binding.device), binding);
        if let Some(before) = namesakes.peek().filter(|_| linked.routes.is_empty()) {
            // The same device under its old id.
            linked.routes = before.routes.clone();
        }
        let player = player.cloned().unwrap_or_else(|| Player::new(&binding.player));
        Some(BindingChange {
            echos: std::iter::once(linked).chain(namesakes.map(Echo::unbound)).collect(),
            players: paired_by_hand(player, &self.players, &binding.pairing()),
        })
    }
}

impl Echo {
    /// The Echo after a binding, which is no question for music.
    #[must_use]
    pub fn linked(before: Option<&Self>, binding: &DeviceBinding) -> Self {
        let expires_at = binding.at.plus(super::RETENTION).seconds();
        Self {
            device: binding.device.clone(),
            endpoint: binding.endpoint.clone(),
            user: binding.user.clone(),
            locale: binding.locale.clone(),
            serial: Some(binding.serial.clone()),
            name: Some(binding.player.to_string()),
            kind: binding.kind.clone().or_else(|| before.and_then(|echo| echo.kind.clone())),
            asked_at: before.and_then(|echo| echo.asked_at),
            asked_request: before.and_then(|echo| echo.asked_request.clone()),
            asked_before: before.and_then(|echo| echo.asked_before),
            routes: before.map(|echo| echo.routes.clone()).unwrap_or_default(),
            expires_at: before.map_or(expires_at, |echo| echo.expires_at.max(expires_at)),
            revision: before.map_or(0, |echo| echo.revision),
        }
    }

    /// The Echo without what a binding said: another one has its serial number. An Echo gets a new id when the skill
    /// is enabled again.
    #[must_use]
    pub fn unbound(&self) -> Self {
        Self { serial: None, name: None, kind: None, ..self.clone() }
    }
}
