//! The players of the Echos.

use serde_json::Value;

use crate::diagnostics::evidence::{ProbeResult, ProbeResults, Snapshot};
use crate::diagnostics::finding::Finding;
use crate::music_assistant::{EchoName, MaPlayer, match_players};

pub(super) fn check(snapshot: &Snapshot, probes: &ProbeResults, host: &str) -> Vec<Finding> {
    let Some(call) = &probes.ma_call else { return Vec::new() };
    let Some(players) = answer::<Vec<Value>>(call) else {
        return vec![Finding::MaApiNotMa { host: host.to_owned() }];
    };
    // One that cannot be read must not hide the rest.
    let players: Vec<MaPlayer> =
        players.into_iter().filter_map(|player| serde_json::from_value(player).ok()).collect();
    missing(&echos(snapshot), &players)
}

fn answer<T: serde::de::DeserializeOwned>(result: &ProbeResult) -> Option<T> {
    let response = result.response().filter(|response| response.status == 200 && !response.is_truncated)?;
    serde_json::from_slice(&response.body).ok()
}

/// The renderers that are offered, and the players that an Echo serves. Players of former names are none of them.
fn echos(snapshot: &Snapshot) -> Vec<EchoName> {
    let renderers = snapshot.renderers.renderers.values();
    let mut echos: Vec<EchoName> = renderers
        .map(|renderer| EchoName {
            name: renderer.device.name.clone(),
            udn: Some(renderer.device.udn.clone()),
        })
        .collect();
    let served = snapshot.household.players.iter().filter(|player| player.pairing.is_some());
    for player in served {
        if !echos.iter().any(|echo| echo.name == player.player.as_str()) {
            echos.push(EchoName { name: player.player.to_string(), udn: None });
        }
    }
    echos
}

fn missing(echos: &[EchoName], players: &[MaPlayer]) -> Vec<Finding> {
    let matched = match_players(echos, players);
    let finding = |player: String, count: usize| match count {
        0 => Finding::MaApiPlayerMissing { player },
        _ => Finding::MaApiPlayerAway { player },
    };
    let without = matched
        .iter()
        .filter(|matched| !matched.players.iter().any(|(player, _)| player.available))
        .map(|matched| finding(matched.echo.name.clone(), matched.players.len()));
    without.collect()
}
