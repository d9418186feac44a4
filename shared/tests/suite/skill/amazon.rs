//! Answers and interaction models, held against Amazon's own models of them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Once;

use ma_alexa::alexa::response::{IntentResponse, Response};
use ma_alexa::control::HomeNames;
use ma_alexa::voice::{InvocationName, LocaleSpec, interaction_model, locales};
use serde_json::{Value, json};

use super::samples;

/// The Python that has Amazon's packages; nothing where there is none.
fn python() -> Option<String> {
    static SAID: Once = Once::new();
    let python = std::env::var("TEST_ASK_PYTHON").ok().filter(|python| !python.is_empty());
    if python.is_none() {
        let reason = "not run: Amazon's models (TEST_ASK_PYTHON is not set)";
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        // Past the capture of a test that passes, which would hide that it did nothing.
        SAID.call_once(|| writeln!(std::io::stderr().lock(), "{reason}").unwrap());
    }
    python
}

/// Whether a script takes these lines, and what it says.
fn run(python: &str, script: &str, lines: &[Value]) -> (bool, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/python");
    let mut child = Command::new(python)
        .arg(folder.join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("TEST_ASK_PYTHON, {python}: {error}"));
    let mut input = child.stdin.take().unwrap();
    for line in lines {
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn amazons_model_reads_every_answer_as_it_is() {
    let Some(python) = python() else { return };
    let answers = samples::in_an_empty_home().iter().chain(samples::in_a_home_that_plays());
    let mut lines: Vec<Value> =
        answers.map(|(name, answer)| json!({ "name": name, "response": answer })).collect();
    lines.push(json!({ "name": "a question with suggestions", "response": suggesting() }));
    let (fits, said) = run(&python, "responses.py", &lines);
    assert!(fits, "{said}");
    assert!(said.contains(&format!("{} responses, 0 ", lines.len())), "{said}");

    lines[0]["response"]["response"]["shouldEndSession"] = json!("true");
    assert!(!run(&python, "responses.py", &lines).0, "a wrong answer is found");
}

/// An answer that Alexa brings something back with.
fn suggesting() -> Response {
    let kept = json!({ "version": 1, "suggestions": [{ "title": "Blue", "artist": "Joni Mitchell" }] });
    IntentResponse::ask_about(kept, "Did you mean Blue?", "Did you mean Blue?").into()
}

#[test]
fn amazons_schema_takes_every_interaction_model() {
    let Some(python) = python() else { return };
    let mut lines: Vec<Value> = locales()
        .map(|locale| {
            let model = interaction_model(
                LocaleSpec::of(locale).unwrap(),
                &InvocationName::default(),
                &HomeNames::new(["Kitchen Speaker 2", "Büro"], ["Dinner", "80s Mix"]),
            );
            json!({ "locale": locale, "model": model })
        })
        .collect();
    assert_eq!(lines.len(), 17);
    let (fits, said) = run(&python, "models.py", &lines);
    assert!(fits, "{said}");
    assert!(said.contains("17 models checked, 0 differences"), "{said}");

    lines[0]["model"]["interactionModel"]["languageModel"]["invocation"] = json!("name");
    assert!(!run(&python, "models.py", &lines).0, "a wrong model is found");
}
