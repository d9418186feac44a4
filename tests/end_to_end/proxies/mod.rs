//! What the set-up page gives people to paste into their proxy, in the proxies of Debian.
//!
//! The server behind them answers everything, which is stricter than Music Assistant: it refuses nothing by itself. The
//! real one stands behind them in `real.rs`.

mod door;
mod proxy;
mod real;
mod upstream;

use std::thread;
use std::time::Duration;

use end_to_end::internet::PICTURE;
use end_to_end::machine::tool;
use tokio::task::block_in_place;

use crate::doctor::sites::{ENDPOINT, MUSIC};

use proxy::{Behind, Proxy};
use upstream::{Upstream, send};

/// A proxy before servers that write down what reaches them.
struct Proxied {
    proxy: Proxy,
    streams: Upstream,
    pictures: Upstream,
    skill: Upstream,
}

impl Proxied {
    async fn start(proxy: &str, prefix: &str) -> Self {
        Self::before(proxy, prefix, Upstream::start(), Upstream::start()).await
    }

    /// Before these servers of streams and of pictures.
    async fn before(proxy: &str, prefix: &str, streams: Upstream, pictures: Upstream) -> Self {
        let skill = Upstream::start();
        let behind = Behind { streams: streams.address, pictures: pictures.address, skill: skill.address };
        Self { proxy: Proxy::start(proxy, prefix, behind).await, streams, pictures, skill }
    }

    fn status(&self, method: &str, target: &str, host: &str, more: &str) -> u16 {
        self.proxy.status(method, target, host, more)
    }

    fn get(&self, target: &str) -> u16 {
        self.status("GET", target, MUSIC, "")
    }

    /// Asserts that nothing reached any server behind it.
    fn assert_silent(&self, case: &str) {
        for upstream in [&self.streams, &self.pictures, &self.skill] {
            let reached = upstream.take();
            assert!(reached.is_empty(), "{case}: {reached:?}");
        }
    }
}

/// What Music Assistant pushes.
const STREAMS: [&str; 9] = [
    "/flow/s/Kitchen/i/Kitchen.mp3",
    "/single/s/K%C3%BCche%201/i/50%25%20off.mp3",
    "/announcement/Dr.%20Who.mp3",
    "/pluginsource/spotify/Kitchen.mp3",
    "/ugp/ugp_1.mp3?player_id=Living%20Room",
    "/ugp/ugp_1.mp3",
    "/flow/s/Kim's/i/a+b(c)&d,e@f.mp3",
    "/flow/s/...x/i/..K.mp3",
    "/flow/s/Kitchen/i/Kitchen.pcm;codec=pcm;rate=44100",
];

/// What no Echo asks for. `PICTURE` stands for a picture that is let out.
const HOSTILE: [&str; 58] = [
    "/",
    "/info",
    "/ws",
    "/api",
    "/command/Kitchen/next.mp3",
    "/flow",
    "/flow/",
    "/flow//a",
    "//flow/a/b/c.mp3",
    "/FLOW/s/Kitchen/i/Kitchen.mp3",
    "/flow/s/Kitchen/i/Kitchen.mp3?path=http%3A%2F%2F192.168.1.1",
    "/flow/s/Kitchen/i/Kitchen.mp3?player_id=Kitchen",
    "/single/s/q/i/p.mp3?",
    "/ugp/a.mp3?path=http%3A%2F%2F192.168.1.1",
    "/ugp/a.mp3?player_id=a&path=http%3A%2F%2F192.168.1.1",
    "/ugp/a.mp3?player_id=a;path=b",
    "/ugp/a/b.mp3",
    "/ugp/",
    "/ugp/..",
    "/imageproxy",
    "/imageproxy/",
    "/imageproxy?path=http%3A%2F%2F192.168.1.1%2Freboot",
    "/imageproxy/?path=http%3A%2F%2F192.168.1.1",
    "/imageproxy?provider=filesystem&size=0&path=%2Fetc%2Fpasswd",
    "/imageproxy/blue.png",
    "/imageproxy/..%2freboot",
    "/imageproxy/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
    "/imageproxy/123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "/imageproxy/00123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "PICTURE?",
    "PICTURE?path=http%3A%2F%2F192.168.1.1",
    "PICTURE?size=512",
    "PICTURE/",
    "PICTURE/..",
    "PICTURE%3fpath=http:%2f%2f192.168.1.1",
    "PICTURE%0a",
    "PICTURE%00",
    "PICTURE%",
    "/flow/../PICTURE",
    "/flow/../command/Kitchen/next.mp3",
    "/flow/%2e%2e/command/Kitchen/next.mp3",
    "/flow/%2E./command/Kitchen/next.mp3",
    "/flow/..%2fcommand%2fKitchen%2fnext.mp3",
    "/flow/..%5ccommand%5cKitchen%5cnext.mp3",
    "/flow/..\\command\\Kitchen\\next.mp3",
    "/flow/a/..",
    "/flow/./a",
    "/flow/a%00b.mp3",
    "/flow/a/%",
    "/flow/a/%zz",
    "/./flow/a/b.mp3",
    "/command/Kitchen/../../flow/a/b.mp3",
    "/command/Kitchen/..%2f..%2f..%2fflow/next.mp3",
    "/command/Kitchen/%2e%2e/%2e%2e/flow/next.mp3",
    "/imageproxy/../flow/a.mp3?path=http://192.168.1.1",
    "/imageproxy?path=http://192.168.1.1/../../flow/a",
    "http://192.168.1.1/command/Kitchen/next.mp3",
    "http://music.example.com/command/Kitchen/next.mp3",
];

