//! Music Assistant's own API.

use serde_json::Value;
use url::Url;

use crate::doctor::answers::{Answers, Said};
use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::Facts;
use crate::probe::Answer;

use super::address::{Place, is_public};

const PLACE: Place = Place { name: "ma-api", setting: "MA_API_URL" };

/// The first schema of Music Assistant whose API asks for a token.
const TOKENS_SINCE: u64 = 28;

pub(super) fn link(facts: &Facts, answers: &Answers) -> Link {
    let kind = LinkKind::MusicAssistant;
    let Some(info) = &answers.ma_info else {
        return Link::of(kind, vec![found("ma-api-not-set", &[])], || found("ma-api-not-set", &[]));
    };
    let host = info.host();
    let open = (!may_carry_a_token(&info.url)).then(|| found("ma-api-not-encrypted", &[("host", host)]));
    let trouble = PLACE.trouble(info).or_else(|| unlike(info)).or_else(|| token(facts, answers, info));
    let version = content(info.answer()).as_ref().map(version).unwrap_or_default();
    Link::of(kind, trouble.into_iter().chain(open).collect(), || {
        found("ma-api-ok", &[("host", host), ("version", &version)])
    })
}

/// Whether a token may be sent there: not where others could read it on its way.
pub(in crate::doctor) fn may_carry_a_token(url: &Url) -> bool {
    url.scheme() == "https" || !is_public(url)
}

/// Whether an answer to `/info` is Music Assistant's.
pub(in crate::doctor) fn is_music_assistant(answer: Option<&Answer>) -> bool {
    content(answer).is_some()
}

fn content(answer: Option<&Answer>) -> Option<Value> {
    let answer = answer.filter(|answer| answer.status == 200)?;
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    (body["server_version"].is_string() && body["schema_version"].is_u64()).then_some(body)
}

fn version(content: &Value) -> String {
    content["server_version"].as_str().unwrap_or_default().chars().take(40).collect()
}

fn unlike(info: &Said) -> Option<Finding> {
    (!is_music_assistant(info.answer())).then(|| found("ma-api-not-ma", &[("host", info.host())]))
}

fn token(facts: &Facts, answers: &Answers, info: &Said) -> Option<Finding> {
    let host = ("host", info.host());
    let needs_token = content(info.answer())?["schema_version"].as_u64() >= Some(TOKENS_SINCE);
    let has_token = facts.credentials.as_ref().is_ok_and(|opened| opened.ma_token.is_some());
    if !has_token {
        return needs_token.then(|| found("ma-api-token-missing", &[host]));
    }
    let call = answers.ma_call.as_ref()?;
    match call.status() {
        Some(200) => None,
        Some(401 | 403) => Some(found("ma-api-token-refused", &[host])),
        Some(status) => PLACE
            .trouble(call)
            .or_else(|| Some(found("ma-api-wrong-status", &[host, ("status", &status.to_string())]))),
        None => PLACE.trouble(call),
    }
}
