//! Where Echos fetch streams and pictures, and whether anything else gets out there.

use std::time::Duration;

use url::Url;

use crate::config::BaseUrl;
use crate::doctor::answers::{Answers, Said};
use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::Facts;
use crate::doctor::outlet::{Goods, Outlet};
use crate::playback::{Player, PlayerState, StreamAddresses};
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
    let findings = findings(STREAM, outlet, facts);
    Link::of(LinkKind::Stream, findings, || found("stream-ok", &[("host", outlet.nothing.host())]))
}

pub(super) fn art(facts: &Facts, answers: &Answers) -> Link {
    let Some(outlet) = &answers.art else {
        return Link::of(LinkKind::Art, vec![found("art-not-set", &[])], || found("art-ok", &[]));
    };
    let findings = findings(ART, outlet, facts);
    Link::of(LinkKind::Art, findings, || found("art-ok", &[("host", outlet.nothing.host())]))
}

fn findings(place: Place, outlet: &Outlet, facts: &Facts) -> Vec<Finding> {
    let base = if place.name == "art" { &facts.streams.art_base } else { &facts.streams.stream_base };
    let asked = outlet.goods.as_ref().map_or(&outlet.unknown, |(_, said)| said);
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
    match &outlet.goods {
        Some((goods, said)) => {
            findings.extend(said.answer().and_then(|answer| judge(place, goods, facts, answer)));
        }
        None => findings.extend(untried(place, outlet, facts)),
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

/// What there is to say where no stream and no picture may be asked for.
fn untried(place: Place, outlet: &Outlet, facts: &Facts) -> Option<Finding> {
    let host = outlet.unknown.host();
    match outlet.unknown.status() {
        // What is not there is answered so, by Music Assistant or before it.
        Some(400 | 404 | 405 | 410 | 501) | None => {}
        Some(status) => return Some(wrong_status(place, host, status)),
    }
    if place.name == "art" {
        let is_old = facts.pushed_last().is_some_and(|player| has_old_picture(facts, player));
        return Some(if is_old { found("art-old-release", &[("host", host)]) } else { unknown(place, host) });
    }
    (!was_fetched(facts, outlet)).then(|| unknown(place, host))
}

/// Whether an Echo said that it plays a stream from this very host: better than any question of ours.
fn was_fetched(facts: &Facts, outlet: &Outlet) -> bool {
    let addresses = StreamAddresses::from(facts.streams.clone());
    let is_here = |player: &Player| {
        let stream = player.start.as_ref().and_then(|start| addresses.stream(&start.stream).ok());
        let url = stream.and_then(|stream| Url::parse(&stream).ok());
        url.is_some_and(|url| url.origin() == outlet.unknown.url.origin())
    };
    let plays = |state| matches!(state, PlayerState::Playing | PlayerState::Stopped);
    facts.views().iter().any(|view| plays(view.state) && is_here(view.player))
}

/// Whether its picture is named by where Music Assistant gets it, which is not let out.
fn has_old_picture(facts: &Facts, player: &Player) -> bool {
    let addresses = StreamAddresses::from(facts.streams.clone());
    let image = player.metadata.image_url.as_deref();
    image.is_some_and(|image| image.contains("/imageproxy?") && addresses.art(image).is_none())
}

fn unknown(place: Place, host: &str) -> Finding {
    let code = if place.name == "art" { "art-unknown" } else { "stream-audio-unknown" };
    found(code, &[("host", host)])
}

fn wrong_status(place: Place, host: &str, status: u16) -> Finding {
    found(&place.code("wrong-status"), &[("host", host), ("status", &status.to_string())])
}

/// What is wrong with the stream or the picture.
fn judge(place: Place, goods: &Goods, facts: &Facts, answer: &Answer) -> Option<Finding> {
    let host = goods.url.host_str().unwrap_or_default();
    match answer.status {
        200 | 206 => {}
        404 | 410 if is_over(facts, goods) => return Some(unknown(place, host)),
        404 | 410 => {
            let details = [("host", host), ("player", goods.player.as_str())];
            return Some(found(&place.code("not-found"), &details));
        }
        status => return Some(wrong_status(place, host, status)),
    }
    let media_type = answer.media_type().unwrap_or_default();
    let (fits, wrong) = if place.name == "art" {
        (media_type.starts_with("image/"), "not-image")
    } else {
        (media_type == "audio/mpeg", "not-audio")
    };
    (!fits).then(|| found(&place.code(wrong), &[("host", host), ("type", &media_type)]))
}

/// Whether it may rightly be gone.
fn is_over(facts: &Facts, goods: &Goods) -> bool {
    let player = facts.household.players.iter().find(|player| player.player.as_str() == goods.player);
    let plays =
        player.is_some_and(|player| facts.household.view(player, facts.now).state == PlayerState::Playing);
    !plays && goods.pushed_at.is_none_or(|at| facts.now.since(at) > THERE)
}

/// Whether a path that no server has is answered as if it were there, or the name of a stream that there is not.
fn answers_everything(outlet: &Outlet) -> bool {
    let is_good = |said: &Said| said.status().is_some_and(|status| (200..300).contains(&status));
    is_good(&outlet.nothing) || is_good(&outlet.unknown)
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
    let foreign = outlet.foreign.iter().find(|said| was_taken(said, nothing));
    let command = command.map(|said| leak("leaks-commands", said));
    let page = page.map(|said| leak("leaks-pages", said));
    let foreign = foreign.map(|said| found(&place.code("fetches-foreign"), &[("host", said.host())]));
    foreign.into_iter().chain(command).chain(page).collect()
}

/// Whether Music Assistant took the question for a picture at a foreign address: it fails on it, or has something. What
/// does not take it answers that it is not there, or refuses.
fn was_taken(said: &Said, nothing: Option<u16>) -> bool {
    let status = said.status();
    status != nothing && matches!(status, Some(200..=299 | 500))
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
