//! An Echo is made to say a code: the challenge comes from a process that shares the state, and the Echo's words from Alexa.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::path::Path;
use std::sync::Arc;

use end_to_end::api::{Api, CREDENTIALS};
use end_to_end::envelope::{ECHO, Envelope, Played};
use end_to_end::program::Program;
use ma_alexa::account::{ChallengePurpose, OneTimeWord, PairingChallenge};
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom, Timestamp};
use ma_alexa::playback::PlayerId;
use ma_alexa::store::{self, Environment, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::local::{command, serve};

pub(crate) fn challenge(
    code: usize,
    player: &str,
    kind: ChallengePurpose,
    now: Timestamp,
) -> PairingChallenge {
    PairingChallenge {
        word: OneTimeWord::from_index(code),
        serial: format!("G0{code}"),
        echo_kind: None,
        player: PlayerId::from(player),
        kind,
        used: None,
        expires_at: now.plus(PairingChallenge::LASTS).seconds(),
    }
}

/// What an Echo says that was made to say a code.
pub(crate) fn says(code: &OneTimeWord) -> Envelope {
    let slot = json!({ "name": "code", "value": code.as_str() });
    Envelope::new("identify-echo").with("/request/intent/slots/code", slot)
}

fn ask(folder: &Path, envelope: &Envelope) -> Value {
    let output = Program::run_with_input(&mut command(folder, &["ask", "-"]), &envelope.to_vec());
    assert!(output.status.success(), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

/// The state file of the server, opened beside it.
fn state(folder: &Path) -> Arc<dyn Store> {
    let url = format!("sqlite:{}", folder.join("data/state.db").display());
    let machine =
        Environment { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom), lookup: &|_| None };
    store::open(&url, &machine).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_says_a_code_is_known_and_plays() {
    let folder = TempDir::new().unwrap();
    let (_server, base) = serve(command(folder.path(), &[]).envs(CREDENTIALS));
    let (api, store) = (Api::at(&base), state(folder.path()));
    let silence = json!({ "version": "1.0", "response": { "shouldEndSession": true } });

    // The code of the sample is not issued yet.
    assert_eq!(ask(folder.path(), &Envelope::new("identify-echo")), silence);
    assert_eq!(api.get("/v1/players").await["players"], json!([]));

    let identify = challenge(0, "Kitchen", ChallengePurpose::Identify, SystemClock.now());
    assert!(store.put_challenge(&identify, SystemClock.now()).await.unwrap());
    assert_eq!(ask(folder.path(), &Envelope::new("identify-echo")), silence);
    let kitchen = api.player("Kitchen").await;
    assert_eq!((&kitchen["state"], &kitchen["echo"]), (&json!("idle"), &json!(ECHO)));
    for unknown in ["title", "artist", "album", "art_url", "pushed_at", "state_at", "error", "origin"] {
        assert_eq!(kitchen.get(unknown), Some(&Value::Null), "{unknown}");
    }
    assert_eq!(kitchen["version"], 0);
    let told = &api.get("/v1/activity").await["activity"][0];
    assert_eq!((&told["kind"], &told["how"]), (&json!("paired"), &json!("code")), "{told}");
    let found = store.challenge(&identify.word, SystemClock.now()).await.unwrap().unwrap();
    assert_eq!(found.used.unwrap().device.as_str(), ECHO);

    // Two starts at once, which leave nothing to learn.
    assert_eq!(api.push("Kitchen", "one", "Blue").await["version"], 1);
    assert_eq!(api.push("Office", "one", "Court and Spark").await["version"], 1);
    let played = Played::of(&ask(folder.path(), &Envelope::new("play-audio")));
    assert!(played.url.ends_with("/Kitchen.mp3"), "{played:?}");

    let play = challenge(1, "Office", ChallengePurpose::Play { version: 1 }, SystemClock.now());
    assert!(store.put_challenge(&play, SystemClock.now()).await.unwrap());
    let office = says(&play.word).from_echo("amzn1.ask.device.OFFICE");
    let played = Played::of(&ask(folder.path(), &office));
    assert!(played.url.ends_with("/Office.mp3"), "{played:?}");
    assert_eq!(api.player("Office").await["state"], "requested");

    // Another one who says it now is too late.
    assert_eq!(ask(folder.path(), &says(&play.word)), silence);
    assert_eq!(api.player("Office").await["echo"], "amzn1.ask.device.OFFICE");
}
