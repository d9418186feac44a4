//! Texts of findings, checks and verdicts in the languages of the pages.

use crate::i18n::PageLanguage;

use super::check::CheckKind;
use super::finding::{ReportedFinding, Verdict};

impl ReportedFinding {
    /// The finding as a sentence.
    #[must_use]
    pub fn message(&self, language: PageLanguage) -> String {
        self.fill(language, &format!("doctor-{}", self.code))
    }

    /// The remedy as a sentence; none where all is well, and for a code of another release.
    #[must_use]
    pub fn remedy(&self, language: PageLanguage) -> Option<String> {
        let key = format!("doctor-{}-cure", self.code);
        language.has(&key).then(|| self.fill(language, &key))
    }

    fn fill(&self, language: PageLanguage, key: &str) -> String {
        let details: Vec<(&str, &str)> =
            self.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        language.format(key, &details)
    }
}

impl CheckKind {
    /// The title for people.
    #[must_use]
    pub fn title(self, language: PageLanguage) -> String {
        language.text(&format!("doctor-link-{}", self.as_str()))
    }
}

impl Verdict {
    /// The word for people.
    #[must_use]
    pub fn word(self, language: PageLanguage) -> String {
        language.text(&format!("doctor-verdict-{}", self.as_str()))
    }
}
