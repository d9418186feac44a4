//! How fast music is found by voice, in a real Music Assistant with a large library.
//!
//! `TEST_MUSIC_ASSISTANT` names its installation. `BENCH_TRACKS` is the number of tracks, 20,000 where it is not set. They are
//! put into the server's database, since it reads few files a second. Music is added to a queue, so that no time is that of
//! a start.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use axum::routing::any;
use axum::{Json, Router};
use end_to_end::library::{Track, track};
use end_to_end::music_assistant::{AlexaProvider, Echos, Installation, MusicAssistant};
use end_to_end::voice::{Voice, heard};
use ma_alexa::control::{MusicKind, MusicUse, Reply};
use serde_json::json;
use tokio::net::TcpListener;

use crate::report::{Report, Search};

/// Tracks where nothing else is said.
const TRACKS: usize = 20_000;

/// Requests of each sort.
const REQUESTS: usize = 100;

const PLAYER: &str = "Kitchen";

/// A sort of request: its name, the text and the kind for a track.
type Sort = (&'static str, fn(&Track) -> String, Option<MusicKind>);

const SORTS: [Sort; 6] = [
    ("song, as it is written", |track| track.title.clone(), Some(MusicKind::Song)),
    ("the same, no kind said", |track| track.title.clone(), None),
    ("song by its artist", |track| format!("{} by {}", track.title, track.artist), None),
    ("artist", |track| track.artist.clone(), Some(MusicKind::Artist)),
    ("song, misheard", |track| misheard(&track.title), None),
    ("a name in noise", |track| format!("{} qwxyz", misheard(&track.artist).repeat(2)), None),
];

/// Longest time of all but one in a hundred requests.
const BUDGET: Duration = Duration::from_millis(1500);

/// Measures a server with a library of its own. Whether music is found within [`BUDGET`].
pub(crate) fn measure(report: &mut Report) -> anyhow::Result<bool> {
    let installation = Installation::find().context("TEST_MUSIC_ASSISTANT names no installation")?;
    let tracks = match std::env::var("BENCH_TRACKS") {
        Ok(tracks) => tracks.parse().context("BENCH_TRACKS is no number")?,
        Err(_) => TRACKS,
    };
    ensure!(tracks >= REQUESTS, "BENCH_TRACKS: at least {REQUESTS}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let began = Instant::now();
        let (echos, _heard) = Echos::listen().await;
        let ma = MusicAssistant::start_with_tracks(tracks, &installation, &[PLAYER], &echos).await;
        let read = began.elapsed();
        let api_url = provider().await?;
        let alexa = AlexaProvider { api_url: &api_url, credentials: ("a", "b"), language: "en-US" };
        ma.load_alexa(alexa, &[PLAYER]).await;
        let voice = Voice::new(ma.api(), Some(ma.token())).await;
        // The names are read by the first request, which waits for them as long as it may.
        let began = Instant::now();
        let first = voice.ask(PLAYER, "en-US", heard("qwxyz", None, MusicUse::Add)).await;
        let first = (began.elapsed(), format!("{first:?}"));
        while !is_found(&voice.ask(PLAYER, "en-US", misheard_track(tracks / 2)).await) {
            ensure!(began.elapsed() < Duration::from_mins(4), "the names are not read");
        }
        let names = began.elapsed();
        report.paragraph(&format!(
            "{tracks} tracks, which Music Assistant had after {:.0} s. The first request took {:.3} s ({}); the names were \
             there {:.1} s after it.",
            read.as_secs_f64(),
            first.0.as_secs_f64(),
            first.1,
            names.as_secs_f64(),
        ));
        let mut rows = Vec::new();
        for (name, text, kind) in SORTS {
            rows.push(one_sort(&voice, tracks, name, text, kind).await);
        }
        report.searches(&rows);
        Ok(rows.iter().all(|row| row.percent(99) <= BUDGET))
    })
}

async fn one_sort(
    voice: &Voice,
    tracks: usize,
    name: &'static str,
    text: fn(&Track) -> String,
    kind: Option<MusicKind>,
) -> Search {
    let (mut times, mut found) = (Vec::new(), 0);
    for number in 0..REQUESTS {
        let text = text(&track(number * (tracks / REQUESTS)));
        let began = Instant::now();
        let reply = voice.ask(PLAYER, "en-US", heard(&text, kind, MusicUse::Add)).await;
        times.push(began.elapsed());
        found += usize::from(is_found(&reply));
    }
    Search { name, times, found }
}

/// Whether one was found, or several to ask about.
fn is_found(reply: &Reply) -> bool {
    matches!(reply, Reply::Queued(_) | Reply::Choose(_))
}

fn misheard_track(number: usize) -> ma_alexa::control::Action {
    heard(&misheard(&track(number).title), None, MusicUse::Add)
}

/// A name as it may be heard: other letters for the same sounds.
fn misheard(name: &str) -> String {
    let heard =
        [("ck", "k"), ("ph", "f"), ("d", "t"), ("g", "k"), ("v", "f"), ("ee", "i"), ("ow", "au"), ("z", "s")];
    heard.iter().fold(name.to_lowercase(), |name, (written, heard)| name.replace(written, heard))
}

/// What Music Assistant's provider asks on its way up, answered with nothing.
async fn provider() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let nothing = || async { Json(json!({ "invocationName": "", "intents": [] })) };
    let router = Router::new().fallback(any(nothing));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
