//! What people read of a finding.

use crate::i18n::PageLanguage;

use super::examination::{Finding, LinkKind, Verdict};

impl Finding {
    /// What is the matter, or why all is well.
    #[must_use]
    pub fn message(&self, language: PageLanguage) -> String {
        self.fill(language, &format!("doctor-{}", self.code))
    }

    /// The one thing to do; none where there is nothing to do.
    #[must_use]
    pub fn cure(&self, language: PageLanguage) -> Option<String> {
        let wanted = self.verdict != Verdict::Ok;
        wanted.then(|| self.fill(language, &format!("doctor-{}-cure", self.code)))
    }

    fn fill(&self, language: PageLanguage, key: &str) -> String {
        let details: Vec<(&str, &str)> =
            self.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        language.fill(key, &details)
    }
}

impl LinkKind {
    /// What people call it.
    #[must_use]
    pub fn title(self, language: PageLanguage) -> String {
        language.text(&format!("doctor-link-{}", self.as_str()))
    }
}

impl Verdict {
    /// What people call it.
    #[must_use]
    pub fn word(self, language: PageLanguage) -> String {
        language.text(&format!("doctor-verdict-{}", self.as_str()))
    }
}
