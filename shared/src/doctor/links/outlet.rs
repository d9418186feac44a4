//! Where Echos fetch streams and pictures, and whether anything else gets out there.

use std::time::Duration;

use url::Url;

use crate::config::BaseUrl;
use crate::doctor::answers::{Answers, Said};
use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::Facts;
use crate::doctor::outlet::Outlet;
use crate::playback::{Player, PlayerState};
use crate::probe::Answer;

use super::address::Place;

/// How long after its push a stream has to be there, whatever became of it. Later, Music Assistant may have ended it.
const THERE: Duration = Duration::from_mins(10);

const STREAM: Place = Place { name: "stream", setting: "STREAM_BASE_URL" };
const ART: Place = Place { name: "art", setting: "ART_BASE_URL" };

pub(super) fn stream(facts: &Facts, answers: &Answers) -> Link {
    let Some(outlet) = &answers.stream else {
        return Link::of(LinkKind::Stream, vec![found("stream-not-set", &[])], || found("stream-ok", &[]));
    };
    let findings = findings(STREAM, outlet, facts, |answer| goods(STREAM, outlet, facts, answer, "audio/"));
    Link::of(LinkKind::Stream, findings, || found("stream-ok", &[("host", outlet.nothing.host())]))
}

pub(super) fn art(facts: &Facts, answers: &Answers) -> Link {
    let Some(outlet) = &answers.art else {
        return Link::of(LinkKind::Art, vec![found("art-not-set", &[])], || found("art-ok", &[]));
    };
    let findings = findings(ART, outlet, facts, |answer| goods(ART, outlet, facts, answer, "image/"));
    Link::of(LinkKind::Art, findings, || found("art-ok", &[("host", outlet.nothing.host())]))
}

fn findings(
    place: Place,
    outlet: &Outlet,
    facts: &Facts,
    judge: impl FnOnce(&Answer) -> Option<Finding>,
) -> Vec<Finding> {
    let base = if place.name == "art" { &facts.streams.art_base } else { &facts.streams.stream_base };
    let asked = outlet.goods.as_ref().unwrap_or(&outlet.nothing);
    let host = asked.host();
    if let Some(private) = place.private(&asked.url) {
        return vec![private];
    }
    let mut findings = Vec::new();
    if let Some(port) = asked.url.port().filter(|port| !is_known_to_work(facts, *port)) {
        let (code, port) = (place.code("port"), port.to_string());
        findings.push(found(&code, &[("host", host), ("port", &port), ("setting", place.setting)]));
    }
    if let Some(trouble) = place.trouble(asked) {
        findings.push(trouble);
        return findings;
    }
    if answers_everything(outlet) {
        findings.push(found(&place.code("answers-everything"), &[("host", host)]));
        return findings;
    }
    match outlet.goods.as_ref().and_then(Said::answer) {
        Some(answer) => findings.extend(judge(answer)),
        None => findings.push(unknown(place, host)),
    }
    findings.extend(leaks(place, outlet, base.as_ref()));
    findings
}

/// Whether an Echo reported that it plays streams from this port. Not all of them fetch from any port but 443.
fn is_known_to_work(facts: &Facts, port: u16) -> bool {
    let streams = facts.streams.stream_base.as_ref().and_then(|base| Url::parse(&base.join("/")).ok());
    let is_of_streams = streams.is_some_and(|base| base.port() == Some(port));
    is_of_streams && facts.household.players.iter().any(Player::has_played)
}

fn unknown(place: Place, host: &str) -> Finding {
    let code = if place.name == "art" { "art-unknown" } else { "stream-audio-unknown" };
    found(code, &[("host", host)])
}

/// What is wrong with the stream or the picture.
fn goods(place: Place, outlet: &Outlet, facts: &Facts, answer: &Answer, wanted: &str) -> Option<Finding> {
    let host = outlet.nothing.host();
    let is_art = place.name == "art";
    let code = |code: &str| place.code(code);
    match answer.status {
        200 | 206 => {}
        404 | 410 if is_over(facts) => return Some(unknown(place, host)),
        404 | 410 => {
            let player = facts.pushed_last().map(|player| player.player.as_str()).unwrap_or_default();
            return Some(found(&code("not-found"), &[("host", host), ("player", player)]));
        }
        405 | 501 => return Some(found(&code("no-head"), &[("host", host)])),
        status => {
            let status = status.to_string();
            return Some(found(&code("wrong-status"), &[("host", host), ("status", &status)]));
        }
    }
    let media_type = answer.media_type().unwrap_or_default();
    let fits = if is_art { media_type.starts_with(wanted) } else { media_type == "audio/mpeg" };
    let wrong = if is_art { "not-image" } else { "not-audio" };
    (!fits).then(|| found(&code(wrong), &[("host", host), ("type", &media_type)]))
}

/// Whether the stream that was pushed last may rightly be gone.
fn is_over(facts: &Facts) -> bool {
    facts.pushed_last().is_none_or(|player| {
        let is_old = player.pushed_at().is_none_or(|at| facts.now.since(at) > THERE);
        is_old && facts.household.view(player, facts.now).state != PlayerState::Playing
    })
}

/// Whether a path that nobody has is answered as if somebody had it.
fn answers_everything(outlet: &Outlet) -> bool {
    outlet.nothing.status().is_some_and(|status| (200..300).contains(&status))
}

/// What gets out besides: commands, and Music Assistant's own pages. What leads in is one finding each, the first.
fn leaks(place: Place, outlet: &Outlet, base: Option<&BaseUrl>) -> Vec<Finding> {
    let nothing = outlet.nothing.status();
    let path = |said: &Said| {
        let prefix = base.map_or("", BaseUrl::as_str);
        said.url.as_str().strip_prefix(prefix).unwrap_or(said.url.path()).to_owned()
    };
    let leak = |code: &str, said: &Said| {
        let shown = if code == "leaks-commands" { "/command/…".to_owned() } else { path(said) };
        found(&place.code(code), &[("host", said.host()), ("path", &shown)])
    };
    let command = Some(&outlet.command).filter(|said| is_let_out(said, nothing));
    let page = outlet.pages.iter().find(|said| is_page_of_music_assistant(said, nothing));
    let command = command.map(|said| leak("leaks-commands", said));
    let page = page.map(|said| leak("leaks-pages", said));
    command.into_iter().chain(page).collect()
}

/// Whether an answer shows that the question got to Music Assistant. 403, 404, 405 and 410 refuse, 401 asks for a
/// password first, a redirect leads elsewhere, and whatever is answered to everything says nothing.
fn is_let_out(said: &Said, nothing: Option<u16>) -> bool {
    let status = said.status();
    status != nothing && matches!(status, Some(200..=299 | 400 | 426 | 500))
}

/// The front page tells by its words, since a proxy may well have one of its own there.
fn is_page_of_music_assistant(said: &Said, nothing: Option<u16>) -> bool {
    match said.answer() {
        Some(answer) if !answer.body.is_empty() => {
            let text = String::from_utf8_lossy(&answer.body).to_lowercase();
            answer.status == 200 && text.contains("music assistant")
        }
        _ => is_let_out(said, nothing),
    }
}
