//! Flags of the variables, made from their table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use ma_alexa::config::{Env, VARIABLES, Variable};

/// The flag of the file of variables.
pub(crate) const CONFIG: &str = "config";

/// The address of the documentation.
const DOCUMENTATION: &str =
    concat!("Documentation: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/install.md");

/// Variables for functions in AWS, for add-ons and for tests, which the short help leaves out. The long one has all.
const RARE: [&str; 16] = [
    "ACME_CA_BUNDLE",
    "AMAZON_ENDPOINT",
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL",
    "BRIDGE_QUEUE",
    "BRIDGE_REPORTS",
    "BRIDGE_ROLE",
    "DNS_ENDPOINT",
    "DOOR_SECRET",
    "GRANT_KEYS",
    "INGRESS",
    "INGRESS_ADDRESS",
    "SERVICE_NAME",
    "SUPERVISOR_TOKEN",
    "SUPERVISOR_URL",
    "UPDATE_ENDPOINT",
];

/// Adds a flag for each variable that is no secret. The secrets stand in the help alone.
pub(crate) fn add(command: Command) -> Command {
    let flags = VARIABLES.iter().filter(|variable| !variable.is_secret).map(|variable| {
        Arg::new(variable.name)
            .long(flag(variable.name))
            .value_name("VALUE")
            .help(meaning(variable))
            .help_heading("Configuration")
            .hide_short_help(RARE.contains(&variable.name))
            .global(true)
    });
    let [short, long] = [false, true].map(after_help);
    let of_commands = (short.clone(), long.clone());
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
    command.arg(config).args(flags).after_help(short).after_long_help(long).mut_subcommands(
        move |subcommand| {
            let (short, long) = of_commands.clone();
            subcommand.after_help(short).after_long_help(long)
        },
    )
}

/// The secrets, and where to read on.
fn after_help(is_long: bool) -> String {
    let mut text = String::from("Secrets, which have a variable and no flag:");
    let secrets = VARIABLES.iter().filter(|variable| variable.is_secret);
    for variable in secrets.filter(|variable| is_long || !RARE.contains(&variable.name)) {
        let _ = write!(text, "\n      {}", meaning(variable));
    }
    let more = if is_long { "" } else { "--help lists variables for AWS and for tests, too.\n" };
    let _ = write!(text, "\n\n{more}{DOCUMENTATION}");
    text
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

    /// Variables that no command line may hold.
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
        let of_serve = command.find_subcommand_mut("serve").map(|serve| serve.render_long_help().to_string());
        for help in [command.render_long_help().to_string(), of_serve.unwrap_or_default()] {
            let help = in_one_line(&help);
            for variable in VARIABLES {
                assert!(help.contains(&meaning(variable)), "{}: {help}", variable.name);
                let has_flag = help.contains(&format!("--{} ", flag(variable.name)));
                assert_eq!(has_flag, !SECRETS.contains(&variable.name), "{}", variable.name);
            }
        }
    }

    #[test]
    fn the_short_help_leaves_out_what_a_server_at_home_does_not_need() {
        let mut command = command();
        command.build();
        let of_serve = command.find_subcommand_mut("serve").map(|serve| serve.render_help().to_string());
        for help in [command.render_help().to_string(), of_serve.unwrap_or_default()] {
            let help = in_one_line(&help);
            for variable in VARIABLES {
                let is_there = help.contains(&meaning(variable));
                assert_eq!(is_there, !RARE.contains(&variable.name), "{}: {help}", variable.name);
            }
            assert!(help.ends_with("/docs/install.md"), "{help}");
        }
        for rare in RARE {
            assert!(VARIABLES.iter().any(|variable| variable.name == rare), "{rare} is no variable");
        }
    }

    /// Long lines are broken anywhere.
    fn in_one_line(help: &str) -> String {
        help.split_whitespace().collect::<Vec<_>>().join(" ")
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
