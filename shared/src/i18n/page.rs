//! The texts of the pages.
//!
//! They are read, not spoken, and there are fewer languages of them. Each language has every text itself.

use std::sync::{LazyLock, OnceLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::negotiation::{best, identifier};

/// A language of the pages.
#[derive(Clone, Copy)]
pub struct PageLanguage(&'static Texts);

struct Texts {
    tag: &'static str,
    /// The language's own name.
    name: &'static str,
    sources: &'static [&'static str],
    id: LanguageIdentifier,
    bundle: OnceLock<FluentBundle<FluentResource>>,
}

impl AsRef<LanguageIdentifier> for Texts {
    fn as_ref(&self) -> &LanguageIdentifier {
        &self.id
    }
}

macro_rules! texts {
    ($tag:literal, $name:literal) => {
        Texts {
            tag: $tag,
            name: $name,
            sources: &[
                include_str!(concat!("pages/", $tag, "/common.ftl")),
                include_str!(concat!("pages/", $tag, "/devices.ftl")),
                include_str!(concat!("pages/", $tag, "/doctor.ftl")),
                include_str!(concat!("pages/", $tag, "/limits.ftl")),
                include_str!(concat!("pages/", $tag, "/settings.ftl")),
                include_str!(concat!("pages/", $tag, "/setup.ftl")),
                include_str!(concat!("pages/", $tag, "/skill.ftl")),
                include_str!(concat!("pages/", $tag, "/status.ftl")),
            ],
            id: identifier($tag).unwrap_or_default(),
            bundle: OnceLock::new(),
        }
    };
}

/// The languages, the one that every reader gets who asks for none of them first.
static LANGUAGES: LazyLock<[Texts; 3]> =
    LazyLock::new(|| [texts!("en", "English"), texts!("de", "Deutsch"), texts!("fr", "Français")]);

impl PageLanguage {
    /// Every language of the pages.
    pub fn all() -> impl Iterator<Item = Self> {
        LANGUAGES.iter().map(Self)
    }

    /// English.
    #[must_use]
    pub fn english() -> Self {
        Self(&LANGUAGES[0])
    }

    /// The language with this tag, such as `de` or `de-AT`.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        Self::best_of([tag])
    }

    /// The language for tags in the order of preference; none where no tag has one.
    #[must_use]
    pub fn best_of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let wanted: Vec<LanguageIdentifier> = tags.into_iter().filter_map(identifier).collect();
        best(&wanted, LANGUAGES.as_slice()).map(Self)
    }

    /// Its tag, such as `de`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// The language's own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether there is such a text.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    /// A text without anything to fill in.
    #[must_use]
    pub fn text(self, key: &str) -> String {
        self.format(key, &[])
    }

    /// A text with names and values filled in. One that there is not shows its key, which a test looks for.
    #[must_use]
    pub fn format(self, key: &str, values: &[(&str, &str)]) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::warn!(key, language = self.0.tag, "a text of the pages is missing");
            return key.to_owned();
        };
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(*name, FluentValue::from(*value));
        }
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    /// A text that depends on a number.
    #[must_use]
    pub fn count(self, key: &str, count: usize) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut arguments = FluentArgs::new();
        arguments.set("count", FluentValue::from(count));
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        self.0.bundle.get_or_init(|| {
            let mut bundle = FluentBundle::new_concurrent(vec![self.0.id.clone()]);
            bundle.set_use_isolating(false);
            for source in self.0.sources {
                let resource =
                    FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(partial, _)| partial);
                bundle.add_resource_overriding(resource);
            }
            bundle
        })
    }
}

impl std::fmt::Debug for PageLanguage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PageLanguage").field(&self.0.tag).finish()
    }
}
