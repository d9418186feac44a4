//! Media of the home that is none of Music Assistant's: what may be fetched, and from where.

use std::fmt;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use async_trait::async_trait;
use axum::http::Uri;
use url::{Host, Url};

use super::health::DoorFailureKind;

/// Types of lists, which name addresses that an Echo does not reach (RFC 8216, 4).
const LISTS: [&str; 4] = ["audio/x-mpegurl", "audio/mpegurl", "audio/x-scpls", "audio/scpls"];

/// Ends of names of files that hold what an Echo plays, for servers that know no type.
const SOUNDS: [&str; 4] = [".mp3", ".m4a", ".aac", ".mp4"];

/// Decides from which machines media is fetched.
#[async_trait]
pub trait MediaHosts: fmt::Debug + Send + Sync {
    /// Whether media may be fetched from this address.
    fn allows(&self, address: SocketAddr) -> bool;

    /// The addresses of a name, as this machine resolves it.
    async fn resolve(&self, name: &str, port: u16) -> Vec<SocketAddr> {
        match tokio::net::lookup_host((name, port)).await {
            Ok(addresses) => addresses.collect(),
            Err(error) => {
                tracing::debug!(%error, "a name of media does not resolve");
                Vec::new()
            }
        }
    }
}

/// The machines of the home: those with a private IPv4 address (RFC 1918), without this program itself.
#[derive(Clone, Debug, Default)]
pub struct HomeHosts {
    own_ports: Vec<u16>,
}

impl HomeHosts {
    /// This program listens on these ports.
    #[must_use]
    pub fn new(own_ports: Vec<u16>) -> Self {
        Self { own_ports }
    }
}

#[async_trait]
impl MediaHosts for HomeHosts {
    fn allows(&self, address: SocketAddr) -> bool {
        let IpAddr::V4(host) = address.ip() else { return false };
        host.is_private() && !(self.own_ports.contains(&address.port()) && is_own(address))
    }
}

/// Whether an address is one of this machine: it reaches itself from there alone. Nothing is sent.
fn is_own(address: SocketAddr) -> bool {
    let from = || {
        let socket = UdpSocket::bind(SocketAddr::from(([0, 0, 0, 0], 0))).ok()?;
        socket.connect(address).ok()?;
        socket.local_addr().ok()
    };
    from().is_some_and(|from| from.ip() == address.ip())
}

/// The address in a grant. None where two readers of addresses could see two of them: a seal proves who made a grant, and
/// this that it is harmless.
pub(super) fn address(text: &str) -> Option<Uri> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.as_str() == text && url.fragment().is_none();
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    let uri: Uri = text.parse().ok().filter(|_| is_plain && !has_credentials)?;
    let is_same = uri.scheme_str() == Some(url.scheme()) && uri.host() == url.host_str();
    (matches!(url.scheme(), "http" | "https") && is_same && uri.port_u16() == url.port()).then_some(uri)
}

/// The one address to which the connection for media is made, which is resolved here and nowhere else.
pub(super) async fn pinned(hosts: &dyn MediaHosts, media: &Uri) -> Result<SocketAddr, DoorFailureKind> {
    let url = Url::parse(&media.to_string()).map_err(|_| DoorFailureKind::Unreachable)?;
    let port = url.port_or_known_default().ok_or(DoorFailureKind::Unreachable)?;
    let addresses = match url.host() {
        Some(Host::Ipv4(address)) => vec![SocketAddr::from((address, port))],
        Some(Host::Domain(name)) => hosts.resolve(name, port).await,
        Some(Host::Ipv6(_)) | None => Vec::new(),
    };
    let mut plain = addresses.into_iter().map(|address| SocketAddr::new(address.ip().to_canonical(), port));
    plain.find(|address| hosts.allows(*address)).ok_or(DoorFailureKind::Unreachable)
}

/// Whether an answer of this type is sound that an Echo may play.
pub(super) fn is_sound(media_type: &str, media: &Uri) -> bool {
    let path = media.path().to_ascii_lowercase();
    match media_type {
        "application/octet-stream" => SOUNDS.iter().any(|end| path.ends_with(end)),
        other => other.starts_with("audio/") && !LISTS.contains(&other),
    }
}

