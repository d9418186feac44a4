//! The names of types: one that is visible outside its file is the only one of its name.

use std::collections::BTreeMap;
use std::path::Path;

use crate::sources;

/// Names of several visible types, each with the reason why it is kept.
const SHARED_NAMES: [(&str, &str); 1] =
    [("Device", "Alexa's requests and Amazon's list of devices both have Amazon's own word for it")];

/// Words that declare a type.
const DECLARATIONS: [&str; 5] = ["struct", "enum", "trait", "type", "union"];

/// The places of each visible type, by its name.
type Places = BTreeMap<String, Vec<String>>;

/// The type that a line declares for other files, if it does. Declarations within macros that give the name count, too.
fn visible_type(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub")?;
    let rest = match rest.strip_prefix('(') {
        Some(rest) => rest.split_once(')')?.1,
        None => rest,
    };
    let (declaration, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
    let end = rest.find(|character: char| !character.is_alphanumeric()).unwrap_or(rest.len());
    (DECLARATIONS.contains(&declaration) && end > 0).then_some(&rest[..end])
}

fn read_file(path: &Path, text: &str, places: &mut Places) {
    for name in text.lines().filter_map(visible_type) {
        places.entry(name.to_owned()).or_default().push(path.display().to_string());
    }
}

/// The names of more than one type.
fn doubles(places: &Places) -> Vec<(&str, &[String])> {
    let several = places.iter().filter(|(_, places)| places.len() > 1);
    several.map(|(name, places)| (name.as_str(), &places[..])).collect()
}

#[test]
fn a_visible_type_has_a_name_of_its_own() {
    let mut places = Places::new();
    for (path, text) in sources::of_all() {
        read_file(&path, &text, &mut places);
    }
    let doubles = doubles(&places);
    let (kept, new): (Vec<_>, Vec<_>) =
        doubles.into_iter().partition(|(name, _)| SHARED_NAMES.iter().any(|(shared, _)| shared == name));
    assert!(new.is_empty(), "these names stand for more than one type: {new:#?}");
    let kept: Vec<&str> = kept.into_iter().map(|(name, _)| name).collect();
    assert_eq!(kept, SHARED_NAMES.map(|(name, _)| name), "each exception is needed");
}

/// The rule sees what it is to find, in every form of a declaration.
#[test]
fn a_second_type_of_a_name_is_found() {
    let files = [
        ("one.rs", "pub struct Place;\npub(crate) enum Known<T> {\nstruct Seen {\n    pub name: String,\n}"),
        ("two.rs", "    pub(in crate::one) trait Place {\n    type Known;\n}\npub(super) struct Seen(u8);"),
        ("three.rs", "pub type Known = u8;\npub fn place() {}\npub use one::Place;"),
    ];
    let mut places = Places::new();
    for (path, text) in files {
        read_file(Path::new(path), text, &mut places);
    }
    let found: Vec<(&str, Vec<&str>)> = doubles(&places)
        .into_iter()
        .map(|(name, places)| (name, places.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(found, [("Known", vec!["one.rs", "three.rs"]), ("Place", vec!["one.rs", "two.rs"])]);
}
