//! Settings of the Python prototype, taken by a command.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

use end_to_end::api::{Api, send};
use end_to_end::machine;
use end_to_end::program::{Output, Program};
use reqwest::Method;
use tempfile::TempDir;

use super::local::{command, serve};

const COMPOSE: &str = "services:
  music-assistant-skill:
    image: example.org/music-assistant-skill:latest
    environment:
      - SKILL_HOSTNAME=alexa.example.com # public
      - MA_HOSTNAME=music.example.com
      - APP_USERNAME=/run/secrets/APP_USERNAME
      - APP_PASSWORD=/run/secrets/APP_PASSWORD
      - MA_API_URL=http://192.168.1.5:8095
      - MA_API_TOKEN=a-token-of-music-assistant
      - PORT=5000
      - LOCALE=de-DE
      - DEBUG_PORT=5678
    secrets:
      - APP_USERNAME
      - APP_PASSWORD
secrets:
  APP_USERNAME:
    file: ./secrets/app_username.txt
  APP_PASSWORD:
    file: ./secrets/app_password.txt
";
const PASSWORD: &str = "the password of the prototype";

/// A folder with the files of the prototype.
fn prototype() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("docker-compose.yml"), COMPOSE).unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    fs::write(folder.path().join("secrets/app_username.txt"), "adminHA\n").unwrap();
    fs::write(folder.path().join("secrets/app_password.txt"), format!("{PASSWORD}\n")).unwrap();
    folder
}

fn import(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(machine::binary("ma-alexa"));
    let arguments = ["import", "docker-compose.yml", "--data-dir", "new"].iter().chain(arguments);
    Program::run(command.args(arguments).env_clear().current_dir(folder))
}

#[test]
fn a_look_at_an_old_file_prints_a_table_and_writes_nothing() {
    let folder = prototype();
    for arguments in [&[][..], &["--dry-run"]] {
        let seen = import(folder.path(), arguments);
        assert!(seen.status.success(), "{}", seen.stderr);
        let [taken, rest] = seen.stdout.split("not needed any more\n").collect::<Vec<_>>()[..] else {
            panic!("{}", seen.stdout)
        };
        assert!(taken.contains("DOOR_URL becomes https://alexa.example.com"), "{taken}");
        assert!(taken.contains("LOCALE becomes de-DE") && taken.contains("the login by which"), "{taken}");
        assert!(rest.contains("port 8097") && rest.contains("DEBUG_PORT"), "{rest}");
        assert!(rest.ends_with("Next: ma-alexa import docker-compose.yml --write\n"), "{rest}");
        for secret in [PASSWORD, "a-token-of", "adminHA"] {
            assert!(!seen.stdout.contains(secret) && !seen.stderr.contains(secret), "{secret} is printed");
        }
    }
    assert!(!folder.path().join("new").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_file_is_taken_before_the_first_start_and_changes_nothing_later() {
    let folder = prototype();
    let written = import(folder.path(), &["--write"]);
    assert!(written.status.success(), "{}", written.stderr);
    assert!(written.stdout.contains("It is written. Next: start `ma-alexa`"), "{}", written.stdout);
    let secrets = fs::read_to_string(folder.path().join("new/secrets/credentials.json")).unwrap();
    assert!(secrets.contains("a-token-of-music-assistant"));

    let (server, base) = serve(&mut command(folder.path(), &["--data-dir", "new"]));
    let api = Api::at(&base);
    let request = |name: &str, password: &str| {
        send(api.request(Method::GET, "/ma/latest-url").basic_auth(name, Some(password)))
    };
    assert_eq!(request("adminHA", PASSWORD).await.0, 404, "there is no push yet");
    assert_eq!(request("adminHA", "another password").await.0, 401);
    drop(server);

    let old = fs::read_to_string(folder.path().join("docker-compose.yml")).unwrap();
    let changed =
        old.replace("alexa.example.com", "other.example.com").replace("a-token-of", "another-token-of");
    fs::write(folder.path().join("docker-compose.yml"), changed).unwrap();
    let again = import(folder.path(), &["--write"]);
    assert!(
        again.stdout.contains("DOOR_URL is https://alexa.example.com here and stays"),
        "{}",
        again.stdout
    );
    assert!(again.stdout.contains("LOCALE is de-DE already"), "{}", again.stdout);
    assert!(again.stdout.contains("There is nothing to write"), "{}", again.stdout);
    let after = fs::read_to_string(folder.path().join("new/secrets/credentials.json")).unwrap();
    assert_eq!(after, secrets);
}

#[test]
fn a_file_that_has_no_variables_or_no_end_is_refused() {
    let folder = prototype();
    let file = folder.path().join("docker-compose.yml");
    fs::write(&file, "services:\n  skill:\n    image: x\n").unwrap();
    let without = import(folder.path(), &[]);
    assert!(!without.status.success() && without.stderr.contains("has no variables"), "{}", without.stderr);
    fs::write(&file, "A=1\n".repeat(20_000)).unwrap();
    let long = import(folder.path(), &[]);
    assert!(!long.status.success() && long.stderr.contains("more than 64 KiB"), "{}", long.stderr);
    fs::remove_file(&file).unwrap();
    let missing = import(folder.path(), &[]);
    assert!(!missing.status.success() && missing.stderr.contains("cannot be read"), "{}", missing.stderr);
}
