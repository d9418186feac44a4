//! What a person hears of a bad Music Assistant or a bad request, and what the owner finds then. What plays goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use ma_alexa::clock::Clock as _;
use ma_alexa::control::ControlError;
use ma_alexa::i18n::{self, Message};
use ma_alexa::store::ActivityStore as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::envelope::{Envelope, play, speech, stops};
use super::home::Home;
use crate::api::harness::{App, MA, OWNER, credentials};
use crate::music_assistant::stand_in::{Household, Mood, StandIn, TOKEN, media};

/// The longest time to an answer.
const ANSWERED: Duration = Duration::from_secs(6);

/// A bad Music Assistant, or a bad request.
struct Row {
    what: &'static str,
    change: fn(&mut Household),
    query: String,
    says: Message,
    /// The kind of the entry in the activity, and a part of it.
    entry: (&'static str, String),
    finding: &'static str,
}

fn row(
    what: &'static str,
    change: fn(&mut Household),
    error: ControlError,
    reason: &str,
    finding: &'static str,
) -> Row {
    let says = Message::Control(error);
    Row {
        what,
        change,
        query: "two".to_owned(),
        says,
        entry: ("not_carried_out", reason.to_owned()),
        finding,
    }
}

fn not_found(what: &'static str, change: fn(&mut Household), query: &str, heard: &str) -> Row {
    let heard = heard.to_owned();
    let entry = ("music_not_found", heard.clone());
    Row {
        what,
        change,
        query: query.to_owned(),
        says: Message::NotFound { heard },
        entry,
        finding: "ma-api-ok",
    }
}

fn rows() -> Vec<Row> {
    let long = "blah ".repeat(1600);
    let many = |household: &mut Household| {
        let tracks: Vec<Value> = (0..5000).map(|n| media(&format!("Track {n}"), "spotify--1")).collect();
        household.results = json!({ "tracks": tracks });
    };
    vec![
        row("down", |_| {}, ControlError::Unreachable, "unreachable", "ma-api-port-closed"),
        row("slow", |home| home.mood = Mood::Silent, ControlError::Slow, "slow", "ma-api-timeout"),
        row(
            "signed out",
            |home| home.mood = Mood::Status(401),
            ControlError::SignedOut,
            "signed_out",
            "ma-api-token-refused",
        ),
        row(
            "another schema",
            |home| (home.schema, home.oldest_schema) = (60, 50),
            ControlError::Failed,
            "failed",
            "ma-api-schema-unknown",
        ),
        row("garbage", |home| home.mood = Mood::Garbage, ControlError::Failed, "failed", "ma-api-not-ma"),
        not_found("5,000 results", many, "quuxly zzyzx", "quuxly zzyzx"),
        row(
            "a player that is gone",
            |home| home.players = json!([]),
            ControlError::PlayerUnknown,
            "player_unknown",
            "ma-api-player-missing",
        ),
        not_found("a name that is no name", |_| {}, "¡! …", "¡! …"),
        not_found("a query of 8,000 characters", |_| {}, &long, long[..200].trim_end()),
        row(
            "a token of a guest",
            |home| (home.mood, home.role) = (Mood::Status(403), "guest"),
            ControlError::NotAllowed,
            "not_allowed",
            "ma-api-token-refused",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_said_noted_and_found_and_ends_nothing() {
    join_all(rows().into_iter().map(holds)).await;
}

async fn holds(row: Row) {
    let what = row.what;
    let stand_in = StandIn::start(Household::default()).await;
    stand_in.change(row.change);
    let address = if what == "down" { closed().await } else { stand_in.address().to_string() };
    let app =
        App::start_with(&[("MA_API_URL", &address), ("STREAM_BASE_URL", "https://music.example.com")]).await;
    let mut kept = credentials(OWNER, MA);
    kept.ma_token = Some(TOKEN.into());
    app.secrets.set(Ok(Some(kept)));
    let home = Home::beside(app.store.clone(), app.clock.clone())
        .with_control(Arc::new(app.state.home_control().clone()));
    home.playing("Kitchen").await;

    let began = Instant::now();
    let answer = home.ask(&Envelope::intent("PlayMusic").heard_as("query", &row.query)).await;
    assert!(began.elapsed() < ANSWERED, "{what}: {:?}", began.elapsed());
    assert_eq!(speech(&answer), i18n::say("en-US", &row.says), "{what}");
    assert!(play(&answer).is_none() && !stops(&answer), "{what}: {answer}");
    let ends = ["play_media", "play_index", "stop", "clear", "pause"];
    let asked = stand_in.asked();
    assert!(
        !asked.iter().any(|(command, _)| ends.iter().any(|end| command.ends_with(end))),
        "{what}: {asked:?}"
    );

    let (kind, part) = &row.entry;
    let noted = async || {
        let recent = app.store.recent(50, app.clock.now()).await.unwrap();
        let entries = recent.iter().map(|activity| serde_json::to_value(activity).unwrap());
        let of_kind = entries.filter(|entry| entry.to_string().contains(&format!("\"{kind}\"")));
        of_kind.filter(|entry| entry["reason"] == **part || entry["heard"] == **part).count()
    };
    // The entry of what took too long comes at the same time as the answer.
    let looks = async {
        while noted().await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(ANSWERED, looks).await.is_ok(), "{what}: no {kind} of {part}");
    assert_eq!(noted().await, 1, "{what}");
    let found = app.get("/v1/doctor?fresh=true", OWNER).await.body.to_string();
    assert!(found.contains(&format!("\"{}\"", row.finding)), "{what}: {found}");
}

/// An address at which nothing listens.
async fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
