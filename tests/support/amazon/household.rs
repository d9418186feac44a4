//! The devices of the household, and what they do.

use std::time::Duration;

use super::account::{APP_TYPE, CUSTOMER};

/// The device type of speaker groups.
pub const GROUP_TYPE: &str = "A3C9PE6TNYLTCH";

/// The device type of stereo pairs.
pub const PAIR_TYPE: &str = "AP1F6KUH00XPV";

/// Another adult of the household, who owns nothing until a test gives them something.
pub const OTHER_OWNER: &str = "A2ALEXCUSTOMER002";

/// The serials of the household.
pub mod serial {
    /// Küche, an Echo.
    pub const KITCHEN: &str = "G0KITCHEN00000001";
    /// Wohnzimmer, an Echo Show.
    pub const LIVING_ROOM: &str = "G0LIVINGROOM00002";
    /// Büro, an Echo Spot that is offline.
    pub const STUDY: &str = "G0STUDY0000000003";
    /// Schlafzimmer links, an Echo of the stereo pair.
    pub const BEDROOM_LEFT: &str = "G0BEDROOMLEFT0004";
    /// Schlafzimmer rechts, the other one.
    pub const BEDROOM_RIGHT: &str = "G0BEDROOMRIGHT005";
    /// Everywhere, the group of Küche and Wohnzimmer.
    pub const EVERYWHERE: &str = "0c6f9de2a41b4c7d8e5f60718293a4b5";
    /// Schlafzimmer, the stereo pair.
    pub const BEDROOM_PAIR: &str = "7d3e1b9a50c24f6891a2b3c4d5e6f708";
    /// Kim's iPhone, the Alexa app.
    pub const PHONE: &str = "B1PHONE0000000006";
    /// Fernseher, a Fire TV.
    pub const TELEVISION: &str = "G0TELEVISION00007";
    /// Kims Fire, a tablet.
    pub const TABLET: &str = "G0TABLET000000008";
}

/// Media that a device plays by way of Amazon's own player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Playing, or paused.
    pub playing: bool,
    /// Of the track.
    pub title: String,
    /// Of the track.
    pub artist: String,
    /// Of the track.
    pub album: String,
    /// Provider of the media. That of `Spotify` is in the sessions, but not in Amazon's player.
    pub provider: String,
    /// Position in the track.
    pub progress: Duration,
    /// Length of the track.
    pub length: Duration,
    /// Number of skipped tracks, less those that were gone back.
    pub skipped: i32,
    /// Whether the queue is shuffled.
    pub shuffle: bool,
    /// Whether it repeats.
    pub repeat: bool,
}

impl Media {
    /// A track that has played for a minute.
    #[must_use]
    pub fn track(title: &str, artist: &str) -> Self {
        Self {
            playing: true,
            title: title.to_owned(),
            artist: artist.to_owned(),
            album: "Blue".to_owned(),
            provider: "Amazon Music".to_owned(),
            progress: Duration::from_secs(61),
            length: Duration::from_secs(199),
            skipped: 0,
            shuffle: false,
            repeat: false,
        }
    }
}

/// One device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// As the person called it.
    pub name: String,
    /// Names it in commands, with its type.
    pub serial: String,
    /// Such as `A32DOYMUN6DTXA`.
    pub device_type: String,
    /// Such as `ECHO`.
    pub family: String,
    /// Whether commands reach it.
    pub online: bool,
    /// Capabilities of the device.
    pub capabilities: Vec<String>,
    /// The serials of its members, when it is a group.
    pub members: Vec<String>,
    /// The serials of the groups that it is in.
    pub groups: Vec<String>,
    /// The customer id of its owner.
    pub owner: String,
    /// The id of its account.
    pub account_id: String,
    /// 0 to 100.
    pub volume: u8,
    /// Whether a person muted it by voice.
    pub muted: bool,
    /// Do not disturb.
    pub do_not_disturb: bool,
    /// Nothing when it is idle.
    pub media: Option<Media>,
    /// Texts that it spoke, oldest first.
    pub spoken: Vec<String>,
    /// Texts that it announced, oldest first.
    pub announced: Vec<String>,
}

const SPEAKER: [&str; 6] =
    ["AUDIO_PLAYER", "MUSIC_SKILL", "VOLUME_SETTING", "MICROPHONE", "REMINDERS", "TIMERS_AND_ALARMS"];

