//! An Echo as a renderer beside Debian's `gmediarender`: all that the library of Home Assistant has, walked at both.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod differences;
mod music;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;

use end_to_end::amazon::serial;
use end_to_end::machine;
use end_to_end::network::{self, OURS, OtherHost};
use end_to_end::program::Program;
use ma_alexa::renderer::udn;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::media::{controls, offer, serve};
use differences::DIFFERENCES;

/// The name of Debian's renderer as a device.
const DEBIAN: &str = "6a1c7a8e-3f0b-4c55-9d0e-2b7f5a9c1d33";

/// What it says of its version, where the table is true of it.
const VERSION: &str = "gmediarender 0.1";

/// Each feature, and how it behaved.
type Walked = BTreeMap<String, Value>;

/// The features at which two renderers differ: what the first one does, and the second one.
type Differing = BTreeMap<String, (Value, Value)>;

#[test]
fn an_echo_differs_from_debians_renderer_where_the_table_says_so() {
    let Some(python) = std::env::var("TEST_UPNP_PYTHON").ok().filter(|python| !python.is_empty()) else {
        machine::say("left out: an Echo beside gmediarender: TEST_UPNP_PYTHON is not set");
        return;
    };
    let folder = TempDir::new().unwrap();
    let has_debian = has_debian(&folder);
    let name = "renderers::conformance::an_echo_differs_from_debians_renderer_where_the_table_says_so";
    network::alone(name, || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(walk_both(&python, has_debian.then_some(&folder)));
    });
}

/// Walks an Echo, and Debian's renderer where there is a folder for it.
async fn walk_both(python: &str, folder: Option<&TempDir>) {
    let other = OtherHost::connect();
    let mut tasks = JoinSet::new();
    let music = serve(&mut tasks, OURS, music::router()).await;
    let debian = folder.map(|folder| start_debian(&other, folder));
    let offered = offer(&mut tasks).await;

    let echo = udn(serial::KITCHEN);
    let ours = walk(python, &echo, music, async || {
        offered.passes_on(serial::KITCHEN).await;
    });
    let theirs = async {
        match &debian {
            Some(_) => Some(walk(python, DEBIAN, music, async || {}).await),
            None => None,
        }
    };
    let (ours, theirs) = tokio::join!(ours, theirs);
    tasks.abort_all();
    let named = named();
    let Some(theirs) = theirs else {
        for (feature, (echo, _)) in named {
            assert_eq!(ours.get(&feature).unwrap_or(&Value::Null), &echo, "{feature}");
        }
        return;
    };
    let found = differing(&ours, &theirs);
    let features: BTreeSet<&String> = found.keys().chain(named.keys()).collect();
    let wrong: Vec<String> = features
        .into_iter()
        .filter(|feature| found.get(*feature) != named.get(*feature))
        .map(|feature| {
            let (found, named) = (found.get(feature), named.get(feature));
            format!("{feature}: found {}, the table has {}", pair(found), pair(named))
        })
        .collect();
    assert!(wrong.is_empty(), "an Echo, and gmediarender:\n{}", wrong.join("\n"));
}

/// Whether Debian's renderer is installed in the version of the table. Where it is not, this says so.
fn has_debian(folder: &TempDir) -> bool {
    let version = gmediarender(&mut Command::new("gmediarender"), folder).arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = version.unwrap_or_else(|error| error.to_string());
    let version = version.split(';').next().unwrap_or_default();
    if version != VERSION {
        machine::say(&format!("left out: an Echo beside {VERSION} of Debian: {version}"));
    }
    version == VERSION
}

/// Starts Debian's renderer on the other host.
fn start_debian(host: &OtherHost, folder: &TempDir) -> Program {
    let mut command = host.command("gmediarender");
    // In time with the clock: a sink without that is through with any media at once.
    command.args(["-f", "Debian", "-u", DEBIAN, "-I", "theirs", "--gstout-audiopipe", "fakesink sync=true"]);
    Program::start(gmediarender(&mut command, folder))
}

/// A command of it, which keeps its list of plugins in this folder and uses no proxy.
fn gmediarender<'a>(command: &'a mut Command, folder: &TempDir) -> &'a mut Command {
    for proxy in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(proxy).env_remove(proxy.to_uppercase());
    }
    command.env("XDG_CACHE_HOME", folder.path())
}

/// Walks all features of one renderer. `over` ends what plays there, where that does not end by itself.
async fn walk(python: &str, udn: &str, music: SocketAddr, over: impl AsyncFn()) -> Walked {
    let host = OURS.to_string();
    let [long, short] = ["60", "8"].map(|seconds| format!("http://{music}/media/{seconds}.mp3"));
    let arguments = [udn, &host, &long, &short];
    let last = controls(python, "conformance.py", &arguments, async |line| {
        if line == "over" {
            over().await;
        }
    })
    .await;
    serde_json::from_str(&last).unwrap()
}

fn differing(ours: &Walked, theirs: &Walked) -> Differing {
    let features: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let of = |walked: &Walked, feature: &String| walked.get(feature).cloned().unwrap_or_default();
    let pairs = features.into_iter().map(|feature| (feature, (of(ours, feature), of(theirs, feature))));
    pairs
        .filter(|(_, (ours, theirs))| ours != theirs)
        .map(|(feature, pair)| (feature.clone(), pair))
        .collect()
}

/// The differences that the table names.
fn named() -> Differing {
    let mut named = Differing::new();
    for difference in DIFFERENCES {
        for (feature, echo, debian) in difference.features {
            let pair = [echo, debian].map(|json| serde_json::from_str(json).unwrap());
            let [echo, debian] = pair;
            assert!(
                named.insert((*feature).to_owned(), (echo, debian)).is_none(),
                "{feature} is there twice"
            );
        }
    }
    named
}

fn pair(pair: Option<&(Value, Value)>) -> String {
    pair.map_or_else(|| "no difference".to_owned(), |(echo, debian)| format!("{echo} and {debian}"))
}

#[test]
fn the_configuration_has_the_table() {
    let mut table = String::from("| what | an Echo | gmediarender | reason |\n|---|---|---|---|\n");
    for row in DIFFERENCES {
        writeln!(table, "| {} | {} | {} | {} |", row.what, row.echo, row.debian, row.reason).unwrap();
    }
    let document = std::fs::read_to_string(machine::workspace().join("docs/configuration.md")).unwrap();
    assert!(document.contains(&table), "docs/configuration.md has to have this table:\n{table}");
}
