//! The real Music Assistant of `../shared/music-assistant`, where this machine has it, with Echos that a test plays.
//!
//! It is third-party code: tests run it and keep nothing of it. `tests/tools/install music-assistant` installs it.
#![expect(clippy::unwrap_used, reason = "a test without its server has failed")]

mod echos;
mod music;

use std::env;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::api::http_client;
use crate::network::{OtherHost, THEIRS};
use crate::ports;
use crate::program::Program;
use crate::tones::{PLACE, Piece};

pub use echos::{Echos, Heard, Spoken};

use music::{Library, TONES};

/// Names the folder of an installation.
const VARIABLE: &str = "TEST_MUSIC_ASSISTANT";

/// Time limit of the server for an expected event; the slowest machine takes a third of it to start.
const PATIENCE: Duration = Duration::from_mins(2);

/// Time between two looks at it.
const STEP: Duration = Duration::from_millis(200);

/// Number of tracks in its library: `Tone 1` to this one, by `Artist 1` to this one.
pub const TRACKS: usize = 5;

/// How long pieces are, in their places.
const ONE_MINUTE: u32 = 60 / PLACE;

/// User name and password of its administrator.
pub const ADMINISTRATOR: (&str, &str) = ("admin", "correct horse");

/// Folder in which Music Assistant is installed.
#[derive(Clone, Debug)]
pub struct Installation(PathBuf);

impl Installation {
    /// The installation that the variable `TEST_MUSIC_ASSISTANT` names; none where it is not set.
    #[must_use]
    pub fn find() -> Option<Self> {
        env::var_os(VARIABLE).map(|folder| Self(PathBuf::from(folder)))
    }

    pub(crate) fn ffmpeg(&self) -> PathBuf {
        self.0.join("bin/ffmpeg")
    }

    fn python(&self) -> PathBuf {
        self.0.join("venv/bin/python")
    }
}

/// The settings of Music Assistant's Alexa provider about us.
#[derive(Clone, Copy, Debug)]
pub struct AlexaProvider<'a> {
    /// Our address, as `http://127.0.0.1:5000`.
    pub api_url: &'a str,
    /// User name and password for the push.
    pub credentials: (&'a str, &'a str),
    /// The language that it speaks, as `en-US`.
    pub language: &'a str,
}

/// A running server with a library of [`TRACKS`] tracks. It ends when it is dropped.
#[derive(Debug)]
pub struct MusicAssistant {
    address: Ipv4Addr,
    api: String,
    streams: String,
    token: String,
    client: Client,
    command: Command,
    program: Program,
    tracks: usize,
    state: TempDir,
}

impl MusicAssistant {
    /// Starts a server whose Amazon account has `players`, and fills its library.
    ///
    /// Nothing is added before it runs: on its way up it loads each provider that it finds once more. Players that
    /// come a second time have their queues from the cache, without what it takes to stream them.
    pub async fn start(installation: &Installation, players: &[&str], echos: &Echos) -> Self {
        let python = Command::new(installation.python());
        Self::start_by(
            (python, Ipv4Addr::LOCALHOST),
            installation,
            Library::Pieces(&TONES, ONE_MINUTE),
            players,
            echos,
        )
        .await
    }

    /// The same with a library of these pieces, of a minute each.
    pub async fn start_with_pieces(
        pieces: &'static [Piece],
        installation: &Installation,
        players: &[&str],
        echos: &Echos,
    ) -> Self {
        let python = Command::new(installation.python());
        let library = Library::Pieces(pieces, ONE_MINUTE);
        Self::start_by((python, Ipv4Addr::LOCALHOST), installation, library, players, echos).await
    }

    /// The same with a library of so many generated tracks, see [`crate::library::track`]. They have no sound.
    pub async fn start_with_tracks(
        tracks: usize,
        installation: &Installation,
        players: &[&str],
        echos: &Echos,
    ) -> Self {
        let python = Command::new(installation.python());
        let library = Library::Generated(tracks);
        Self::start_by((python, Ipv4Addr::LOCALHOST), installation, library, players, echos).await
    }

    /// The same on another host.
    pub async fn start_on(
        host: &OtherHost,
        installation: &Installation,
        players: &[&str],
        echos: &Echos,
    ) -> Self {
        let python = host.command(installation.python().to_str().unwrap());
        Self::start_by((python, THEIRS), installation, Library::Pieces(&TONES, ONE_MINUTE), players, echos)
            .await
    }

