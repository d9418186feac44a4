//! What Echos ask, and whom they serve.

use std::time::Duration;

use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::{Facts, moment};
use crate::playback::{CLAIM_WINDOW, Player, STREAM_LIFETIME, Stray};

/// How long an Echo has to ask after a push: Amazon takes seconds, and the start can be claimed for no longer.
const ASKS_WITHIN: Duration = CLAIM_WINDOW;

pub(super) fn link(facts: &Facts) -> Link {
    let asked_at = facts.household.echos.iter().filter_map(|echo| echo.asked_at).max();
    let waiting: Vec<&Player> =
        facts.household.players.iter().filter(|player| waits(facts, player)).collect();
    let findings = match (asked_at, waiting.first()) {
        (None, None) => vec![found("echo-not-yet", &[])],
        (None, Some(player)) if waiting.iter().all(|player| player.pairing.is_none()) => {
            vec![found("echo-never", &[("player", player.player.as_str())])]
        }
        _ => waiting.iter().filter_map(|player| unserved(facts, player)).collect(),
    };
    let strays = facts.household.strays();
    let astray = |finding: &Finding| {
        let player = finding.details.get("player");
        player.is_some_and(|player| strays.iter().any(|stray| stray.player.player.as_str() == player))
    };
    // Who asked instead says more than that nobody did.
    let findings = strays
        .iter()
        .map(|stray| found_astray(facts, stray))
        .chain(findings.into_iter().filter(|finding| !astray(finding)));
    let findings: Vec<Finding> = findings.collect();
    let at = asked_at.map(moment).unwrap_or_default();
    Link::of(LinkKind::Echo, findings, || found("echo-ok", &[("at", &at)]))
}

/// Whether a player has a start that an Echo ought to have asked for by now.
fn waits(facts: &Facts, player: &Player) -> bool {
    player.started_at().is_some_and(|at| {
        let age = facts.now.since(at);
        age > ASKS_WITHIN && age < STREAM_LIFETIME
    })
}

fn found_astray(facts: &Facts, stray: &Stray<'_>) -> Finding {
    let named = facts.household.echo(stray.echo).and_then(|echo| echo.name.clone());
    let own = facts.household.served_by(stray.echo).first().map(|player| player.player.to_string());
    let echo = named.or(own).unwrap_or_else(|| stray.echo.short_hash());
    found(
        "starts-astray",
        &[("player", stray.player.player.as_str()), ("count", &stray.starts.to_string()), ("echo", &echo)],
    )
}

/// Why a player's start was not played, as far as Echos are concerned.
fn unserved(facts: &Facts, player: &Player) -> Option<Finding> {
    let name = ("player", player.player.as_str());
    // A pairing that sleeps keeps its start from everybody else as well.
    let device = match player.pairing.as_ref().map(|pairing| pairing.device.as_ref()) {
        Some(None) => return Some(found("pairing-asleep", &[name])),
        _ if player.contested => return Some(found("start-contested", &[name])),
        None => return Some(found("echo-not-paired", &[name])),
        Some(Some(device)) => device,
    };
    let started_at = player.started_at()?;
    let asked_at = facts.household.echo(device).and_then(|echo| echo.asked_at);
    let is_taken = asked_at.is_some_and(|asked| asked >= started_at) || player.effective_report().is_some();
    (!is_taken).then(|| found("start-not-taken", &[name, ("at", &moment(started_at))]))
}
