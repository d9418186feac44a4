//! Flags of the variables, made from their table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use ma_alexa::config::{Env, VARIABLES, Variable};

/// The flag of the file of variables.
pub(crate) const CONFIG: &str = "config";

/// Adds a flag for each variable that is no secret. The secrets stand in the help alone.
pub(crate) fn add(command: Command) -> Command {
    let flags = VARIABLES.iter().filter(|variable| !variable.is_secret).map(|variable| {
        Arg::new(variable.name)
            .long(flag(variable.name))
            .value_name("VALUE")
            .help(meaning(variable))
            .help_heading("Configuration")
            .global(true)
    });
    let mut secrets = String::from("Secrets, which have a variable and no flag:");
    for variable in VARIABLES.iter().filter(|variable| variable.is_secret) {
        let _ = write!(secrets, "\n      {}", meaning(variable));
    }
    let of_commands = secrets.clone();
    let config = Arg::new(CONFIG)
        .long(CONFIG)
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help(
            "A file of variables, in lines NAME=value; flags and the environment go first [default: ma-alexa.env in \
             DATA_DIR, if there is one]",
        )
        .help_heading("Configuration")
        .global(true);
    command
        .arg(config)
        .args(flags)
        .after_help(secrets)
        .mut_subcommands(move |subcommand| subcommand.after_help(of_commands.clone()))
}

/// The environment, with the flags before it.
pub(crate) fn before(env: Env, matches: &ArgMatches) -> Env {
    let flags = VARIABLES.iter().filter(|variable| !variable.is_secret);
    let given = flags.filter_map(|flag| Some((flag.name, matches.get_one::<String>(flag.name)?.clone())));
    let given: BTreeMap<&str, String> = given.collect();
    Env::new(move |name| given.get(name).cloned().or_else(|| env.get(name)))
}

fn flag(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

fn meaning(variable: &Variable) -> String {
    format!("{} [variable: {}] [default: {}]", variable.meaning, variable.name, variable.default)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no command line may hold.
    const SECRETS: [&str; 7] = [
        "API_PASSWORD",
        "PUSH_PASSWORD",
        "METRICS_TOKEN",
        "GRANT_KEYS",
        "DNS_TOKEN",
        "DOOR_SECRET",
        "SUPERVISOR_TOKEN",
    ];

    fn environment() -> Env {
        let value =
            |name: &str| matches!(name, "BIND" | "LOCALE" | "API_PASSWORD").then(|| "variable".to_owned());
        Env::new(value)
    }

    fn command() -> Command {
        add(Command::new("ma-alexa").subcommand(Command::new("serve")))
    }

    #[test]
    fn the_help_lists_every_variable_and_no_flag_for_a_secret() {
        let mut command = command();
        command.build();
        let of_serve = command.find_subcommand_mut("serve").map(|serve| serve.render_help().to_string());
        for help in [command.render_help().to_string(), of_serve.unwrap_or_default()] {
            // Long lines are broken anywhere.
            let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
            for variable in VARIABLES {
                assert!(help.contains(&meaning(variable)), "{}: {help}", variable.name);
                let has_flag = help.contains(&format!("--{} ", flag(variable.name)));
                assert_eq!(has_flag, !SECRETS.contains(&variable.name), "{}", variable.name);
            }
        }
    }

    #[test]
    fn a_flag_goes_before_its_variable_on_either_side_of_the_command() {
        for line in [["ma-alexa", "--bind", "flag", "serve"], ["ma-alexa", "serve", "--bind", "flag"]] {
            let matches = command().try_get_matches_from(line).unwrap_or_default();
            let env = before(environment(), &matches);
            let values = ["BIND", "LOCALE", "API_PASSWORD", "STORE_URL"].map(|name| env.get(name));
            assert_eq!(
                values.each_ref().map(Option::as_deref),
                [Some("flag"), Some("variable"), Some("variable"), None]
            );
        }
    }
}
