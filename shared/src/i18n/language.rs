//! One language: its file, and the sentences that were parsed from it.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::LISTED_NAMES;
use super::message::{Message, Music, PlaceholderValue};

/// A language and, once it has been spoken, its sentences.
pub(super) struct Catalog {
    tag: &'static str,
    /// The language's file, then what a variant says differently.
    sources: &'static [&'static str],
    bundle: OnceLock<FluentBundle<FluentResource>>,
}

impl Catalog {
    const fn new(tag: &'static str, sources: &'static [&'static str]) -> Self {
        Self { tag, sources, bundle: OnceLock::new() }
    }

    /// The language of a locale: the variant itself, else its language, else English.
    pub(super) fn of(locale: &str) -> &'static Self {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        let find = |tag: &str, among: &'static [Self]| among.iter().find(|l| l.tag.eq_ignore_ascii_case(tag));
        find(&locale.replace('_', "-"), &VARIANTS)
            .or_else(|| find(language, &LANGUAGES))
            .unwrap_or(&LANGUAGES[ENGLISH])
    }

    /// The language tag, such as `de`.
    pub(super) fn tag(&self) -> &'static str {
        self.tag
    }

    /// The sentence for `message`, with its names filled in.
    pub(super) fn format(&self, message: &Message) -> String {
        let mut arguments = FluentArgs::new();
        for (name, argument) in message.arguments() {
            let value = match argument {
                PlaceholderValue::Text(text) => FluentValue::from(text),
                PlaceholderValue::Choice(names) => FluentValue::from(self.list(names)),
                // Written as plain digits: a number of Fluent is grouped in some languages.
                PlaceholderValue::Number(number) => FluentValue::from(number.to_string()),
                PlaceholderValue::Music(music) => FluentValue::from(self.music(music)),
                PlaceholderValue::MusicChoice(choices) => {
                    let names: Vec<String> = choices.iter().map(|music| self.music(music)).collect();
                    FluentValue::from(self.list(&names))
                }
            };
            arguments.set(name, value);
        }
        self.pattern(message.key(), &arguments)
    }

    /// A piece of music as this language names it: "title by artist".
    fn music(&self, music: &Music) -> String {
        let Some(artist) = music.artist.as_deref().filter(|artist| !artist.trim().is_empty()) else {
            return music.title.clone();
        };
        let mut arguments = FluentArgs::new();
        arguments.set("title", music.title.as_str());
        arguments.set("artist", artist);
        self.pattern("music-by", &arguments)
    }

    /// The names as this language lists a choice: "a, b or c".
    fn list(&self, names: &[String]) -> String {
        let names = &names[..names.len().min(LISTED_NAMES)];
        let Some((first, rest)) = names.split_first() else {
            return String::new();
        };
        rest.iter().enumerate().fold(first.clone(), |list, (at, item)| {
            let key = if at + 1 == rest.len() { "list-last" } else { "list-next" };
            let mut arguments = FluentArgs::new();
            arguments.set("list", list);
            arguments.set("item", item.as_str());
            self.pattern(key, &arguments)
        })
    }

    fn pattern(&self, key: &str, arguments: &FluentArgs<'_>) -> String {
        let bundle = self.bundle.get_or_init(|| self.parse());
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return String::new();
        };
        // A placeholder without a value is spoken as its name; every one is held to have a value by the tests.
        bundle.format_pattern(pattern, Some(arguments), &mut Vec::new()).into_owned()
    }

    fn parse(&self) -> FluentBundle<FluentResource> {
        let language: LanguageIdentifier = self.tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks would be read out, or shown as boxes on a screen.
        bundle.set_use_isolating(false);
        for source in self.sources {
            let resource =
                FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(partial, _)| partial);
            bundle.add_resource_overriding(resource);
        }
        bundle
    }
}

macro_rules! sentences {
    ($language:literal) => {
        include_str!(concat!("sentences/", $language, ".ftl"))
    };
}

const ENGLISH: usize = 2;

/// The languages, in alphabetical order of their tags.
pub(super) static LANGUAGES: [Catalog; 10] = [
    Catalog::new("ar", &[sentences!("ar")]),
    Catalog::new("de", &[sentences!("de")]),
    Catalog::new("en", &[sentences!("en")]),
    Catalog::new("es", &[sentences!("es")]),
    Catalog::new("fr", &[sentences!("fr")]),
    Catalog::new("hi", &[sentences!("hi")]),
    Catalog::new("it", &[sentences!("it")]),
    Catalog::new("ja", &[sentences!("ja")]),
    Catalog::new("nl", &[sentences!("nl")]),
    Catalog::new("pt", &[sentences!("pt")]),
];

static VARIANTS: [Catalog; 2] = [
    Catalog::new("es-MX", &[sentences!("es"), sentences!("es-419")]),
    Catalog::new("es-US", &[sentences!("es"), sentences!("es-419")]),
];
