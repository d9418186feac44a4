//! One play from push to failure, told by its effects alone. Whatever hosts the functions has to pass it.

use std::time::Duration;

use end_to_end::api::{Api, STREAM_BASE_URL};
use end_to_end::envelope::{ECHO, Envelope, Played, nothing};
use ma_alexa::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

/// Where the Echo fetches what was pushed.
const STREAM: &str = "/flow/Aa2keUeZ/Kitchen/item1/Kitchen.mp3";

/// Pushes, asks, reports and fails, and looks at the state after each step. Leaves "Kitchen" failed at version 1.
pub(crate) async fn one_play(api: &Api, ask: impl AsyncFn(Envelope) -> Value) {
    let pushed = api.push("Kitchen", "Aa2keUeZ", "A Case of You").await;
    assert_eq!(pushed, json!({ "status": "ok", "version": 1 }));
    is(&api.player("Kitchen").await, "idle", 0, &Value::Null);

    let first = starts(api, &ask).await;
    reports(api, &ask, &first).await;
    let replay = resumes_and_is_replayed(api, &ask, &first).await;

    assert_eq!(ask(Envelope::failed(&replay.token, "MEDIA_ERROR_INVALID_REQUEST")).await, nothing());
    let player = api.player("Kitchen").await;
    is(&player, "failed", 0, &json!(ECHO));
    assert_eq!(player["error"]["type"], "MEDIA_ERROR_INVALID_REQUEST");
    assert!(player["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{player}");
}

async fn starts(api: &Api, ask: &impl AsyncFn(Envelope) -> Value) -> Played {
    let answer = ask(Envelope::new("play-audio")).await;
    let played = Played::of(&answer);
    assert_eq!((played.url, played.offset_ms), (format!("{STREAM_BASE_URL}{STREAM}"), 0));
    assert_eq!(answer["response"]["shouldEndSession"], true);
    let metadata = &answer["response"]["directives"][0]["audioItem"]["metadata"];
    assert_eq!(metadata["title"], "A Case of You");
    is(&api.player("Kitchen").await, "requested", 0, &json!(ECHO));
    Played::of(&answer)
}

async fn reports(api: &Api, ask: &impl AsyncFn(Envelope) -> Value, played: &Played) {
    assert_eq!(ask(Envelope::report("PlaybackStarted", &played.token, 0)).await, nothing());
    is(&api.player("Kitchen").await, "playing", 0, &json!(ECHO));
    assert_eq!(ask(Envelope::report("PlaybackNearlyFinished", &played.token, 40_000)).await, nothing());
    is(&api.player("Kitchen").await, "playing", 40_000, &json!(ECHO));
    assert_eq!(ask(Envelope::report("PlaybackStopped", &played.token, 41_250)).await, nothing());
    is(&api.player("Kitchen").await, "stopped", 41_250, &json!(ECHO));
    let overtaken = SystemClock.now().minus(Duration::from_secs(30));
    let late = Envelope::report("PlaybackStarted", &played.token, 0).at(overtaken);
    assert_eq!(ask(late).await, nothing());
    is(&api.player("Kitchen").await, "stopped", 41_250, &json!(ECHO));
}

/// A queue begins again. What cannot be reached is played again, once.
async fn resumes_and_is_replayed(
    api: &Api,
    ask: &impl AsyncFn(Envelope) -> Value,
    stopped: &Played,
) -> Played {
    let resume = Envelope::new("intent-amazon-resume").playing("STOPPED", &stopped.token, 41_250);
    let resumed = Played::of(&ask(resume).await);
    assert_eq!((&resumed.url, resumed.offset_ms), (&stopped.url, 0));
    let unreachable = Envelope::failed(&resumed.token, "MEDIA_ERROR_SERVICE_UNAVAILABLE");
    let replayed = Played::of(&ask(unreachable).await);
    assert_eq!((&replayed.url, replayed.offset_ms), (&stopped.url, 0));
    let tokens = [&stopped.token, &resumed.token, &replayed.token];
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2] && tokens[0] != tokens[2], "{tokens:?}");
    assert_ne!(api.player("Kitchen").await["state"], "playing");
    replayed
}

fn is(player: &Value, state: &str, offset_ms: u64, echo: &Value) {
    let found = (&player["state"], &player["offset_ms"], &player["echo"], &player["version"]);
    assert_eq!(found, (&json!(state), &json!(offset_ms), echo, &json!(1)), "{player}");
}
