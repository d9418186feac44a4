//! Pictures of devices.

use crate::account::{Device, DeviceKind};

/// A picture of a kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// A tall round speaker.
    Echo,
    /// A small ball.
    Dot,
    /// A screen with a speaker behind it.
    Show,
    /// A wide speaker.
    Studio,
    /// Several speakers.
    Group,
    /// Two speakers.
    Pair,
    /// A television.
    Television,
    /// A tablet or a telephone.
    Tablet,
}

/// Types of Echo Dots and of others of their shape. Amazon publishes no list of types; one that is not here gets the
/// picture of its family.
const DOTS: [&str; 9] = [
    "AKNO1N0KSFN8L",
    "A3S5BH2HU6VAYF",
    "A32DOYMUN6DTXA",
    "A1RABVCI4QCIKC",
    "A30YDR2MK8HMRV",
    "A2U21SRK4QGSE1",
    "A2H4LV5GIZ1JFT",
    "A4ZXE0RM7LQ7A",
    "A2DS1Q2TPDJ48U",
];

/// The type of the Echo Studio.
const STUDIO: &str = "A3RBAYBE7VM004";

impl Picture {
    pub(crate) fn of(device: &Device) -> Self {
        match (device.kind, device.family.as_str()) {
            (DeviceKind::Group, _) => Self::Group,
            (DeviceKind::StereoPair, _) => Self::Pair,
            (_, "KNIGHT" | "ROOK") => Self::Show,
            (_, "FIRE_TV") => Self::Television,
            (DeviceKind::Other, _) => Self::Tablet,
            (DeviceKind::Echo, _) if device.device_type == STUDIO => Self::Studio,
            (DeviceKind::Echo, _) if DOTS.contains(&device.device_type.as_str()) => Self::Dot,
            (DeviceKind::Echo, _) => Self::Echo,
        }
    }

    /// The text that names the kind.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Echo => "kind-echo",
            Self::Dot => "kind-dot",
            Self::Show => "kind-show",
            Self::Studio => "kind-studio",
            Self::Group => "kind-group",
            Self::Pair => "kind-pair",
            Self::Television => "kind-television",
            Self::Tablet => "kind-tablet",
        }
    }
}
