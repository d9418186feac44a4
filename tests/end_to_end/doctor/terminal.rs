//! `ma-alexa doctor`, as a person sees it.

use end_to_end::program::{Output, Program};
use ma_alexa::diagnostics::CheckKind;
use serde_json::Value;
use tempfile::TempDir;

use crate::local::{command, serve};

/// The output in `folder`, with variables. Only names that cannot exist are probed.
fn doctor(folder: &TempDir, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let arguments = [&["doctor"], arguments].concat();
    let mut command = command(folder.path(), &arguments);
    command.env("STREAM_BASE_URL", "https://music.invalid").envs(variables.iter().copied());
    Program::run(&mut command)
}

#[test]
fn it_says_what_is_broken_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    let output = doctor(&folder, &[], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", output.stderr);
    let text = &output.stdout;
    for line in [
        "[!!] Address of the streams: broken",
        "    The name music.invalid leads nowhere: no name server knows it. [stream-name-unknown]",
        "      What to do: Create the name music.invalid at the provider of your domain, or correct the address on the setup page.",
        "Something is broken: begin with the first.",
    ] {
        assert!(text.lines().any(|said| said == line), "{line}\n{text}");
    }
    assert!(text.contains("[credentials-missing]"), "{text}");
    assert_eq!(text.lines().next(), Some("Something is broken: begin with the first."), "{text}");
    assert!(!text.contains('\u{1b}'), "a pipe gets no colours: {text}");
    let links = text.lines().filter(|line| line.starts_with('['));
    assert_eq!(links.count(), CheckKind::ALL.len(), "{text}");
}

#[test]
fn it_speaks_the_language_of_the_terminal_or_the_one_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let of_terminal = doctor(&folder, &[], &[("LANG", "de_DE.UTF-8")]).stdout;
    assert!(of_terminal.contains("[!!] Adresse der Streams: Problem"), "{of_terminal}");
    assert!(of_terminal.contains("Was zu tun ist: Lege den Namen music.invalid"), "{of_terminal}");
    let french = doctor(&folder, &[], &[("LANG", "fr_FR.UTF-8")]).stdout;
    assert!(french.contains("[!!] Adresse des flux: en panne"), "{french}");
    assert!(french.contains("Que faire\u{202f}: Créez le nom music.invalid"), "{french}");
    let asked = doctor(&folder, &["--language", "en"], &[("LANG", "de_DE.UTF-8")]).stdout;
    assert!(asked.contains("Address of the streams: broken"), "{asked}");
    let unknown = doctor(&folder, &[], &[("LANG", "C")]).stdout;
    assert!(unknown.contains("Address of the streams: broken"), "{unknown}");
}

#[test]
fn it_prints_json_for_programs() {
    let folder = TempDir::new().unwrap();
    let output = doctor(&folder, &["--json"], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", output.stderr);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["healthy"], false);
    assert_eq!(report["links"].as_array().map(Vec::len), Some(CheckKind::ALL.len()), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_looks_at_the_running_server_and_its_state() {
    let folder = TempDir::new().unwrap();
    let (server, base) = serve(&mut command(folder.path(), &[]));
    let output = doctor(&folder, &[], &[("API_URL", &base)]);
    let text = &output.stdout;
    assert!(text.contains("[ok] Settings: ok"), "the server made the passwords: {text}");
    assert!(text.contains("[ok] Music Assistant reaches this server: ok"), "{text}");
    drop(server);
    let text = doctor(&folder, &[], &[("API_URL", &base), ("LANG", "en")]).stdout;
    assert!(text.contains("[api-port-closed]"), "nothing of a moment ago is shown: {text}");
}