impl Device {
    /// A device that is online, silent, in no group, owned by [`CUSTOMER`], and can what an Echo can.
    #[must_use]
    pub fn new(name: &str, serial: &str, device_type: &str, family: &str) -> Self {
        Self {
            name: name.to_owned(),
            serial: serial.to_owned(),
            device_type: device_type.to_owned(),
            family: family.to_owned(),
            online: true,
            capabilities: SPEAKER.map(str::to_owned).into(),
            members: Vec::new(),
            groups: Vec::new(),
            owner: CUSTOMER.to_owned(),
            account_id: format!("A3ACCOUNT{serial}"),
            volume: 30,
            muted: false,
            do_not_disturb: false,
            media: None,
            spoken: Vec::new(),
            announced: Vec::new(),
        }
    }

    fn with_capabilities(self, capabilities: &[&str]) -> Self {
        Self { capabilities: capabilities.iter().map(|&name| name.to_owned()).collect(), ..self }
    }

    /// Whether it is a speaker group or a stereo pair.
    #[must_use]
    pub fn is_group(&self) -> bool {
        [GROUP_TYPE, PAIR_TYPE].contains(&self.device_type.as_str())
    }

    /// Whether it is a piece of hardware that speaks.
    pub(super) fn is_echo(&self) -> bool {
        ["ECHO", "KNIGHT", "ROOK"].contains(&self.family.as_str()) && !self.is_group()
    }

    /// Media of Amazon's own player; music of Spotify is not there.
    pub(super) fn amazon_media(&mut self) -> Option<&mut Media> {
        self.media.as_mut().filter(|media| media.provider != "Spotify")
    }
}

/// All devices.
#[derive(Debug)]
pub(super) struct Household(pub(super) Vec<Device>);

impl Household {
    /// Five Echos, a group, a stereo pair, an app, a television and a tablet.
    pub(super) fn new() -> Self {
        let study = Device::new("Büro", serial::STUDY, "A10A33FOX2NUBK", "ROOK");
        let phone = Device::new("Kim's iPhone", serial::PHONE, APP_TYPE, "VOX");
        let television = Device::new("Fernseher", serial::TELEVISION, "AKPGW064GI9HE", "FIRE_TV");
        let tablet = Device::new("Kims Fire", serial::TABLET, "A38EHHIB10L47V", "TABLET");
        let mut household = Self(vec![
            Device::new("Küche", serial::KITCHEN, "A32DOYMUN6DTXA", "ECHO"),
            Device::new("Wohnzimmer", serial::LIVING_ROOM, "A1Z88NGR2BK6A2", "KNIGHT"),
            Device { online: false, ..study },
            Device::new("Schlafzimmer links", serial::BEDROOM_LEFT, "A3S5BH2HU6VAYF", "ECHO"),
            Device::new("Schlafzimmer rechts", serial::BEDROOM_RIGHT, "A3S5BH2HU6VAYF", "ECHO"),
            phone.with_capabilities(&["MICROPHONE"]),
            television.with_capabilities(&["AUDIO_PLAYER", "MICROPHONE"]),
            tablet.with_capabilities(&["AUDIO_PLAYER", "MICROPHONE", "VOLUME_SETTING"]),
        ]);
        household.group(
            Device::new("Everywhere", serial::EVERYWHERE, GROUP_TYPE, "WHA"),
            &[serial::KITCHEN, serial::LIVING_ROOM],
        );
        household.group(
            Device::new("Schlafzimmer", serial::BEDROOM_PAIR, PAIR_TYPE, "ECHO"),
            &[serial::BEDROOM_LEFT, serial::BEDROOM_RIGHT],
        );
        household
    }

    fn group(&mut self, group: Device, members: &[&str]) {
        for member in members {
            if let Some(device) = self.find(member) {
                device.groups.push(group.serial.clone());
            }
        }
        let group = group.with_capabilities(&["MUSIC_SKILL", "VOLUME_SETTING", "MICROPHONE"]);
        self.0.push(Device { members: members.iter().map(|&member| member.to_owned()).collect(), ..group });
    }

    pub(super) fn find(&mut self, serial: &str) -> Option<&mut Device> {
        self.0.iter_mut().find(|device| device.serial == serial)
    }

    /// A device by both parts of its address.
    pub(super) fn addressed(&mut self, serial: &str, device_type: &str) -> Option<&mut Device> {
        self.find(serial).filter(|device| device.device_type == device_type)
    }
}
