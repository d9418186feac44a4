//! Public addresses of what Music Assistant offers: Music Assistant serves plain HTTP in the home network, an Echo
//! needs public HTTPS.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::stream::StreamUrl;
use crate::config::{BaseUrl, Origin, StreamOverrides};

/// Longest address that Alexa accepts for an image, in characters (Alexa Skills Kit, limits).
const MAX_ART_LENGTH: usize = 2000;

/// Ends of host names that only a home network resolves.
const LOCAL_SUFFIXES: [&str; 9] =
    ["local", "localhost", "localdomain", "lan", "home", "internal", "intranet", "home.arpa", "fritz.box"];

/// The public addresses that stand before Music Assistant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamAddresses {
    /// Replacement for scheme and authority of a stream.
    pub stream_base: Option<BaseUrl>,
    /// An https origin that is Music Assistant's own, although it looks public.
    pub ma_origin: Option<Origin>,
    /// Replacement for scheme and authority of a picture of Music Assistant's image proxy.
    pub art_base: Option<BaseUrl>,
}

/// The stream stands on an address that no Echo reaches, and no public one is configured for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an Echo cannot reach this stream: it needs a public https address. Set STREAM_BASE_URL, \
     for example https://music.example.com"
)]
pub struct Unreachable;

impl From<&StreamOverrides> for StreamAddresses {
    fn from(addresses: &StreamOverrides) -> Self {
        Self {
            stream_base: addresses.stream_base.clone(),
            ma_origin: addresses.ma_origin.clone(),
            art_base: addresses.art_base.clone(),
        }
    }
}

impl StreamAddresses {
    /// The address under which an Echo fetches a stream, always https.
    ///
    /// # Errors
    /// When the stream stands in the home network and `stream_base` is not set.
    pub fn stream(&self, stream: &StreamUrl) -> Result<String, Unreachable> {
        let path = stream.path_for_echo();
        if self.is_reachable(stream.origin()) {
            return Ok(format!("{}{path}", stream.origin()));
        }
        self.stream_base.as_ref().map(|base| base.join(&path)).ok_or(Unreachable)
    }

    /// The address under which an Echo fetches a picture, always https; `None` where it could not. Of the pictures at home
    /// those alone have one that Music Assistant names by 64 hex digits.
    #[must_use]
    pub fn art(&self, image: &str) -> Option<String> {
        let url = Url::parse(image.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let public = if self.is_reachable(&url.origin().ascii_serialization()) {
            url.to_string()
        } else {
            let name = picture_name(url.path())?;
            self.art_base.as_ref()?.join(&format!("/imageproxy/{name}"))
        };
        (public.chars().count() <= MAX_ART_LENGTH).then_some(public)
    }

    /// Whether an Echo reaches this origin as it stands.
    fn is_reachable(&self, origin: &str) -> bool {
        let Ok(url) = Url::parse(origin) else { return false };
        let ours = self.ma_origin.as_ref().is_some_and(|ours| ours.is(&url));
        url.scheme() == "https" && !ours && url.host().is_some_and(|host| is_public(&host))
    }
}

/// The name of a picture that Music Assistant gives out itself: 64 hex digits. Its older releases take an address, into
/// which any other address can be put. No proxy of ours lets that out, nor a query.
fn picture_name(path: &str) -> Option<&str> {
    let name = path.trim_start_matches('/').strip_prefix("imageproxy/")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (name.len() == 64 && name.bytes().all(is_digit)).then_some(name)
}

/// Whether a host can be reached from outside the home, as far as its name tells.
pub(crate) fn is_public(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_public_v4(*address),
        Host::Ipv6(address) => is_public_v6(*address),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let local = |suffix: &&str| name.strip_suffix(*suffix).is_some_and(|rest| rest.ends_with('.'));
            name.contains('.')
                && !LOCAL_SUFFIXES.iter().any(local)
                && !LOCAL_SUFFIXES.contains(&name.as_str())
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    let carrier_grade_nat = a == 100 && (64..128).contains(&b);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || carrier_grade_nat)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local())
}
