//! The last push of Music Assistant.

use crate::diagnostics::evidence::Snapshot;
use crate::diagnostics::finding::Finding;

pub(super) fn check(snapshot: &Snapshot) -> Vec<Finding> {
    let latest = snapshot.latest_push().and_then(|player| Some((player, player.pushed_at()?)));
    vec![match (latest, &snapshot.provider) {
        (Some((player, at)), _) => Finding::PushOk { player: player.player.to_string(), at },
        (None, Some(_)) => Finding::PushNotYet,
        (None, None) => Finding::PushNever,
    }]
}
