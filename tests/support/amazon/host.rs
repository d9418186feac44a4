//! The hosts that there are.

use super::live::region_of_service;

/// A marketplace, and the region whose hosts serve it.
const MARKETPLACES: [(&str, Region); 12] = [
    ("com", Region { name: "NA", prefix: "na" }),
    ("ca", Region { name: "NA", prefix: "na" }),
    ("com.mx", Region { name: "NA", prefix: "na" }),
    ("com.br", Region { name: "NA", prefix: "na" }),
    ("co.uk", Region { name: "EU", prefix: "eu" }),
    ("de", Region { name: "EU", prefix: "eu" }),
    ("fr", Region { name: "EU", prefix: "eu" }),
    ("it", Region { name: "EU", prefix: "eu" }),
    ("es", Region { name: "EU", prefix: "eu" }),
    ("in", Region { name: "EU", prefix: "eu" }),
    ("co.jp", Region { name: "FE", prefix: "fe" }),
    ("com.au", Region { name: "FE", prefix: "fe" }),
];

/// Hosts of a marketplace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    /// As the answer to a registration names it.
    pub(super) name: &'static str,
    /// As host names begin.
    pub(super) prefix: &'static str,
}

/// The region of a marketplace, which is written as what follows `amazon.` in host names.
pub(super) fn region(marketplace: &str) -> Option<Region> {
    MARKETPLACES.iter().find(|(name, _)| *name == marketplace).map(|(_, region)| *region)
}

/// Purpose of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `www.amazon.*`: sign-in and cookies.
    Retail,
    /// `alexa.amazon.*`: the web app and its API.
    Web,
    /// `api.amazon.*`: registration and tokens.
    Tokens,
    /// `eu-api-alexa.amazon.de` and so on: the API of the app.
    App,
    /// `api.amazonalexa.com`.
    Capabilities,
    /// `bob-dispatch-prod-eu.amazon.com` and so on: live events.
    Live(Region),
}

/// A host that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) kind: Kind,
    /// Such as `co.uk`.
    pub(super) marketplace: String,
}

impl Host {
    /// From a `Host` header.
    pub(super) fn parse(name: &str) -> Option<Self> {
        if name == "api.amazonalexa.com" {
            return Some(Self { kind: Kind::Capabilities, marketplace: "com".to_owned() });
        }
        let (service, marketplace) = name.split_once(".amazon.")?;
        let region = region(marketplace)?;
        let kind = match service {
            "www" => Kind::Retail,
            "alexa" => Kind::Web,
            "api" => Kind::Tokens,
            _ if marketplace == "com" && region_of_service(service).is_some() => {
                region_of_service(service).map(Kind::Live)?
            }
            _ if service.strip_suffix("-api-alexa") == Some(region.prefix) => Kind::App,
            _ => return None,
        };
        Some(Self { kind, marketplace: marketplace.to_owned() })
    }

    /// Whether it serves the API that wants cookies.
    pub(super) fn wants_cookies(&self) -> bool {
        matches!(self.kind, Kind::Web | Kind::App)
    }
}
