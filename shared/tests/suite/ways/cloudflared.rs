//! Quick tunnels, opened by a real process that names itself over real HTTP.

use std::process::Command;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use ma_alexa::ways::cloudflared::{CloudflaredProblem, QuickTunnel, TrialLimits, version};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpListener;

use super::machine::Machine;

const LIMITS: TrialLimits = TrialLimits {
    to_name: Duration::from_secs(30),
    pause: Duration::from_millis(5),
    life: Duration::from_mins(10),
};

/// A program that lives until it is ended: it holds a pipe open, into which it writes its arguments.
const CLOUDFLARED: &str = "[ \"$1\" = --version ] && exec echo 'cloudflared version 2026.9.1'\n\
    exec 3> \"$folder/pipe\"\necho \"$*\" >&3\nexec sleep 600";

/// The program as its pipe shows it.
pub(crate) struct Running {
    pipe: BufReader<File>,
    arguments: String,
}

impl Running {
    pub(crate) async fn of(machine: &Machine) -> Self {
        let mut pipe = BufReader::new(File::open(machine.path("pipe")).await.unwrap());
        let mut arguments = String::new();
        pipe.read_line(&mut arguments).await.unwrap();
        Self { pipe, arguments: arguments.trim().to_owned() }
    }

    /// Serves its metrics, with this name of the tunnel.
    pub(crate) async fn is_named(&self, hostname: &str) {
        let metrics = self.arguments.rsplit(' ').next().unwrap();
        let listener = TcpListener::bind(metrics).await.unwrap();
        let answer = format!("{{\"hostname\":\"{hostname}\"}}");
        let router = Router::new().route("/quicktunnel", get(move || std::future::ready(answer.clone())));
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    /// Waits until the process has gone, and with it the other end of the pipe.
    pub(crate) async fn has_ended(mut self) {
        let rest = self.pipe.read_to_end(&mut Vec::new()).await.unwrap();
        assert_eq!(rest, 0);
    }
}

/// With the program.
pub(crate) fn machine() -> Machine {
    let machine = Machine::new();
    machine.install("cloudflared", CLOUDFLARED);
    assert!(Command::new("mkfifo").arg(machine.path("pipe")).status().unwrap().success());
    machine
}

async fn open(machine: &Machine, limits: TrialLimits) -> Result<QuickTunnel, CloudflaredProblem> {
    QuickTunnel::open(&machine.path("cloudflared"), 5001, limits).await
}

/// A tunnel with its name, and its process.
async fn opened(machine: &Machine, limits: TrialLimits) -> (QuickTunnel, Running) {
    let named = async {
        let running = Running::of(machine).await;
        running.is_named("blue-sky-quiet-lake.trycloudflare.com").await;
        running
    };
    let (tunnel, running) = tokio::join!(open(machine, limits), named);
    (tunnel.unwrap(), running)
}

#[tokio::test]
async fn a_tunnel_leads_to_the_door_until_it_is_dropped() {
    let machine = machine();
    let (tunnel, running) = opened(&machine, LIMITS).await;
    assert_eq!(tunnel.url().as_str(), "https://blue-sky-quiet-lake.trycloudflare.com");
    assert!(tunnel.is_open());
    let begins = "tunnel --no-autoupdate --url http://127.0.0.1:5001 --metrics 127.0.0.1:";
    assert!(running.arguments.starts_with(begins), "{}", running.arguments);
    drop(tunnel);
    running.has_ended().await;
}

#[tokio::test]
async fn a_tunnel_ends_with_its_life() {
    let machine = machine();
    let (mut tunnel, running) =
        opened(&machine, TrialLimits { life: Duration::from_millis(50), ..LIMITS }).await;
    tunnel.ended().await;
    assert!(!tunnel.is_open());
    running.has_ended().await;
}

#[tokio::test]
async fn a_tunnel_without_a_name_in_time_is_ended() {
    let machine = machine();
    let hasty = TrialLimits { to_name: Duration::from_secs(1), ..LIMITS };
    let (tunnel, running) = tokio::join!(open(&machine, hasty), Running::of(&machine));
    assert_eq!(tunnel.unwrap_err(), CloudflaredProblem::TooSlow);
    running.has_ended().await;
}

#[tokio::test]
async fn a_name_that_is_none_of_cloudflares_is_refused() {
    for name in
        ["evil.example.com", "trycloudflare.com", "a/b.trycloudflare.com", "a.trycloudflare.com.evil.com"]
    {
        let machine = machine();
        let named = async {
            let running = Running::of(&machine).await;
            running.is_named(name).await;
            running
        };
        let (tunnel, running) = tokio::join!(open(&machine, LIMITS), named);
        assert_eq!(tunnel.unwrap_err(), CloudflaredProblem::Unreadable, "{name}");
        running.has_ended().await;
    }
}

#[tokio::test]
async fn a_program_that_ends_or_does_not_start_says_so() {
    let machine = Machine::new();
    let missing = open(&machine, LIMITS).await.unwrap_err();
    assert_eq!(missing, CloudflaredProblem::NotStarted);
    machine.install("cloudflared", "exit 1");
    assert_eq!(open(&machine, LIMITS).await.unwrap_err(), CloudflaredProblem::Ended);
}

#[tokio::test]
async fn the_version_is_read_from_what_the_program_prints() {
    let machine = Machine::new();
    let program =
        machine.install("cloudflared", "echo 'cloudflared version 2026.9.1 (built 2026-09-17-1103 UTC)'");
    let patience = machine.config().patience;
    assert_eq!(version(&program, patience).await.unwrap(), "2026.9.1");
    for (behavior, problem) in [
        ("echo nothing", CloudflaredProblem::Unreadable),
        ("echo 'cloudflared version <script>'", CloudflaredProblem::Unreadable),
        ("exit 1", CloudflaredProblem::Unreadable),
    ] {
        machine.install("cloudflared", behavior);
        assert_eq!(version(&program, patience).await.unwrap_err(), problem, "{behavior}");
    }
    machine.install("cloudflared", "exec sleep 600");
    let slow = version(&program, machine.hasty().patience).await.unwrap_err();
    assert_eq!(slow, CloudflaredProblem::TooSlow);
}
