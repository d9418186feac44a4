//! Announcements and searches on the loopback network.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use ma_alexa::renderer_report::Announcing;
use socket2::{Domain, Socket, Type};
use tokio::net::UdpSocket;

use super::home::{Home, SOON};

const RENDERER: &str = "urn:schemas-upnp-org:device:MediaRenderer:1";

/// Time of silence after which no more answers come: longer than a search with `MX: 1` may take.
const SILENCE: Duration = Duration::from_secs(2);

fn search(target: &str) -> String {
    format!(
        "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: {target}\r\n\r\n"
    )
}

fn header<'m>(message: &'m str, name: &str) -> &'m str {
    let lines = message.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    values.next().map(|(_, value)| value.trim()).unwrap_or_default()
}

async fn next(socket: &UdpSocket, patience: Duration) -> Option<String> {
    let mut buffer = vec![0; 4096];
    let heard = tokio::time::timeout(patience, socket.recv_from(&mut buffer)).await.ok()?;
    buffer.truncate(heard.unwrap().0);
    Some(String::from_utf8(buffer).unwrap())
}

/// The answers to a datagram, until there is silence.
async fn answers(home: &Home, datagram: &[u8]) -> Vec<String> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut heard = Vec::new();
    // The sockets of the home may not be open yet: what comes before is lost.
    let deadline = tokio::time::Instant::now() + SOON;
    while heard.is_empty() && tokio::time::Instant::now() < deadline {
        socket.send_to(datagram, SocketAddr::from((Ipv4Addr::LOCALHOST, home.search_port))).await.unwrap();
        while let Some(message) = next(&socket, SILENCE).await {
            heard.push(message);
        }
    }
    heard
}

/// A socket in the group, beside that of the home.
fn group(port: u16) -> UdpSocket {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.set_reuse_port(true).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into()).unwrap();
    socket.join_multicast_v4(&Ipv4Addr::new(239, 255, 255, 250), &Ipv4Addr::LOCALHOST).unwrap();
    UdpSocket::from_std(socket.into()).unwrap()
}

/// The next announcement of this kind for the type of the device.
async fn announcement(socket: &UdpSocket, kind: &str) -> String {
    let found = async {
        loop {
            let message = next(socket, SOON).await.unwrap();
            if header(&message, "nts") == kind && header(&message, "nt") == RENDERER {
                return message;
            }
        }
    };
    tokio::time::timeout(SOON, found).await.unwrap()
}

#[tokio::test]
async fn a_search_is_answered_with_the_address_of_the_description() {
    let home = Home::with(2).await;
    let heard = answers(&home, search(RENDERER).as_bytes()).await;
    let locations: BTreeSet<&str> = heard.iter().map(|answer| header(answer, "location")).collect();
    assert_eq!(locations.len(), 2, "{heard:?}");
    for answer in &heard {
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_eq!((header(answer, "st"), header(answer, "cache-control")), (RENDERER, "max-age=1800"));
        assert!(header(answer, "bootid.upnp.org").parse::<u32>().unwrap() > 1_600_000_000);
        let location = header(answer, "location");
        let (address, path) = location.strip_prefix("http://").unwrap().split_once('/').unwrap();
        assert_eq!(address.parse::<SocketAddrV4>().unwrap(), home.address.to_string().parse().unwrap());
        assert_eq!(home.get(&format!("/{path}")).await.status, 200, "{location}");
    }
    let report = home.reports.report();
    assert_eq!(report.announcing, Announcing::Yes);
    assert!(report.searched_at.is_some());
}

#[tokio::test]
async fn a_search_for_something_else_is_not_noted() {
    let home = Home::start().await;
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, home.search_port));
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    // What comes before its sockets are open is lost.
    let waited = tokio::time::timeout(SOON, async {
        while home.reports.report().announcing != Announcing::Yes {
            tokio::task::yield_now().await;
        }
    });
    waited.await.unwrap();
    socket.send_to(search("urn:dial-multiscreen-org:service:dial:1").as_bytes(), to).await.unwrap();
    assert_eq!(next(&socket, SILENCE).await, None);
    assert_eq!(home.reports.report().searched_at, None);
}

#[tokio::test]
async fn a_search_for_all_finds_six_and_one_for_a_server_none() {
    let home = Home::start().await;
    let heard = answers(&home, search("ssdp:all").as_bytes()).await;
    let names: BTreeSet<&str> = heard.iter().map(|answer| header(answer, "usn")).collect();
    assert_eq!((names.len(), heard.len() % 6), (6, 0), "{heard:?}");
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for other in [
        search("urn:schemas-upnp-org:device:MediaServer:1"),
        search("ssdp:all").replace("ssdp:discover", "ssdp:other"),
        search("ssdp:all").replace("M-SEARCH", "NOTIFY"),
        "x".repeat(60_000),
        String::new(),
    ] {
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, home.search_port));
        socket.send_to(other.as_bytes(), to).await.unwrap();
    }
    assert_eq!(next(&socket, SILENCE).await, None);
}

#[tokio::test]
async fn a_flood_of_searches_is_answered_a_few_times() {
    let home = Home::start().await;
    // From here on its sockets are open.
    assert!(!answers(&home, search(RENDERER).as_bytes()).await.is_empty());
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, home.search_port));
    let began = tokio::time::Instant::now();
    for _ in 0..20 {
        for _ in 0..100 {
            socket.send_to(search(RENDERER).as_bytes(), to).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut answered = 0;
    while next(&socket, SILENCE).await.is_some() {
        answered += 1;
    }
    let most = 10 + 3 * (began.elapsed().as_secs() + 1);
    assert!((1..=most).contains(&answered), "{answered} answers, at most {most} may be");
    assert_eq!(home.get(&home.path("description.xml")).await.status, 200);
}

#[tokio::test]
async fn renderers_are_announced_when_they_come_and_go() {
    let home = Home::start().await;
    let socket = group(home.search_port);
    // It is repeated, so that the socket is there in time.
    let first = announcement(&socket, "ssdp:alive").await;
    assert!(header(&first, "location").starts_with(&format!("http://{}/", home.address)), "{first}");
    let renamed = home.renderers[0].renamed("Bath");
    home.offer(std::slice::from_ref(&renamed));
    let second = async {
        loop {
            let message = announcement(&socket, "ssdp:alive").await;
            if header(&message, "configid.upnp.org") != header(&first, "configid.upnp.org") {
                return message;
            }
        }
    };
    let second = tokio::time::timeout(SOON, second).await.unwrap();
    assert_eq!(header(&second, "usn"), header(&first, "usn"));
    home.offer(&[]);
    let gone = announcement(&socket, "ssdp:byebye").await;
    assert_eq!(header(&gone, "usn"), header(&first, "usn"));
    home.offer(&[renamed]);
    announcement(&socket, "ssdp:alive").await;
    home.stop().await;
    assert_eq!(header(&announcement(&socket, "ssdp:byebye").await, "usn"), header(&first, "usn"));
}
