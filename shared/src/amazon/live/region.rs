//! Regions of the stream: one host of Amazon's for each (docs/amazon-api.md, 8.2).

use url::Url;

use crate::account::{AmazonHost, Marketplace};

/// A region of Amazon's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveRegion {
    /// North and South America.
    America,
    /// Europe, the Middle East, Africa and India.
    Europe,
    /// Japan, Australia and what lies around.
    FarEast,
}

impl LiveRegion {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::America, Self::Europe, Self::FarEast];

    /// The region of a shop, as far as others know. Amazon itself names the right one once the stream is open.
    #[must_use]
    pub fn of(marketplace: &Marketplace) -> Self {
        match marketplace.suffix() {
            "com" | "ca" | "com.mx" | "com.br" => Self::America,
            "co.jp" | "com.au" | "co.nz" | "sg" => Self::FarEast,
            _ => Self::Europe,
        }
    }

    /// The region of an address that Amazon names. Its hosts have two names; no token goes to any other.
    #[must_use]
    pub fn of_endpoint(endpoint: &str) -> Option<Self> {
        let text = if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") };
        let url = Url::parse(&text).ok().filter(|url| url.scheme() == "https")?;
        let host = url.host_str()?;
        Self::ALL.into_iter().find(|region| {
            let word = region.as_str();
            host == region.host_name() || host == format!("alexa.{word}.gateway.devices.a2z.com")
        })
    }

    /// Its short word: `na`, `eu` or `fe`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::America => "na",
            Self::Europe => "eu",
            Self::FarEast => "fe",
        }
    }

    /// Its host.
    #[must_use]
    pub fn host(self) -> Option<AmazonHost> {
        AmazonHost::parse(self.host_name()).ok()
    }

    fn host_name(self) -> &'static str {
        match self {
            Self::America => "bob-dispatch-prod-na.amazon.com",
            Self::Europe => "bob-dispatch-prod-eu.amazon.com",
            Self::FarEast => "bob-dispatch-prod-fe.amazon.com",
        }
    }
}
