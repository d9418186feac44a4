//! Forms with settings, and their validation.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::fields::{self, FIELDS, FieldName, FormKind};
use crate::config::{LocaleCode, Setting, Settings};
use crate::i18n::PageLanguage;

/// Problems of the fields of a form, by their names.
pub(super) type Problems = BTreeMap<&'static str, String>;

/// The end of the name of a hidden field with what the field of that name held.
const BEFORE: &str = "-before";

/// The values of a form, by the names of its fields. An empty value takes its setting back; a missing one, since the
/// environment fixes it, leaves its setting alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Vec<(String, String)>")]
pub(super) struct SettingsForm {
    values: BTreeMap<FieldName, String>,
    /// The values of the fields before a person could change them.
    before: BTreeMap<FieldName, String>,
    /// The languages of the Echos.
    pub(super) skill_locales: Vec<String>,
}

impl TryFrom<Vec<(String, String)>> for SettingsForm {
    type Error = &'static str;

    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, Self::Error> {
        let mut form = Self::default();
        for (name, value) in pairs {
            if name == "skill_locale" {
                form.skill_locales.push(value);
                continue;
            }
            let (name, values) = match name.strip_suffix(BEFORE) {
                Some(name) => (name, &mut form.before),
                None => (&*name, &mut form.values),
            };
            if let Ok(name) = name.parse::<FieldName>()
                && values.insert(name, value).is_some()
            {
                return Err("a field has two values");
            }
        }
        Ok(form)
    }
}

impl SettingsForm {
    /// The value of a field; none where the form had no such field.
    pub(super) fn get(&self, name: FieldName) -> Option<&str> {
        self.values.get(&name).map(String::as_str)
    }

    /// The value of a field before a person could change it; none where the form does not say.
    pub(super) fn before(&self, name: FieldName) -> Option<&str> {
        self.before.get(&name).map(String::as_str)
    }

    /// The settings with the values of this form. A value stays that changed elsewhere meanwhile, and not in the form.
    ///
    /// # Errors
    /// The problem of each value that is not taken.
    pub(super) fn apply(
        &self,
        kind: FormKind,
        settings: &Settings,
        language: PageLanguage,
    ) -> Result<Settings, Problems> {
        let (mut changed, mut problems) = (settings.clone(), Problems::new());
        for spec in FIELDS.iter().filter(|spec| spec.form == kind) {
            let Some(text) = self.get(spec.name).map(str::trim) else { continue };
            let stored = (spec.stored)(settings).unwrap_or_default();
            if self.before(spec.name).is_some_and(|before| before.trim() == text && before != stored) {
                continue;
            }
            if let Err(problem) = (spec.enter)(&mut changed, text, language) {
                problems.insert(spec.name.as_str(), problem);
            }
        }
        if kind == FormKind::Skill {
            // In the order of the alphabet, each once.
            let chosen: Result<BTreeSet<LocaleCode>, String> =
                self.skill_locales.iter().map(|text| fields::locale(text, language)).collect();
            match chosen {
                Ok(chosen) => changed.skill_locales = chosen.into_iter().map(Setting::Value).collect(),
                Err(problem) => drop(problems.insert("skill_locale", problem)),
            }
        }
        if problems.is_empty() { Ok(changed) } else { Err(problems) }
    }
}
