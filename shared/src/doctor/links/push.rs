//! What Music Assistant pushes.

use crate::doctor::codes::found;
use crate::doctor::examination::{Link, LinkKind};
use crate::doctor::facts::{Facts, moment};

pub(super) fn link(facts: &Facts) -> Link {
    let last = facts.pushed_last().and_then(|player| Some((player.player.as_str(), player.pushed_at()?)));
    let findings = match (last, &facts.provider) {
        (Some(_), _) => Vec::new(),
        (None, Some(_)) => vec![found("push-not-yet", &[])],
        (None, None) => vec![found("push-never", &[])],
    };
    let (player, at) = last.map_or(("", String::new()), |(player, at)| (player, moment(at)));
    Link::of(LinkKind::Push, findings, || found("push-ok", &[("player", player), ("at", &at)]))
}
