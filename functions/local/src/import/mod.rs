//! `ma-alexa import`: settings of the Python prototype.

mod file;
mod plan;
mod table;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use file::OldFile;
use ma_alexa::clock::SystemRandom;
use ma_alexa::config::{Config, Env, SecretsUrl, Setting, Settings, StoreUrl};
use ma_alexa::secrets::{Credentials, FileSecrets, SecretStore as _};
use plan::{Changes, ImportPlan, Present};

use crate::wiring;

/// Most bytes of a file, and of a file of one secret.
const MAX_FILE: u64 = 64 * 1024;
const MAX_SECRET: u64 = 4 * 1024;

/// Prints what each variable of an old file becomes here. With `write` it also puts settings and secrets where none are.
pub(crate) async fn run(env: &Env, path: &Path, write: bool) -> anyhow::Result<()> {
    let file = read(path)?;
    if file.variables.is_empty() && file.paired == 0 {
        bail!("{} has no variables. Name the prototype's .env or docker-compose.yml", path.display());
    }
    let plan = ImportPlan::new(&file, &present(env).await?);
    wiring::print(&plan.table())?;
    if !plan.has_changes() {
        return wiring::print("There is nothing to write. Next: open /setup, which shows what is left.");
    }
    if !write {
        let path = path.display();
        return wiring::print(&format!("Nothing was written. Next: ma-alexa import {path} --write"));
    }
    store(env, plan.changes).await?;
    wiring::print(
        "It is written. Next: start `ma-alexa`, print a link that signs you in by `ma-alexa link`, and open the step \
         Public address.",
    )
}

/// Reads a file, or standard input, and the files of its secrets.
fn read(path: &Path) -> anyhow::Result<OldFile> {
    let not_read = || format!("{} cannot be read", path.display());
    let text = if path == Path::new("-") {
        text_of(std::io::stdin().lock(), MAX_FILE)
    } else {
        File::open(path).and_then(|file| text_of(file, MAX_FILE))
    };
    let mut file = OldFile::read(&text.with_context(not_read)?);
    let folder = path.parent().unwrap_or(Path::new(""));
    let secrets: Vec<(String, String)> = file
        .variables
        .iter()
        .filter_map(|(name, value)| {
            let path = folder.join(file.secret_file(value)?);
            // A pipe has no end.
            path.is_file().then_some(())?;
            let text = File::open(path).and_then(|file| text_of(file, MAX_SECRET)).ok()?;
            Some((name.clone(), text.trim().to_owned()))
        })
        .collect();
    file.variables.extend(secrets);
    Ok(file)
}

fn text_of(source: impl Read, limit: u64) -> std::io::Result<String> {
    let mut text = String::new();
    source.take(limit + 1).read_to_string(&mut text)?;
    if text.len() as u64 > limit {
        return Err(std::io::Error::other(format!("it has more than {} KiB", limit / 1024)));
    }
    Ok(text)
}

/// The settings that are here already. A look makes no state: another user may run the server.
async fn present(env: &Env) -> anyhow::Result<Present> {
    let config = Config::from_env(env)?;
    let fixed = config.api.credentials.music_assistant.is_some();
    let credentials = match SecretsUrl::from_env(env)? {
        SecretsUrl::File(folder) => FileSecrets::new(&folder).credentials().await?,
        SecretsUrl::SecretsManager { .. } => {
            return Ok(Present { has_passwords: true, has_ma_token: true, ..of_store(env, config).await? });
        }
    };
    Ok(Present {
        has_passwords: fixed || credentials.is_some(),
        has_ma_token: credentials.is_some_and(|credentials| credentials.ma_token.is_some()),
        ..of_store(env, config).await?
    })
}

async fn of_store(env: &Env, config: Config) -> anyhow::Result<Present> {
    let url = StoreUrl::from_env(env)?;
    let is_made = url.as_str().strip_prefix("sqlite:").is_none_or(|path| Path::new(path).exists());
    let settings = if is_made { wiring::deps(env)?.store.settings().await? } else { Settings::default() };
    let set = settings.locale.as_ref().and_then(Setting::value).copied();
    Ok(Present {
        locale: config.speech.locale.or(set),
        effective: Some(config.with(&settings)),
        ..Present::default()
    })
}

async fn store(env: &Env, mut changes: Changes) -> anyhow::Result<()> {
    let (token, pair) = (changes.ma_token.take(), changes.music_assistant.take());
    if let (true, SecretsUrl::File(folder)) = (token.is_some() || pair.is_some(), SecretsUrl::from_env(env)?)
    {
        let secrets = FileSecrets::new(&folder);
        let mut credentials = Credentials::generate(&SystemRandom)?;
        credentials.music_assistant = pair.unwrap_or(credentials.music_assistant);
        secrets.create(credentials).await?;
        if let Some(token) = token {
            secrets.put_ma_token(Some(&token)).await?;
        }
    }
    let deps = wiring::deps(env)?;
    deps.store.change_settings(Arc::new(move |settings| changes.apply(settings))).await?;
    Ok(())
}