/// The same for each way to write an address: a proxy that takes a prefix away writes it once more.
fn decoded(target: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(target.as_bytes()).into_owned().collect()
}

fn check_paths(proxied: &Proxied, prefix: &str, proxy: &str) {
    for path in STREAMS {
        assert_eq!(proxied.get(&format!("{prefix}{path}")), 200, "{proxy}: {path}");
        let reached = proxied.streams.take();
        assert_eq!(reached.len(), 1, "{proxy}: {path}");
        assert_eq!(reached[0].method, "GET", "{proxy}: {path}");
        assert_eq!(decoded(&reached[0].target), decoded(path), "{proxy}");
    }
    assert_eq!(proxied.get(&format!("{prefix}{PICTURE}")), 200, "{proxy}");
    let reached = proxied.pictures.take();
    assert_eq!(
        reached.iter().map(|reached| reached.target.as_str()).collect::<Vec<_>>(),
        [PICTURE],
        "{proxy}"
    );
    check_hostile(proxied, prefix, proxy);
}

fn check_hostile(proxied: &Proxied, prefix: &str, proxy: &str) {
    for path in HOSTILE {
        let path = path.replace("PICTURE", PICTURE);
        let target = if path.starts_with("http") { path.clone() } else { format!("{prefix}{path}") };
        proxied.get(&target);
        proxied.assert_silent(&format!("{proxy}: {target}"));
        // Not under the prefix: there is nothing at all.
        if !prefix.is_empty() {
            proxied.get(&path);
            proxied.assert_silent(&format!("{proxy}: {path}"));
        }
    }
}

/// No method but GET and HEAD gets through to a stream, or to a picture which answers HEAD with `picture`.
fn check_methods(proxied: &Proxied, proxy: &str, stream: &str, picture: u16) {
    for (path, status) in [(stream, 200), (PICTURE, picture)] {
        assert_eq!(proxied.status("HEAD", path, MUSIC, ""), status, "{proxy}: {path}");
        proxied.streams.take();
        proxied.pictures.take();
        for method in [
            "POST",
            "PUT",
            "DELETE",
            "PATCH",
            "OPTIONS",
            "TRACE",
            "CONNECT",
            "PROPFIND",
            "get",
            "NOTIFY",
            "SUBSCRIBE",
        ] {
            let status = proxied.status(method, path, MUSIC, "Content-Length: 0\r\n");
            assert!((400..500).contains(&status), "{proxy}: {method}: {status}");
            proxied.assert_silent(&format!("{proxy}: {method} {path}"));
        }
    }
    // Another name that leads here.
    for host in ["evil.example.net", "127.0.0.1", ""] {
        if proxy == "caddy" {
            proxied.status("GET", stream, host, "");
            proxied.assert_silent(&format!("{proxy}: {host}"));
        }
    }
    for method in ["GET", "HEAD", "PUT", "OPTIONS"] {
        proxied.status(method, "/", ENDPOINT, "");
        proxied.assert_silent(&format!("{proxy}: {method} of the skill"));
    }
    for path in ["/setup", "/v1/players", "/ma/push-url", "/healthz"] {
        proxied.status("POST", path, ENDPOINT, "Content-Length: 0\r\n");
        proxied.assert_silent(&format!("{proxy}: POST {path}"));
    }
    assert_eq!(proxied.status("POST", "/", ENDPOINT, "Content-Length: 0\r\n"), 200, "{proxy}");
    assert_eq!(proxied.skill.take().len(), 1, "{proxy}");
}

