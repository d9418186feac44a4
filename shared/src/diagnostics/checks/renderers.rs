//! The Echos as players that Music Assistant finds by itself.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::diagnostics::evidence::Snapshot;
use crate::diagnostics::finding::{Finding, or_ok};
use crate::renderer_report::{Announcing, RendererReport, ReportedRenderer, Serving};
use crate::speakers::RendererFailure;

/// Time within which Music Assistant finds players: it searches every five minutes.
const FOUND_WITHIN: Duration = Duration::from_mins(10);

/// Time for which a failure is shown.
const TOLD_FOR: Duration = Duration::from_hours(24);

pub(super) fn check(snapshot: &Snapshot) -> Vec<Finding> {
    let report = &snapshot.renderers;
    match report.serving {
        Serving::NotHere | Serving::AtHome => vec![Finding::RenderersNotHere],
        Serving::Off => vec![Finding::RenderersOff],
        Serving::PortTaken(address) => vec![Finding::RenderersPortTaken { port: address.port() }],
        Serving::At(_) if report.renderers.is_empty() => vec![Finding::RenderersNone],
        Serving::At(address) => {
            let discovery = discovery(report, address.port(), snapshot.now);
            let failures = report.renderers.values().filter_map(|renderer| failure(renderer, snapshot.now));
            or_ok(discovery.into_iter().chain(failures).collect(), well(report))
        }
    }
}

fn well(report: &RendererReport) -> Finding {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    match &report.found_by {
        Some(finder) if report.found() > 0 => Finding::RenderersOk {
            count: count(report.found()),
            all: count(report.renderers.len()),
            host: finder.address.to_string(),
            at: finder.at,
        },
        _ => Finding::RenderersWaiting,
    }
}

/// Why Music Assistant does not find the players.
fn discovery(report: &RendererReport, port: u16, now: Timestamp) -> Option<Finding> {
    if report.found() > 0 {
        return None;
    }
    let is_long = report.offered_since.is_some_and(|since| !now.is_within(FOUND_WITHIN, since));
    match (report.announcing, report.searched_at) {
        (Announcing::NoNetwork, _) => Some(Finding::RenderersNoNetwork),
        (Announcing::Failed, _) => Some(Finding::RenderersNotAnnounced),
        (Announcing::NotYet | Announcing::Yes, _) if !is_long => None,
        (Announcing::NotYet | Announcing::Yes, Some(at)) => Some(Finding::RenderersNotReached { port, at }),
        (Announcing::NotYet | Announcing::Yes, None) => Some(Finding::RenderersNotSearched),
    }
}

fn failure(renderer: &ReportedRenderer, now: Timestamp) -> Option<Finding> {
    let problem = renderer.problem.as_ref().filter(|problem| now.is_within(TOLD_FOR, problem.at))?;
    let (player, at) = (renderer.device.name.clone(), problem.at);
    Some(match problem.code {
        RendererFailure::DeviceOffline => Finding::RendererOffline { player, at },
        RendererFailure::NeverAsked => Finding::RendererNeverAsked { player, at },
        RendererFailure::DidNotPlay => Finding::RendererDidNotPlay { player, at },
        // Each device of the home can ask for what no Echo plays. The devices page says so.
        RendererFailure::MediaRefused | RendererFailure::MediaNotFetched => return None,
        RendererFailure::Other(_) => Finding::RendererRefused { player, reason: problem.message.clone(), at },
    })
}
