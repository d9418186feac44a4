//! A renderer, held against the library by which Music Assistant and Home Assistant command one.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;

use super::home::{Home, SOON};

/// Longest that all steps take.
const PATIENCE: std::time::Duration = SOON.saturating_mul(4);

/// The Python that has the library; nothing where there is none.
fn python() -> Option<String> {
    let python = std::env::var("TEST_UPNP_PYTHON").ok().filter(|python| !python.is_empty());
    if python.is_none() {
        let reason = "not run: a renderer commanded by async-upnp-client (TEST_UPNP_PYTHON is not set)";
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        // Past the capture of a test that passes, which would hide that it did nothing.
        writeln!(std::io::stderr().lock(), "{reason}").unwrap();
    }
    python
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_library_of_music_assistant_finds_commands_and_watches_a_renderer() {
    let Some(python) = python() else { return };
    let home = Home::start().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/python/renderer.py");
    let mut child = Command::new(&python)
        .arg(script)
        .arg(home.search_port.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("TEST_UPNP_PYTHON, {python}: {error}"));
    let (mut lines, mut errors) =
        (BufReader::new(child.stdout.take().unwrap()).lines(), child.stderr.take().unwrap());
    let ran = async {
        let mut last = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            if line == "subscribed" {
                home.renderers[0].change(|state| state.volume = Some(44));
            }
            last = line;
        }
        let mut said = String::new();
        errors.read_to_string(&mut said).await.unwrap();
        (child.wait().await.unwrap().success(), last, said)
    };
    let (succeeded, last, said) = tokio::time::timeout(PATIENCE, ran).await.unwrap();
    assert!(succeeded && last.ends_with(" steps"), "{last}\n{said}");
    assert_eq!(home.renderers[0].snapshot().volume, Some(44));
}