/// A web socket opens a way in both directions: none is opened.
fn check_upgrades(proxied: &Proxied, proxy: &str, stream: &str) {
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for path in ["/ws", stream, PICTURE] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {MUSIC}\r\n{upgrade}\r\n");
        let (answer, _) = send(proxied.proxy.address, request.as_bytes(), Duration::from_secs(1), |_| false);
        assert!(!answer.starts_with("HTTP/1.1 101"), "{proxy}: {answer}");
        for reached in proxied.streams.take().into_iter().chain(proxied.pictures.take()) {
            assert!(
                !reached.headers.iter().any(|header| header.starts_with("upgrade")),
                "{proxy}: {reached:?}"
            );
        }
    }
}

/// By when half a request is hung up on: the proxies wait for a sixth of it, and may have no processor then.
const PATIENCE: Duration = Duration::from_mins(1);

/// Requests of which the second half does not come: the body's, or the head's.
fn halves(stream: &str) -> [String; 7] {
    let body = |length: &str| format!("GET {stream} HTTP/1.1\r\nHost: {MUSIC}\r\n{length}\r\n\r\n2\r\nh");
    [
        body("Content-Length: 100"),
        body("Transfer-Encoding: chunked"),
        "GET /flow/s/q/i".to_owned(),
        format!("GET {stream} HTTP/1.1\r\nHost: {MUSIC}\r\nX-"),
        format!("GET {PICTURE} HTTP/1.1\r\nHost: {MUSIC}\r\nX-A: "),
        format!("POST / HTTP/1.1\r\nHost: {ENDPOINT}\r\nContent-Length: 100\r\n\r\nhalf"),
        format!("POST / HTTP/1.1\r\nHost: {ENDPOINT}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha"),
    ]
}

/// What is sent by halves is hung up on, or gets what `may_go_on`.
fn check_halves(proxied: &Proxied, proxy: &str, stream: &str, may_go_on: fn(&str) -> bool) {
    let halves = halves(stream);
    thread::scope(|scope| {
        for half in &halves {
            scope.spawn(move || {
                let (answer, has_ended) = send(proxied.proxy.address, half.as_bytes(), PATIENCE, may_go_on);
                let begins: String = answer.chars().take(1000).collect();
                assert!(has_ended || may_go_on(&answer), "{proxy}: {half}: {begins}");
            });
        }
    });
    let reached = proxied.streams.take();
    assert!(reached.iter().all(|reached| reached.target == stream), "{proxy}: {reached:?}");
    assert!(proxied.pictures.take().is_empty(), "{proxy}");
}

/// The proxies that there are, with spaces between them.
fn named() -> Option<String> {
    tool("TEST_PROXIES", "the texts for proxies in the proxies: sudo apt install nginx-light caddy")
}

/// Runs what is to be checked with each proxy that there is.
async fn with_each(prefix: &str, check: impl Fn(&Proxied, &str)) {
    let Some(named) = named() else { return };
    for proxy in named.split_whitespace() {
        let proxied = Proxied::start(proxy, prefix).await;
        block_in_place(|| check(&proxied, proxy));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_streams_and_known_pictures_get_through() {
    with_each("", |proxied, proxy| check_paths(proxied, "", proxy)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_streams_and_known_pictures_get_through_under_a_prefix() {
    with_each("/ma", |proxied, proxy| check_paths(proxied, "/ma", proxy)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_by_another_method_or_an_upgrade_or_by_halves() {
    with_each("", |proxied, proxy| {
        check_methods(proxied, proxy, STREAMS[0], 200);
        check_upgrades(proxied, proxy, STREAMS[0]);
        check_halves(proxied, proxy, STREAMS[0], |_| false);
    })
    .await;
}
