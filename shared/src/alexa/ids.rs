//! Temporary.
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($name:ident) => {
        /// Id.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);
        impl $name {
            /// Text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<String> for $name {
            fn from(s: String) -> Self {
                Self(s)
            }
        }
    };
}
id!(DeviceId);
id!(UserId);
id!(EndpointId);
