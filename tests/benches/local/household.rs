//! What is sent in a household, as its bytes go over the wire.

use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use serde_json::json;

pub(crate) use end_to_end::envelope::SKILL as SKILL_ID;
pub(crate) use end_to_end::household::{PLAYERS, player};

use crate::client;
use end_to_end::household::{self, device};
use end_to_end::signing::{CERTIFICATE_URL, sign};

/// `GET /healthz`.
pub(crate) fn health() -> Vec<u8> {
    client::request("GET /healthz", &[], "")
}

/// Music Assistant's push of the stream `number` of a player.
pub(crate) fn push(authorization: &str, index: usize, number: usize, title: &str) -> Vec<u8> {
    let headers = [("Authorization", authorization)];
    client::request("POST /ma/push-url", &headers, &household::push(index, number, title).to_string())
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

/// An Echo asks for help, now.
pub(crate) fn help(index: usize) -> anyhow::Result<String> {
    household::help(index, SystemClock.now())
}

/// An Echo asks for music in Music Assistant's words, now.
pub(crate) fn play(index: usize, request: usize) -> anyhow::Result<String> {
    household::play(index, request, SystemClock.now())
}

/// An Echo asks for music in a person's words, now.
pub(crate) fn resume(index: usize, request: usize) -> anyhow::Result<String> {
    household::resume(index, request, SystemClock.now())
}

/// An Echo reports, now, that a version of its player began to play.
pub(crate) fn started(index: usize, version: u64, offset_ms: usize) -> anyhow::Result<String> {
    household::started(index, version, offset_ms, SystemClock.now(), &SystemRandom)
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
