//! The documents say what the code says, and what they link, name and cite is there.

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

/// The source paths in back-ticks of a document, each with the function that is named behind it.
fn sources(text: &str) -> Vec<(String, Option<String>)> {
    const FOLDERS: [&str; 5] = ["shared/", "functions/", "tests/", "infra/", "events/"];
    let code = prose(text).flat_map(|line| line.split('`').skip(1).step_by(2));
    let paths = code.filter(|code| FOLDERS.iter().any(|folder| code.starts_with(folder)));
    let paths = paths.filter(|code| !code.contains(' '));
    paths
        .map(|code| match code.split_once(':') {
            Some((path, function)) => (path.to_owned(), Some(function.to_owned())),
            None => (code.to_owned(), None),
        })
        .collect()
}

/// Whether a source defines a function of this name.
fn defines(source: &str, function: &str) -> bool {
    let definition = format!("fn {function}");
    let ends = source.split(&definition).skip(1).map(|behind| behind.chars().next());
    ends.into_iter().any(|end| matches!(end, Some('(' | '<')))
}

/// The sources of a folder and of those in it, as paths from the root.
#[expect(clippy::unwrap_used, reason = "without the folder there is nothing to hold")]
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        let is_tools =
            entry.file_name().to_str().is_some_and(|name| name.starts_with('.') || name == "target");
        if kind.is_dir() && !is_tools {
            files.extend(rust_files(&path));
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}

/// The numbers by which a source cites the account API: `5.4` and `7.1` of `docs/amazon-api.md, 5.4 and 7.1`.
fn citations(source: &str) -> Vec<String> {
    let number = |text: &str| -> Option<String> {
        let text = text.trim_end_matches(['.', ':', ';', ')', ',', '`']);
        let digits = text.strip_prefix('T').unwrap_or(text);
        let is_number =
            digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        is_number.then(|| text.to_owned())
    };
    let cited = source.split(concat!("docs/amazon-api.md", ", ")).skip(1);
    cited
        .flat_map(|behind| {
            let words = behind.split_whitespace().filter(|word| *word != "and");
            // A citation ends with its bracket or its sentence; the first word has to be a number.
            let mut is_over = false;
            let numbers: Vec<String> = words
                .map_while(|word| {
                    let number = number(word).filter(|_| !is_over);
                    is_over = word.contains(')') || word.ends_with(['.', ':', ';']);
                    number
                })
                .collect();
            if numbers.is_empty() { vec![format!("no number in {:?}", behind.get(..20))] } else { numbers }
        })
        .collect()
}

/// The numbers that the account API's document has: of its headings, and of the rows of its traps.
fn numbers(document: &str) -> BTreeSet<String> {
    let headings = prose(document).filter(|line| line.starts_with('#'));
    let headings = headings.filter_map(|line| line.split_whitespace().nth(1));
    let traps = prose(document).filter(|line| line.starts_with("| T"));
    let traps = traps.filter_map(|line| line.split('|').nth(1)).flat_map(|names| names.split(','));
    headings.chain(traps).map(|number| number.trim().trim_end_matches('.').to_owned()).collect()
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
fn the_configuration_lists_the_phrases_of_music_assistant() {
    let table = start_table();
    let document = read("docs/configuration.md");
    assert!(document.contains(table.trim()), "docs/configuration.md has to have this table:\n{table}");
}

/// The keys of the store in a source: its literals with a `#` in them, without what is filled in.
fn keys(source: &str) -> impl Iterator<Item = &str> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("#["));
    let literals = code.flat_map(|line| line.split('"').skip(1).step_by(2));
    let keys = literals.filter(|text| text.contains('#') && !text.starts_with('{'));
    keys.map(|key| key.split('{').next().unwrap_or_default())
}

