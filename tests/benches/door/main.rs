//! What the door adds to a stream: time to its first byte, processor time, memory, and what a flood of refused requests
//! takes from it.
//!
//! `ma-alexa door` runs as it is, before a stand-in for Music Assistant that sends as fast as 320 kbit/s sound. Each figure
//! has a budget: one that is missed fails the run.

mod client;
mod source;

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use end_to_end::{measured, ports};
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::grant::{Grant, GrantKeys, GrantKind};
use ma_alexa::playback::PlayerId;
use secrecy::ExposeSecret as _;
use tokio::task::JoinSet;

use client::Stream;

/// Streams that play at the same time.
const STREAMS: usize = 200;

/// Pairs of requests whose first bytes are compared.
const PAIRS: usize = 200;

/// Connections that send refused requests.
const FLOOD: usize = 32;

/// Time for which a load is measured.
const LOAD: Duration = Duration::from_secs(10);

/// Budget: the first byte comes at most so much later.
const FIRST_BYTE: Duration = Duration::from_millis(5);

/// Budget: part of one core for one stream.
const PROCESSOR: f64 = 0.01;

/// Budget: memory of one stream in KiB.
const MEMORY: f64 = 256.0;

/// Budget: part of the bytes that come during a flood.
const UNDER_FLOOD: f64 = 0.95;

/// One figure beside its budget.
struct Figure {
    name: &'static str,
    value: String,
    budget: String,
    holds: bool,
}

/// `ma-alexa door`. It ends when this is dropped.
struct Door {
    process: Child,
    address: SocketAddr,
    keys: GrantKeys,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let source = source::start().await?;
    let door = Door::start(source).await?;
    let figures = [first_byte(&door, source).await?, under_flood(&door).await?];
    let load = under_load(&door).await?;
    let figures: Vec<Figure> = figures.into_iter().chain(load).collect();
    let mut table =
        format!("{}\n\n| the door | measured | budget |\n|---|---:|---:|\n", measured::describe());
    for figure in &figures {
        writeln!(table, "| {} | {} | {} |", figure.name, figure.value, figure.budget)?;
    }
    // The reader may have gone.
    let _ = writeln!(std::io::stdout().lock(), "{table}");
    if let Some(file) = std::env::var_os("BENCH_OUT") {
        writeln!(OpenOptions::new().create(true).append(true).open(file)?, "{table}")?;
    }
    let missed: Vec<&str> = figures.iter().filter(|figure| !figure.holds).map(|figure| figure.name).collect();
    ensure!(missed.is_empty(), "beyond the budget: {}", missed.join(", "));
    Ok(())
}

/// How much later than Music Assistant's own the first byte comes, by the medians of pairs in turn.
async fn first_byte(door: &Door, source: SocketAddr) -> anyhow::Result<Figure> {
    let (mut direct, mut through) = (Vec::new(), Vec::new());
    for number in 0..PAIRS {
        let path = path(number);
        let granted = door.path(&path)?;
        for (address, path, times) in [(source, &path, &mut direct), (door.address, &granted, &mut through)] {
            let began = Instant::now();
            Stream::open(address, path).await?.some().await?;
            times.push(began.elapsed());
        }
    }
    let [direct, through] = [direct, through].map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    let added = through.saturating_sub(direct);
    Ok(Figure {
        name: "first byte, later than direct, ms",
        value: format!("{:.2} ({:.2} direct)", millis(added), millis(direct)),
        budget: format!("{:.0}", millis(FIRST_BYTE)),
        holds: added <= FIRST_BYTE,
    })
}

