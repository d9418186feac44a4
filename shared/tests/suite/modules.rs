//! The order of the library's modules, and circles among the files of one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::sources;

/// A module's place, without `crate`.
type Place = Vec<String>;

/// The sources, and the files behind the names that a module passes on.
struct Sources {
    /// The modules of the library from the first to the last.
    order: Vec<String>,
    /// The code of each file without its comments.
    files: BTreeMap<Place, String>,
    /// The file in which a name of a module stands.
    passed_on: BTreeMap<Place, Place>,
}

impl Sources {
    fn read() -> Self {
        let folder = sources::library();
        let library = fs::read_to_string(folder.join("lib.rs")).unwrap();
        let order = library.lines().filter_map(|line| {
            let declared = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?;
            declared.strip_suffix(';').map(str::to_owned)
        });
        Self::new(order.collect(), modules(&folder))
    }

    fn new(order: Vec<String>, files: BTreeMap<Place, String>) -> Self {
        let mut passed_on = BTreeMap::new();
        for (place, code) in &files {
            let uses = code.split(';').filter_map(|item| item.split_once("use ")).map(|(_, used)| used);
            for path in uses.flat_map(expand) {
                let [file, names @ ..] = &path[..] else { continue };
                let file = joined(place, std::slice::from_ref(file));
                if files.contains_key(&file) {
                    passed_on
                        .extend(names.last().map(|name| (joined(place, std::slice::from_ref(name)), file)));
                }
            }
        }
        Self { order, files, passed_on }
    }

    /// The file that a path leads to from the file at `place`; none for a path out of the library.
    fn resolve(&self, place: &[String], path: &[String]) -> Option<Place> {
        let mut target = if path[0] == "crate" { Vec::new() } else { place.to_vec() };
        for part in path {
            match part.as_str() {
                "crate" | "self" => {}
                "super" => drop(target.pop()),
                name => target.push(name.to_owned()),
            }
        }
        (1..=target.len()).rev().find_map(|length| {
            let target = target[..length].to_vec();
            let known = self.files.contains_key(&target).then(|| target.clone());
            self.origin(&target).or(known)
        })
    }

    /// The file in which a name stands that a module passes on, over other modules or not.
    fn origin(&self, name: &Place) -> Option<Place> {
        let file = self.passed_on.get(name)?;
        let deeper = joined(file, name.last().map(std::slice::from_ref)?);
        Some(self.origin(&deeper).unwrap_or_else(|| file.clone()))
    }

    /// Each import as the file, the line that names it, and the file that it leads to.
    fn imports(&self) -> impl Iterator<Item = (&Place, String, Place)> {
        self.files.iter().flat_map(move |(place, code)| {
            paths(code).into_iter().filter_map(move |path| {
                let target = self.resolve(place, &path)?;
                Some((place, path.join("::"), target))
            })
        })
    }

    /// The imports from a module below the importing one.
    fn upward(&self) -> BTreeSet<String> {
        let rank = |place: &[String]| self.order.iter().position(|module| Some(module) == place.first());
        self.imports()
            .filter(|(place, _, target)| rank(target) > rank(place))
            .map(|(place, path, _)| format!("{} imports {path}", place.join("::")))
            .collect()
    }

    /// The circles of more than two files.
    fn circles(&self) -> BTreeSet<Vec<String>> {
        let places: Vec<&Place> = self.files.keys().collect();
        let edges: Vec<BTreeSet<usize>> = self
            .files
            .iter()
            .map(|(place, code)| {
                let needed = without_passed_on(code);
                let (of_parents, of_children) = (paths(&needed), self.paths_of_children(place, &needed));
                let targets =
                    of_parents.iter().chain(&of_children).filter_map(|path| self.resolve(place, path));
                let others = targets.filter(|target| target != place);
                others.filter_map(|target| places.binary_search(&&target).ok()).collect()
            })
            .collect();
        let reached: Vec<Vec<bool>> = (0..places.len()).map(|file| reached(file, &edges)).collect();
        let circles = (0..places.len()).map(|file| {
            let back = |other: &usize| reached[file][*other] && reached[*other][file];
            (0..places.len()).filter(back).map(|other| places[other].join("::")).collect::<Vec<_>>()
        });
        circles.filter(|circle| circle.len() > 2).collect()
    }

    /// The paths in a code that begin with a module below it.
    fn paths_of_children(&self, place: &[String], code: &str) -> Vec<Place> {
        let starts = code.match_indices("::").map(|(end, _)| {
            let begin = code[..end].rfind(|character| !is_name(character)).map_or(0, |before| before + 1);
            (begin, end)
        });
        let whole = starts.filter(|(begin, _)| !code[..*begin].ends_with([':', '.']));
        let below = whole
            .filter(|(begin, end)| self.files.contains_key(&joined(place, &[code[*begin..*end].to_owned()])));
        below.flat_map(|(begin, _)| expand(&code[begin..])).collect()
    }
}

