//! Names of things that several pages show.

use crate::playback::{Echo, Household, PairingKind, Player};
use crate::web::page::Page;

/// The name of an Echo: the one at Amazon where it is known, else by a short hash of its id.
pub(super) fn echo_name(page: &Page, echo: &Echo) -> String {
    match &echo.name {
        Some(name) => name.clone(),
        None => page.format("echo-unnamed", &[("hash", &echo.device.short_hash())]),
    }
}

/// The Echo with this short hash, as the activity names it.
pub(super) fn echo_by_hash(page: &Page, household: &Household, hash: &str) -> String {
    let known = household.echos.iter().find(|echo| echo.device.short_hash() == hash);
    known.map_or_else(|| page.format("echo-unnamed", &[("hash", hash)]), |echo| echo_name(page, echo))
}

/// The Echo that serves a player, as far as it is known.
pub(super) fn pairing_echo<'a>(household: &'a Household, player: &Player) -> Option<&'a Echo> {
    household.echo(player.pairing.as_ref()?.device.as_ref()?)
}

/// The text for how a pairing was made.
pub(super) fn pairing_word(kind: PairingKind) -> &'static str {
    match kind {
        PairingKind::Learned => "paired-learned",
        PairingKind::Voice => "paired-voice",
        PairingKind::Manual => "paired-manual",
        PairingKind::Word => "paired-code",
    }
}
