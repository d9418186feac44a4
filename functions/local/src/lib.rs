//! Music Assistant for Alexa as one process: the skill, the HTTP API and what keeps them going, on one port.

mod addon;
mod announced;
mod arguments;
mod bridge;
mod diagnostics;
mod doctor;
mod door;
mod elsewhere;
mod environment;
mod flags;
mod grant_keys;
mod healthcheck;
mod import;
mod invoke;
mod link;
#[cfg(feature = "manual")]
mod manual;
mod model;
mod names;
mod network;
mod password;
mod refresh;
mod renderers;
mod saved;
mod serve;
mod start;
mod stops;
mod tasks;
mod terminal;
mod updates;
mod wiring;

use std::process::ExitCode;
use std::time::Duration;

use arguments::{Arguments, Command};
use clap::{CommandFactory as _, FromArgMatches as _};
use ma_alexa::config::Env;
use ma_alexa::telemetry;

/// Time that work off the async threads gets at the end, such as a look-up of a name that no server answers.
const LAST_WORK: Duration = Duration::from_millis(500);

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let matches = command_line().get_matches();
    let command = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments.command.unwrap_or(Command::Serve),
        Err(error) => error.exit(),
    };
    let done = environment::read(&matches).and_then(|env| {
        let runtime = tokio::runtime::Runtime::new()?;
        let done = runtime.block_on(run(env, command));
        runtime.shutdown_timeout(LAST_WORK);
        done
    });
    match done {
        Ok(done) => done,
        Err(error) => {
            wiring::print_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The command line with all its flags.
fn command_line() -> clap::Command {
    flags::add(Arguments::command())
}

async fn run(env: Env, command: Command) -> anyhow::Result<ExitCode> {
    if matches!(command, Command::Healthcheck) {
        healthcheck::run(&env).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let env = &addon::complete(env).await?;
    telemetry::init(env)?;
    match command {
        Command::Serve => serve::serve(env).await?,
        Command::Healthcheck => healthcheck::run(env).await?,
        Command::Link => link::print(env).await?,
        Command::Password { pair, reset } => password::run(env, pair, reset).await?,
        Command::Diagnostics { file } => diagnostics::write(env, file.as_deref()).await?,
        Command::Backup { file } => saved::backup(env, file).await?,
        Command::Restore { file } => saved::restore(env, file).await?,
        Command::Import { file, write, .. } => import::run(env, &file, write).await?,
        Command::Bridge => bridge::serve(env).await?,
        Command::Door => door::serve(env).await?,
        Command::Invoke { file } => invoke::invoke(env, &file).await?,
        Command::Model { locale } => model::print(env, locale)?,
        Command::GrantKeys { rotate } => grant_keys::run(env, rotate).await?,
        #[cfg(feature = "manual")]
        Command::Completions { shell } => manual::completions(shell)?,
        #[cfg(feature = "manual")]
        Command::Man => manual::page()?,
        Command::Doctor { language, json } => {
            let is_healthy = doctor::run(env, language.as_deref(), json).await?;
            return Ok(if is_healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}
