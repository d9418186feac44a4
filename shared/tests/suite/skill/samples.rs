//! Every sample request, in a home without players and in one that plays.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use ma_alexa::playback::Metadata;
use serde_json::Value;

use super::envelope::{Envelope, play};
use super::home::Home;

/// A name and what was answered.
pub(super) type Answered = (String, Value);

/// The sample requests, with their files' names.
pub(super) fn requests() -> Vec<(String, Envelope)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut requests = Vec::new();
    for (folder, prefix) in [(folder.clone(), ""), (folder.join("negative"), "negative/")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let name = format!("{prefix}{}", path.file_stem().unwrap().to_str().unwrap());
                requests.push((name, Envelope(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())));
            }
        }
    }
    requests.sort_by(|one, other| one.0.cmp(&other.0));
    requests
}

/// The same of our own intents.
fn ours() -> Vec<(String, Envelope)> {
    [
        ("PlayAudio", Envelope::play_audio()),
        ("PlayAudio in German", Envelope::play_audio().locale("de-DE")),
        ("LaunchRequest in French", Envelope::launch().locale("fr-FR")),
        ("MaPause", Envelope::intent("MaPause")),
        ("MaResume", Envelope::intent("MaResume")),
        ("MaStop", Envelope::intent("MaStop")),
        ("PairEcho", Envelope::intent("PairEcho")),
        ("PairEcho kitchen", Envelope::intent("PairEcho").heard("kitchen")),
        ("PairEcho attic", Envelope::intent("PairEcho").heard("attic")),
        ("PairEcho attic, further on", Envelope::intent("PairEcho").heard("attic").in_conversation()),
        ("IdentifyEcho without a code", Envelope::intent("IdentifyEcho")),
        ("IdentifyEcho with a code that was not issued", Envelope::identify("zuwuv")),
        ("PlaybackFailed that passes", Envelope::failed(CURRENT, "MEDIA_ERROR_SERVICE_UNAVAILABLE")),
    ]
    .map(|(name, envelope)| (format!("ours/{name}"), envelope.from("sampled")))
    .into()
}

/// The stream that the samples are about.
const CURRENT: &str = "ma1.q7f3.0007.5c2e9a";

/// Another one, which one of them reports while the first one plays.
const OTHER: &str = "ma1.q7f3.0008.b41d07";

/// Where a request names its Echo.
const ECHO: &str = "/context/System/device/deviceId";

/// A home with a player that the Echo of the request plays, a minute before the request.
async fn playing_home(envelope: &Envelope) -> (Home, Envelope) {
    let home = Home::start();
    let names = Metadata {
        title: Some("Sinnerman".to_owned()),
        artist: Some("Nina Simone".to_owned()),
        album: Some("Pastel Blues".to_owned()),
        image_url: Some("http://192.168.1.5:8095/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef?size=512".to_owned()),
        ..Metadata::default()
    };
    home.push_path("flow/one/queue/item/Kitchen.flac", names).await;
    let echo = envelope.0.pointer(ECHO).and_then(Value::as_str).unwrap_or("amzn1.ask.device.kitchen");
    let from_echo = |envelope: Envelope| envelope.with(ECHO, echo.into());
    let before = home.play(&from_echo(Envelope::play_audio())).await;
    home.pass(10);
    let now = home.play(&from_echo(Envelope::play_audio())).await;
    home.pass(1);
    home.ask(&from_echo(Envelope::event("Started", &now.token, 0))).await;
    home.pass(49);
    let body = envelope.0.to_string().replace(CURRENT, &now.token).replace(OTHER, &before.token);
    (home, Envelope(serde_json::from_str(&body).unwrap()))
}

fn answer_all<F>(home: impl Fn(Envelope) -> F) -> Vec<Answered>
where
    F: Future<Output = (Home, Envelope)>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut answers = Vec::new();
        for (name, envelope) in requests().into_iter().chain(ours()) {
            let (home, envelope) = home(envelope).await;
            home.clock.set(super::home::START.plus(std::time::Duration::from_mins(2)));
            answers.push((name, home.ask(&envelope).await));
        }
        answers
    })
}

pub(super) fn in_an_empty_home() -> &'static [Answered] {
    static ANSWERS: OnceLock<Vec<Answered>> = OnceLock::new();
    ANSWERS.get_or_init(|| answer_all(|envelope| async { (Home::start(), envelope) }))
}

pub(super) fn in_a_home_that_plays() -> &'static [Answered] {
    static ANSWERS: OnceLock<Vec<Answered>> = OnceLock::new();
    ANSWERS.get_or_init(|| answer_all(|envelope| async move { playing_home(&envelope).await }))
}

/// A line for each member of an answer, so that a change reads well.
fn table(answers: &[Answered]) -> String {
    let mut table = String::new();
    for (name, answer) in answers {
        writeln!(table, "{name}").unwrap();
        let response = answer["response"].as_object().unwrap();
        if response.is_empty() {
            writeln!(table, "    nothing").unwrap();
        }
        for (member, value) in response {
            writeln!(table, "    {member}: {value}").unwrap();
        }
    }
    table
}

#[test]
fn every_sample_is_answered_in_an_empty_home() {
    insta::assert_snapshot!(table(in_an_empty_home()));
}

#[test]
fn every_sample_is_answered_in_a_home_that_plays() {
    insta::assert_snapshot!(table(in_a_home_that_plays()));
}

#[test]
fn there_are_samples_of_every_kind() {
    assert_eq!(requests().len(), 70);
    let plays = in_a_home_that_plays().iter().filter(|(_, answer)| play(answer).is_some()).count();
    assert!(plays >= 8, "{plays}");
    assert!(in_an_empty_home().iter().all(|(_, answer)| play(answer).is_none()));
}