/// What one stream gets while strangers try grants, beside what it gets in peace.
async fn under_flood(door: &Door) -> anyhow::Result<Figure> {
    let mut stream = Stream::open(door.address, &door.path(&path(PAIRS))?).await?;
    // The burst at the beginning is over then.
    stream.for_as_long_as(LOAD / 2).await?;
    let in_peace = stream.for_as_long_as(LOAD / 2).await?;
    let mut flood = JoinSet::new();
    for _ in 0..FLOOD {
        flood.spawn(client::flood(door.address));
    }
    let under_flood = stream.for_as_long_as(LOAD / 2).await?;
    // One that ends was not refused as it should be.
    if let Some(ended) = flood.try_join_next() {
        ended??;
    }
    let part = ratio(under_flood.bytes, in_peace.bytes);
    Ok(Figure {
        name: "stream under a flood of refused grants, part of its bytes",
        value: format!(
            "{part:.3}, longest gap {:.0} ms ({:.0} ms in peace)",
            millis(under_flood.longest_gap),
            millis(in_peace.longest_gap)
        ),
        budget: format!("{UNDER_FLOOD:.2}"),
        holds: part >= UNDER_FLOOD,
    })
}

/// Processor time and memory of many streams that play.
async fn under_load(door: &Door) -> anyhow::Result<[Figure; 2]> {
    let before = door.memory()?;
    let mut streams = JoinSet::new();
    for number in 0..STREAMS {
        let mut stream = Stream::open(door.address, &door.path(&path(1000 + number))?).await?;
        streams.spawn(async move { stream.for_as_long_as(LOAD * 3).await });
    }
    tokio::time::sleep(LOAD).await;
    let used = door.processor()?;
    let began = Instant::now();
    tokio::time::sleep(LOAD).await;
    let used = door.processor()?.saturating_sub(used);
    let processor = used.as_secs_f64() / began.elapsed().as_secs_f64() / count(STREAMS);
    let memory = (door.memory()? - before) / count(STREAMS);
    let mut bytes = 0;
    while let Some(played) = streams.join_next().await {
        bytes += played??.bytes;
    }
    let expected = source::PER_SECOND * LOAD.as_secs() * 2 * u64::try_from(STREAMS)?;
    ensure!(bytes >= expected, "the streams got {bytes} bytes of {expected}");
    Ok([
        Figure {
            name: "processor of a stream of 320 kbit/s, % of a core",
            value: format!("{:.3}", processor * 100.0),
            budget: format!("{:.0}", PROCESSOR * 100.0),
            holds: processor <= PROCESSOR,
        },
        Figure {
            name: "memory of a stream, KiB",
            value: format!("{memory:.0}"),
            budget: format!("{MEMORY:.0}"),
            holds: memory <= MEMORY,
        },
    ])
}

impl Door {
    async fn start(source: SocketAddr) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?.with_file_name("ma-alexa");
        let keys = GrantKeys::generate(&SystemRandom)?;
        let address = SocketAddr::from(([127, 0, 0, 1], ports::free_port()));
        let process = Command::new(&program)
            .arg("door")
            .env("GRANT_KEYS", keys.text().expose_secret())
            .env("MA_STREAM_ORIGIN", format!("http://{source}"))
            .env("DOOR_BIND", address.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be started: build it first", program.display()))?;
        let door = Self { process, address, keys };
        for _ in 0..500 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(door);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("the door does not listen")
    }

    /// The path at the door for a path of Music Assistant.
    fn path(&self, path: &str) -> anyhow::Result<String> {
        let player = PlayerId::from("Kitchen").key();
        let grant = Grant::new(GrantKind::Stream, player, path.to_owned(), SystemClock.now());
        Ok(format!("/s/{}.mp3", self.keys.seal(&grant, &SystemRandom)?))
    }

    fn processor(&self) -> anyhow::Result<Duration> {
        measured::processor_time(self.process.id()).context("the system does not tell processor times")
    }

    /// Memory that it has, in KiB.
    fn memory(&self) -> anyhow::Result<f64> {
        let file = PathBuf::from(format!("/proc/{}/status", self.process.id()));
        let status = std::fs::read_to_string(file)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn path(number: usize) -> String {
    format!("/flow/Aa2keUeZ/Kitchen/{number}/Kitchen.mp3")
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn ratio(one: u64, other: u64) -> f64 {
    Duration::from_nanos(one).as_secs_f64() / Duration::from_nanos(other).as_secs_f64()
}
