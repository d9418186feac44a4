//! The documents say what the code says, and their links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use ma_alexa::config::VARIABLES;
use ma_alexa::voice::start_table;

/// The folder of the repository.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

#[expect(clippy::unwrap_used, reason = "without the document there is nothing to hold")]
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The documents whose links are held, as paths from the root.
#[expect(clippy::unwrap_used, reason = "without the folder there is nothing to hold")]
fn documents() -> Vec<String> {
    let folder = fs::read_dir(root().join("docs")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let markdown = names.filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"));
    let mut documents: Vec<String> = markdown.map(|name| format!("docs/{name}")).collect();
    documents
        .extend(["README.md", "infra/README.md", "tests/README.md", "events/README.md"].map(str::to_owned));
    documents.sort();
    documents
}

/// The lines of a document that are no example.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_example = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_example ^= is_fence;
        !is_fence && !is_example
    })
}

/// The targets of a document's links, without those that lead elsewhere.
fn links(text: &str) -> Vec<String> {
    let targets = prose(text).flat_map(|line| line.split("](").skip(1));
    let targets = targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target.to_owned()));
    targets.filter(|target| !target.contains("://")).collect()
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    let mut counts = BTreeMap::new();
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let count = counts.entry(anchor.clone()).or_insert(0);
            *count += 1;
            if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
        })
        .collect()
}

/// A path without its `..`, so that it cannot leave the repository unseen.
fn plain(path: &Path) -> Option<PathBuf> {
    path.components().try_fold(PathBuf::new(), |mut plain, component| {
        match component {
            Component::ParentDir => plain.pop().then_some(())?,
            Component::CurDir => {}
            component => plain.push(component),
        }
        Some(plain)
    })
}

/// What is wrong with a link; none where it leads somewhere.
fn problem(document: &str, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = match Path::new(document).parent() {
        Some(folder) if !file.is_empty() => folder.join(file),
        _ => PathBuf::from(document),
    };
    let Some(path) = plain(&path).map(|path| root().join(path)) else {
        return Some("it leads out of the repository".to_owned());
    };
    if !path.exists() {
        return Some("there is no such file".to_owned());
    }
    let anchor = anchor?;
    match fs::read_to_string(path) {
        Ok(text) if anchors(&text).contains(anchor) => None,
        Ok(text) => Some(format!("its headings are {:?}", anchors(&text))),
        Err(error) => Some(error.to_string()),
    }
}

#[test]
fn every_variable_stands_in_the_configuration() {
    let mut table = String::from("| variable | default | |\n|---|---|---|\n");
    for variable in VARIABLES {
        writeln!(table, "| `{}` | {} | {} |", variable.name, variable.default, variable.meaning).unwrap();
    }
    let document = read("docs/configuration.md");
    assert!(document.contains(&table), "docs/configuration.md has to have this table:\n{table}");
}

#[test]
fn what_music_assistant_says_stands_in_the_configuration() {
    let table = start_table();
    let document = read("docs/configuration.md");
    assert!(document.contains(table.trim()), "docs/configuration.md has to have this table:\n{table}");
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = String::new();
    let mut count = 0;
    for document in documents() {
        for target in links(&read(&document)) {
            count += 1;
            if let Some(problem) = problem(&document, &target) {
                writeln!(broken, "{document}: {target}: {problem}").unwrap();
            }
        }
    }
    assert!(count > 20, "only {count} links were found");
    assert!(broken.is_empty(), "{broken}");
}

#[test]
fn a_link_to_nothing_is_noticed() {
    for target in ["missing.md", "#missing", "configuration.md#missing", "../../outside.md"] {
        assert!(problem("docs/configuration.md", target).is_some(), "{target}");
    }
    assert_eq!(problem("docs/security.md", "configuration.md#the-proxy"), None);
}

#[test]
fn the_readme_is_short_and_names_the_test_command() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 150, "{} lines", readme.lines().count());
    assert!(readme.lines().any(|line| line == "tests/run"), "tests/run is named on a line of its own");
}
