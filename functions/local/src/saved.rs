//! `ma-alexa backup FILE` and `ma-alexa restore FILE`.

use std::path::PathBuf;

use ma_alexa::backup::{self, StatePlaces};
use ma_alexa::clock::{Clock as _, SystemClock};
use ma_alexa::config::Env;

use crate::wiring;

/// Writes a backup to a new file.
pub(crate) async fn backup(env: &Env, file: PathBuf) -> anyhow::Result<()> {
    let places = StatePlaces::from_env(env)?;
    let written = format!(
        "The backup is in {}. It holds your passwords and opens your Amazon account: keep it where only you can read it.",
        file.display()
    );
    tokio::task::spawn_blocking(move || backup::make(&places, &file, SystemClock.now())).await??;
    wiring::print(&written)
}

/// Puts a backup in place.
pub(crate) async fn restore(env: &Env, file: PathBuf) -> anyhow::Result<()> {
    let places = StatePlaces::from_env(env)?;
    let restored =
        tokio::task::spawn_blocking(move || backup::restore(&places, &file, SystemClock.now())).await??;
    let mut lines = vec![format!("The backup of {} is in place. Start `ma-alexa` again.", restored.made_at)];
    let before = restored.before.iter().map(|folder| folder.display());
    lines.extend(before.map(|folder| format!("What was there before is in {folder}.")));
    wiring::print(&lines.join("\n"))
}
