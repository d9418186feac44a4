//! `ma-alexa`: Music Assistant for Alexa, as one process.

mod addon;
mod bridge;
mod doctor;
mod door;
mod flags;
mod grant_keys;
mod healthcheck;
mod invoke;
mod model;
mod refresh;
mod renderers;
mod serve;
mod stops;
mod wiring;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use ma_alexa::config::Env;
use ma_alexa::telemetry;

/// Music Assistant for Alexa, on a machine of your own. Without a command it serves the skill and the API.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the skill and the API on BIND (the default)
    Serve,
    /// Answers one request of Alexa's from a file, with the state of the running server
    #[command(alias = "ask")]
    Invoke {
        /// A request envelope in JSON, such as events/play-audio.json; - reads standard input
        file: PathBuf,
    },
    /// Prints the interaction model of a locale, to be pasted into the developer console's JSON editor
    Model {
        /// Such as en-US or de-DE
        locale: String,
    },
    /// Carries out what people say to functions in AWS, beside Music Assistant; listens on no port
    Bridge,
    /// Serves streams and pictures of Music Assistant to Echos, by grants of another deployment
    Door,
    /// Prints the keys that open what was granted, for a door on another machine
    GrantKeys {
        /// Makes a new key first; what the last one granted still opens
        #[arg(long)]
        rotate: bool,
    },
    /// Asks the running server whether it is well, for the health check of a container
    Healthcheck,
    /// Looks at every link from Music Assistant to the Echo, and says what is broken and what to do
    Doctor {
        /// Such as en or de; otherwise that of the terminal
        #[arg(long)]
        language: Option<String>,
    },
}

/// Time that work off the async threads gets at the end, such as a look-up of a name that no server answers.
const LAST_WORK: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let matches = flags::add(Arguments::command()).get_matches();
    let command = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments.command.unwrap_or(Command::Serve),
        Err(error) => error.exit(),
    };
    let env = flags::before(Env::process(), &matches);
    let done = match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let done = runtime.block_on(run(env, command));
            runtime.shutdown_timeout(LAST_WORK);
            done
        }
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(done) => done,
        Err(error) => {
            wiring::print_error(&error);
            ExitCode::FAILURE
        }
    }
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
        Command::Bridge => bridge::serve(env).await?,
        Command::Door => door::serve(env).await?,
        Command::Invoke { file } => invoke::invoke(env, &file).await?,
        Command::Model { locale } => model::print(env, &locale)?,
        Command::Healthcheck => healthcheck::run(env).await?,
        Command::GrantKeys { rotate } => grant_keys::run(env, rotate).await?,
        Command::Doctor { language } => {
            let is_healthy = doctor::run(env, language.as_deref()).await?;
            return Ok(if is_healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
fn main() -> std::process::ExitCode {
    ma_alexa_terminal::main()
}
