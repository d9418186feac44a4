//! How often the right item is chosen, over the labelled queries.
#![expect(clippy::print_stdout, reason = "the figures are the result")]

use std::collections::BTreeMap;
use std::fmt;

use ma_alexa::spoken::{Choice, Language, Prepared, split_room};

use super::labelled::{LABELLED, Query};

/// What came of some queries.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    /// Queries whose item is in the catalogue.
    present: u32,
    /// Of those, the ones whose item came first.
    first: u32,
    /// Of those, the ones that were played.
    played: u32,
    /// Of those, the ones whose item was among those to ask about.
    offered: u32,
    /// Queries whose item is not there.
    absent: u32,
    /// Of those, the ones that nothing was played for.
    left: u32,
    /// All that played something else.
    wrong: u32,
}

impl Figures {
    fn of(query: &Query, prepared: &Prepared<'_>) -> Self {
        let rooms = LABELLED.rooms.get(query.language.code()).into_iter().flatten().copied();
        let titles = LABELLED.catalogue.iter().filter(|item| item.in_library).map(|item| item.title.as_str());
        let place = split_room(query.heard, rooms, titles, query.language);
        let choice = prepared.choose(&place.rest, query.kind);
        let right = |uri: &str| query.meant.contains(&uri) && place.room == query.room;
        let (asked, played) = match &choice {
            Choice::Clear(one) => (vec![*one], true),
            Choice::Close(several) => (several.clone(), false),
            Choice::Nothing => (Vec::new(), false),
        };
        let first = asked.first().is_some_and(|one| right(&one.uri));
        let absent = query.meant.contains(&"none");
        let held = if absent { !played || first } else { first };
        if !held && std::env::var_os("SHOW").is_some() {
            println!(
                "{}|{:?}|{}|{}|{:?}: {choice:?}",
                query.language.code(),
                query.kind,
                query.heard,
                query.tuning,
                query.meant
            );
        }
        let count = |is: bool| u32::from(is);
        Self {
            present: count(!absent),
            first: count(!absent && first),
            played: count(!absent && first && played),
            offered: count(!absent && asked.iter().any(|one| right(&one.uri))),
            absent: count(absent),
            left: count(absent && held),
            wrong: count(played && !first),
        }
    }

    fn add(&mut self, other: Self) {
        self.present += other.present;
        self.first += other.first;
        self.played += other.played;
        self.offered += other.offered;
        self.absent += other.absent;
        self.left += other.left;
        self.wrong += other.wrong;
    }

    fn all(self) -> u32 {
        self.present + self.absent
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole.max(1));
        write!(
            f,
            "{:3} queries; of {:3} that are there: first {:5.1} %, played {:5.1} %, played or offered {:5.1} %; \
             of {:2} that are not: nothing played {:5.1} %; wrong plays {} of all, {:.1} %",
            self.all(),
            self.present,
            share(self.first, self.present),
            share(self.played, self.present),
            share(self.offered, self.present),
            self.absent,
            share(self.left, self.absent),
            self.wrong,
            share(self.wrong, self.all()),
        )
    }
}

/// The figures of the kept half: all, and those of each language and rule. With `TUNING` set, those of the other half, too.
fn figures() -> BTreeMap<(bool, String), Figures> {
    let with_tuning = std::env::var_os("TUNING").is_some();
    let mut groups: BTreeMap<(bool, String), Figures> = BTreeMap::new();
    for language in Language::ALL {
        let prepared = Prepared::new(&LABELLED.catalogue, language);
        let measured = LABELLED.queries.iter().filter(|query| with_tuning || !query.tuning);
        for query in measured.filter(|query| query.language == language) {
            let figures = Figures::of(query, &prepared);
            for group in
                [ALL.to_owned(), format!("in {}", language.code()), format!("by rule {}", query.rule)]
            {
                groups.entry((query.tuning, group)).or_default().add(figures);
            }
        }
    }
    groups
}

/// The group of all queries.
const ALL: &str = "all";

#[test]
fn of_the_kept_half_nine_in_ten_come_first_and_one_in_fifty_is_wrong_at_most() {
    let figures = figures();
    for ((tuning, group), figures) in &figures {
        println!("{} half, {group}: {figures}", if *tuning { "tuning" } else { "kept" });
    }
    let kept = figures[&(false, ALL.to_owned())];
    assert!(kept.all() >= 300, "{kept}");
    assert!(f64::from(kept.first) >= 0.9 * f64::from(kept.present), "{kept}");
    assert!(f64::from(kept.wrong) <= 0.02 * f64::from(kept.all()), "{kept}");
}
