//! The variables of a command: of its flags, then of the environment, then of a file.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::ArgMatches;
use ma_alexa::config::{DataDir, Env, EnvFile, MAX_ENV_FILE};

use crate::{elsewhere, flags};

/// The name of the file in the folder of the state, which is read where no flag names another one.
const USUAL: &str = "ma-alexa.env";

/// Reads the variables of this process.
pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<Env> {
    let env = flags::before(Env::process(), matches);
    let file = match matches.get_one::<PathBuf>(flags::CONFIG) {
        Some(chosen) => Some(parse(chosen, &text_of(chosen).map_err(|error| not_read(chosen, &error))?)?),
        None => usual(&env)?,
    };
    let Some(file) = file else { return Ok(env) };
    Ok(Env::new(move |name| env.get(name).or_else(|| file.get(name).map(str::to_owned))))
}

/// The file in the folder of the state; none where there is none.
fn usual(env: &Env) -> anyhow::Result<Option<EnvFile>> {
    let path = DataDir::from_env(env).path().join(USUAL);
    let text = match text_of(&path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        text => text.map_err(|error| not_read(&path, &error))?,
    };
    let file = parse(&path, &text)?;
    if file.get("DATA_DIR").is_some() {
        let path = path.display();
        bail!(
            "{path}: DATA_DIR cannot be in this file, which is in DATA_DIR. Use --data-dir, or name the file by --config"
        );
    }
    Ok(Some(file))
}

fn text_of(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let limit = MAX_ENV_FILE as u64 + 1;
    File::open(path)?.take(limit).read_to_string(&mut text)?;
    Ok(text)
}

fn parse(path: &Path, text: &str) -> anyhow::Result<EnvFile> {
    if text.len() > MAX_ENV_FILE {
        bail!("{} has more than {} KiB and is no file of variables", path.display(), MAX_ENV_FILE / 1024);
    }
    EnvFile::parse(text).with_context(|| path.display().to_string())
}

/// Why a file cannot be read, and what to do. Of a folder that is closed, it is not known whether the file is there.
fn not_read(path: &Path, error: &io::Error) -> anyhow::Error {
    let file = path.display();
    if error.kind() != ErrorKind::PermissionDenied {
        return anyhow!("{file} cannot be read: {error}");
    }
    anyhow!("{file} cannot be read by this user. Be the user of the server, or root: {}", elsewhere::again())
}