    async fn start_by(
        (mut python, address): (Command, Ipv4Addr),
        installation: &Installation,
        library: Library,
        players: &[&str],
        echos: &Echos,
    ) -> Self {
        let state = TempDir::new().unwrap();
        let music = state.path().join("music");
        let tracks = library.write(&music);
        let [api, streams] = take_ports(state.path(), address);
        let program = Program::start(server(&mut python, installation, state.path(), players, echos));
        let (token, client) = (String::new(), http_client());
        let mut server =
            Self { address, api, streams, token, client, command: python, program, tracks, state };
        server.set_up().await;
        server.wait_for("end of its start", async |server| server.is_running().await).await;
        server.save_provider("filesystem_local", json!({ "path": music })).await;
        server.wait_for("the library", async |server| server.library_is_whole().await).await;
        if matches!(library, Library::Generated(_)) {
            server.end_at_once();
            server.program.wait_for_end();
            server.tracks = library.fill(installation, &server.state.path().join("data/library.db"));
            server.restart().await;
        }
        server
    }

    /// Adds one piece of another kind, `audiobooks` or `podcasts`, under the name of its album. The number decides its sound.
    pub async fn add(&self, installation: &Installation, kind: &str, number: usize, piece: &Piece) {
        let folder = self.state.path().join(kind);
        music::write_alone(installation, &folder.join(piece.album), number, piece);
        self.save_provider("filesystem_local", json!({ "path": folder, "content_type": kind })).await;
        self.wait_for(kind, async |server| {
            let (status, count) = server.try_command(&format!("music/{kind}/count"), json!({})).await;
            if status == 200 && count == "1" {
                return true;
            }
            // As with the tracks, it is not always read by itself.
            server.try_command("music/sync", json!({})).await;
            false
        })
        .await;
    }

    /// Ends it at once. [`Self::restart`] starts it again.
    pub fn end_at_once(&self) {
        self.program.end_at_once();
    }

    /// Ends it at once, and starts it again with what it has stored.
    pub async fn restart(&mut self) {
        self.end_at_once();
        self.program.wait_for_end();
        self.program = Program::start(&mut self.command);
        self.wait_for("answer", async |server| server.answers().await).await;
        self.wait_for("end of its start", async |server| server.is_running().await).await;
    }

    /// Has its provider for media renderers look for them again, and forget what it knows of them.
    pub async fn look_for_renderers(&self) {
        let providers = self.command("config/providers", json!({})).await;
        let mut providers = providers.as_array().unwrap().iter();
        let provider = providers.find(|provider| provider["domain"] == "dlna").unwrap();
        self.command("config/providers/reload", json!({ "instance_id": provider["instance_id"] })).await;
    }

    /// The address of its API, as `http://127.0.0.1:8095`.
    #[must_use]
    pub fn api(&self) -> &str {
        &self.api
    }

    /// The address of its streams, as `http://127.0.0.1:8097`.
    #[must_use]
    pub fn streams(&self) -> &str {
        &self.streams
    }

