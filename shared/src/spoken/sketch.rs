//! A rough form of what names sound like, to find the few of a large library that are worth a comparison.

use super::fold;
use super::language::Language;
use super::sound::sounds;

/// A rough form of a name: which groups of consonants follow each other in it, as 64 bits.
///
/// It costs eight bytes for a name, and some nanoseconds to compare. Names of the same sound have the same one; so have
/// some others, which a comparison distinguishes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sketch(u64);

impl Sketch {
    /// The sketch of a name, as an English reader says it.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self::read(&fold::core(name), Language::English, Language::English)
    }

    /// The sketches of what was heard: as a reader of the language says it, and as an English reader does.
    #[must_use]
    pub fn heard(heard: &str, language: Language) -> [Self; 2] {
        [language, Language::English].map(|reader| Self::read(heard, language, reader))
    }

    /// How alike two are, 0 to 1; a part of the other counts, too.
    #[must_use]
    pub fn likeness(self, other: Self) -> f64 {
        let common = f64::from((self.0 & other.0).count_ones());
        let (one, other) = (f64::from(self.0.count_ones()), f64::from(other.0.count_ones()));
        if one.min(other) < 1.0 {
            return 0.0;
        }
        0.7 * 2.0 * common / (one + other) + 0.3 * common / one.min(other)
    }

    fn read(text: &str, folded_as: Language, reader: Language) -> Self {
        let words = fold::words(text, folded_as);
        let groups = words.iter().flat_map(|word| sounds(word, reader)).filter_map(group);
        let mut bits = 0;
        let mut before = 0;
        for group in groups.chain([0]) {
            // What is heard twice counts once.
            if group != before {
                bits |= 1 << (8 * before + group);
            }
            before = group;
        }
        Self(bits)
    }
}

/// The group of a consonant, 1 to 7; none for a vowel. Sounds that Echos mistake for each other share one.
const fn group(sound: u8) -> Option<u32> {
    Some(match sound {
        b'b' | b'p' => 1,
        b'd' | b't' | b'c' => 2,
        b'g' | b'k' => 3,
        b'f' | b'v' | b'w' => 4,
        b's' | b'z' | b'x' => 5,
        b'm' | b'n' => 6,
        b'l' | b'r' => 7,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn likeness(heard: &str, language: Language, name: &str) -> f64 {
        let name = Sketch::of(name);
        Sketch::heard(heard, language).into_iter().map(|heard| heard.likeness(name)).fold(0.0, f64::max)
    }

    #[test]
    fn a_misheard_name_is_nearer_than_others() {
        for (heard, language, name, other) in [
            ("deck bill", Language::German, "Deák Bill", "Rammstein"),
            ("cold play", Language::English, "Coldplay", "Metallica"),
            ("ed schieren", Language::German, "Ed Sheeran", "Eminem"),
            ("gans and roses", Language::English, "Guns N' Roses", "Bob Dylan"),
        ] {
            let (near, far) = (likeness(heard, language, name), likeness(heard, language, other));
            assert!(near > 0.6 && near > far + 0.2, "{heard}: {near} {far}");
        }
        assert!((Sketch::of("Blue").likeness(Sketch::of("Blue (Remastered 2011)")) - 1.0).abs() < 1e-9);
        assert!(likeness("aua", Language::German, "Eiei") < 0.01, "vowels alone say nothing");
    }

    proptest! {
        #[test]
        fn a_likeness_is_one_of_both_sides(one in ".{0,300}", other in ".{0,300}") {
            let (one, other) = (Sketch::of(&one), Sketch::of(&other));
            let likeness = one.likeness(other);
            prop_assert!((0.0..=1.0).contains(&likeness));
            prop_assert!((likeness - other.likeness(one)).abs() < 1e-9);
        }
    }
}
