//! The messages of discovery (SSDP; UPnP Device Architecture 1.0, section 1).

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::upnp::PRODUCT;
use crate::upnp::media_renderer::Identity;
use crate::upnp::services::Service;

/// The type of the device.
const DEVICE: &str = "urn:schemas-upnp-org:device:MediaRenderer:1";

/// The group of searches and announcements (UPnP Device Architecture 1.0, section 1).
pub(super) const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);

/// Longest search, in bytes.
pub(super) const MAX_SEARCH: usize = 2048;

/// Longest target of a search, in bytes.
const MAX_TARGET: usize = 256;

/// Most headers of a search.
const MAX_HEADERS: usize = 32;

/// Longest that a searcher waits, in seconds (UPnP Device Architecture 1.1, section 1.3.2).
const MAX_WAIT: u64 = 5;

/// Time for which an announcement holds.
pub(super) const MAX_AGE: Duration = Duration::from_mins(30);

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::upnp) struct Search {
    /// The type that is searched for.
    pub(in crate::upnp) target: String,
    /// Time for which the searcher waits, 1 to 5 s.
    pub(in crate::upnp) wait: Duration,
}

/// Something that a renderer offers: the renderer itself, or one of its services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// Its type, which a search may name.
    pub(super) kind: String,
    /// Its name, which no other in the network has.
    pub(super) name: String,
}

/// The headers that all messages of one renderer have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    /// The number of this start.
    pub(super) boot: u32,
    /// The number of the description.
    pub(super) config: u32,
}

