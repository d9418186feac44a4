//! A proxy that runs the very text of the set-up page.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use end_to_end::program::Program;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::doctor::harness::Harness;
use crate::doctor::sites::{DOOR, ENDPOINT, MUSIC};
use crate::pages::browser::Browser;

use super::upstream::send;

/// A request may be sent by halves for ten seconds, by the texts, and for two in a test.
const PATIENCE: (&str, &str) = ("10s", "2s");

/// How long a whole answer is waited for.
const ANSWERS: Duration = Duration::from_secs(10);

/// How often it is asked whether it listens. Each try may take its port for a moment.
const STEP: Duration = Duration::from_millis(50);

/// What stands behind a proxy.
#[derive(Clone, Copy)]
pub(super) struct Behind {
    pub(super) streams: SocketAddr,
    pub(super) pictures: SocketAddr,
    pub(super) skill: SocketAddr,
}

/// A running proxy. It ends when it is dropped.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    _program: Program,
    _folder: TempDir,
}

impl Proxy {
    /// Runs the text for Music Assistant's own ports: its ports, its certificates and its patience are the tests',
    /// everything else is its own.
    pub(super) async fn start(proxy: &str, prefix: &str, behind: Behind) -> Self {
        let text = text_for(proxy, prefix).await;
        assert!(text.contains(PATIENCE.0), "{text}");
        let text = text
            .replace(PATIENCE.0, PATIENCE.1)
            .replace("127.0.0.1:8097", &behind.streams.to_string())
            .replace("127.0.0.1:8095", &behind.pictures.to_string())
            .replace("127.0.0.1:5000", &behind.skill.to_string());
        Self::run(proxy, &text)
    }

    /// Runs the text for the door, in the same way.
    pub(super) async fn before_door(proxy: &str, door: SocketAddr) -> Self {
        let harness = Harness::door_set_up().await;
        let page = Browser::logged_in(&harness.api, "en").await.get("/setup").await;
        let text = snippet(&page, &format!("door-{proxy}"));
        assert!(text.contains("127.0.0.1:5001"), "{text}");
        Self::run(proxy, &text.replace("127.0.0.1:5001", &door.to_string()))
    }

    fn run(proxy: &str, text: &str) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let folder = TempDir::new().unwrap();
        let program = if proxy == "caddy" {
            caddy(text, address.port(), folder.path())
        } else {
            nginx(text, address, folder.path())
        };
        let proxy = Self { address, _program: program, _folder: folder };
        block_in_place(|| proxy.wait());
        proxy
    }

    fn wait(&self) {
        let begun = Instant::now();
        while !self.listens() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the proxy does not listen");
            thread::sleep(STEP);
        }
    }

    /// A connection to a free port may come from that very port, and so be one with itself.
    fn listens(&self) -> bool {
        let local = TcpStream::connect(self.address).and_then(|stream| stream.local_addr());
        local.is_ok_and(|local| local != self.address)
    }

    /// The status of a whole request.
    pub(super) fn status(&self, method: &str, target: &str, host: &str, more: &str) -> u16 {
        let request =
            format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");
        let (answer, _) = send(self.address, request.as_bytes(), ANSWERS, |_| false);
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }
}

/// The very text of the page.
async fn text_for(proxy: &str, prefix: &str) -> String {
    let harness = Harness::set_up().await;
    let base = Some(format!("https://{MUSIC}{prefix}").into());
    harness
        .change_settings(|settings| {
            settings.stream_base_url.clone_from(&base);
            settings.art_base_url = base;
        })
        .await;
    let page = Browser::logged_in(&harness.api, "en").await.get("/setup/address?machine=127.0.0.1").await;
    snippet(&page, &format!("proxy-{proxy}"))
}

/// What a person copies from an element of a page.
fn snippet(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let text = rest.split("</pre>").next().unwrap();
    let entities =
        [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

fn caddy(text: &str, port: u16, folder: &Path) -> Program {
    let options = "{\n    admin off\n    auto_https off\n";
    let has_options = text.lines().any(|line| line == "{");
    let mut text =
        if has_options { text.replacen("{\n", options, 1) } else { format!("{options}}}\n{text}") };
    for host in [MUSIC, ENDPOINT, DOOR] {
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
