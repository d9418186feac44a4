//! Trying sentences out.

use std::time::Duration;

use crate::smapi::client::Landed;
use crate::smapi::error::SmapiError;
use crate::smapi::job::{Problem, TaskKind};
use crate::smapi::manager::SkillManager;
use crate::smapi::run::{Held, Went};
use crate::smapi::sentences;
use crate::voice::LocaleSpec;

/// How far apart sentences are: closer, and Amazon throttles.
const APART: Duration = Duration::from_millis(1500);

impl SkillManager {
    /// Tries one sentence out, the next one of the language.
    pub(in crate::smapi) async fn do_sentence(
        &self,
        held: &mut Held,
        locale: &str,
    ) -> Result<Went, SmapiError> {
        let id = super::skill_of(held)?;
        let all = LocaleSpec::of(locale).map(sentences::of).unwrap_or_default();
        let asked = held.job.asked.get(locale).copied().unwrap_or(0);
        let kind = TaskKind::Sentences { locale: locale.to_owned() };
        let Some(task) = held.job.tasks.iter_mut().find(|task| task.kind == kind) else {
            return Ok(Went::Unchanged);
        };
        let Some(sentence) = all.get(asked) else {
            let misheard = task.more.len();
            return Ok(if misheard == 0 { Went::Done } else { Went::Failed(task.more.remove(0)) });
        };
        let Landed(intent) = self.profile_nlu(&id, locale, &sentence.text).await?;
        if intent.as_deref() != Some(sentence.expected) {
            task.more.push(Problem::new(
                "sentence-elsewhere",
                &[
                    ("sentence", &sentence.text),
                    ("expected", sentence.expected),
                    ("got", intent.as_deref().unwrap_or("-")),
                    ("locale", locale),
                ],
            ));
        }
        held.job.asked.insert(locale.to_owned(), asked + 1);
        Ok(Went::Paced(APART))
    }
}
