//! Cloudflare's program: its version, and a tunnel of a few minutes to try the door through.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::http;
use super::program::{ProgramEnd, run};
use crate::config::BaseUrl;
use crate::task;

/// Domain of every quick tunnel.
const DOMAIN: &str = ".trycloudflare.com";

/// Most bytes of the answer that names the tunnel.
const MAX_NAME: usize = 4096;

/// The reason why `cloudflared` is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudflaredProblem {
    /// It cannot be started.
    #[error("The program cloudflared cannot be started. Install it again.")]
    NotStarted,
    /// Its answer is not one of a known release.
    #[error("The program cloudflared gave an answer that this release does not know. Update it.")]
    Unreadable,
    /// It ended before it had a tunnel.
    #[error(
        "The program cloudflared ended before it had a tunnel. With a configuration of its own in ~/.cloudflared it \
         opens no quick tunnel: enter the address there instead."
    )]
    Ended,
    /// It had no tunnel in time.
    #[error("Cloudflare gave no tunnel in time. Try again in a minute.")]
    TooSlow,
    /// There is no door to lead to.
    #[error("The door is off (DOOR_BIND), so a tunnel would lead nowhere.")]
    DoorOff,
    /// The door answers CloudFront alone.
    #[error("The door answers CloudFront alone (DOOR_SECRET), so a tunnel would lead to empty answers.")]
    DoorSecret,
}

impl CloudflaredProblem {
    /// The code for programs; it never changes its meaning.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::Unreadable => "unreadable",
            Self::Ended => "ended",
            Self::TooSlow => "too_slow",
            Self::DoorOff => "door_off",
            Self::DoorSecret => "door_secret",
        }
    }
}

/// Its release, such as `2026.9.1`.
///
/// # Errors
/// When it cannot be started, or says nothing that is one.
pub async fn version(program: &Path, patience: Duration) -> Result<String, CloudflaredProblem> {
    let output = run(program, &["--version"], patience).await.map_err(|_| CloudflaredProblem::NotStarted)?;
    match output.end {
        ProgramEnd::TooSlow => return Err(CloudflaredProblem::TooSlow),
        ProgramEnd::Failure => return Err(CloudflaredProblem::Unreadable),
        ProgramEnd::Success => {}
    }
    let said = String::from_utf8_lossy(&output.stdout);
    // cloudflared version 2026.9.1 (built 2026-09-17-1103 UTC)
    let mut words = said.split_whitespace().skip_while(|word| *word != "version").skip(1);
    let is_version =
        |word: &&str| word.len() <= 20 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    words.next().filter(is_version).map(str::to_owned).ok_or(CloudflaredProblem::Unreadable)
}

/// The time limits of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialLimits {
    /// Time until the tunnel has a name.
    pub to_name: Duration,
    /// Time between two questions for the name.
    pub pause: Duration,
    /// Time until the tunnel ends.
    pub life: Duration,
}

impl Default for TrialLimits {
    fn default() -> Self {
        Self {
            to_name: Duration::from_secs(20),
            pause: Duration::from_millis(250),
            life: Duration::from_mins(5),
        }
    }
}

/// A quick tunnel to the door. It ends with its life, or when this is dropped.
#[derive(Debug)]
pub struct QuickTunnel {
    url: BaseUrl,
    stop: oneshot::Sender<()>,
}

impl QuickTunnel {
    /// Opens a tunnel to a port of this machine, which takes some seconds. Cloudflare gives it another name each time.
    ///
    /// # Errors
    /// When the program does not start, ends, or has no name in time.
    pub async fn open(
        program: &Path,
        door_port: u16,
        limits: TrialLimits,
    ) -> Result<Self, CloudflaredProblem> {
        let metrics = free_address().await?;
        let url = format!("http://127.0.0.1:{door_port}");
        let mut command = Command::new(program);
        command.args(["tunnel", "--no-autoupdate", "--url", &url, "--metrics", &metrics.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|_| CloudflaredProblem::NotStarted)?;
        let named = timeout(limits.to_name, name(&mut child, metrics, limits.pause)).await;
        let url = named.unwrap_or(Err(CloudflaredProblem::TooSlow))?;
        let (stop, stopped) = oneshot::channel();
        task::spawn(end(child, stopped, limits.life));
        Ok(Self { url, stop })
    }

    /// Its address, by which an Echo reaches the door.
    #[must_use]
    pub fn url(&self) -> &BaseUrl {
        &self.url
    }

    /// Whether it is still open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.stop.is_closed()
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) {
        self.stop.closed().await;
    }
}

/// A port of this machine that is free at present.
async fn free_address() -> Result<SocketAddr, CloudflaredProblem> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    listener.and_then(|listener| listener.local_addr()).map_err(|_| CloudflaredProblem::NotStarted)
}

async fn name(
    child: &mut Child,
    metrics: SocketAddr,
    pause: Duration,
) -> Result<BaseUrl, CloudflaredProblem> {
    loop {
        if let Some(url) = ask(metrics).await? {
            return Ok(url);
        }
        // A child whose end cannot be asked for is taken for one that ended.
        if !matches!(child.try_wait(), Ok(None)) {
            return Err(CloudflaredProblem::Ended);
        }
        sleep(pause).await;
    }
}

/// The address of the tunnel. `None` while there is none, or no listener yet.
async fn ask(metrics: SocketAddr) -> Result<Option<BaseUrl>, CloudflaredProblem> {
    #[derive(Deserialize)]
    struct Named {
        hostname: String,
    }
    let Ok(stream) = TcpStream::connect(metrics).await else { return Ok(None) };
    let answer = http::get(stream, (&metrics.to_string(), "/quicktunnel"), MAX_NAME).await;
    let (_, body) = answer.map_err(|_| CloudflaredProblem::Unreadable)?;
    let Named { hostname } = serde_json::from_slice(&body).map_err(|_| CloudflaredProblem::Unreadable)?;
    if hostname.is_empty() {
        return Ok(None);
    }
    let label = hostname.strip_suffix(DOMAIN).unwrap_or_default();
    let is_name = !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let url = is_name.then(|| BaseUrl::parse(&format!("https://{hostname}")).ok()).flatten();
    url.map(Some).ok_or(CloudflaredProblem::Unreadable)
}

/// Waits for the first of the child's end, the stop and the end of the tunnel's life.
async fn end(mut child: Child, mut stopped: oneshot::Receiver<()>, life: Duration) {
    let _ = timeout(life, async {
        tokio::select! {
            _ = child.wait() => {}
            _ = &mut stopped => {}
        }
    })
    .await;
    if let Err(error) = child.kill().await {
        tracing::warn!(%error, "a quick tunnel cannot be ended");
    }
    // The tunnel counts as open until here.
    drop(stopped);
}
