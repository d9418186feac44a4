//! `ma-alexa diagnostics`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use ma_alexa::api;
use ma_alexa::config::{Env, VARIABLES};
use ma_alexa::diagnostics::Redactor;

use crate::wiring;

/// Writes the report of a problem, without secrets, to a new file or to standard output.
pub(crate) async fn write(env: &Env, file: Option<&Path>) -> anyhow::Result<()> {
    let deps = wiring::deps(env)?;
    let secrets = wiring::secrets(env, &deps)?;
    wiring::install_tls()?;
    let state = wiring::api(env, deps, secrets)?;
    let mut known = Redactor::default();
    for secret in VARIABLES.iter().filter(|variable| variable.is_secret) {
        known.add(&env.get(secret.name).unwrap_or_default());
    }
    let report = api::diagnose(&state, known).await;
    let report = report.map_err(|error| anyhow::anyhow!(error.message().to_owned()))?;
    let text = serde_json::to_string_pretty(&report)?;
    let Some(file) = file.filter(|file| *file != Path::new("-")) else {
        return wiring::print(&text);
    };
    let mut opened = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} already exists. Name another file, or move it away", file.display());
        }
        opened => opened.with_context(|| format!("{} cannot be written", file.display()))?,
    };
    writeln!(opened, "{text}")?;
    wiring::print(&format!(
        "The report is in {}. It has no secrets; names of your players and addresses of your home are in it.",
        file.display()
    ))
}
