//! What people can say in a language.

use std::time::Duration;

use crate::config::InvocationName;
use crate::smapi::client::messages;
use crate::smapi::compare;
use crate::smapi::error::SmapiError;
use crate::smapi::job::Problem;
use crate::smapi::manager::SkillManager;
use crate::smapi::run::{Held, Went};
use crate::smapi::update::{Last, Verdict, Write};
use crate::voice::LocaleSpec;

/// How long until the status is asked for again.
const AGAIN: Duration = Duration::from_secs(3);

/// How long a build may take.
const PATIENCE: Duration = Duration::from_mins(10);

impl SkillManager {
    /// Writes the model where it is not as it has to be, or could not be built the last time.
    pub(in crate::smapi) async fn do_model(&self, held: &mut Held, locale: &str) -> Result<Went, SmapiError> {
        let id = super::skill_of(held)?;
        let name = held.job.wish.invocation_name.parse::<InvocationName>();
        let (Some(voice), Ok(name)) = (LocaleSpec::of(locale), name) else {
            return Err(SmapiError::NoLocale);
        };
        let wished = voice.interaction_model(&name);
        let there = self.model(&id, locale).await?;
        let is_same = there.as_ref().is_some_and(|there| compare::is_same(&wished, &there.content));
        if let (true, Some(write)) = (is_same, held.job.writes.get_mut(locale)) {
            // Its answer was lost.
            write.sent = true;
            return Ok(Went::Done);
        }
        let last = Last::of_model(&self.status(&id).await?, locale);
        let mut write = Write::about_to(last.as_ref(), self.parts().clock.now());
        match last {
            Some(Last::InProgress) if is_same => {
                (write.sent, write.seen) = (true, true);
                held.job.writes.insert(locale.to_owned(), write);
                return Ok(Went::Unchanged);
            }
            Some(Last::InProgress) => return Ok(Went::Later(AGAIN)),
            Some(Last::Failed { .. }) => {}
            _ if is_same => return Ok(Went::Unchanged),
            _ => {}
        }
        held.job.writes.insert(locale.to_owned(), write);
        self.save(held).await?;
        let etag = there.and_then(|there| there.etag);
        let etag = self.put_model(&id, locale, &wished, etag.as_deref()).await?;
        if let Some(write) = held.job.writes.get_mut(locale) {
            (write.etag, write.sent) = (etag, true);
        }
        Ok(Went::Done)
    }

    /// Waits until Amazon has built what was written, and not an older model or that of another language.
    pub(in crate::smapi) async fn do_build(&self, held: &mut Held, locale: &str) -> Result<Went, SmapiError> {
        let id = super::skill_of(held)?;
        if !held.job.writes.contains_key(locale) {
            return Ok(Went::Unchanged);
        }
        let (last, now) = (Last::of_model(&self.status(&id).await?, locale), self.parts().clock.now());
        let Some(write) = held.job.writes.get_mut(locale) else {
            return Ok(Went::Unchanged);
        };
        let is_late = write.is_late(PATIENCE, now);
        match write.verdict(last, now) {
            Verdict::Serves => Ok(Went::Done),
            // A status that never moved is that of an older model, until the time is over.
            Verdict::Pending | Verdict::LookAgain if is_late => {
                Ok(Went::Failed(Problem::new("build-slow", &[("locale", locale)])))
            }
            Verdict::Pending | Verdict::LookAgain => Ok(Went::Later(AGAIN)),
            Verdict::Failed(errors) => {
                let reason = messages(&errors).join("; ");
                Ok(Went::Failed(Problem::new("build-failed", &[("locale", locale), ("reason", &reason)])))
            }
        }
    }
}
