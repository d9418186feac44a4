//! Identifiers that Alexa hands to a skill. They name a household's people and devices, so that none of them
//! shows in a log: `Debug` prints a short hash.

use std::fmt;
use std::fmt::Write as _;

use ring::digest;
use serde::{Deserialize, Serialize};

/// The first 8 hexadecimal digits of the SHA-256 of `text`: enough to follow one thing through a log.
pub(super) fn short_hash(text: &str) -> String {
    let mut hex = String::with_capacity(8);
    for byte in digest::digest(&digest::SHA256, text.as_bytes()).as_ref().iter().take(4) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

macro_rules! opaque_id {
    ($(#[$meta:meta])* pub struct $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The whole identifier, as Alexa sent it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first 8 hexadecimal digits of the identifier's SHA-256, for logs.
            #[must_use]
            pub fn short_hash(&self) -> String {
                short_hash(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.short_hash())
            }
        }
    };
}

opaque_id! {
    /// An Echo, as one skill sees it (`context.System.device.deviceId`). Normally new after the skill was
    /// disabled and enabled again.
    pub struct DeviceId
}

opaque_id! {
    /// The account that enabled the skill (`context.System.user.userId`), at most 255 characters. New each
    /// time that the skill is enabled.
    pub struct UserId
}

opaque_id! {
    /// An Echo, as every skill of one vendor sees it (`context.System.device.persistentEndpointId`). Stays
    /// when the skill is disabled and enabled again.
    pub struct EndpointId
}

opaque_id! {
    /// A conversation between one Echo and one skill (`session.sessionId`).
    pub struct SessionId
}
