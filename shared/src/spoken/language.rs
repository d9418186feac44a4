//! The small words of each language of the skill.

/// A language in which people speak to an Echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Arabic.
    Arabic,
    /// German.
    German,
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// Hindi.
    Hindi,
    /// Italian.
    Italian,
    /// Japanese.
    Japanese,
    /// Dutch.
    Dutch,
    /// Portuguese.
    Portuguese,
}

impl Language {
    /// Every language, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Arabic,
        Self::German,
        Self::English,
        Self::Spanish,
        Self::French,
        Self::Hindi,
        Self::Italian,
        Self::Japanese,
        Self::Dutch,
        Self::Portuguese,
    ];

    /// The language of a locale such as `de-DE`; English for one that is not among them.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let code = locale.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code() == code).unwrap_or(Self::English)
    }

    /// Its code, two letters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Arabic => "ar",
            Self::German => "de",
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Hindi => "hi",
            Self::Italian => "it",
            Self::Japanese => "ja",
            Self::Dutch => "nl",
            Self::Portuguese => "pt",
        }
    }

    /// Words that may stand before a name, and be left out.
    pub(super) const fn articles(self) -> &'static [&'static str] {
        match self {
            Self::German => &["der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem"],
            Self::Spanish => &["el", "la", "los", "las", "un", "una"],
            Self::French => &["le", "la", "les", "l", "un", "une", "des"],
            Self::Italian => &["il", "lo", "la", "i", "gli", "le", "l", "un", "una"],
            Self::Dutch => &["de", "het", "een"],
            Self::Portuguese => &["o", "a", "os", "as", "um", "uma"],
            Self::English | Self::Arabic | Self::Hindi | Self::Japanese => &[],
        }
    }

    /// Words for "and", after folding.
    pub(super) const fn and(self) -> &'static [&'static str] {
        match self {
            Self::German => &["und"],
            Self::Spanish => &["y", "e"],
            Self::French => &["et"],
            Self::Italian => &["e", "ed"],
            Self::Dutch => &["en"],
            Self::Portuguese => &["e"],
            Self::Hindi => &["और"],
            Self::Arabic => &["و"],
            Self::Japanese => &["アンド"],
            Self::English => &[],
        }
    }

    /// Words between a title and its artist, after folding. In Japanese and Hindi the artist stands first.
    pub(super) const fn by(self) -> &'static [&'static str] {
        match self {
            Self::English => &["by", "from"],
            Self::German => &["von", "vom", "by"],
            Self::Spanish => &["de", "del", "por", "by"],
            Self::French => &["de", "des", "du", "d", "par", "by"],
            Self::Italian => &["di", "dei", "degli", "della", "del", "dell", "by"],
            Self::Dutch => &["van", "by"],
            Self::Portuguese => &["de", "do", "da", "dos", "das", "por", "by"],
            Self::Japanese => &["の"],
            Self::Hindi => &["का", "के", "की"],
            Self::Arabic => &["ل", "من"],
        }
    }

    /// Whether the artist, and the room, stand before the rest.
    pub(super) const fn turned(self) -> bool {
        matches!(self, Self::Japanese | Self::Hindi)
    }

    /// Whether a word before the name of a room has lost its vowel. Folding joins the two: "dans l'entrée" is "dans lentree".
    pub(super) fn elides(self, word: &str) -> bool {
        match self {
            Self::French => word.ends_with(" l"),
            Self::Italian => word.ends_with("ll"),
            _ => false,
        }
    }

    /// Words before the name of a room, or after it where the room stands first; longer ones first.
    pub(super) const fn room(self) -> &'static [&'static str] {
        match self {
            Self::English => &["in the", "on the", "in my", "in", "on"],
            Self::German => &["in der", "in dem", "auf der", "auf dem", "im", "in", "auf"],
            Self::Spanish => &["en la", "en el", "en"],
            Self::French => &[
                "dans la", "dans le", "dans l", "dans", "a la", "a l", "au", "sur la", "sur le", "sur l",
                "sur",
            ],
            Self::Italian => &["nella", "nello", "nell", "nel", "in", "sulla", "sull", "sul"],
            Self::Dutch => &["in de", "in het", "op de", "in", "op"],
            Self::Portuguese => &["na", "no", "em"],
            Self::Japanese => &["で"],
            Self::Hindi => &["में", "पर"],
            Self::Arabic => &["في", "على"],
        }
    }
}