impl Search {
    /// Reads a datagram; none where it is no search that can be answered.
    pub(in crate::upnp) fn read(datagram: &[u8]) -> Option<Self> {
        let text = str::from_utf8(datagram).ok().filter(|text| text.len() <= MAX_SEARCH)?;
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let mut words = lines.next()?.split_ascii_whitespace();
        let is_search = words.next() == Some("M-SEARCH") && words.next() == Some("*");
        words.next().filter(|version| is_search && version.starts_with("HTTP/1."))?;
        let (mut target, mut wait, mut discovers) = (None, Duration::from_secs(1), false);
        for line in lines.take_while(|line| !line.is_empty()).take(MAX_HEADERS) {
            let Some((name, value)) = line.split_once(':') else { continue };
            let (name, value) = (name.trim(), value.trim());
            if name.eq_ignore_ascii_case("man") {
                discovers = value.trim_matches('"') == "ssdp:discover";
            } else if name.eq_ignore_ascii_case("st") {
                target = Some(value);
            } else if name.eq_ignore_ascii_case("mx") {
                wait = Duration::from_secs(value.parse().unwrap_or(1).clamp(1, MAX_WAIT));
            }
        }
        let is_target = |target: &&str| {
            (1..=MAX_TARGET).contains(&target.len()) && target.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let target = target.filter(|target| discovers && is_target(target))?;
        Some(Self { target: target.to_owned(), wait })
    }

    /// Whether something is searched for.
    pub(super) fn finds(&self, offer: &Offer) -> bool {
        self.target == "ssdp:all" || self.target.eq_ignore_ascii_case(&offer.kind)
    }
}

/// The offers of a renderer: itself by three types, and its services.
pub(super) fn offers(identity: &Identity) -> Vec<Offer> {
    let own = format!("uuid:{}", identity.udn);
    let of = |kind: &str| Offer { kind: kind.to_owned(), name: format!("{own}::{kind}") };
    let itself = Offer { kind: own.clone(), name: own.clone() };
    let services = Service::ALL.iter().map(|service| of(service.kind()));
    [of("upnp:rootdevice"), itself, of(DEVICE)].into_iter().chain(services).collect()
}

/// The number of a description, which changes with it (UPnP Device Architecture 1.1, section 1.2.2).
pub(super) fn config(identity: &Identity) -> u32 {
    let text = [identity.name.as_str(), "\0", identity.model.name()].into_iter().flat_map(str::bytes);
    // FNV-1a, to 24 bits.
    let hash = text.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash >> 8
}

/// The address of a description, as the other end reaches it.
fn location(address: SocketAddr, identity: &Identity) -> String {
    format!("http://{address}/{}/description.xml", identity.udn)
}

/// The answer to a search.
pub(super) fn answer(offer: &Offer, identity: &Identity, address: SocketAddr, stamp: Stamp) -> String {
    let mut message = format!(
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age={}\r\nEXT:\r\nLOCATION: {}\r\nSERVER: {PRODUCT}\r\nST: {}\r\n",
        MAX_AGE.as_secs(),
        location(address, identity),
        offer.kind,
    );
    finish(&mut message, offer, stamp);
    message
}

/// Says that something is there.
pub(super) fn alive(offer: &Offer, identity: &Identity, address: SocketAddr, stamp: Stamp) -> String {
    let mut message = format!(
        "NOTIFY * HTTP/1.1\r\nHOST: {GROUP}:1900\r\nCACHE-CONTROL: max-age={}\r\nLOCATION: {}\r\nNT: {}\r\n\
         NTS: ssdp:alive\r\nSERVER: {PRODUCT}\r\n",
        MAX_AGE.as_secs(),
        location(address, identity),
        offer.kind,
    );
    finish(&mut message, offer, stamp);
    message
}

/// Says that something goes.
pub(super) fn byebye(offer: &Offer, stamp: Stamp) -> String {
    let mut message =
        format!("NOTIFY * HTTP/1.1\r\nHOST: {GROUP}:1900\r\nNT: {}\r\nNTS: ssdp:byebye\r\n", offer.kind);
    finish(&mut message, offer, stamp);
    message
}

fn finish(message: &mut String, offer: &Offer, stamp: Stamp) {
    let Stamp { boot, config } = stamp;
    let _ = write!(
        message,
        "USN: {}\r\nBOOTID.UPNP.ORG: {boot}\r\nCONFIGID.UPNP.ORG: {config}\r\n\r\n",
        offer.name
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upnp::RendererModel;

    fn search(target: &str, wait: &str) -> String {
        format!(
            "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: {wait}\r\nST: {target}\r\n\r\n"
        )
    }

    fn kitchen() -> Identity {
        Identity {
            udn: "2fac1234-31f8-11b4-a222-08002b34c003".into(),
            name: "Kitchen".into(),
            model: RendererModel::Echo,
        }
    }

    #[test]
    fn a_search_has_a_target_and_a_bounded_time() {
        for (wait, seconds) in [("1", 1), ("3", 3), ("0", 1), ("120", 5), ("-1", 1), ("x", 1), ("", 1)] {
            let read = Search::read(search("ssdp:all", wait).as_bytes()).unwrap();
            assert_eq!(read, Search { target: "ssdp:all".into(), wait: Duration::from_secs(seconds) });
        }
        let short = "M-SEARCH * HTTP/1.1\nst:a\nman:ssdp:discover";
        assert_eq!(Search::read(short.as_bytes()).unwrap().target, "a");
    }

    #[test]
    fn other_datagrams_are_no_searches() {
        let whole = search("ssdp:all", "1");
        for other in [
            String::new(),
            whole.replace("M-SEARCH *", "NOTIFY *"),
            whole.replace("M-SEARCH *", "M-SEARCH /a"),
            whole.replace("HTTP/1.1", "RTSP/1.0"),
            whole.replace("ssdp:discover", "ssdp:other"),
            whole.replace("MAN", "MEN"),
            whole.replace("ST:", "SA:"),
            search("", "1"),
            search("a b", "1"),
            search("é", "1"),
            search(&"x".repeat(MAX_TARGET + 1), "1"),
            whole.replace("\r\nST", &format!("{}\r\nST", "\r\nA: b".repeat(MAX_HEADERS))),
            whole.replace("\r\nST", "\r\n\r\nST"),
            format!("{whole}{}", "x".repeat(MAX_SEARCH)),
        ] {
            assert_eq!(Search::read(other.as_bytes()), None, "{other}");
        }
        assert_eq!(Search::read(b"M-SEARCH * HTTP/1.1\r\nST: \xff\r\n\r\n"), None);
    }

    #[test]
    fn a_search_finds_what_it_names() {
        let found = |target: &str| {
            let search = Search { target: target.into(), wait: Duration::from_secs(1) };
            offers(&kitchen()).iter().filter(|offer| search.finds(offer)).count()
        };
        assert_eq!(found("ssdp:all"), 6);
        for one in [
            "upnp:rootdevice",
            "uuid:2fac1234-31f8-11b4-a222-08002b34c003",
            "uuid:2FAC1234-31F8-11B4-A222-08002B34C003",
            DEVICE,
            "urn:schemas-upnp-org:service:AVTransport:1",
            "urn:schemas-upnp-org:service:RenderingControl:1",
            "urn:schemas-upnp-org:service:ConnectionManager:1",
        ] {
            assert_eq!(found(one), 1, "{one}");
        }
        for none in [
            "urn:schemas-upnp-org:device:MediaServer:1",
            "urn:schemas-upnp-org:device:MediaRenderer:2",
            "uuid:",
            "*",
        ] {
            assert_eq!(found(none), 0, "{none}");
        }
    }

    #[test]
    fn messages_name_the_address_and_the_start() {
        let (identity, stamp) = (kitchen(), Stamp { boot: 7, config: 3 });
        let offer = &offers(&identity)[2];
        let address = "192.168.1.10:5002".parse().unwrap();
        let ending = "\r\nUSN: uuid:2fac1234-31f8-11b4-a222-08002b34c003::urn:schemas-upnp-org:device:MediaRenderer:1\r\n\
                      BOOTID.UPNP.ORG: 7\r\nCONFIGID.UPNP.ORG: 3\r\n\r\n";
        let place =
            "LOCATION: http://192.168.1.10:5002/2fac1234-31f8-11b4-a222-08002b34c003/description.xml\r\n";
        let answer = answer(offer, &identity, address, stamp);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(ending), "{answer}");
        assert!(answer.contains(place) && answer.contains(&format!("ST: {DEVICE}\r\n")), "{answer}");
        let alive = alive(offer, &identity, address, stamp);
        assert!(
            alive.contains(place) && alive.contains("NTS: ssdp:alive\r\n") && alive.ends_with(ending),
            "{alive}"
        );
        let byebye = byebye(offer, stamp);
        assert!(byebye.contains("NTS: ssdp:byebye\r\n") && byebye.ends_with(ending), "{byebye}");
        assert!(!byebye.contains("LOCATION"), "{byebye}");
    }

    #[test]
    fn a_new_name_is_a_new_description() {
        let renamed = Identity { name: "Bath".into(), ..kitchen() };
        assert_ne!(config(&kitchen()), config(&renamed));
        assert!(config(&renamed) < 1 << 24);
    }
}
