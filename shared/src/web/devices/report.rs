//! The text of a sound test for an issue: what an Echo can do, without ids, names and addresses.

use crate::api::devices::{PlayedToneBody, ToneRequestBody, TrialBody};
use crate::clock::Timestamp;

/// The word in the place of a program's name that is not of the usual shape.
const OTHER: &str = "other";

/// In English, for those who read issues.
pub(super) fn report(body: &TrialBody) -> String {
    let begun = Some(&body.begun_at);
    let mut lines = vec![format!("Sound test of {} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))];
    lines.extend(body.echo_kind.as_ref().map(|kind| format!("kind: {} {}", kind.family, kind.device_type)));
    lines.extend(software(body).map(|agent| format!("software: {agent}")));
    lines.push(format!("stage: {}", word(&body.stage)));
    lines.push(format!("heard: {}", since(begun, body.heard_at.as_ref())));
    lines.push(format!("asked: {}", since(begun, body.asked_at.as_ref())));
    for tone in &body.routes {
        lines.push(line(tone.route.as_str(), &tone.played));
        lines.extend(requests(&tone.played));
    }
    for form in &body.forms {
        let asked_again = match form.asked_again {
            Some(true) => ", asked again: yes",
            Some(false) => ", asked again: no",
            None => "",
        };
        lines.push(format!("{}{asked_again}", line(form.form.as_str(), &form.played)));
        lines.extend(requests(&form.played));
    }
    lines.extend(
        body.left_out.iter().map(|left_out| format!("{}: left out, {}", left_out.name, left_out.code)),
    );
    lines.join("\n")
}

/// The program that fetched a tone, as it named itself.
fn software(body: &TrialBody) -> Option<&str> {
    let of_routes = body.routes.iter().map(|tone| &tone.played);
    let mut all = of_routes.chain(body.forms.iter().map(|form| &form.played));
    all.find_map(|played| {
        played.requests.iter().filter_map(|request| request.agent.as_deref()).find(|agent| *agent != OTHER)
    })
}

fn line(name: &str, played: &PlayedToneBody) -> String {
    let answered = played.answered_at.as_ref();
    let mut line = format!("{name}: {}", word(&played.result));
    line.extend(played.error.iter().map(|error| format!(", {error}")));
    line.extend(played.played_ms.map(|millis| format!(", {millis} ms")));
    let fetched = since(answered, played.fetched_at.as_ref());
    let playing = since(answered, played.playing_at.as_ref());
    format!("{line}, fetched: {fetched}, playing: {playing}")
}

fn requests(played: &PlayedToneBody) -> impl Iterator<Item = String> {
    let answered = played.answered_at.as_ref();
    played.requests.iter().map(move |request| {
        let ToneRequestBody { at, method, part, range, agent } = request;
        let (range, agent) = (range.as_deref().unwrap_or("no range"), agent.as_deref().unwrap_or("no agent"));
        format!("  {method} {}, {range}, {agent}, {}", word(part), since(answered, Some(at)))
    })
}

/// The time from `from` to `at`.
fn since(from: Option<&String>, at: Option<&String>) -> String {
    let time = |text: Option<&String>| text.and_then(|text| Timestamp::parse_rfc3339(text));
    match (time(at), time(from)) {
        (Some(at), Some(from)) => format!("after {:.1} s", at.since(from).as_secs_f32()),
        (Some(_), None) => "yes".to_owned(),
        (None, _) => "no".to_owned(),
    }
}

/// A name as the API has it.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}
