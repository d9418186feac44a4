//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use ma_alexa::config::LocaleCode;
use ma_alexa::secrets::CredentialPair;

/// The name by which people call this program.
pub(crate) const NAME: &str = "ma-alexa";

/// The release, with its commit and date where git knew them.
pub(crate) const VERSION: &str = env!("MA_ALEXA_VERSION");

/// Usual commands, for the long help.
const EXAMPLES: &str = "Examples:
  ma-alexa                                  serves the pages on http://127.0.0.1:5000
  ma-alexa --bind 0.0.0.0:5000              serves them in the home
  ma-alexa link                             prints a link that signs you in once
  ma-alexa doctor                           says what is broken and what to do
  ma-alexa backup /mnt/nas/ma-alexa.backup  writes state and secrets to one file";

/// Music Assistant for Alexa, on a machine of your own. Without a command it serves the pages, the API and the door.
#[derive(Debug, Parser)]
#[command(name = NAME, version = VERSION, before_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves the pages, the API and the door (the default)
    Serve,
    /// Prints a link that signs the owner in once, within 15 minutes
    Link,
    /// Prints a user name and password, or makes a new password
    Password {
        /// Whose
        #[arg(value_enum, default_value = "owner")]
        pair: Pair,
        /// Makes a new password; the old one opens nothing any more
        #[arg(long)]
        reset: bool,
    },
    /// Looks at every step from Music Assistant to the Echo, and says what is broken and what to do
    Doctor {
        /// Such as en or de; otherwise that of the terminal
        #[arg(long)]
        language: Option<String>,
        /// Prints JSON, as GET /v1/doctor answers
        #[arg(long)]
        json: bool,
    },
    /// Writes a report for a question to other people, without secrets
    Diagnostics {
        /// A new file; - or nothing for standard output
        file: Option<PathBuf>,
    },
    /// Writes state and secrets to one new file, beside a server that goes on
    Backup {
        /// A new file, which its owner alone can read; - writes to standard output
        file: PathBuf,
    },
    /// Puts state and secrets of a backup in place, and keeps what was there; the server has to be stopped
    Restore {
        /// A file that `ma-alexa backup` made; - reads standard input
        file: PathBuf,
    },
    /// Says what the settings of the Python prototype are here; with --write it takes them where nothing is set yet
    Import {
        /// Its .env or docker-compose.yml, or the options of its add-on; - reads standard input
        file: PathBuf,
        /// Writes settings and secrets; without it nothing is written
        #[arg(long, conflicts_with = "dry_run")]
        write: bool,
        /// Writes nothing, which is the default
        #[arg(long)]
        dry_run: bool,
    },
    /// Answers one request of Alexa's from a file, with the state of the running server
    #[command(alias = "ask")]
    Invoke {
        /// A request envelope in JSON, such as events/play-audio.json; - reads standard input
        file: PathBuf,
    },
    /// Prints the interaction model of a locale, to be pasted into the developer console's JSON editor
    Model {
        /// Such as en-US or de-DE
        #[arg(value_parser = LocaleCode::parse)]
        locale: LocaleCode,
    },
    /// Carries out what people say to functions in AWS, and offers their Echos as renderers, beside Music Assistant
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
    /// Prints completions for a shell
    #[cfg(feature = "manual")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Prints the manual page, for man
    #[cfg(feature = "manual")]
    Man,
}

/// One of the two pairs of user name and password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pair {
    /// Opens everything
    Owner,
    /// Opens what Music Assistant calls
    MusicAssistant,
}

impl From<Pair> for CredentialPair {
    fn from(pair: Pair) -> Self {
        match pair {
            Pair::Owner => Self::Owner,
            Pair::MusicAssistant => Self::MusicAssistant,
        }
    }
}
