//! What the commands of `infra/` say, and what they refuse.

use std::path::Path;
use std::process::Command;

use end_to_end::cloud::Stack;
use end_to_end::envelope::SKILL;
use end_to_end::machine;
use end_to_end::program::{Output, Program};

pub(super) fn tell_the_next_step(stack: &Stack<'_>, said: &str) {
    for part in [&stack.output("ApiUrl"), "music-assistant", "first/credentials", SKILL, "ma-alexa bridge"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    let secret = stack.secret("credentials");
    let (owner, music_assistant) = (&secret["owner"]["password"], &secret["music_assistant"]["password"]);
    for random in [owner, music_assistant, &secret["session_key"], &secret["door_secret"]] {
        let random = random.as_str().unwrap_or_default();
        assert!(random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{secret}");
        assert!(!said.contains(random));
    }
    assert!(owner != music_assistant && *owner != secret["session_key"]);
    assert_ne!(secret["session_key"], secret["door_secret"]);
    assert!(secret["grant_keys"].as_str().is_some_and(|keys| !said.contains(keys)), "{said}");
}

pub(super) fn tell_that_a_skill_is_missing(stack: &Stack<'_>, said: &str) {
    assert!(said.contains("No skill may invoke the function yet"), "{said}");
    assert!(said.contains(&stack.output("SkillArn")), "{said}");
}

/// What is there without the rest of it belongs to other work, and nothing is built on it or over it.
pub(super) fn refuse_half_of_the_data(stack: &Stack<'_>) {
    let aws = |arguments: &[&str]| stack.cloud.aws(&[&["secretsmanager"], arguments].concat());
    let _ = aws(&["create-secret", "--name", "second/amazon", "--secret-string", "{}"]);
    let refused = stack.command("deploy", &["--prebuilt"], "");
    assert!(!refused.status.success());
    assert!(refused.stderr.contains("only the secret second/amazon"), "{}", refused.stderr);
    let _ = aws(&["delete-secret", "--secret-id", "second/amazon", "--force-delete-without-recovery"]);
}

pub(super) fn remove_the_data_after_asking(stack: &Stack<'_>) {
    let credentials = stack.secret("credentials");
    let refused = stack.command("remove", &["--data"], "yes\n");
    assert!(
        !refused.status.success() && refused.stderr.contains("nothing was removed"),
        "{}",
        refused.stderr
    );
    assert_eq!(stack.secret("credentials"), credentials);

    let removed = stack.command("remove", &["--data"], "first\n");
    assert!(removed.status.success(), "{}{}", removed.stdout, removed.stderr);
    let table = stack.cloud.ask_aws(&["dynamodb", "describe-table", "--table-name", stack.name]).unwrap_err();
    assert!(table.contains("ResourceNotFoundException"), "{table}");
    for secret in ["first/credentials", "first/amazon"] {
        let secret =
            stack.cloud.ask_aws(&["secretsmanager", "describe-secret", "--secret-id", secret]).unwrap_err();
        assert!(secret.contains("ResourceNotFoundException"), "{secret}");
    }
}

const IRELAND: [(&str, &str); 1] = [("AWS_REGION", "eu-west-1")];

/// A command of `infra/` where nothing that it calls can do anything: the programs named are there, and fail.
fn alone(command: &str, arguments: &[&str], programs: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let real = ["bash", "dirname", "sed", "grep", "awk", "mktemp", "rm", "cat"].map(|name| (name, name));
    for (name, target) in real.into_iter().chain(programs.iter().map(|name| (*name, "false"))) {
        let places = ["/usr/bin", "/bin"].map(|bin| Path::new(bin).join(target));
        let target = places.iter().find(|path| path.exists()).unwrap();
        std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
    }
    let mut run = Command::new(machine::workspace().join("infra").join(command));
    run.args(arguments).env_clear().env("PATH", folder.path()).envs(variables.iter().copied());
    Program::run(&mut run)
}

#[test]
fn every_missing_tool_is_named_with_its_cure() {
    let refused = alone("deploy", &[], &[], &IRELAND);
    assert!(!refused.status.success());
    for tool in ["cargo", "cargo-lambda", "sam", "aws"] {
        assert!(refused.stderr.contains(&format!("{tool} is missing: ")), "{tool}: {}", refused.stderr);
    }
}

#[test]
fn a_region_without_alexa_is_refused_before_anything_is_built() {
    let refused = alone("deploy", &["--prebuilt"], &["sam", "aws"], &[("AWS_REGION", "eu-central-1")]);
    assert!(!refused.status.success());
    assert!(
        refused.stderr.contains("eu-central-1") && refused.stderr.contains("eu-west-1 for Europe"),
        "{}",
        refused.stderr
    );
}

#[test]
fn an_unknown_account_hears_how_to_sign_in() {
    let refused = alone("deploy", &["--prebuilt"], &["sam", "aws"], &IRELAND);
    assert!(!refused.status.success() && refused.stderr.contains("aws configure"), "{}", refused.stderr);
}

#[test]
fn an_unknown_parameter_is_refused() {
    for wrong in ["SkilId=x", "--halp", "skill", "Data=reuse", "Locale=\"de-DE\""] {
        let refused = alone("deploy", &[wrong], &[], &IRELAND);
        assert!(!refused.status.success() && refused.stderr.contains(wrong), "{}", refused.stderr);
    }
    let refused = alone("remove", &["--all"], &[], &IRELAND);
    assert!(!refused.status.success() && refused.stderr.contains("--all"), "{}", refused.stderr);
}

#[test]
fn a_name_that_no_stack_can_have_is_refused() {
    for command in ["deploy", "remove"] {
        for name in ["1st", "my stack", "a", &"x".repeat(51)] {
            let refused = alone(command, &[], &["sam", "aws"], &[("STACK", name), IRELAND[0]]);
            assert!(
                !refused.status.success() && refused.stderr.contains("STACK is"),
                "{name}: {}",
                refused.stderr
            );
        }
    }
}
