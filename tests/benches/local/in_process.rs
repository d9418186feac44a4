//! The parts of a request without HTTP and without logs.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ma_alexa::alexa::response::Response;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::playback::{Metadata, PlayerId, Push};
use ma_alexa::skill::Skill;
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::verification::{SignatureHeaders, Verifier};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use tokio::runtime::Runtime;

use crate::household;
use crate::report::{Part, Report};
use crate::server;
use end_to_end::signing::{CERTIFICATE_URL, leaf_key_der, sign};

/// How often everything is measured in turn.
const TURNS: u32 = 41;

/// How many reports are taken before anything is measured. The log of a file that was just opened grows with every
/// write until SQLite begins it again, after 1,000 pages; until then the disk has twice as much to do.
const WARM_UP: usize = 1000;

/// How often something is written in each turn.
const WRITES: u32 = 3;

/// The answer to a report.
const EMPTY: &str = r#""response":{}"#;

/// Which Echo asks.
const ECHO: usize = 3;

/// What SQLite writes of one page into its log, in bytes: the page and a header.
const PAGE: usize = 4096 + 24;

/// Measures over a state file that no other process has open.
pub(crate) fn measure(state: &Path, report: &mut Report) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut parts = signatures(&runtime)?;
    parts.extend(answers(&runtime, state)?);
    report.parts(&parts);
    Ok(())
}

/// Something to measure, done `repeats` times in each turn.
struct Work<'a> {
    repeats: u32,
    run: Box<dyn FnMut() -> anyhow::Result<()> + 'a>,
}

impl<'a> Work<'a> {
    fn new(repeats: u32, run: impl FnMut() -> anyhow::Result<()> + 'a) -> Self {
        Self { repeats, run: Box::new(run) }
    }
}

/// The median time of each, all measured in turn. The first turn warms up.
fn medians<const N: usize>(mut works: [Work<'_>; N]) -> anyhow::Result<[Duration; N]> {
    let mut times = [const { Vec::new() }; N];
    for turn in 0..=TURNS {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let began = Instant::now();
            for _ in 0..work.repeats {
                (work.run)()?;
            }
            if turn > 0 {
                times.push(began.elapsed() / work.repeats);
            }
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    }))
}

fn signatures(runtime: &Runtime) -> anyhow::Result<Vec<Part>> {
    let body = household::play(ECHO, 1)?;
    let header = sign(body.as_bytes());
    let headers = SignatureHeaders { certificate_url: Some(CERTIFICATE_URL), signature: Some(&header) };
    let signature = STANDARD.decode(&header)?;
    let key = RsaKeyPair::from_pkcs8(&leaf_key_der()).map_err(|error| anyhow::anyhow!(error))?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    let verify = |verifier: &Verifier| -> anyhow::Result<()> {
        runtime.block_on(verifier.verify(headers, body.as_bytes(), std::future::ready(true)))?;
        Ok(())
    };
    let known = server::verifier();
    // Making an authority is dear, and is done before the first turn.
    let mut unknown: Vec<Verifier> = (0..=TURNS).map(|_| server::verifier()).collect();
    let [rsa, cached, fetched] = medians([
        Work::new(50, || {
            key.verify(body.as_bytes(), &signature).map_err(|_| anyhow::anyhow!("the signature is wrong"))
        }),
        Work::new(50, || verify(&known)),
        Work::new(1, || verify(&unknown.pop().context("no verifier is left")?)),
    ])?;
    let beside = Some(("the RSA", rsa));
    Ok(vec![
        Part { name: "RSA-2048 and SHA-256 of a signature, alone", time: rsa, beside: None },
        Part { name: "signature check, chain known", time: cached, beside },
        Part { name: "signature check, chain to be validated", time: fetched, beside },
    ])
}

fn answers(runtime: &Runtime, state: &Path) -> anyhow::Result<Vec<Part>> {
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(state, Arc::new(SystemClock), Arc::new(SystemRandom))?);
    let household = runtime.block_on(store.household(SystemClock.now()))?;
    let player = household.player(&PlayerId::from(household::player(ECHO).as_str())).context("no player")?;
    let skill = server::skill(Arc::clone(&store))?;
    let help = household::help(ECHO)?;
    let written = usize::try_from(WRITES * (TURNS + 1))?;
    let reports: Vec<_> =
        numbered(WARM_UP + written, |number| household::started(ECHO, player.version(), number))?;
    let plays: Vec<_> = numbered(written, |number| household::resume(ECHO, number))?;
    let (mut reports, mut plays) = (reports.iter(), plays.iter());
    for report in reports.by_ref().take(WARM_UP) {
        answered(runtime, &skill, Some(report), EMPTY)?;
    }
    let mut titles = 0;
    let mut push = Push {
        player: player.player.clone(),
        stream: player.start().context("the player was never pushed")?.stream.clone(),
        grant: None,
        metadata: Metadata::default(),
        at: SystemClock.now(),
        request: String::new(),
        is_play: false,
        can_skip_speech: None,
        reports_home: false,
    };
    let mut log = File::create(state.with_extension("fsync"))?;
    let [read, synced, helped, pushed, reported, started] = medians([
        Work::new(20, || {
            runtime.block_on(store.household(SystemClock.now()))?;
            Ok(())
        }),
        Work::new(WRITES, || {
            log.rewind()?;
            log.write_all(&[1; PAGE])?;
            Ok(log.sync_all()?)
        }),
        Work::new(50, || answered(runtime, &skill, Some(&help), "outputSpeech")),
        Work::new(WRITES, || {
            titles += 1;
            push.request = format!("push {titles}");
            push.metadata.title = Some(format!("Title {titles}"));
            runtime.block_on(store.push(&push))?;
            Ok(())
        }),
        Work::new(WRITES, || answered(runtime, &skill, reports.next(), EMPTY)),
        Work::new(WRITES, || answered(runtime, &skill, plays.next(), "AudioPlayer.Play")),
    ])?;
    let beside = Some(("the page", synced));
    Ok(vec![
        Part { name: "`AMAZON.HelpIntent` answered", time: helped, beside: None },
        Part { name: "household of 10 players and 10 Echos read", time: read, beside: None },
        Part { name: "one page written to disk (fsync), alone", time: synced, beside: None },
        Part { name: "push of new metadata stored", time: pushed, beside },
        Part { name: "`PlaybackStarted` answered", time: reported, beside },
        Part { name: "`AMAZON.ResumeIntent` answered with a stream", time: started, beside },
    ])
}

/// Bodies of requests with numbers that are larger than every number before, so that none is taken for one that was
/// repeated or overtaken.
fn numbered(count: usize, body: impl Fn(usize) -> anyhow::Result<String>) -> anyhow::Result<Vec<String>> {
    (1_000_000..).take(count).map(body).collect()
}

fn answered(runtime: &Runtime, skill: &Skill, body: Option<&String>, expected: &str) -> anyhow::Result<()> {
    let body = body.context("no request is left")?;
    let answer: Response = runtime.block_on(skill.answer(body.as_bytes()))?;
    let answer = serde_json::to_string(&answer)?;
    anyhow::ensure!(answer.contains(expected), "not as expected: {answer}");
    Ok(())
}