/// The failure of a fetch of media, as a sentence for people.
pub(super) fn reason(kind: DoorFailureKind) -> &'static str {
    match kind {
        DoorFailureKind::NoOrigin | DoorFailureKind::Unreachable => {
            "the machine of this address is not reached, or is none of the home: use its IPv4 address"
        }
        DoorFailureKind::Silent => "the machine of this address does not answer within 5 s",
        DoorFailureKind::Garbled => "the machine of this address answers no HTTP",
        DoorFailureKind::Redirect => {
            "this address redirects, which is not followed: use the one that it leads to"
        }
        DoorFailureKind::Status(404) => "there is no file at this address any more",
        DoorFailureKind::Status(_) => "the machine of this address refuses the file",
        DoorFailureKind::Content => "what comes from this address is no sound, or a list of addresses",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A home in which each name has the same addresses.
    #[derive(Debug)]
    struct Home(Vec<SocketAddr>);

    #[async_trait]
    impl MediaHosts for Home {
        fn allows(&self, address: SocketAddr) -> bool {
            HomeHosts::default().allows(address)
        }

        async fn resolve(&self, _: &str, _: u16) -> Vec<SocketAddr> {
            self.0.clone()
        }
    }

    async fn of(resolved: &[&str], media: &str) -> Option<String> {
        let home = Home(resolved.iter().map(|address| address.parse().unwrap()).collect());
        let pinned = pinned(&home, &address(media)?).await;
        pinned.ok().map(|address| address.to_string())
    }

    #[tokio::test]
    async fn media_is_fetched_from_private_addresses_alone() {
        for (media, at) in [
            ("http://192.168.1.5:8123/a.mp3", Some("192.168.1.5:8123")),
            ("https://10.0.0.5/a.mp3", Some("10.0.0.5:443")),
            ("http://8.8.8.8/a.mp3", None),
            ("http://127.0.0.1/a.mp3", None),
            ("http://169.254.169.254/a.mp3", None),
            ("http://100.64.0.1/a.mp3", None),
            ("http://[::1]/a.mp3", None),
            ("http://[fd00::5]/a.mp3", None),
            ("http://[::ffff:192.168.1.5]/a.mp3", None),
        ] {
            assert_eq!(of(&[], media).await.as_deref(), at, "{media}");
        }
    }

    #[tokio::test]
    async fn a_name_leads_to_private_addresses_alone() {
        let name = "http://nas.local:8080/a.mp3";
        assert_eq!(of(&["192.168.1.9:0"], name).await.as_deref(), Some("192.168.1.9:8080"));
        let mixed = ["[fe80::1]:0", "8.8.8.8:0", "127.0.0.1:0", "172.16.0.9:0"];
        assert_eq!(of(&mixed, name).await.as_deref(), Some("172.16.0.9:8080"));
        assert_eq!(of(&["[::ffff:10.0.0.9]:0"], name).await.as_deref(), Some("10.0.0.9:8080"));
        for elsewhere in ["127.0.0.1:0", "8.8.8.8:0", "169.254.169.254:0", "[::1]:0", "0.0.0.0:0"] {
            assert_eq!(of(&[elsewhere], name).await, None, "{elsewhere}");
        }
        assert_eq!(of(&[], name).await, None);
    }

    #[test]
    fn own_ports_are_closed_at_this_machine_alone() {
        let loopback: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        assert!(is_own(loopback) && !is_own("192.0.2.1:5000".parse().unwrap()));
        let home = HomeHosts::new(vec![5000]);
        assert!(!home.allows(loopback));
        assert!(home.allows("10.255.255.1:5001".parse().unwrap()));
    }

    #[test]
    fn sound_alone_is_sound() {
        let media = |path: &str| format!("http://192.168.1.5{path}").parse::<Uri>().unwrap();
        for (media_type, path, passes) in [
            ("audio/mpeg", "/a", true),
            ("audio/aacp", "/live", true),
            ("audio/x-mpegurl", "/a.m3u", false),
            ("application/vnd.apple.mpegurl", "/a.m3u8", false),
            ("application/octet-stream", "/a.MP3", true),
            ("application/octet-stream", "/a", false),
            ("application/octet-stream", "/a?b.mp3", false),
            ("application/ogg", "/a.ogg", false),
            ("text/html", "/a.mp3", false),
            ("video/mp4", "/a.mp4", false),
            ("", "/a.mp3", false),
        ] {
            assert_eq!(is_sound(media_type, &media(path)), passes, "{media_type} {path}");
        }
    }

    proptest! {
        #[test]
        fn an_address_of_media_is_one_for_every_reader(
            text in r"https?://([a-z0-9.:@\[\]%/\\#?]|\PC){0,24}",
        ) {
            let Some(uri) = address(&text) else { return Ok(()) };
            prop_assert_eq!(uri.to_string(), &*text);
            let url = Url::parse(&text).unwrap();
            prop_assert_eq!(url.host_str(), uri.host());
            prop_assert!(!text.contains('#') && url.username().is_empty());
        }
    }
}
