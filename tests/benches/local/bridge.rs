//! From what a person says to the command at home, over an emulator of AWS: the ends of the bridge are the real ones.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use end_to_end::api::CREDENTIALS;
use end_to_end::bridge::{Bridge, request};
use end_to_end::emulator::Emulator;
use ma_alexa::bridge::{ApiClient, Carrier, inboxes_from_env};
use ma_alexa::clock::SystemClock;
use ma_alexa::config::{Env, UserPassword};
use ma_alexa::control::{Action, Control, ControlRequest, Reply};
use tokio::sync::mpsc;

use crate::report::Report;

/// Number of requests that are measured, one after the other, after [`WARM`] that are not.
const COUNT: usize = 100;
const WARM: usize = 5;

/// Pause before each, in which the queue is asked again.
const PAUSE: Duration = Duration::from_millis(37);

/// Longest time until the home has a command.
const PATIENCE: Duration = Duration::from_secs(10);

/// A home that notes when it got a command.
#[derive(Debug)]
struct Noted(mpsc::UnboundedSender<Instant>);

#[async_trait]
impl Control for Noted {
    async fn carry_out(&self, _: &ControlRequest) -> Reply {
        let _ = self.0.send(Instant::now());
        Reply::Done
    }
}

/// Measures, and says so where there is no emulator.
pub(crate) fn measure(report: &mut Report) -> anyhow::Result<()> {
    let Some(emulator) = Emulator::find() else { return Ok(()) };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measured(&emulator, report))
}

async fn measured(emulator: &Emulator, report: &mut Report) -> anyhow::Result<()> {
    let bridge = Bridge::start(emulator).await;
    let queue = emulators_own(&bridge).await?;
    let (noted, mut commands) = mpsc::unbounded_channel();
    let (stop, stopped) = mpsc::channel(1);
    let carrier = tokio::spawn(carrier(&bridge, Noted(noted))?.run(stopped));
    let control = bridge.control();
    bridge.wait_for_home().await;
    next(&mut commands).await?;
    let (mut to_command, mut to_reply) = (Vec::new(), Vec::new());
    for number in 0..WARM + COUNT {
        tokio::time::sleep(PAUSE).await;
        let began = Instant::now();
        let reply = control.carry_out(&request(&format!("bench-{number}"), Action::Next)).await;
        let replied = began.elapsed();
        ensure!(reply == Reply::Done, "request {number}: {reply:?}");
        let commanded = next(&mut commands).await?.duration_since(began);
        if number >= WARM {
            to_command.push(commanded);
            to_reply.push(replied);
        }
    }
    stop.send(()).await?;
    carrier.await?;
    ensure!(commands.try_recv().is_err(), "a request was carried out twice");
    report.paragraph(&table(&[
        ("intent to command", to_command),
        ("intent to reply", to_reply),
        ("of that the emulator's queue alone", queue),
    ]));
    Ok(())
}

/// When the home got its next command.
async fn next(commands: &mut mpsc::UnboundedReceiver<Instant>) -> anyhow::Result<Instant> {
    let command = tokio::time::timeout(PATIENCE, commands.recv()).await;
    command.context("the home got no command in time")?.context("the home has ended")
}

fn carrier(bridge: &Bridge, noted: Noted) -> anyhow::Result<Carrier> {
    let address = url::Url::parse(bridge.address())?;
    let user = UserPassword::new(CREDENTIALS[2].1, CREDENTIALS[3].1)?;
    let endpoint = bridge.variables().into_iter().find(|(name, _)| *name == "AWS_ENDPOINT_URL");
    let endpoint = endpoint.map(|(_, value)| value.to_owned());
    let env = Env::new(move |name| endpoint.clone().filter(|_| name == "AWS_ENDPOINT_URL"));
    let client = Arc::new(ApiClient::new(&address, user)?);
    let inboxes = inboxes_from_env(&env)?;
    Ok(Carrier::new(client, inboxes, Arc::new(noted), Arc::new(SystemClock), Arc::default()))
}

/// Times from a message that is sent until a receiver that waits has it.
async fn emulators_own(bridge: &Bridge) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..COUNT {
        let queue = bridge.queue.clone();
        let receiving = tokio::spawn(async move { queue.receive().await });
        tokio::time::sleep(PAUSE).await;
        let began = Instant::now();
        bridge.queue.send("nothing").await;
        let (received, came) = receiving.await?;
        ensure!(received == 1, "{received} messages");
        times.push(came.duration_since(began));
    }
    Ok(times)
}

/// The median and the slowest percent of each, and what is left of the first without the emulator's queue.
fn table(rows: &[(&str, Vec<Duration>)]) -> String {
    let figures: Vec<(&str, [f64; 2])> = rows
        .iter()
        .map(|(name, times)| {
            let mut times = times.clone();
            times.sort_unstable();
            let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
            (*name, [at(50), at(99)].map(|time| time.copied().unwrap_or_default().as_secs_f64() * 1000.0))
        })
        .collect();
    let mut lines = vec!["| bridge, ms | p50 | p99 |".to_owned(), "|---|---|---|".to_owned()];
    lines.extend(figures.iter().map(|(name, [half, slow])| format!("| {name} | {half:.1} | {slow:.1} |")));
    if let [(_, [half, slow]), _, (_, [own_half, own_slow])] = figures[..] {
        let (half, slow) = (half - own_half, slow - own_slow);
        lines.push(format!("| intent to command, without the emulator's queue | {half:.1} | {slow:.1} |"));
    }
    lines.join("\n")
}
