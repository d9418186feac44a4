//! What the skill is.

use std::time::Duration;

use crate::smapi::client::messages;
use crate::smapi::compare;
use crate::smapi::error::SmapiError;
use crate::smapi::job::{Problem, TaskKind, TaskState};
use crate::smapi::manager::SkillManager;
use crate::smapi::manifest;
use crate::smapi::run::{Held, Went};
use crate::smapi::update::{Last, Verdict, Write};

/// The name of the manifest among what was written.
const MANIFEST: &str = "";

/// How long until the status is asked for again.
const AGAIN: Duration = Duration::from_secs(2);

/// How often a manifest is written again whose function let Alexa in only a moment ago, and how far apart.
const LOOKS: u32 = 3;
const LOOKED_AGAIN: Duration = Duration::from_secs(5);

/// How long Amazon may take.
const PATIENCE: Duration = Duration::from_mins(10);

impl SkillManager {
    /// Writes the manifest where it is not as it has to be, and waits until Amazon has taken it.
    pub(in crate::smapi) async fn do_manifest(&self, held: &mut Held) -> Result<Went, SmapiError> {
        if held.job.writes.get(MANIFEST).is_some_and(|write| write.sent) {
            return self.await_manifest(held).await;
        }
        let id = super::skill_of(held)?;
        let certificate = self.certificate(&held.job.wish.endpoint).await?;
        let there = self.manifest(&id).await?;
        let with_events = !held.job.without_events;
        let merged = manifest::merged(&there.content, &held.job.wish, certificate, with_events);
        let is_same = compare::is_equal(&merged, &there.content);
        if let (true, Some(write)) = (is_same, held.job.writes.get_mut(MANIFEST)) {
            // Its answer was lost.
            write.sent = true;
            return Ok(Went::On);
        }
        let last = Last::of_manifest(&self.status(&id).await?);
        if last == Some(Last::InProgress) {
            return Ok(Went::Later(AGAIN));
        }
        if is_same {
            return Ok(Went::Unchanged);
        }
        let write = Write::about_to(last.as_ref(), self.parts().clock.now());
        held.job.writes.insert(MANIFEST.to_owned(), write);
        self.save(held).await?;
        match self.put_manifest(&id, &merged, there.etag.as_deref()).await {
            Ok(etag) => {
                if let Some(write) = held.job.writes.get_mut(MANIFEST) {
                    (write.etag, write.sent) = (etag, true);
                }
                Ok(Went::On)
            }
            Err(SmapiError::Invalid(_)) if may_go_without_events(held) => Ok(go_without_events(held)),
            // A permission that was just given is not seen everywhere at once.
            Err(SmapiError::Invalid(_)) if was_just_admitted(held) && held.job.looks < LOOKS => {
                held.job.looks += 1;
                Ok(Went::Later(LOOKED_AGAIN))
            }
            Err(error) => Err(error),
        }
    }

    async fn await_manifest(&self, held: &mut Held) -> Result<Went, SmapiError> {
        let id = super::skill_of(held)?;
        let (last, now) = (Last::of_manifest(&self.status(&id).await?), self.parts().clock.now());
        let Some(write) = held.job.writes.get_mut(MANIFEST) else {
            return Ok(Went::On);
        };
        let is_late = write.is_late(PATIENCE, now);
        match write.verdict(last, now) {
            Verdict::Serves => Ok(Went::Done),
            // What is there is compared anew, and written again where it differs.
            Verdict::LookAgain if held.job.rewrites == 0 => {
                held.job.writes.remove(MANIFEST);
                held.job.rewrites += 1;
                Ok(Went::On)
            }
            Verdict::LookAgain => self.settle_manifest(held).await,
            Verdict::Pending if is_late => Ok(Went::Failed(Problem::new("manifest-slow", &[]))),
            Verdict::Pending => Ok(Went::Later(AGAIN)),
            Verdict::Failed(_) if may_go_without_events(held) => Ok(go_without_events(held)),
            Verdict::Failed(errors) => {
                held.job.writes.remove(MANIFEST);
                let reason = messages(&errors).join("; ");
                Ok(Went::Failed(Problem::new("manifest-failed", &[("reason", &reason)])))
            }
        }
    }

    /// Amazon took a manifest twice and keeps another one: that is enough where the skill serves with it.
    async fn settle_manifest(&self, held: &Held) -> Result<Went, SmapiError> {
        let there = self.manifest(&super::skill_of(held)?).await?.content;
        if manifest::serves(&there, &held.job.wish) {
            tracing::warn!("Amazon keeps another manifest than it was sent");
            return Ok(Went::Done);
        }
        Ok(Went::Failed(Problem::new("manifest-kept", &[])))
    }
}

fn was_just_admitted(held: &Held) -> bool {
    held.job.tasks.iter().any(|task| task.kind == TaskKind::Permission && task.state == TaskState::Done)
}

/// Events are a convenience, and an address may not be allowed to get them.
fn may_go_without_events(held: &Held) -> bool {
    !held.job.without_events && !held.job.wish.is_function()
}

fn go_without_events(held: &mut Held) -> Went {
    held.job.without_events = true;
    held.job.writes.remove(MANIFEST);
    Went::On
}
