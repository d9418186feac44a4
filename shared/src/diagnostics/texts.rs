//! Texts of findings, checks and verdicts in the languages of the pages.

use crate::clock::Timestamp;
use crate::i18n::PageLanguage;

use super::check::CheckKind;
use super::finding::{ReportedFinding, Verdict, time};

impl ReportedFinding {
    /// The finding as a sentence, with times in UTC.
    #[must_use]
    pub fn message(&self, language: PageLanguage) -> String {
        self.fill(language, &self.key(), &str::to_owned)
    }

    /// The remedy as a sentence, with times in UTC; none where all is well, and for a code of another release.
    #[must_use]
    pub fn remedy(&self, language: PageLanguage) -> Option<String> {
        self.fill_remedy(language, &str::to_owned)
    }

    /// The finding and its remedy, with times as `shown` has them.
    pub(crate) fn texts(
        &self,
        language: PageLanguage,
        shown: impl Fn(Timestamp) -> String,
    ) -> (String, Option<String>) {
        let detail = |detail: &str| time(detail).map_or_else(|| detail.to_owned(), &shown);
        (self.fill(language, &self.key(), &detail), self.fill_remedy(language, &detail))
    }

    fn key(&self) -> String {
        format!("doctor-{}", self.code)
    }

    fn fill_remedy(&self, language: PageLanguage, shown: &dyn Fn(&str) -> String) -> Option<String> {
        let key = format!("{}-remedy", self.key());
        language.has(&key).then(|| self.fill(language, &key, shown))
    }

    fn fill(&self, language: PageLanguage, key: &str, shown: &dyn Fn(&str) -> String) -> String {
        let details: Vec<(&str, String)> =
            self.details.iter().map(|(name, value)| (name.as_str(), shown(value))).collect();
        let details: Vec<(&str, &str)> =
            details.iter().map(|(name, value)| (*name, value.as_str())).collect();
        language.format(key, &details)
    }
}

impl CheckKind {
    /// The title for people.
    #[must_use]
    pub fn title(self, language: PageLanguage) -> String {
        language.text(&format!("doctor-check-{}", self.as_str()))
    }
}

impl Verdict {
    /// The word for people.
    #[must_use]
    pub fn word(self, language: PageLanguage) -> String {
        language.text(&format!("doctor-verdict-{}", self.as_str()))
    }
}
