//! The pages in a real browser, as people see them.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod house;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use end_to_end::amazon::serial;
use end_to_end::emulator::Emulator;
use end_to_end::machine;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use house::House;

/// How long a whole story may take. With pictures of all pages it takes longer.
fn patience() -> Duration {
    Duration::from_mins(if std::env::var_os("ALL_PICTURES").is_some() { 20 } else { 6 })
}

/// A person who has nothing but two passwords opens the page, follows it, and hears music.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_from_nothing_to_music() {
    follow_to_its_end("first_sound.py").await;
}

/// The same pages in a browser that runs no script.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_each_form_says_beside_it_how_it_went() {
    follow_to_its_end("without_script.py").await;
}

/// The shortest way at home has at most twenty actions, and the pages look as their references do.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_music_has_few_actions_and_the_pages_look_as_before() {
    if machine::tool("TEST_BROWSER_PYTHON", "the pages in a browser").is_some() {
        follow("straight.py", House::at_home().await).await;
    }
}

/// From nothing to music below the path of Home Assistant.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_in_an_add_on_leads_to_music() {
    if machine::tool("TEST_BROWSER_PYTHON", "the pages in a browser").is_some() {
        follow("add_on.py", House::in_an_add_on().await).await;
    }
}

/// From nothing to music in AWS, where the pages ask again and again.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_in_aws_has_few_actions() {
    let Some(emulator) = Emulator::find() else { return };
    if machine::tool("TEST_BROWSER_PYTHON", "the pages in a browser").is_some() {
        follow("aws_way.py", House::in_aws(&emulator).await).await;
    }
}

async fn follow_to_its_end(script: &str) {
    if machine::tool("TEST_BROWSER_PYTHON", "the pages in a browser").is_some() {
        follow(script, House::start().await).await;
    }
}

async fn follow(script: &str, house: House) {
    let Some(python) = machine::tool("TEST_BROWSER_PYTHON", "the pages in a browser") else { return };
    let mut story = story(&python, script, &house).await;
    let told = Box::pin(async {
        tokio::select! {
            told = obey(&mut story, &house) => told,
            never = house.hear() => never,
        }
    });
    let lines = timeout(patience(), told).await.unwrap();
    let ended = timeout(patience(), story.wait_with_output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}\n{said}", lines.join("\n"));
    assert_eq!(lines.last().map(String::as_str), Some("end"));
    let counted = lines.iter().filter(|line| line.starts_with(' ') || line.starts_with("reference"));
    machine::say(&counted.fold(String::new(), |said, line| said + line + "\n"));
    assert_eq!(house.amazon.violations(), [""; 0]);
}

/// Does what the story asks for, until it ends; all that it said.
async fn obey(story: &mut Child, house: &House) -> Vec<String> {
    let mut answers = story.stdin.take().unwrap();
    let mut said = BufReader::new(story.stdout.take().unwrap()).lines();
    let mut lines = Vec::new();
    while let Some(line) = said.next_line().await.unwrap() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["do", "load-provider", username, password] => house.load_provider(username, password).await,
            ["do", "find"] => house.find(),
            ["do", "fail"] => house.fail().await,
            ["do", "push"] => house.push("Küche").await,
            ["do", "play"] => house.play("Küche", serial::KITCHEN).await,
            ["do", ..] => panic!("no such order: {line}"),
            _ => {}
        }
        if words[0] == "do" {
            answers.write_all(b"done\n").await.unwrap();
        }
        lines.push(line);
    }
    lines
}

async fn story(python: &str, script: &str, house: &House) -> Child {
    let link = house.link().await;
    let owner = &house.credentials.owner;
    let client = house.amazon.lwa();
    Command::new(python)
        .arg(machine::workspace().join("tests/python").join(script))
        .env("BASE", &house.pages)
        .env("AMAZON", house.amazon.url())
        .env("LINK", link)
        .env("OWNER", owner.username())
        .env("PASSWORD", owner.password())
        .env("CLIENT_ID", client.client_id)
        .env("CLIENT_SECRET", client.client_secret)
        .env("CHROMIUM", "/usr/bin/chromium")
        .env("PICTURES", pictures())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Where the pictures are kept, for people to look at.
fn pictures() -> PathBuf {
    let binary = std::env::current_exe().unwrap();
    let target = binary.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let pictures =
        target.map_or_else(|| machine::workspace().join("target"), Path::to_owned).join("pictures");
    std::fs::create_dir_all(&pictures).unwrap();
    pictures
}
