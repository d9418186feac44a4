//! The place of a server's state, for a person who runs a command with other rights or in another folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ma_alexa::config::{DataDir, Env, is_in_container};

use crate::arguments::NAME;

/// The folder of the service that `infra/systemd/ma-alexa.service` starts.
const SERVICE: &str = "/var/lib/ma-alexa";

/// The advice where no server has run with this state yet.
pub(crate) fn start_first(env: &Env) -> String {
    start_first_beside(env, Path::new(SERVICE))
}

fn start_first_beside(env: &Env, service: &Path) -> String {
    let mut text = "Start `ma-alexa` once, which makes it".to_owned();
    // Without rights its folder is known by its name alone.
    if DataDir::from_env(env).path() != service && service.symlink_metadata().is_ok() {
        let _ =
            write!(text, ". For the service of this machine: {} --data-dir {}", again(), service.display());
    }
    text
}

/// This command once more, by root.
pub(crate) fn again() -> String {
    let arguments = std::env::args_os().skip(1);
    let words = ["sudo".to_owned(), NAME.to_owned()].into_iter();
    let words = words.chain(arguments.map(|argument| quoted(&argument.to_string_lossy())));
    words.collect::<Vec<_>>().join(" ")
}

/// A command for the running server, whole, as a person has to type it on this machine.
pub(crate) fn whole(env: &Env, command: &str) -> String {
    // systemd sets it for a unit with a folder of state: then only root reads that folder.
    let is_service = env.get("STATE_DIRECTORY").is_some();
    if !is_service && is_in_container() {
        return format!("docker exec CONTAINER {NAME} {command}");
    }
    let rights = if is_service { "sudo " } else { "" };
    let mut command = format!("{rights}{NAME} {command}");
    let folder = DataDir::from_env(env).path().to_owned();
    let _ = write!(command, " --data-dir {}", quoted(&absolute(folder).to_string_lossy()));
    for (variable, flag) in [("STORE_URL", "--store-url"), ("SECRETS_URL", "--secrets-url")] {
        if let Some(value) = env.get(variable) {
            let _ = write!(command, " {flag} {}", quoted(&value));
        }
    }
    command
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/._:=-+,@".contains(&b);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(folder: &'static str) -> Env {
        Env::new(move |name| (name == "DATA_DIR").then(|| folder.to_owned()))
    }

    #[test]
    fn a_service_with_another_state_is_named_where_there_is_one() {
        let service = std::env::temp_dir();
        let text = start_first_beside(&environment("/somewhere/else"), &service);
        assert!(text.contains("Start `ma-alexa` once") && text.contains("sudo ma-alexa"), "{text}");
        assert!(text.ends_with(&format!("--data-dir {}", service.display())), "{text}");
        let without = start_first_beside(&environment("/somewhere/else"), Path::new("/no/such/folder"));
        assert_eq!(without, "Start `ma-alexa` once, which makes it");
        assert_eq!(start_first_beside(&environment("/"), Path::new("/")), without);
    }

    #[test]
    fn a_word_with_blanks_or_quotes_stays_one_word() {
        assert_eq!(quoted("/var/lib/ma-alexa"), "/var/lib/ma-alexa");
        assert_eq!(quoted("my folder"), "'my folder'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