    /// A token of its administrator.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.stdout() + &self.program.stderr()
    }

    /// Loads its Alexa provider, and waits for the players.
    pub async fn load_alexa(&self, provider: AlexaProvider<'_>, players: &[&str]) {
        let (username, password) = provider.credentials;
        let values = json!({
            "url": "amazon.com", "username": "kim@example.com", "password": "x",
            "api_url": provider.api_url, "api_username": username, "api_password": password,
            "alexa_language": provider.language,
        });
        self.save_provider("alexa", values).await;
        self.wait_for("the Echos", async |server| {
            // A player has its queue last.
            let queues = server.command("player_queues/all", json!({})).await;
            let ids: Vec<&str> =
                queues.as_array().unwrap().iter().filter_map(|queue| queue["queue_id"].as_str()).collect();
            players.iter().all(|player| ids.contains(player))
        })
        .await;
    }

    /// Saves the settings of a provider, which loads it.
    pub async fn save_provider(&self, domain: &str, values: Value) {
        let args = json!({ "provider_domain": domain, "values": values });
        self.command("config/providers/save", args).await;
    }

    /// Answer to a command. Fails where the command fails.
    pub async fn command(&self, command: &str, args: Value) -> Value {
        let (status, answer) = self.try_command(command, args).await;
        assert_eq!(status, 200, "{command}: {answer}\n{}", self.log());
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }

    /// Status and text of what a command answers.
    pub async fn try_command(&self, command: &str, args: Value) -> (u16, String) {
        let request = self.client.post(format!("{}/api", self.api)).bearer_auth(&self.token);
        let answer = request.json(&json!({ "command": command, "args": args })).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The addresses of its tracks, in the order of their titles.
    pub async fn tracks(&self) -> Vec<String> {
        let items = self.command("music/tracks/library_items", json!({ "limit": TRACKS })).await;
        let text = |item: &Value, member: &str| item[member].as_str().unwrap().to_owned();
        let items = items.as_array().unwrap().iter();
        let mut tracks: Vec<_> = items.map(|item| (text(item, "name"), text(item, "uri"))).collect();
        tracks.sort();
        tracks.into_iter().map(|(_, uri)| uri).collect()
    }

    /// Asks again and again until `holds`.
    pub async fn wait_for(&self, what: &str, holds: impl AsyncFn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self).await {
            assert!(Instant::now() < deadline, "no {what} in time\n{}", self.log());
            sleep(STEP).await;
        }
    }

    /// Makes the administrator, once the server answers. It ends where another test has taken one of its ports meanwhile: then
    /// it starts with others.
    async fn set_up(&mut self) {
        let body = json!({ "username": ADMINISTRATOR.0, "password": ADMINISTRATOR.1 });
        let deadline = Instant::now() + PATIENCE;
        while self.token.is_empty() {
            let asked = self.client.post(format!("{}/setup", self.api)).json(&body).send().await;
            if let Ok(answer) = asked
                && answer.status().is_success()
            {
                let answer: Value = answer.json().await.unwrap();
                answer["token"].as_str().unwrap().clone_into(&mut self.token);
            } else {
                assert!(Instant::now() < deadline, "Music Assistant does not start\n{}", self.log());
                if self.program.has_ended() {
                    [self.api, self.streams] = take_ports(self.state.path(), self.address);
                    self.program = Program::start(&mut self.command);
                }
                sleep(STEP).await;
            }
        }
    }

    async fn answers(&self) -> bool {
        self.client.get(&self.api).send().await.is_ok()
    }

    async fn is_running(&self) -> bool {
        self.command("info", json!({})).await["status"] == "running"
    }

    /// Whether all tracks are known, and none is still being read: what is played meanwhile may be replaced.
    async fn library_is_whole(&self) -> bool {
        let reads = self.command("music/synctasks", json!({})).await;
        if reads.as_array().is_some_and(|reads| !reads.is_empty()) {
            return false;
        }
        let count = self.command("music/tracks/count", json!({})).await;
        if count.as_u64() == Some(self.tracks as u64) {
            return true;
        }
        // A provider that is added while another one loads is not always read by itself.
        self.try_command("music/sync", json!({})).await;
        false
    }
}

impl Drop for MusicAssistant {
    /// Asked to end, it waits for the streams that it still sends.
    fn drop(&mut self) {
        self.program.end_at_once();
    }
}

/// Writes settings with free ports. The addresses of the API and of the streams.
fn take_ports(state: &Path, address: Ipv4Addr) -> [String; 2] {
    let ports = [ports::free_port(), ports::free_port()];
    write_settings(state, address, ports);
    ports.map(|port| format!("http://{address}:{port}"))
}

fn write_settings(state: &Path, address: Ipv4Addr, [api, streams]: [u16; 2]) {
    let data = state.join("data");
    std::fs::create_dir_all(data.join("cache")).unwrap();
    let settings = json!({ "core": {
        "webserver": { "domain": "webserver", "values": { "bind_ip": address, "bind_port": api } },
        "streams": {
            "domain": "streams",
            // Its filter for loudness takes ten times the processor of the rest of a stream.
            "values": {
                "bind_ip": address, "publish_ip": address, "bind_port": streams,
                "volume_normalization_tracks": "disabled", "volume_normalization_radio": "disabled",
            },
        },
    } });
    std::fs::write(data.join("settings.json"), settings.to_string()).unwrap();
}

/// The command that starts it, by its Python.
fn server<'a>(
    python: &'a mut Command,
    Installation(folder): &Installation,
    state: &Path,
    players: &[&str],
    echos: &Echos,
) -> &'a mut Command {
    let data = state.join("data");
    let programs = [folder.join("bin"), folder.join("venv/bin")].into_iter();
    let path = env::join_paths(programs.chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())));
    python
        .args(["-m", "music_assistant", "--log-level", "info", "--data-dir"])
        .arg(&data)
        .arg("--cache-dir")
        .arg(data.join("cache"))
        .current_dir(folder.join("server"))
        .env("PATH", path.unwrap())
        .env("PYTHONPATH", folder.join("stand_ins"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("ECHO_PLAYERS", players.join(","))
        .env("ECHO_HOOK", &echos.address)
}
