//! The public origins of streams and pictures, and what else they let out.

use url::Url;

use super::{address, door};
use crate::config::BaseUrl;
use crate::diagnostics::evidence::{ProbeResult, ProbeResults, PublicOriginResult, Sample, Snapshot};
use crate::diagnostics::finding::{Finding, PublicOrigin, PublicOriginProblem, or_ok};
use crate::playback::{Player, PlayerState, StreamAddresses};
use crate::probe::ProbeResponse;

pub(super) fn check_stream(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    if snapshot.streams_are_granted() {
        let open = still_public(PublicOrigin::Stream, probes.stream.as_ref(), snapshot);
        return vec![open.unwrap_or(Finding::StreamThroughDoor)];
    }
    let Some(result) = &probes.stream else {
        return vec![Finding::StreamNotSet];
    };
    let host = result.missing_path.host().to_owned();
    or_ok(findings(PublicOrigin::Stream, result, snapshot), Finding::StreamOk { host })
}

pub(super) fn check_art(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    if snapshot.pictures_are_granted() {
        let open = still_public(PublicOrigin::Art, probes.art.as_ref(), snapshot);
        let problem = probes.door.as_ref().and_then(|result| door::picture_problem(snapshot, result));
        return or_ok(open.into_iter().chain(problem).collect(), Finding::ArtThroughDoor);
    }
    let Some(result) = &probes.art else {
        return vec![Finding::ArtNotSet];
    };
    let host = result.missing_path.host().to_owned();
    or_ok(findings(PublicOrigin::Art, result, snapshot), Finding::ArtOk { host })
}

/// The finding where Music Assistant itself answers from outside, although streams or pictures go through the door.
fn still_public(
    origin: PublicOrigin,
    result: Option<&PublicOriginResult>,
    snapshot: &Snapshot,
) -> Option<Finding> {
    let result = result?;
    let is_sample = |probe: &ProbeResult| {
        let response = probe.response().filter(|response| matches!(response.status, 200 | 206));
        response.is_some_and(|response| wrong_media_type(origin, probe.host(), response).is_none())
    };
    let gives_sample = result.sample.as_ref().is_some_and(|(_, probe)| is_sample(probe));
    let is_open = gives_sample || !leaks(origin, result, base_of(origin, snapshot)).is_empty();
    is_open.then(|| at(origin, &result.missing_path, PublicOriginProblem::StillPublic))
}

fn base_of(origin: PublicOrigin, snapshot: &Snapshot) -> Option<&BaseUrl> {
    match origin {
        PublicOrigin::Stream => snapshot.config.streams.stream_base.as_ref(),
        PublicOrigin::Art => snapshot.config.streams.art_base.as_ref(),
    }
}

fn findings(origin: PublicOrigin, result: &PublicOriginResult, snapshot: &Snapshot) -> Vec<Finding> {
    let main = result.sample.as_ref().map_or(&result.missing_sample, |(_, probe)| probe);
    if let Some(private) = address::private(origin.address(), &main.url) {
        return vec![private];
    }
    let mut findings: Vec<Finding> = unusual_port(origin, main, snapshot).into_iter().collect();
    if let Some(problem) = address::problem(origin.address(), main) {
        findings.push(problem);
        return findings;
    }
    if answers_everything(result) {
        findings.push(at(origin, main, PublicOriginProblem::AnswersEverything));
        return findings;
    }
    match &result.sample {
        Some((sample, probe)) => findings.extend(sample_problem(origin, sample, probe, snapshot)),
        None => findings.extend(without_sample(origin, result, snapshot)),
    }
    findings.extend(leaks(origin, result, base_of(origin, snapshot)));
    findings
}

fn at(origin: PublicOrigin, probe: &ProbeResult, problem: PublicOriginProblem) -> Finding {
    Finding::AtPublicOrigin { origin, host: probe.host().to_owned(), problem }
}

/// The finding where the port is not 443, and no Echo has reported that it plays from it.
fn unusual_port(origin: PublicOrigin, probe: &ProbeResult, snapshot: &Snapshot) -> Option<Finding> {
    let port = probe.url.port().filter(|port| !is_known_to_work(snapshot, *port))?;
    let (host, setting) = (probe.host().to_owned(), origin.address().setting());
    Some(match origin {
        PublicOrigin::Stream => Finding::StreamPort { host, port, setting },
        PublicOrigin::Art => Finding::ArtPort { host, port, setting },
    })
}

/// Whether an Echo reported that it plays streams from this port. Not all Echos fetch from any port but 443.
fn is_known_to_work(snapshot: &Snapshot, port: u16) -> bool {
    let streams =
        snapshot.config.streams.stream_base.as_ref().and_then(|base| Url::parse(&base.join("/")).ok());
    let is_of_streams = streams.is_some_and(|base| base.port() == Some(port));
    is_of_streams && snapshot.household.players.iter().any(Player::has_played)
}

/// The finding where no stream or picture may be requested.
fn without_sample(origin: PublicOrigin, result: &PublicOriginResult, snapshot: &Snapshot) -> Option<Finding> {
    match result.missing_sample.status() {
        // Music Assistant and proxies answer these for a missing file.
        Some(400 | 404 | 405 | 410 | 501) | None => {}
        Some(status) => {
            return Some(at(origin, &result.missing_sample, PublicOriginProblem::WrongStatus { status }));
        }
    }
    let host = result.missing_sample.host().to_owned();
    match origin {
        PublicOrigin::Stream => (!was_fetched(snapshot, result)).then(|| untested(origin, host)),
        PublicOrigin::Art => {
            let is_old = snapshot.latest_push().is_some_and(|player| has_old_picture(snapshot, player));
            Some(if is_old { Finding::ArtOldRelease { host } } else { untested(origin, host) })
        }
    }
}