/// The differences between the keys in the code and those in the table of the store, of which capital letters are filled
/// in. A key that ends with `#` is a prefix.
fn key_differences<'a>(code: &BTreeSet<&'a str>, table: &[&'a str]) -> Vec<&'a str> {
    let named = |key: &&'a str| key.split(char::is_uppercase).next().unwrap_or_default();
    let is_of = |key: &str, known: &str| key == known || known.ends_with('#') && key.starts_with(known);
    // `play#` is for the keys that a play reads, and no key by itself.
    let keys = code.iter().filter(|key| !code.iter().any(|other| other != *key && other.starts_with(**key)));
    let keys: Vec<&str> = keys.copied().collect();
    let table: Vec<&str> = table.iter().map(named).collect();
    let missing = keys.iter().filter(|known| !table.iter().any(|key| is_of(key, known)));
    let unknown = table.iter().filter(|key| !keys.iter().any(|known| is_of(key, known)));
    missing.chain(unknown).copied().collect()
}

#[test]
fn the_table_of_the_store_has_every_key() {
    let sources = ["item", "account", "document"].map(|name| read(&format!("shared/src/store/{name}.rs")));
    let code: BTreeSet<&str> = sources.iter().flat_map(|source| keys(source)).collect();
    assert!(code.len() > 20, "only {code:?} were found");
    let document = read("docs/architecture.md");
    let rows = document.lines().skip_while(|line| !line.starts_with("| `sk` |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let table: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert_eq!(key_differences(&code, &table), [""; 0], "docs/architecture.md and the code differ");
}

#[test]
fn a_key_of_the_store_that_stands_in_one_place_alone_is_noticed() {
    let source = "const PLAY: &str = \"play#\";\n// \"no#key\"\n\
                  \"play#set\" => format!(\"lane#{}\")\n#[cfg(\"x#\")]";
    let code: BTreeSet<&str> = keys(source).collect();
    assert_eq!(code, BTreeSet::from(["play#", "play#set", "lane#"]));
    assert_eq!(key_differences(&code, &["play#set", "lane#KEY"]), [""; 0]);
    assert_eq!(key_differences(&code, &["lane#one"]), ["play#set"]);
    assert_eq!(key_differences(&code, &["play#set", "lane#one", "home#new"]), ["home#new"]);
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

#[test]
fn every_source_that_a_document_names_is_there() {
    let mut missing = String::new();
    let mut functions = 0;
    for document in documents() {
        for (path, function) in sources(&read(&document)) {
            let there = root().join(&path);
            let is_right = match &function {
                None => there.exists(),
                Some(function) => fs::read_to_string(there).is_ok_and(|source| defines(&source, function)),
            };
            functions += usize::from(function.is_some());
            if !is_right {
                writeln!(missing, "{document}: {path} {}", function.unwrap_or_default()).unwrap();
            }
        }
    }
    assert!(functions > 20, "only {functions} functions were named");
    assert!(missing.is_empty(), "{missing}");
}

#[test]
fn every_citation_of_the_account_api_has_its_section() {
    let numbers = numbers(&read("docs/amazon-api.md"));
    let mut missing = String::new();
    let mut count = 0;
    for folder in ["shared", "functions", "tests"] {
        for file in
            rust_files(&root().join(folder)).into_iter().filter(|file| !file.ends_with("suite/readme.rs"))
        {
            let source = fs::read_to_string(&file).unwrap();
            for cited in citations(&source) {
                count += 1;
                if !numbers.contains(&cited) {
                    writeln!(missing, "{}: {cited}", file.display()).unwrap();
                }
            }
        }
    }
    assert!(count > 25, "only {count} citations were found");
    assert!(missing.is_empty(), "{missing}");
}

#[test]
fn citations_are_read_whole() {
    let cite = |text: &str| citations(&format!("// ({}{text}", concat!("docs/amazon-api.md", ", ")));
    assert_eq!(cite("5.4, 7.1 and 10.1)."), ["5.4", "7.1", "10.1"]);
    assert_eq!(cite("T8). 3 more"), ["T8"]);
    assert_eq!(cite("12), and the rest"), ["12"]);
    assert_eq!(cite("2.3: where"), ["2.3"]);
    assert!(cite("whole")[0].starts_with("no number"));
    assert!(defines("pub fn set<T>()", "set") && !defines("fn settle()", "set"));
}

#[test]
fn the_glossary_says_each_word_once() {
    let glossary = read("docs/glossary.md");
    let rows = prose(&glossary).filter(|line| line.starts_with('|') && !line.starts_with("|--"));
    let mut words = BTreeSet::new();
    for row in rows.filter(|row| !row.starts_with("| word |") && !row.starts_with("| not |")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let is_whole = matches!(cells[..], [word, what, _] if !word.is_empty() && !what.is_empty());
        let is_pair = matches!(cells[..], [_, instead] if !instead.is_empty());
        assert!(is_whole || is_pair, "a row with a cell too few or too many: {row}");
        assert!(words.insert(cells[0]), "two rows for {}", cells[0]);
    }
    assert!(words.len() > 100, "{} words", words.len());
}
