//! Media of the home, which a controller plays on an Echo as Home Assistant does.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use end_to_end::amazon::serial;
use end_to_end::api::STREAM_BASE_URL;
use end_to_end::machine;
use end_to_end::network::{self, OURS, OtherHost};
use ma_alexa::app;
use ma_alexa::door::HomeHosts;
use ma_alexa::renderer::udn;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::echos::Echos;
use super::house;
use crate::amazon::harness::Harness;

/// Longest that all steps take.
const PATIENCE: Duration = Duration::from_mins(2);

/// The paths that a machine was asked for.
pub(super) type Asked = Arc<Mutex<Vec<String>>>;

#[test]
fn music_is_back_after_speech_and_a_file_plays() {
    let Some(python) = std::env::var("TEST_UPNP_PYTHON").ok().filter(|python| !python.is_empty()) else {
        machine::say("left out: media of the home on renderers: TEST_UPNP_PYTHON is not set");
        return;
    };
    network::alone("renderers::media::music_is_back_after_speech_and_a_file_plays", || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(plays_as_home_assistant_does(&python));
    });
}

async fn plays_as_home_assistant_does(python: &str) {
    let _other = OtherHost::connect();
    let mut tasks = JoinSet::new();
    let (asked, machine) = media_host(&mut tasks).await;
    let offered = offer(&mut tasks).await;
    let description = format!("http://{OURS}:{}/{}/description.xml", offered.port, udn(serial::KITCHEN));
    let music = format!("http://{machine}/flow/Aa2keUeZ/upab/1234/upab.mp3");
    let speech = format!("http://{machine}/api/tts_proxy/f0_en-us_-_cloud.mp3");
    let file = format!("http://{machine}/media/bell%20one.mp3?authSig=a.b");
    is_offered(&description).await;

    let host = OURS.to_string();
    let arguments = [&description, &host, &music, &speech, &file].map(String::as_str);
    let last = controls(python, "media.py", &arguments, async |line| {
        if line == "speech" {
            assert_eq!(offered.passes_on(serial::KITCHEN).await, "Music");
        }
    })
    .await;
    assert!(last.ends_with(" steps"), "{last}");

    let echos = &offered.echos;
    assert_eq!(echos.titles(serial::KITCHEN), ["Music", "Speech", "Music", "File"]);
    assert_eq!(echos.sentences(serial::KITCHEN), 3, "one for each play; the music comes back without one");
    let asked = asked.lock().unwrap().clone();
    for path in [
        "/flow/Aa2keUeZ/upab/1234/upab.mp3",
        "/api/tts_proxy/f0_en-us_-_cloud.mp3",
        "/media/bell%20one.mp3?authSig=a.b",
    ] {
        assert!(asked.iter().any(|asked| asked == &format!("GET {path}")), "{path}: {asked:?}");
    }
    tasks.abort_all();
}

/// A machine that is Music Assistant and Home Assistant, and has files: its address, and what is asked of it.
pub(super) async fn media_host(tasks: &mut JoinSet<()>) -> (Asked, SocketAddr) {
    async fn answer(State(asked): State<Asked>, request: Request) -> Response {
        asked.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        ([(CONTENT_TYPE, "audio/mpeg")], Body::from(vec![0; 200_000])).into_response()
    }
    let asked = Asked::default();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&asked));
    (asked, serve(tasks, OURS, router).await)
}

/// Echos that play media of the home, offered as renderers.
pub(super) struct Offered {
    echos: Echos,
    harness: Arc<Harness>,
    /// The port of the renderers.
    port: u16,
    /// They are offered until it is dropped.
    _stop: mpsc::Sender<()>,
}

impl Offered {
    /// The titles that an Echo has shown.
    pub(super) fn titles_of(&self, serial: &str) -> Vec<String> {
        self.echos.titles(serial)
    }

    /// The volume of an Echo.
    pub(super) fn volume_of(&self, serial: &str) -> u8 {
        self.harness.amazon.device(serial).volume
    }

    /// An Echo comes to the end of what it plays, and begins what follows. Its title.
    pub(super) async fn passes_on(&self, serial: &str) -> String {
        let next_is_kept = async || {
            let household = self.harness.household().await;
            household.players.iter().any(|player| player.next().is_some())
        };
        // What is not fetched before its end is reported never is.
        while self.echos.got(serial) == 0 || !next_is_kept().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let title = self.echos.nears_the_end(serial).await.unwrap();
        self.echos.ends(serial).await;
        title
    }
}

/// Offers the Echos of a household.
pub(super) async fn offer(tasks: &mut JoinSet<()>) -> Offered {
    // What Echos fetch from the address of the door comes from it.
    let harness = Arc::new(Harness::signed_in_with(&[("DOOR_URL", STREAM_BASE_URL.to_owned())]).await);
    let door = app::door_router(&harness.state, Router::new(), Arc::new(HomeHosts::default())).unwrap();
    let door = serve(tasks, Ipv4Addr::LOCALHOST, door).await;
    let echos = Echos::new(Arc::clone(&harness) as _, &format!("http://{door}"));
    tasks.spawn(echos.clone().listen());
    let (stop, stopped) = mpsc::channel(1);
    let port = house::serve(&harness, tasks, stopped).await.port();
    Offered { echos, harness, port, _stop: stop }
}

pub(super) async fn serve(tasks: &mut JoinSet<()>, host: Ipv4Addr, router: Router) -> SocketAddr {
    let listener = TcpListener::bind((host, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Waits until there is a renderer.
async fn is_offered(description: &str) {
    let client = end_to_end::api::http_client();
    let offered = async {
        while !client.get(description).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, offered).await.unwrap();
}

/// Runs a controller to its end. Each of its lines is heard; the last one is returned.
pub(super) async fn controls(
    python: &str,
    script: &str,
    arguments: &[&str],
    hears: impl AsyncFn(&str),
) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script);
    let mut child = Command::new(python)
        .arg(script)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("TEST_UPNP_PYTHON, {python}: {error}"));
    let (mut lines, mut errors) =
        (BufReader::new(child.stdout.take().unwrap()).lines(), child.stderr.take().unwrap());
    let ran = async {
        let mut last = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            hears(&line).await;
            last = line;
        }
        let mut said = String::new();
        errors.read_to_string(&mut said).await.unwrap();
        assert!(child.wait().await.unwrap().success(), "{last}\n{said}");
        last
    };
    timeout(PATIENCE, ran).await.unwrap()
}
