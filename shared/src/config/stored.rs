//! Stored settings behind the environment, and the malformed ones.

use std::fmt;

/// A stored setting that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedSetting {
    /// The variable that would go before it.
    pub variable: &'static str,
    /// The rule that it breaks.
    pub problem: String,
}

/// Reads stored settings, and collects the malformed ones.
#[derive(Debug, Default)]
pub(super) struct StoredSettings {
    malformed: Vec<MalformedSetting>,
}

impl StoredSettings {
    /// The value of the environment, else the stored one if it is well-formed. An empty text is no value.
    pub(super) fn env_or_setting<T: Clone, E: fmt::Display>(
        &mut self,
        fixed: Option<&T>,
        text: Option<&str>,
        variable: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if let Some(fixed) = fixed {
            return Some(fixed.clone());
        }
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        parse(text).inspect_err(|problem| self.report(variable, problem)).ok()
    }

    /// The well-formed values of a list; the first malformed one is reported.
    pub(super) fn read_all<T, E: fmt::Display>(
        &mut self,
        texts: &[String],
        variable: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let (mut values, mut first_problem) = (Vec::new(), None);
        for text in texts {
            match parse(text) {
                Ok(value) => values.push(value),
                Err(problem) => drop(first_problem.get_or_insert(problem)),
            }
        }
        if let Some(problem) = first_problem {
            self.report(variable, &problem);
        }
        values
    }

    /// The malformed settings so far, in the order of their reading.
    pub(super) fn into_malformed(self) -> Vec<MalformedSetting> {
        self.malformed
    }

    fn report(&mut self, variable: &'static str, problem: &dyn fmt::Display) {
        self.malformed.push(MalformedSetting { variable, problem: problem.to_string() });
    }
}
