//! A household with ten players and ten Echos, and what is sent in it. Ids and addresses have the lengths of real ones.

use anyhow::Context as _;
use ma_alexa::clock::{Random, Timestamp};
use ma_alexa::playback::{PlayToken, PlayerId, StartReason, short_hash};
use serde_json::{Value, json};

/// Number of players, and of Echos; each Echo serves one.
pub const PLAYERS: usize = 10;

const ENVELOPE: &str = include_str!("../../events/intent-amazon-help.json");

/// The name of a player.
#[must_use]
pub fn player(index: usize) -> String {
    format!("Living room {index}")
}

/// Under which key DynamoDB has a player.
#[must_use]
pub fn player_key(index: usize) -> String {
    format!("play#player#{}", PlayerId::from(player(index)).key())
}

/// Under which key it has an Echo.
#[must_use]
pub fn echo_key(index: usize) -> String {
    format!("play#echo#{}", short_hash(&device(index)).as_str())
}

/// The id of an Echo.
#[must_use]
pub fn device(index: usize) -> String {
    format!("amzn1.ask.device.{index}{}", "AMAZMADEUP".repeat(18))
}

/// Music Assistant's push of the stream `number` of a player, without the HTTP around it.
#[must_use]
pub fn push(index: usize, number: usize, title: &str) -> Value {
    let name = player(index).replace(' ', "%20");
    let item = "0123456789abcdef".repeat(16);
    json!({
        "streamUrl": format!("http://192.168.1.5:8097/flow/session-{number}/{name}/{item}/{name}.flac"),
        "title": title,
        "artist": "Academy of St Martin in the Fields, Sir Neville Marriner",
        "album": "Symphonies Nos. 35 to 41 (Remastered)",
        "imageUrl": format!("http://192.168.1.5:8095/imageproxy/{item}?size=512&provider=filesystem&path={item}"),
    })
}

/// An Echo asks for help.
///
/// # Errors
/// When the sample that it is made of is none.
pub fn help(index: usize, at: Timestamp) -> anyhow::Result<String> {
    Ok(envelope(index, at)?.to_string())
}

/// An Echo asks for music in Music Assistant's words. `request` names the request: one that comes twice is not noted.
///
/// # Errors
/// When the sample that it is made of is none.
pub fn play(index: usize, request: usize, at: Timestamp) -> anyhow::Result<String> {
    ask("PlayAudio", index, request, at)
}

/// An Echo asks for music in a person's words, which give a stream again as often as they are said.
///
/// # Errors
/// When the sample that it is made of is none.
pub fn resume(index: usize, request: usize, at: Timestamp) -> anyhow::Result<String> {
    ask("AMAZON.ResumeIntent", index, request, at)
}

fn ask(intent: &str, index: usize, request: usize, at: Timestamp) -> anyhow::Result<String> {
    let mut envelope = envelope(index, at)?;
    envelope["request"]["requestId"] = json!(request_id(request));
    envelope["request"]["intent"]["name"] = json!(intent);
    Ok(envelope.to_string())
}

/// An Echo reports that a version of its player began to play. Reports count in the order of their offsets.
///
/// # Errors
/// When the sample that it is made of is none, or there is no randomness.
pub fn started(
    index: usize,
    version: u64,
    offset_ms: usize,
    at: Timestamp,
    random: &dyn Random,
) -> anyhow::Result<String> {
    let key = PlayerId::from(player(index)).key();
    let token = PlayToken::issue(key, version, at, StartReason::Start, random)?.encode();
    let mut envelope = envelope(index, at)?;
    envelope.as_object_mut().context("no envelope")?.remove("session");
    envelope["context"]["AudioPlayer"] =
        json!({ "playerActivity": "PLAYING", "offsetInMilliseconds": offset_ms, "token": token });
    envelope["request"] = json!({
        "type": "AudioPlayer.PlaybackStarted",
        "requestId": request_id(offset_ms),
        "timestamp": at.rfc3339(),
        "locale": "en-US",
        "token": token,
        "offsetInMilliseconds": offset_ms,
    });
    Ok(envelope.to_string())
}

fn envelope(index: usize, at: Timestamp) -> anyhow::Result<Value> {
    let mut envelope: Value = serde_json::from_str(ENVELOPE)?;
    let user = json!({ "userId": format!("amzn1.ask.account.{}", "AMAZMADEUP".repeat(18)) });
    let system = &mut envelope["context"]["System"];
    system["device"]["deviceId"] = json!(device(index));
    system["device"]["persistentEndpointId"] =
        json!(format!("amzn1.alexa.endpoint.did.{index}{}", "AMAZMADEUP".repeat(6)));
    system["apiAccessToken"] = json!("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9".repeat(28));
    system["user"] = user.clone();
    envelope["session"]["user"] = user;
    envelope["request"]["timestamp"] = json!(at.rfc3339());
    Ok(envelope)
}

fn request_id(number: usize) -> String {
    format!("amzn1.echo-api.request.{number:08x}-1111-4222-8333-444455556666")
}
