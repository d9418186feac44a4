//! A household with ten players and ten Echos, and what is sent in it. Ids and addresses have the lengths of real ones.

use std::thread;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::playback::{Origin, PlayToken, PlayerId};
use serde_json::{Value, json};

use crate::client;
use end_to_end::signing::{CERTIFICATE_URL, sign};

/// How many players there are, and how many Echos; each Echo serves one.
pub(crate) const PLAYERS: usize = 10;

/// The skill that the envelopes are made to.
pub(crate) const SKILL_ID: &str = "amzn1.ask.skill.5d3b7c1e-0a4f-4c8d-9e21-7f6a5b4c3d2e";

const ENVELOPE: &str = include_str!("../../../events/intent-amazon-help.json");

pub(crate) fn player(index: usize) -> String {
    format!("Living room {index}")
}

pub(crate) fn device(index: usize) -> String {
    format!("amzn1.ask.device.{index}{}", "AMAZMADEUP".repeat(18))
}

/// `GET /healthz`.
pub(crate) fn health() -> Vec<u8> {
    client::request("GET /healthz", &[], "")
}

/// Music Assistant's push of the stream `number` of a player.
pub(crate) fn push(authorization: &str, index: usize, number: usize, title: &str) -> Vec<u8> {
    let name = player(index).replace(' ', "%20");
    let item = "0123456789abcdef".repeat(16);
    let body = json!({
        "streamUrl": format!("http://192.168.1.5:8097/flow/session-{number}/{name}/{item}/{name}.flac"),
        "title": title,
        "artist": "Academy of St Martin in the Fields, Sir Neville Marriner",
        "album": "Symphonies Nos. 35 to 41 (Remastered)",
        "imageUrl": format!("http://192.168.1.5:8095/imageproxy/{item}?size=512&provider=filesystem&path={item}"),
    });
    let headers = [("Authorization", authorization)];
    client::request("POST /ma/push-url", &headers, &body.to_string())
}

/// The owner pairs an Echo with its player.
pub(crate) fn pair(authorization: &str, index: usize) -> Vec<u8> {
    let line = format!("PUT /v1/echos/{}/player", device(index));
    let body = json!({ "player": player(index) });
    client::request(&line, &[("Authorization", authorization)], &body.to_string())
}

/// The header of HTTP Basic.
pub(crate) fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}

/// An Echo asks for help.
pub(crate) fn help(index: usize) -> anyhow::Result<String> {
    Ok(envelope(index)?.to_string())
}

/// An Echo asks for music in Music Assistant's words. `request` names the request: one that comes twice is not noted.
pub(crate) fn play(index: usize, request: usize) -> anyhow::Result<String> {
    let mut envelope = envelope(index)?;
    envelope["request"]["requestId"] = json!(request_id(request));
    envelope["request"]["intent"]["name"] = json!("PlayAudio");
    Ok(envelope.to_string())
}

/// An Echo reports that a version of its player began to play. Reports count in the order of their offsets.
pub(crate) fn started(index: usize, version: u64, offset_ms: usize) -> anyhow::Result<String> {
    let key = PlayerId::from(player(index)).key();
    let issued_at = SystemClock.now();
    let token = PlayToken::issue(key, version, issued_at, Origin::Start, &SystemRandom)?.encode();
    let mut envelope = envelope(index)?;
    envelope.as_object_mut().context("no envelope")?.remove("session");
    envelope["context"]["AudioPlayer"] =
        json!({ "playerActivity": "PLAYING", "offsetInMilliseconds": offset_ms, "token": token });
    envelope["request"] = json!({
        "type": "AudioPlayer.PlaybackStarted",
        "requestId": request_id(offset_ms),
        "timestamp": issued_at.rfc3339(),
        "locale": "en-US",
        "token": token,
        "offsetInMilliseconds": offset_ms,
    });
    Ok(envelope.to_string())
}

fn envelope(index: usize) -> anyhow::Result<Value> {
    let mut envelope: Value = serde_json::from_str(ENVELOPE)?;
    let user = json!({ "userId": format!("amzn1.ask.account.{}", "AMAZMADEUP".repeat(18)) });
    let system = &mut envelope["context"]["System"];
    system["device"]["deviceId"] = json!(device(index));
    system["device"]["persistentEndpointId"] =
        json!(format!("amzn1.alexa.endpoint.did.{index}{}", "AMAZMADEUP".repeat(6)));
    system["apiAccessToken"] = json!("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9".repeat(28));
    system["user"] = user.clone();
    envelope["session"]["user"] = user;
    envelope["request"]["timestamp"] = json!(SystemClock.now().rfc3339());
    Ok(envelope)
}

fn request_id(number: usize) -> String {
    format!("amzn1.echo-api.request.{number:08x}-1111-4222-8333-444455556666")
}

/// The bodies as Alexa posts them. A signature takes about a millisecond, so every core makes some.
pub(crate) fn signed(bodies: &[String]) -> anyhow::Result<Vec<Vec<u8>>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = bodies.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let signers: Vec<_> = bodies
            .chunks(share)
            .map(|bodies| scope.spawn(move || bodies.iter().map(|body| post(body)).collect::<Vec<_>>()))
            .collect();
        let mut requests = Vec::with_capacity(bodies.len());
        for signer in signers {
            requests.extend(signer.join().map_err(|_| anyhow::anyhow!("a body could not be signed"))?);
        }
        Ok(requests)
    })
}

fn post(body: &str) -> Vec<u8> {
    let signature = sign(body.as_bytes());
    let headers = [("SignatureCertChainUrl", CERTIFICATE_URL), ("Signature-256", signature.as_str())];
    client::request("POST /", &headers, body)
}