fn untested(origin: PublicOrigin, host: String) -> Finding {
    match origin {
        PublicOrigin::Stream => Finding::StreamAudioUnknown { host },
        PublicOrigin::Art => Finding::ArtUnknown { host },
    }
}

/// Whether an Echo reported that it plays a stream from this very host, which proves more than a probe.
fn was_fetched(snapshot: &Snapshot, result: &PublicOriginResult) -> bool {
    let addresses = StreamAddresses::from(&snapshot.config.streams);
    let is_here = |player: &Player| {
        let stream = player.start().and_then(|start| addresses.stream(&start.stream).ok());
        let url = stream.and_then(|stream| Url::parse(&stream).ok());
        url.is_some_and(|url| url.origin() == result.missing_sample.url.origin())
    };
    let plays = |state| matches!(state, PlayerState::Playing | PlayerState::Stopped);
    snapshot.views().iter().any(|view| plays(view.state) && is_here(view.player))
}

/// Whether the player's picture is named by its address. The proxy does not let out such names of older releases.
fn has_old_picture(snapshot: &Snapshot, player: &Player) -> bool {
    let addresses = StreamAddresses::from(&snapshot.config.streams);
    let image = player.metadata().image_url.as_deref();
    image.is_some_and(|image| image.contains("/imageproxy?") && addresses.art(image).is_none())
}

/// The finding where the response is not the stream or picture.
fn sample_problem(
    origin: PublicOrigin,
    sample: &Sample,
    probe: &ProbeResult,
    snapshot: &Snapshot,
) -> Option<Finding> {
    let response = probe.response()?;
    match response.status {
        200 | 206 => wrong_media_type(origin, probe.host(), response),
        404 | 410 if snapshot.is_over(sample) => Some(untested(origin, probe.host().to_owned())),
        404 | 410 => Some(at(origin, probe, PublicOriginProblem::NotFound { player: sample.player.clone() })),
        status => Some(at(origin, probe, PublicOriginProblem::WrongStatus { status })),
    }
}

fn wrong_media_type(origin: PublicOrigin, host: &str, response: &ProbeResponse) -> Option<Finding> {
    let (host, r#type) = (host.to_owned(), response.media_type().unwrap_or_default());
    match origin {
        PublicOrigin::Stream if r#type != "audio/mpeg" => Some(Finding::StreamNotAudio { host, r#type }),
        PublicOrigin::Art if !r#type.starts_with("image/") => Some(Finding::ArtNotImage { host, r#type }),
        PublicOrigin::Stream | PublicOrigin::Art => None,
    }
}

/// Whether a missing path or a missing stream is answered as if it existed.
fn answers_everything(result: &PublicOriginResult) -> bool {
    let is_success = |probe: &ProbeResult| probe.status().is_some_and(|status| (200..300).contains(&status));
    is_success(&result.missing_path) || is_success(&result.missing_sample)
}

/// The findings where the origin lets in more than requests for streams or pictures: at most one of each kind.
fn leaks(origin: PublicOrigin, result: &PublicOriginResult, base: Option<&BaseUrl>) -> Vec<Finding> {
    let missing = result.missing_path.status();
    let path = |probe: &ProbeResult| {
        let prefix = base.map_or("", BaseUrl::as_str);
        probe.url.as_str().strip_prefix(prefix).unwrap_or(probe.url.path()).to_owned()
    };
    let foreign = result.foreign_pictures.iter().find(|probe| was_accepted(probe, missing));
    let foreign = foreign.map(|probe| at(origin, probe, PublicOriginProblem::FetchesForeign));
    let command = Some(&result.command).filter(|probe| reached_music_assistant(probe, missing));
    let command = command.map(|probe| {
        // The random name of the queue means nothing to people.
        at(origin, probe, PublicOriginProblem::LeaksCommands { path: "/command/…".to_owned() })
    });
    let page = result.pages.iter().find(|probe| is_music_assistant_page(probe, missing));
    let page = page.map(|probe| at(origin, probe, PublicOriginProblem::LeaksPages { path: path(probe) }));
    foreign.into_iter().chain(command).chain(page).collect()
}

/// Whether Music Assistant accepted a picture at a foreign address: it fails on it, or sends a picture.
fn was_accepted(probe: &ProbeResult, missing: Option<u16>) -> bool {
    let status = probe.status();
    status != missing && matches!(status, Some(200..=299 | 500))
}

/// Whether a response proves that the request reached Music Assistant. 403, 404, 405 and 410 refuse it, 401 wants a
/// password first, a redirect leads elsewhere, and the status of a missing path proves nothing.
fn reached_music_assistant(probe: &ProbeResult, missing: Option<u16>) -> bool {
    let status = probe.status();
    status != missing && matches!(status, Some(200..=299 | 400 | 426 | 500))
}

/// Whether a page of Music Assistant was sent. A proxy may have a front page of its own, so that one is known by its words.
fn is_music_assistant_page(probe: &ProbeResult, missing: Option<u16>) -> bool {
    match probe.response() {
        Some(response) if !response.body.is_empty() => {
            let text = String::from_utf8_lossy(&response.body).to_lowercase();
            response.status == 200 && text.contains("music assistant")
        }
        _ => reached_music_assistant(probe, missing),
    }
}
