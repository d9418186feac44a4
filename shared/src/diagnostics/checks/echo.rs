//! Requests from Echos, and the players that they serve.

use std::time::Duration;

use crate::diagnostics::evidence::Snapshot;
use crate::diagnostics::finding::{Finding, or_ok};
use crate::playback::{CLAIM_WINDOW, Player, STREAM_LIFETIME, Stray};

/// The longest time from a push to the Echo's request. It is the time for which a start can be claimed; Amazon takes
/// seconds.
const REQUEST_WITHIN: Duration = CLAIM_WINDOW;

pub(super) fn check(snapshot: &Snapshot) -> Vec<Finding> {
    let at = snapshot.household.echos.iter().filter_map(|echo| echo.asked_at).max();
    let waiting: Vec<&Player> =
        snapshot.household.players.iter().filter(|player| is_waiting(snapshot, player)).collect();
    let strays = snapshot.household.strays();
    // The finding of a stray says more: it names the Echo that requested the start instead.
    let is_stray = |player: &Player| strays.iter().any(|stray| stray.player.player == player.player);
    let unserved: Vec<Finding> = match (at, waiting.first()) {
        (None, None) => vec![Finding::EchoNotYet],
        (None, Some(first)) if waiting.iter().all(|player| player.pairing.is_none()) => {
            let player = first.player.to_string();
            if is_stray(first) { Vec::new() } else { vec![Finding::EchoNever { player }] }
        }
        _ => waiting
            .into_iter()
            .filter(|player| !is_stray(player))
            .filter_map(|player| unserved(snapshot, player))
            .collect(),
    };
    let astray = strays.iter().map(|stray| astray(snapshot, stray));
    or_ok(astray.chain(unserved).collect(), Finding::EchoOk { at })
}

/// Whether an Echo is late with its request for the player's start.
fn is_waiting(snapshot: &Snapshot, player: &Player) -> bool {
    player.started_at().is_some_and(|at| {
        let age = snapshot.now.since(at);
        age > REQUEST_WITHIN && age < STREAM_LIFETIME
    })
}

fn astray(snapshot: &Snapshot, stray: &Stray<'_>) -> Finding {
    let name = snapshot.household.echo(stray.echo).and_then(|echo| echo.name.clone());
    let own_player = snapshot.household.served_by(stray.echo).first().map(|player| player.player.to_string());
    Finding::StartsAstray {
        player: stray.player.player.to_string(),
        count: stray.starts,
        echo: name.or(own_player).unwrap_or_else(|| stray.echo.short_hash()),
    }
}

/// The finding where no Echo took the player's start, although it could.
fn unserved(snapshot: &Snapshot, player: &Player) -> Option<Finding> {
    let name = player.player.to_string();
    // A suspended pairing keeps other Echos from the start as well.
    let device = match player.pairing.as_ref().map(|pairing| pairing.device.as_ref()) {
        Some(None) => return Some(Finding::PairingAsleep { player: name }),
        _ if player.is_contested() => return Some(Finding::StartContested { player: name }),
        None => return Some(Finding::EchoNotPaired { player: name }),
        Some(Some(device)) => device,
    };
    let at = player.started_at()?;
    let asked_at = snapshot.household.echo(device).and_then(|echo| echo.asked_at);
    let is_taken =
        asked_at.is_some_and(|requested_at| requested_at >= at) || player.effective_report().is_some();
    (!is_taken).then_some(Finding::StartNotTaken { player: name, at })
}
