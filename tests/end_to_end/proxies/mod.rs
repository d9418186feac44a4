//! What the set-up page gives people to paste into their proxy, in the proxies of Debian.
//!
//! The server behind them answers everything, which is stricter than Music Assistant: it refuses nothing by itself.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod upstream;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use end_to_end::internet::PICTURE;
use end_to_end::machine::tool;
use end_to_end::program::Program;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::doctor::world::{ENDPOINT, MUSIC, World};
use crate::pages::browser::Browser;

use upstream::{Upstream, send};

/// A proxy that runs the text, before an upstream.
struct Proxied {
    address: SocketAddr,
    streams: Upstream,
    pictures: Upstream,
    skill: Upstream,
    _program: Program,
    _folder: TempDir,
}

/// A request may be sent by halves for ten seconds, by the texts, and for two in a test.
const PATIENCE: (&str, &str) = ("10s", "2s");

/// How long a whole answer is waited for.
const ANSWERS: Duration = Duration::from_secs(10);

/// The very text of the page.
async fn text_for(proxy: &str, prefix: &str) -> String {
    let world = World::set_up().await;
    let base = Some(format!("https://{MUSIC}{prefix}"));
    world
        .change_settings(|settings| {
            settings.stream_base_url.clone_from(&base);
            settings.art_base_url = base;
        })
        .await;
    let page = Browser::logged_in(&world.api, "en").await.get("/setup?machine=127.0.0.1").await;
    let (_, rest) = page.split_once(&format!("id=\"proxy-{proxy}\"")).unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let text = rest.split("</pre>").next().unwrap();
    let entities =
        [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

impl Proxied {
    /// Runs the text: its ports, its certificates and its patience are the tests', everything else is its own.
    async fn start(proxy: &str, prefix: &str) -> Self {
        let text = text_for(proxy, prefix).await;
        let [streams, pictures, skill] = [(); 3].map(|()| Upstream::start());
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        assert!(text.contains(PATIENCE.0), "{text}");
        let text = text
            .replace(PATIENCE.0, PATIENCE.1)
            .replace("127.0.0.1:8097", &streams.address.to_string())
            .replace("127.0.0.1:8095", &pictures.address.to_string())
            .replace("127.0.0.1:5000", &skill.address.to_string());
        let folder = TempDir::new().unwrap();
        let program = if proxy == "caddy" {
            caddy(&text, address.port(), folder.path())
        } else {
            nginx(&text, address, folder.path())
        };
        let proxied = Self { address, streams, pictures, skill, _program: program, _folder: folder };
        block_in_place(|| proxied.wait());
        proxied
    }

    fn wait(&self) {
        let begun = Instant::now();
        while std::net::TcpStream::connect(self.address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the proxy does not listen");
            thread::yield_now();
        }
    }

    /// The status of a whole request.
    fn status(&self, method: &str, target: &str, host: &str, more: &str) -> u16 {
        let request =
            format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");
        let (answer, _) = send(self.address, request.as_bytes(), ANSWERS);
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
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

fn caddy(text: &str, port: u16, folder: &Path) -> Program {
    let mut text = text.replacen("{\n", "{\n    admin off\n    auto_https off\n", 1);
    for host in [MUSIC, ENDPOINT] {
        text = text.replace(&format!("{host} {{"), &format!("http://{host}:{port} {{"));
    }
    let file = folder.join("Caddyfile");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
    Program::start(command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder))
}

fn nginx(text: &str, address: SocketAddr, folder: &Path) -> Program {
    let here = folder.display();
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {here}/{kind};\n"))
        .concat();
    let text = text.replace("listen 443 ssl;", &format!("listen {address};"));
    let configuration = format!(
        "daemon off;\nworker_processes 1;\npid {here}/pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\n{folders}{text}\n}}\n",
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    Program::start(Command::new("nginx").arg("-p").arg(folder).args(["-e", "stderr", "-c"]).arg(&file))
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

fn check_methods(proxied: &Proxied, proxy: &str) {
    for path in [STREAMS[0], PICTURE] {
        assert_eq!(proxied.status("HEAD", path, MUSIC, ""), 200, "{proxy}");
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
            proxied.status("GET", STREAMS[0], host, "");
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
fn check_upgrades(proxied: &Proxied, proxy: &str) {
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for path in ["/ws", STREAMS[0], PICTURE] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {MUSIC}\r\n{upgrade}\r\n");
        let (answer, _) = send(proxied.address, request.as_bytes(), Duration::from_secs(1));
        assert!(!answer.starts_with("HTTP/1.1 101"), "{proxy}: {answer}");
        for reached in proxied.streams.take().into_iter().chain(proxied.pictures.take()) {
            assert!(
                !reached.headers.iter().any(|header| header.starts_with("upgrade")),
                "{proxy}: {reached:?}"
            );
        }
    }
}

/// What is sent by halves ends, and keeps neither the proxy nor what is behind it.
fn check_halves(proxied: &Proxied, proxy: &str) {
    let body =
        |length: &str| format!("GET {} HTTP/1.1\r\nHost: {MUSIC}\r\n{length}\r\n\r\n2\r\nh", STREAMS[0]);
    let halves = [
        body("Content-Length: 100"),
        body("Transfer-Encoding: chunked"),
        "GET /flow/s/q/i".to_owned(),
        format!("GET {} HTTP/1.1\r\nHost: {MUSIC}\r\nX-", STREAMS[0]),
        format!("GET {PICTURE} HTTP/1.1\r\nHost: {MUSIC}\r\nX-A: "),
        format!("POST / HTTP/1.1\r\nHost: {ENDPOINT}\r\nContent-Length: 100\r\n\r\nhalf"),
        format!("POST / HTTP/1.1\r\nHost: {ENDPOINT}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha"),
    ];
    thread::scope(|scope| {
        for half in &halves {
            scope.spawn(move || {
                let (answer, has_ended) = send(proxied.address, half.as_bytes(), Duration::from_mins(1));
                assert!(has_ended, "{proxy}: {half}: {answer}");
            });
        }
    });
    let reached = proxied.streams.take();
    assert!(reached.iter().all(|reached| reached.target == STREAMS[0]), "{proxy}: {reached:?}");
    assert!(proxied.pictures.take().is_empty(), "{proxy}");
}

/// Runs what is to be checked with each proxy that there is.
async fn with_each(prefix: &str, check: impl Fn(&Proxied, &str)) {
    let needed_for = "the texts for proxies in the proxies: sudo apt install nginx-light caddy";
    let Some(named) = tool("TEST_PROXIES", needed_for) else { return };
    for proxy in named.split_whitespace() {
        let proxied = Proxied::start(proxy, prefix).await;
        block_in_place(|| check(&proxied, proxy));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_streams_and_known_pictures_gets_through() {
    with_each("", |proxied, proxy| check_paths(proxied, "", proxy)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_under_a_prefix() {
    with_each("/ma", |proxied, proxy| check_paths(proxied, "/ma", proxy)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_by_another_method_or_an_upgrade_or_by_halves() {
    with_each("", |proxied, proxy| {
        check_methods(proxied, proxy);
        check_upgrades(proxied, proxy);
        check_halves(proxied, proxy);
    })
    .await;
}
