//! The catalogue and the labelled queries, as `shared/tests/fixtures/spoken/README.md` describes them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be read has failed")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ma_alexa::spoken::{Candidate, Kind, Language};

const CATALOGUE: &str = include_str!("../../fixtures/spoken/catalogue.txt");
const QUERIES: &str = include_str!("../../fixtures/spoken/queries.txt");

/// A query with what was meant.
pub(super) struct Query {
    pub(super) language: Language,
    pub(super) kind: Option<Kind>,
    pub(super) heard: &'static str,
    /// The addresses of what is right; `none` for what the catalogue does not have.
    pub(super) meant: Vec<&'static str>,
    pub(super) rule: &'static str,
    pub(super) room: Option<&'static str>,
    /// Whether it is in the half that thresholds were chosen by.
    pub(super) tuning: bool,
}

pub(super) struct Labelled {
    pub(super) catalogue: Vec<Candidate>,
    pub(super) rooms: BTreeMap<&'static str, Vec<&'static str>>,
    pub(super) queries: Vec<Query>,
}

pub(super) static LABELLED: LazyLock<Labelled> = LazyLock::new(|| {
    let lines = || QUERIES.lines().filter(|line| !line.starts_with('#'));
    let rooms = lines().filter_map(|line| line.strip_prefix('@')?.split_once(' '));
    Labelled {
        catalogue: CATALOGUE.lines().filter(|line| !line.starts_with('#')).map(candidate).collect(),
        rooms: rooms.map(|(code, names)| (code, names.split(';').collect())).collect(),
        queries: lines().filter(|line| !line.starts_with('@')).map(query).collect(),
    }
});

fn candidate(line: &str) -> Candidate {
    let [kind, title, artists, album, flags, popularity, _] = line.split('|').collect::<Vec<_>>()[..] else {
        panic!("{line}");
    };
    let (kind, name) = match kind {
        "a" => (Kind::Artist, "artist"),
        "b" => (Kind::Album, "album"),
        "s" => (Kind::Song, "song"),
        "p" => (Kind::Playlist, "playlist"),
        "r" => (Kind::Station, "station"),
        _ => panic!("{line}"),
    };
    let artists: Vec<String> =
        artists.split(';').filter(|artist| !artist.is_empty()).map(str::to_owned).collect();
    let first = artists.first().map(|first| format!("/{first}")).unwrap_or_default();
    Candidate {
        kind,
        title: title.to_owned(),
        album: (!album.is_empty()).then(|| album.to_owned()),
        in_library: flags.contains('L'),
        favourite: flags.contains('F'),
        popularity: popularity.parse().unwrap(),
        last_played: None,
        uri: format!("{name}:{title}{first}"),
        artists,
    }
}

fn query(line: &'static str) -> Query {
    let fields: Vec<&str> = line.split('|').collect();
    let [locale, asked, heard, meant, rule, ..] = fields[..] else { panic!("{line}") };
    let kind = match asked {
        "any" => None,
        "artist" => Some(Kind::Artist),
        "album" => Some(Kind::Album),
        "song" => Some(Kind::Song),
        "playlist" => Some(Kind::Playlist),
        "station" => Some(Kind::Station),
        _ => panic!("{line}"),
    };
    Query {
        language: Language::of_locale(locale),
        kind,
        heard,
        meant: meant.split(';').collect(),
        rule,
        room: fields.get(5).copied().filter(|room| !room.is_empty()),
        tuning: hash(heard).is_multiple_of(2),
    }
}

/// FNV-1a, by which a query falls into its half for good.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn each_label_names_an_item_of_the_catalogue() {
    let labelled = &*LABELLED;
    let languages: Vec<Language> = labelled.queries.iter().map(|query| query.language).collect();
    assert!(Language::ALL.iter().all(|language| languages.contains(language)));
    assert!(languages.len() >= 600, "{}", languages.len());
    for query in &labelled.queries {
        for meant in &query.meant {
            let known = labelled.catalogue.iter().filter(|candidate| candidate.uri == *meant).count();
            assert_eq!(known, usize::from(*meant != "none"), "{}: {meant}", query.heard);
        }
    }
}
