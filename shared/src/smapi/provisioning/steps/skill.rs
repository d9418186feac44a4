//! Our skill: finding or making it, and everything about it that is on or off.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Settings, SkillId};
use crate::smapi::client::messages;
use crate::smapi::error::SmapiError;
use crate::smapi::find::Found;
use crate::smapi::job::Problem;
use crate::smapi::manager::SkillManager;
use crate::smapi::manifest;
use crate::smapi::permission::PermissionError;
use crate::smapi::run::{Held, Went};
use crate::smapi::update::Last;

/// How many skills of the list are looked at in one go.
const AT_ONCE: usize = 8;

/// How often a skill that may have been made is looked for, and how far apart: a list may lag behind.
const LOOKS: u32 = 3;
const LOOKED_AGAIN: Duration = Duration::from_secs(10);

/// How long until a new skill's status is asked for again.
const STATUS_AGAIN: Duration = Duration::from_secs(2);

impl SkillManager {
    pub(in crate::smapi) async fn do_vendor(&self, held: &mut Held) -> Result<Went, SmapiError> {
        held.job.vendor = Some(self.vendor().await?);
        Ok(Went::Unchanged)
    }

    pub(in crate::smapi) async fn do_skill(&self, held: &mut Held) -> Result<Went, SmapiError> {
        if held.job.skill_id.is_some() {
            return self.settle_skill(held).await;
        }
        if let Some((id, _)) = self.known_skill().await? {
            return Ok(take(held, &id));
        }
        let ours = held.job.endpoints();
        let earlier = held.job.earlier.as_deref().and_then(|id| SkillId::parse(id).ok());
        if let Some(id) = earlier {
            match self.manifest(&id).await {
                Ok(there) if manifest::is_ours(&there.content, &ours) => {
                    return Ok(take(held, &id));
                }
                Ok(_) | Err(SmapiError::Gone | SmapiError::Forbidden(_)) => {
                    (held.job.earlier, held.job.made) = (None, false);
                }
                Err(error) => return Err(error),
            }
        }
        let vendor = held.job.vendor.clone().ok_or(SmapiError::NoVendor)?;
        match self.search(&vendor, &ours, &mut held.job.examined, AT_ONCE).await? {
            Found::Skill(id) => Ok(take(held, &id)),
            Found::More => Ok(Went::On),
            Found::Nothing if held.job.creating_at.is_some() && held.job.looks < LOOKS => {
                held.job.looks += 1;
                Ok(Went::Later(LOOKED_AGAIN))
            }
            Found::Nothing => self.make_skill(held, &vendor).await,
        }
    }

    /// Makes the skill. That it is about to be made is written down first, so that one whose answer is lost is looked
    /// for and not made a second time.
    async fn make_skill(&self, held: &mut Held, vendor: &str) -> Result<Went, SmapiError> {
        (held.job.creating_at, held.job.looks) = (Some(self.parts().clock.now()), 0);
        self.save(held).await?;
        match self.create_skill(vendor, &manifest::first(&held.job.wish)).await {
            Ok(id) => {
                held.job.skill_id = Some(id.as_str().to_owned());
                (held.job.created, held.job.made, held.job.creating_at) = (true, true, None);
                Ok(Went::On)
            }
            Err(error) => {
                if !may_be_done(&error) {
                    held.job.creating_at = None;
                }
                Err(error)
            }
        }
    }

    /// Waits until a skill that was made is there as a whole.
    async fn settle_skill(&self, held: &mut Held) -> Result<Went, SmapiError> {
        if !held.job.created {
            return Ok(Went::Unchanged);
        }
        let id = super::skill_of(held)?;
        match Last::of_manifest(&self.status(&id).await?) {
            None | Some(Last::InProgress) => Ok(Went::Later(STATUS_AGAIN)),
            Some(Last::Succeeded { .. }) => {
                held.job.looks = 0;
                Ok(Went::Done)
            }
            Some(Last::Failed { errors, .. }) => {
                let reason = messages(&errors).join("; ");
                Ok(Went::Failed(Problem::new(
                    "create-failed",
                    &[("reason", &reason), ("skill", id.as_str())],
                )))
            }
        }
    }

    /// Lets Alexa invoke the function for this skill. It comes before the manifest, for which Amazon looks at it.
    pub(in crate::smapi) async fn do_permission(&self, held: &mut Held) -> Result<Went, SmapiError> {
        let id = super::skill_of(held)?;
        let function = held.job.wish.endpoint.clone();
        let Some(permission) = &self.parts().permission else {
            return Ok(Went::Unchanged);
        };
        match permission.admits(&function, &id).await {
            Ok(true) => return Ok(Went::Unchanged),
            // Whoever may not look may be allowed to add.
            Ok(false) | Err(PermissionError::Denied(_)) => {}
            Err(error) => return Err(error.into()),
        }
        match permission.admit(&function, &id).await {
            Ok(()) => Ok(Went::Done),
            // What was deployed for a skill lets it in.
            Err(PermissionError::Denied(_)) if self.parts().skill_ids.accepts(id.as_str()) => {
                Ok(Went::Unchanged)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(in crate::smapi) async fn do_testing(&self, held: &mut Held) -> Result<Went, SmapiError> {
        let id = super::skill_of(held)?;
        // A skill without this answers 404 as one does that is gone.
        if self.is_enabled(&id).await? {
            return Ok(Went::Unchanged);
        }
        self.enable(&id).await?;
        Ok(Went::Done)
    }

    /// Notes the id in the settings as they are now, beside whatever else they hold.
    pub(in crate::smapi) async fn do_remember(&self, held: &mut Held) -> Result<Went, SmapiError> {
        let id = super::skill_of(held)?;
        let settings = self.parts().store.settings().await?;
        if self.parts().skill_ids.merged(&settings).accepts(id.as_str()) {
            return Ok(Went::Unchanged);
        }
        let remember = move |settings: &mut Settings| {
            if !settings.skill_ids.iter().any(|known| known == id.as_str()) {
                settings.skill_ids.push(id.as_str().to_owned());
            }
        };
        self.parts().store.change_settings(Arc::new(remember)).await?;
        Ok(Went::Done)
    }
}

fn take(held: &mut Held, id: &SkillId) -> Went {
    // One that was made without an answer is as new as any.
    let was_made = held.job.creating_at.take().is_some();
    (held.job.skill_id, held.job.created) = (Some(id.as_str().to_owned()), was_made);
    held.job.made |= was_made;
    if was_made { Went::On } else { Went::Unchanged }
}

/// Whether a request that ended so may have been done.
fn may_be_done(error: &SmapiError) -> bool {
    matches!(error, SmapiError::Transport(_) | SmapiError::Unavailable(_) | SmapiError::Changed(_))
}
