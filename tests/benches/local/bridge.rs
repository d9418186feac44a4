//! From what a person says to the command at home, over an emulator of AWS: the ends of the bridge are the real ones.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use end_to_end::api::CREDENTIALS;
use end_to_end::bridge::{APART, Bridge, request};
use end_to_end::emulator::Emulator;
use end_to_end::measured::percentile;
use futures_util::future::BoxFuture;
use ma_alexa::bridge::{ApiClient, Carrier, inboxes_from_env};
use ma_alexa::clock::SystemClock;
use ma_alexa::config::{Env, UserPassword};
use ma_alexa::control::{Action, Control, ControlRequest, Reply};
use tokio::sync::mpsc;

use crate::report::{Figure, Report};

/// Number of requests that are measured, one after the other, after [`WARM`] that are not.
const COUNT: usize = 300;
const WARM: usize = 5;

/// Budgets of the way to the command, in milliseconds: for half of the requests, and for all but one in a hundred.
const BUDGETS: [f64; 2] = [250.0, 600.0];

/// Longest time until the home has a command.
const PATIENCE: Duration = Duration::from_secs(10);

/// A home that notes when it got a command.
#[derive(Debug)]
struct Noted(mpsc::UnboundedSender<Instant>);

impl Control for Noted {
    fn carry_out<'a>(&'a self, _: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let _ = self.0.send(Instant::now());
            Reply::Done
        })
    }
}

/// Measures, and says so where there is no emulator. Whether each budget holds.
pub(crate) fn measure(report: &mut Report) -> anyhow::Result<bool> {
    let Some(emulator) = Emulator::find() else { return Ok(true) };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measured(&emulator, report))
}

async fn measured(emulator: &Emulator, report: &mut Report) -> anyhow::Result<bool> {
    let bridge = Bridge::start(emulator).await;
    let queue = bridge.queue.own_times(COUNT).await;
    let (noted, mut commands) = mpsc::unbounded_channel();
    let (stop, stopped) = mpsc::channel(1);
    let carrier = tokio::spawn(carrier(&bridge, Noted(noted))?.run(stopped));
    let control = bridge.control();
    bridge.wait_for_home().await;
    next(&mut commands).await?;
    let (mut to_command, mut to_reply) = (Vec::new(), Vec::new());
    for number in 0..WARM + COUNT {
        tokio::time::sleep(APART).await;
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
    let [command, reply, queue] = [to_command, to_reply, queue].map(|times| parts(&times));
    let figures = [0, 1].map(|part| Figure {
        name: format!("intent to command, {}, ms", ["p50", "p99"][part]),
        value: command[part],
        beside: ("a message through the emulator's queue alone", queue[part]),
        budget: BUDGETS[part],
    });
    report.figures("the bridge", &figures);
    report.paragraph(&format!("Intent to reply: p50 {:.1} ms, p99 {:.1} ms.", reply[0], reply[1]));
    Ok(figures.iter().all(Figure::holds))
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

/// The median and the slowest percent, in milliseconds.
fn parts(times: &[Duration]) -> [f64; 2] {
    [50, 99].map(|percent| percentile(times, percent).as_secs_f64() * 1000.0)
}
