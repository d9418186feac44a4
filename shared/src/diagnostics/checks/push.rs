//! The last push of Music Assistant.

use crate::diagnostics::evidence::Snapshot;
use crate::diagnostics::finding::Finding;
use crate::renderer_report::Serving;

pub(super) fn check(snapshot: &Snapshot) -> Vec<Finding> {
    let latest = snapshot.latest_push().and_then(|player| Some((player, player.pushed_at()?)));
    vec![match (latest, &snapshot.provider) {
        (Some((player, at)), _) => Finding::PushOk { player: player.player.to_string(), at },
        (None, Some(_)) => Finding::PushNotYet,
        // Music Assistant finds the players by itself, and calls with the first start.
        (None, None) if serves_players(snapshot) => Finding::PushNotYet,
        (None, None) => Finding::PushNever,
    }]
}

fn serves_players(snapshot: &Snapshot) -> bool {
    matches!(snapshot.renderers.serving, Serving::At(_))
}