/// A code without its tests, whose `super` is itself, and without what a module passes on: it needs none of it.
fn without_passed_on(code: &str) -> String {
    let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let needed = code.split_inclusive(';').map(|item| {
        let (before, _) = item.split_once("use ").unwrap_or((item, ""));
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        let visibility = before[begin..].trim();
        let is_passed_on = before.len() < item.len() && visibility.starts_with("pub");
        &item[..if is_passed_on { begin } else { item.len() }]
    });
    // `pub(in crate::…)` is no import.
    needed.collect::<String>().replace("(in crate::", "(in ")
}

/// Which files a file imports, over others or not.
fn reached(file: usize, edges: &[BTreeSet<usize>]) -> Vec<bool> {
    let (mut reached, mut open) = (vec![false; edges.len()], vec![file]);
    while let Some(next) = open.pop() {
        for target in &edges[next] {
            if !reached[*target] {
                reached[*target] = true;
                open.push(*target);
            }
        }
    }
    reached
}

/// The code of each module below the folder of the library, without comments.
fn modules(folder: &Path) -> BTreeMap<Place, String> {
    let files = sources::of_folder(folder).into_iter().map(|(path, text)| {
        let path = path.strip_prefix(folder).unwrap().with_extension("");
        let mut place: Place = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        place.pop_if(|last| *last == "mod");
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        (place, code.collect::<Vec<_>>().join("\n"))
    });
    files.filter(|(place, _)| *place != ["lib"]).collect()
}

fn joined(place: &[String], more: &[String]) -> Place {
    [place, more].concat()
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The paths in a code that begin with `crate`, `self` or `super`.
fn paths(code: &str) -> Vec<Place> {
    let starts = ["crate::", "self::", "super::"].into_iter().flat_map(|root| code.match_indices(root));
    let whole =
        starts.filter(|(at, _)| !code[..*at].ends_with(|before: char| is_name(before) || before == ':'));
    whole.flat_map(|(at, _)| expand(&code[at..])).collect()
}

/// The paths that one stands for, with those in its braces written out.
fn expand(code: &str) -> Vec<Place> {
    let end = code.find(|character: char| !is_name(character) && character != ':').unwrap_or(code.len());
    let (head, rest) = code.split_at(end);
    let head: Place = head.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let Some(inner) = rest.strip_prefix('{').filter(|_| code[..end].ends_with("::")) else {
        return vec![head];
    };
    let (mut depth, mut begin, mut expanded) = (1, 0, Vec::new());
    for (at, character) in inner.char_indices() {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if depth == 0 || (depth == 1 && character == ',') {
            let more = expand(inner[begin..at].trim());
            expanded.extend(more.iter().filter(|more| !more.is_empty()).map(|more| joined(&head, more)));
            begin = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    expanded
}

#[test]
fn a_module_imports_only_from_those_above_it() {
    let upward = Sources::read().upward();
    assert!(upward.is_empty(), "below it in lib.rs stands the module of: {upward:#?}");
}

#[test]
fn no_more_than_two_files_import_each_other() {
    let circles = Sources::read().circles();
    assert!(circles.is_empty(), "these files import each other in a circle: {circles:#?}");
}

#[test]
fn the_architecture_lists_the_modules_in_their_order() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/architecture.md");
    let document = fs::read_to_string(document).unwrap();
    let rows =
        document.lines().filter_map(|line| line.strip_prefix("| `shared/src/")?.split(['/', '.']).next());
    let mut listed: Vec<&str> = rows.collect();
    // A module may have rows for its parts, too.
    listed.dedup();
    assert_eq!(listed, Sources::read().order);
}

/// The rules see what they are to find, in every form of an import.
#[test]
fn an_import_from_below_and_a_circle_are_found() {
    let place = |path: &str| -> Place { path.split("::").map(str::to_owned).collect() };
    let files = [
        ("low", "use crate::high::{deep::Name, Other};"),
        ("high", "mod a;\npub(crate) use c::{Third, Fourth};"),
        ("high::a", "use super::b::First;"),
        ("high::b", "fn call() { super::Third::new() }"),
        ("high::c", "use crate::{low::Item, high::a::Second};"),
        ("routes", "mod one;\nfn all() { one::start() }"),
        ("routes::one", "use super::two::Name;"),
        ("routes::two", "pub(in crate::routes) struct Name;\nuse super::all;"),
    ];
    let files = files.map(|(path, code)| (place(path), code.to_owned()));
    let sources = Sources::new(["low", "high", "routes"].map(str::to_owned).to_vec(), BTreeMap::from(files));
    let upward: Vec<String> = sources.upward().into_iter().collect();
    assert_eq!(upward, ["low imports crate::high::Other", "low imports crate::high::deep::Name"]);
    let circles = [["high::a", "high::b", "high::c"], ["routes", "routes::one", "routes::two"]];
    let circles = circles.map(|circle| circle.map(str::to_owned).to_vec());
    assert_eq!(sources.circles(), BTreeSet::from(circles));
}
