//! `ma-alexa backup FILE` and `ma-alexa restore FILE`.

use std::io::{IsTerminal as _, Write as _, stdin, stdout};
use std::path::{Path, PathBuf};

use anyhow::bail;
use ma_alexa::backup::{self, BackupError, StatePlaces};
use ma_alexa::clock::{Clock as _, SystemClock};
use ma_alexa::config::Env;

use crate::{elsewhere, wiring};

/// The warning with each backup.
const KEEP_IT: &str =
    "It holds your passwords and opens your Amazon account: keep it where only you can read it.";

/// Writes a backup to a new file, or to standard output.
pub(crate) async fn backup(env: &Env, file: PathBuf) -> anyhow::Result<()> {
    let places = StatePlaces::from_env(env)?;
    if file == Path::new("-") {
        return to_output(env, places).await;
    }
    let written = format!("The backup is in {}. {KEEP_IT}", file.display());
    let made = tokio::task::spawn_blocking(move || backup::make(&places, &file, SystemClock.now())).await?;
    made.map_err(|error| with_place(env, error))?;
    wiring::print(&written)
}

async fn to_output(env: &Env, places: StatePlaces) -> anyhow::Result<()> {
    if stdout().is_terminal() {
        bail!("a backup is no text. Lead it to a file: ma-alexa backup - > FILE");
    }
    let made = tokio::task::spawn_blocking(move || backup::to_bytes(&places, SystemClock.now())).await?;
    let bytes = made.map_err(|error| with_place(env, error))?;
    stdout().write_all(&bytes)?;
    stdout().flush()?;
    wiring::note(KEEP_IT);
    Ok(())
}

/// Puts a backup in place, from a file or from standard input.
pub(crate) async fn restore(env: &Env, file: PathBuf) -> anyhow::Result<()> {
    let places = StatePlaces::from_env(env)?;
    let restored = tokio::task::spawn_blocking(move || {
        if file == Path::new("-") {
            return backup::restore_from(&places, &mut stdin().lock(), SystemClock.now());
        }
        backup::restore(&places, &file, SystemClock.now())
    });
    let restored = restored.await??;
    let mut lines = vec![format!("The backup of {} is in place. Start `ma-alexa` again.", restored.made_at)];
    let before = restored.before.iter().map(|folder| folder.display());
    lines.extend(before.map(|folder| format!("What was there before is in {folder}.")));
    wiring::print(&lines.join("\n"))
}

/// An error, with the place of another state where this one was never written.
fn with_place(env: &Env, error: BackupError) -> anyhow::Error {
    match error {
        BackupError::NoState(place) => {
            anyhow::anyhow!("there is no state at {} yet. {}", place.display(), elsewhere::start_first(env))
        }
        error => error.into(),
    }
}
