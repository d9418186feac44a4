//! Stored settings behind the environment, and the malformed ones.

use super::setting::Setting;

/// A stored setting that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedSetting {
    /// The variable that would go before it.
    pub variable: &'static str,
    /// The rule that it breaks.
    pub problem: String,
}

/// Puts stored settings behind the environment, and collects the malformed ones.
#[derive(Debug, Default)]
pub(super) struct StoredSettings {
    malformed: Vec<MalformedSetting>,
}

impl StoredSettings {
    /// The value of the environment, else the stored one if it is well-formed. A blank text is no value.
    pub(super) fn env_or_setting<T: Clone>(
        &mut self,
        fixed: Option<&T>,
        stored: Option<&Setting<T>>,
        variable: &'static str,
    ) -> Option<T> {
        if let Some(fixed) = fixed {
            return Some(fixed.clone());
        }
        let stored = stored?;
        if let Some((_, problem)) = stored.malformed() {
            self.report(variable, problem);
        }
        stored.value().cloned()
    }

    /// The well-formed values of a list; the first malformed one is reported.
    pub(super) fn values<T: Clone>(&mut self, stored: &[Setting<T>], variable: &'static str) -> Vec<T> {
        let first_problem = stored.iter().find_map(|setting| match setting {
            Setting::Malformed { problem, .. } => Some(problem),
            Setting::Value(_) => None,
        });
        if let Some(problem) = first_problem {
            self.report(variable, problem);
        }
        stored.iter().filter_map(Setting::value).cloned().collect()
    }

    /// The malformed settings so far, in the order of their reading.
    pub(super) fn into_malformed(self) -> Vec<MalformedSetting> {
        self.malformed
    }

    fn report(&mut self, variable: &'static str, problem: &str) {
        self.malformed.push(MalformedSetting { variable, problem: problem.to_owned() });
    }
}
