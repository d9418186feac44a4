//! The devices of an Amazon account.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::playback::{DeviceBinding, Echo, EchoKind, Household, PairingKind, Player, PlayerId, short_hash};

/// Kind of a device, as far as it matters here (docs/amazon-api.md, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// One Echo, or another speaker with Alexa built in.
    Echo,
    /// Two Echos that play as one, left and right.
    StereoPair,
    /// A multi-room group.
    Group,
    /// A television, a tablet or something else that plays, without being a speaker.
    Other,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its address, together with `device_type`.
    pub serial: String,
    /// Amazon's type of the device, such as `A32DOYMUN6DTXA`.
    pub device_type: String,
    /// Its name at Amazon, which is its player's id in Music Assistant. Not unique.
    pub name: String,
    /// Amazon's family, such as `ECHO`, `KNIGHT` (a screen) or `WHA` (a group).
    pub family: String,
    /// Kind of the device.
    pub kind: DeviceKind,
    /// Whether Amazon reaches it.
    pub online: bool,
    /// Whether its volume can be set.
    pub has_volume: bool,
    /// Serial numbers of a group's or pair's members, sorted; empty for everything else, and where Amazon does not
    /// tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The customer whose device it is, in a household of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The language that it speaks, where Amazon reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// The devices as Amazon listed them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceList {
    /// Sorted by name.
    pub devices: Vec<Device>,
    /// Time of Amazon's list.
    pub listed_at: Timestamp,
}

impl Device {
    /// Its kind, by which Echos are compared.
    #[must_use]
    pub fn echo_kind(&self) -> EchoKind {
        EchoKind { family: self.family.clone(), device_type: self.device_type.clone() }
    }

    /// The Echos that speak for it to the skill: itself, or the halves of a pair.
    pub fn linked<'a>(&'a self, household: &'a Household) -> impl Iterator<Item = &'a Echo> {
        let halves = if self.kind == DeviceKind::StereoPair { self.members.as_slice() } else { &[] };
        household.echos.iter().filter(move |echo| {
            let serial = echo.serial.as_ref();
            serial.is_some_and(|serial| *serial == self.serial || halves.contains(serial))
        })
    }

    /// The players that it may play: those that its Echos serve, of a pair only the one of its own name.
    #[must_use]
    pub fn players<'a>(&'a self, household: &'a Household) -> Vec<&'a Player> {
        let served = self.linked(household).flat_map(|echo| household.served_by(&echo.device));
        let mut players: Vec<&Player> = Vec::new();
        for player in served {
            let is_own = self.kind != DeviceKind::StereoPair || player.player.as_str() == self.name;
            if is_own && !players.iter().any(|known| known.player == player.player) {
                players.push(player);
            }
        }
        players
    }
}

impl DeviceList {
    /// The device with this serial number.
    #[must_use]
    pub fn get(&self, serial: &str) -> Option<&Device> {
        self.devices.iter().find(|device| device.serial == serial)
    }

    /// The pairings that follow an Echo to its new name: the serial number of its challenge is listed under
    /// another name than then. What a person decided about either name stays, as does a name that two devices have.
    #[must_use]
    pub fn renamed(&self, household: &Household, now: Timestamp) -> Vec<DeviceBinding> {
        household.echos.iter().filter_map(|echo| self.renamed_to(echo, household, now)).collect()
    }

    fn renamed_to(&self, echo: &Echo, household: &Household, now: Timestamp) -> Option<DeviceBinding> {
        let (serial, before) = (echo.serial.as_ref()?, echo.name.as_ref()?);
        let device = self.get(serial)?;
        let name = &device.name;
        let is_unique = self.devices.iter().filter(|device| &device.name == name).count() == 1;
        let pairing = |name: &str| household.player(&PlayerId::from(name)).map(|player| &player.pairing);
        // Where its pairing was undone, or given to another Echo by a person, nothing follows.
        let carried = pairing(before)?.as_ref().is_some_and(|pairing| {
            pairing.device.as_ref() == Some(&echo.device) || pairing.kind == PairingKind::Word
        });
        let decided = pairing(name).and_then(Option::as_ref).is_some_and(|pairing| {
            matches!(pairing.kind, PairingKind::Voice | PairingKind::Manual) && pairing.device.is_some()
        });
        (name != before && is_unique && carried && !decided).then(|| DeviceBinding {
            device: echo.device.clone(),
            endpoint: echo.endpoint.clone(),
            user: echo.user.clone(),
            locale: echo.locale.clone(),
            serial: serial.clone(),
            kind: Some(device.echo_kind()),
            player: PlayerId::from(name.as_str()),
            request: format!("renamed {serial} {} {}", self.listed_at.millis(), short_hash(name).as_str()),
            at: now,
        })
    }

    /// The Echos that a device stands for: itself, or the members of a group, those of a pair within it included.
    /// Each once, in the order of the list.
    #[must_use]
    pub fn echos_of<'a>(&'a self, device: &'a Device) -> Vec<&'a Device> {
        let mut serials = vec![device.serial.as_str()];
        let mut at = 0;
        while let Some(serial) = serials.get(at).copied() {
            for member in self.get(serial).into_iter().flat_map(|device| &device.members) {
                if !serials.contains(&member.as_str()) {
                    serials.push(member);
                }
            }
            at += 1;
        }
        let single =
            |device: &&Device| device.members.is_empty() && serials.contains(&device.serial.as_str());
        self.devices.iter().filter(single).collect()
    }
}
