//! What the set-up would do, without doing it.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::client::AT_ONCE;
use super::compare;
use super::error::SmapiError;
use super::find::Found;
use super::job::Wished;
use super::manager::SkillManager;
use super::manifest;
use super::permission::PermissionError;
use super::update::Last;
use super::wish::SkillWish;
use crate::config::{InvocationName, SkillId};
use crate::voice::LocaleSpec;

/// Most skills of the account that are looked at to find ours.
const MOST: usize = 200;

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The skill itself.
    Skill,
    /// That Alexa may invoke the function.
    Permission,
    /// What the skill is.
    Manifest,
    /// What people can say.
    Model {
        /// In this language.
        locale: String,
    },
    /// That the account's Echos may use the skill.
    Testing,
    /// That the skill's requests are accepted here.
    SkillId,
}

/// How it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It stays.
    Unchanged,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is changed.
    pub target: Target,
    /// How.
    pub kind: ChangeKind,
    /// The difference, as a unified diff of JSON of at most 16 KB; none where there is none to show.
    pub diff: Option<String>,
}

/// All changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The skill, where there is one already.
    pub skill_id: Option<SkillId>,
    /// In the order in which they are made.
    pub changes: Vec<Change>,
}

impl SkillManager {
    /// What the set-up would do. Changes nothing.
    ///
    /// # Errors
    /// When nobody is signed in to the developer account, Amazon does not say, or the endpoint's certificate cannot
    /// be told.
    pub async fn plan(&self, wish: &SkillWish) -> Result<Plan, SmapiError> {
        if wish.locales.is_empty() {
            return Err(SmapiError::NoLocale);
        }
        self.developer_session().await?;
        let wished = Wished::of(wish);
        let found = match self.known_skill().await? {
            Some((id, _)) => Some(id),
            None => self.found(&wished).await?,
        };
        let id = found.as_ref();
        let mut changes = vec![change(Target::Skill, made(id.is_some()), None)];
        if wished.is_function() && self.parts().permission.is_some() {
            let kind = made(self.is_admitted(&wished.endpoint, id).await?);
            changes.push(change(Target::Permission, kind, None));
        }
        changes.push(self.plan_manifest(id, &wished).await?);
        let status = match id {
            Some(id) => self.status(id).await?,
            None => Value::Null,
        };
        let name = &wish.invocation_name;
        let models: Vec<_> =
            wished.locales.iter().map(|locale| self.plan_model(id, locale, name, &status)).collect();
        changes.extend(stream::iter(models).buffered(AT_ONCE).try_collect::<Vec<_>>().await?);
        let is_enabled = match id {
            Some(id) => self.is_enabled(id).await?,
            None => false,
        };
        changes.push(change(Target::Testing, made(is_enabled), None));
        let settings = self.parts().store.settings().await?;
        let is_known = id.is_some_and(|id| self.parts().skill_ids.merged(&settings).accepts(id.as_str()));
        changes.push(change(Target::SkillId, made(is_known), None));
        Ok(Plan { skill_id: found, changes })
    }

    async fn found(&self, wished: &Wished) -> Result<Option<SkillId>, SmapiError> {
        let vendor = self.vendor().await?;
        let mut examined = BTreeSet::new();
        let now = self.parts().clock.now();
        let job = self.anew(wished, self.load().await?, now).await?.job;
        Ok(match self.search(&vendor, &job.endpoints(), &mut examined, MOST).await? {
            Found::Skill(id) => Some(id),
            Found::Nothing | Found::More => None,
        })
    }

    async fn is_admitted(&self, function: &str, id: Option<&SkillId>) -> Result<bool, SmapiError> {
        let (Some(permission), Some(id)) = (&self.parts().permission, id) else {
            return Ok(false);
        };
        match permission.admits(function, id).await {
            Ok(admitted) => Ok(admitted),
            // What was deployed for a skill lets it in.
            Err(PermissionError::Denied(_)) => Ok(self.parts().skill_ids.accepts(id.as_str())),
            Err(error) => Err(error.into()),
        }
    }

    async fn plan_manifest(&self, id: Option<&SkillId>, wished: &Wished) -> Result<Change, SmapiError> {
        let certificate = self.certificate(&wished.endpoint).await?;
        let there = match id {
            Some(id) => Some(self.manifest(id).await?.content),
            None => None,
        };
        let with_events = !self.is_without_events(wished).await?;
        let base = there.clone().unwrap_or_else(|| manifest::first(wished));
        let merged = manifest::merged(&base, wished, certificate, with_events);
        Ok(compared(Target::Manifest, there.as_ref(), &merged))
    }

    async fn plan_model(
        &self,
        id: Option<&SkillId>,
        locale: &str,
        name: &InvocationName,
        status: &Value,
    ) -> Result<Change, SmapiError> {
        let target = Target::Model { locale: locale.to_owned() };
        let wished = LocaleSpec::of(locale).ok_or(SmapiError::NoLocale)?.interaction_model(name);
        let Some(id) = id else {
            return Ok(compared(target, None, &wished));
        };
        let there = self.model(id, locale).await?.map(|there| there.content);
        // Amazon adds members of its own to a model, and takes none of ours away.
        let there = there.map(|there| compare::wished_part(&there, &wished));
        let mut planned = compared(target, there.as_ref(), &wished);
        let failed = matches!(Last::of_model(status, locale), Some(Last::Failed { .. }));
        if planned.kind == ChangeKind::Unchanged && failed {
            planned.kind = ChangeKind::Update;
        }
        Ok(planned)
    }

    /// Whether Amazon once did not take events at this endpoint.
    async fn is_without_events(&self, wished: &Wished) -> Result<bool, SmapiError> {
        let job = self.job().await?;
        Ok(job.is_some_and(|job| job.wish.endpoint == wished.endpoint && job.without_events))
    }
}

fn compared(target: Target, there: Option<&Value>, wished: &Value) -> Change {
    let kind = match there {
        None => ChangeKind::Create,
        Some(there) if compare::is_equal(wished, there) => ChangeKind::Unchanged,
        Some(_) => ChangeKind::Update,
    };
    let diff = (kind != ChangeKind::Unchanged).then(|| compare::diff(there, wished)).flatten();
    change(target, kind, diff)
}

fn change(target: Target, kind: ChangeKind, diff: Option<String>) -> Change {
    Change { target, kind, diff }
}

fn made(is_there: bool) -> ChangeKind {
    if is_there { ChangeKind::Unchanged } else { ChangeKind::Create }
}
