//! A machine with stand-ins: a socket of Tailscale's daemon, and programs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ma_alexa::config::WaysConfig;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::UnixListener;

use crate::api::harness::App;

/// Enough for a machine under load.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name of the machine in Tailscale.
pub(crate) const URL: &str = "https://kitchen.tail1234.ts.net";

/// What the command does where all is well: it reads and writes the files that the daemon answers from.
pub(crate) const TAILSCALE: &str = r#"
echo "$*" >> "$folder/asked"
case "$*" in
    "status --json --peers=false") cat "$folder/status.json" ;;
    "funnel status --json") cat "$folder/serving.json" ;;
    "funnel --bg 5001") cp "$folder/turned-on.json" "$folder/serving.json" ;;
    *) exit 64 ;;
esac
"#;

pub(crate) struct Machine {
    folder: TempDir,
}

impl Machine {
    /// Signed in, with every permission, and Funnel off. Neither the daemon nor a program is there yet.
    pub(crate) fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        machine.status(&running());
        machine.serves(&Value::Null);
        machine.write("turned-on.json", &funnel("http://127.0.0.1:5001").to_string());
        machine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn status(&self, status: &Value) {
        self.write("status.json", &status.to_string());
    }

    pub(crate) fn serves(&self, serving: &Value) {
        self.write("serving.json", &serving.to_string());
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path("tailscaled.sock")
    }

    /// The daemon, which answers from the files. It refuses what does not come by its name, as the real one does.
    pub(crate) fn start_daemon(&self) {
        let answer = |file: &'static str, query: Option<&'static str>| {
            get(
                move |State(folder): State<PathBuf>, headers: HeaderMap, RawQuery(asked): RawQuery| async move {
                    let is_local = headers.get("host").is_some_and(|host| host == "local-tailscaled.sock");
                    if !is_local || headers.contains_key("origin") || asked.as_deref() != query {
                        return StatusCode::FORBIDDEN.into_response();
                    }
                    fs::read_to_string(folder.join(file)).unwrap().into_response()
                },
            )
        };
        let router = Router::new()
            .route("/localapi/v0/status", answer("status.json", Some("peers=false")))
            .route("/localapi/v0/serve-config", answer("serving.json", None))
            .with_state(self.folder().to_owned());
        self.serve(router);
    }

    /// A daemon that answers everything in one way.
    pub(crate) fn start_odd_daemon<R: IntoResponse + 'static>(&self, answer: fn() -> R) {
        let answer = move || -> std::future::Ready<Response> { std::future::ready(answer().into_response()) };
        self.serve(Router::new().fallback(answer));
    }

    fn serve(&self, router: Router) {
        let listener = UnixListener::bind(self.socket()).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    /// A program that does what a shell script says.
    pub(crate) fn install(&self, name: &str, behavior: &str) -> PathBuf {
        let program = self.path(name);
        if !program.exists() {
            let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/ways/stand-in");
            symlink(stand_in, &program).unwrap();
        }
        self.write(&format!("{name}.behavior"), behavior);
        program
    }

    /// The commands that the stand-in for `tailscale` got.
    pub(crate) fn asked(&self) -> String {
        fs::read_to_string(self.path("asked")).unwrap_or_default()
    }

    /// The server on this machine.
    pub(crate) async fn app(&self, variables: &[(&str, &str)]) -> App {
        let (folder, socket) = (self.folder().to_str().unwrap(), self.socket());
        let own = [("PATH", folder), ("TAILSCALE_SOCKET", socket.to_str().unwrap())];
        App::start_with(&[&own, variables].concat()).await
    }

    /// The programs that are installed.
    pub(crate) fn config(&self) -> WaysConfig {
        let installed = |name: &str| Some(self.path(name)).filter(|program| program.exists());
        WaysConfig {
            door_port: 5001,
            tailscale_socket: self.socket(),
            tailscale: installed("tailscale"),
            cloudflared: installed("cloudflared"),
            patience: PATIENCE,
            change_patience: PATIENCE,
            ..WaysConfig::default()
        }
    }

    /// The same, with little patience for a change.
    pub(crate) fn patient_for_seconds(&self) -> WaysConfig {
        WaysConfig { change_patience: Duration::from_secs(3), ..self.config() }
    }

    /// The same, with little patience.
    pub(crate) fn hasty(&self) -> WaysConfig {
        let soon = Duration::from_millis(200);
        WaysConfig { patience: soon, change_patience: soon, ..self.config() }
    }
}

/// A machine that is connected and may use Funnel on the usual ports.
pub(crate) fn running() -> Value {
    json!({
        "Version": "1.90.1-t0123456789",
        "BackendState": "Running",
        "Self": {
            "DNSName": "kitchen.tail1234.ts.net.",
            "CapMap": {
                "https": null,
                "funnel": null,
                "https://tailscale.com/cap/funnel-ports?ports=443,8443,10000": null,
            },
        },
        "CurrentTailnet": { "MagicDNSSuffix": "tail1234.ts.net", "MagicDNSEnabled": true },
        "CertDomains": ["kitchen.tail1234.ts.net"],
    })
}

/// Funnel on port 443, to `target`.
pub(crate) fn funnel(target: &str) -> Value {
    json!({
        "TCP": { "443": { "HTTPS": true } },
        "Web": { "kitchen.tail1234.ts.net:443": { "Handlers": { "/": { "Proxy": target } } } },
        "AllowFunnel": { "kitchen.tail1234.ts.net:443": true },
    })
}
