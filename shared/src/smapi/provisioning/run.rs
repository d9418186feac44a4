//! Doing the set-up, piece by piece: whoever looks at the page moves it on.

use std::time::Duration;

use super::error::SmapiError;
use super::job::{Job, Problem, TaskKind, TaskState, Wished, WorkLease};
use super::manager::SkillManager;
use super::wish::SkillWish;
use crate::clock::{SKEW, Timestamp};
use crate::store::Document;

/// How long one call goes on with a further piece.
const BUDGET: Duration = Duration::from_secs(4);

/// How long nobody else works at a job: longer than a request of ours may last.
pub(super) const LEASE: Duration = Duration::from_secs(45);

/// How often a piece is tried again that may be done a little later.
const ATTEMPTS: u32 = 8;

/// How long a piece waits for Amazon without getting any further.
const PATIENCE: Duration = Duration::from_mins(15);

/// The wait before the second attempt; it doubles with each up to [`LONGEST`].
const AGAIN: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_mins(1);

/// How often a skill that is gone is found or made anew.
const RESTARTS: u32 = 2;

/// How often a write of the job is made anew on what another wrote meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// A job as it was read, or written last.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) job: Job,
    revision: Option<u64>,
    /// Somebody else wrote it since.
    lost: bool,
}

/// How a piece went.
#[derive(Debug)]
pub(super) enum Went {
    /// It is done.
    Done,
    /// There was nothing to do.
    Unchanged,
    /// It went on, and there is more of it.
    On,
    /// It went on, and there is more of it after a while.
    Paced(Duration),
    /// It waits for Amazon, which is asked again after a while.
    Later(Duration),
    /// It is not done.
    Failed(Problem),
}

impl SkillManager {
    /// How far the set-up is; none where none was ever begun.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn job(&self) -> Result<Option<Job>, SmapiError> {
        Ok(self.load().await?.map(|held| held.job))
    }

    /// Begins the set-up, or goes on with one that is not finished and has the same wish, which is then given as many
    /// attempts and as much time as a new one. Nothing is asked of Amazon before [`Self::step`].
    ///
    /// # Errors
    /// When nobody is signed in to the developer account, no locale is wished for, or the store does not serve.
    pub async fn begin(&self, wish: &SkillWish) -> Result<Job, SmapiError> {
        if wish.locales.is_empty() {
            return Err(SmapiError::NoLocale);
        }
        self.developer_session().await?;
        let wished = Wished::of(wish);
        let goes_on = |job: &Job| job.finished_at.is_none() && job.wish == wished;
        for _ in 0..MAX_ATTEMPTS {
            let (before, now) = (self.load().await?, self.parts().clock.now());
            let mut held = match before {
                // Whoever works at it goes on.
                Some(held) if goes_on(&held.job) && held.job.is_leased(now) => return Ok(held.job),
                Some(mut held) if goes_on(&held.job) => {
                    held.job.refresh();
                    held
                }
                before => self.anew(&wished, before, now).await?,
            };
            match self.save(&mut held).await {
                Ok(()) => return Ok(held.job),
                Err(_) if held.lost => {}
                Err(error) => return Err(error),
            }
        }
        Err(SmapiError::Overtaken)
    }

    /// A new job in the place of another, which is not written yet.
    pub(super) async fn anew(
        &self,
        wished: &Wished,
        before: Option<Held>,
        now: Timestamp,
    ) -> Result<Held, SmapiError> {
        let mut job = Job::new(wished.clone(), now, self.parts().permission.is_some());
        let revision = match before {
            Some(Held { job: before, revision, .. }) => {
                job.follow(before);
                revision
            }
            None => self.parts().store.document(Document::SkillJob).await?.map(|held| held.revision),
        };
        Ok(Held { job, revision, lost: false })
    }

    /// Moves the set-up on by a few seconds' work, and says how far it is; none where none was ever begun. Only one
    /// does so at a time: whoever comes meanwhile gets the job as it is, and one who never came back is waited for
    /// less than a minute. What goes wrong with a piece is in the job.
    ///
    /// # Errors
    /// When the store does not serve.
    pub async fn step(&self) -> Result<Option<Job>, SmapiError> {
        let Some(mut held) = self.load().await? else {
            return Ok(None);
        };
        let began = self.parts().clock.now();
        let job = &mut held.job;
        let is_too_early = job.not_before.is_some_and(|until| began.is_before(until, super::client::LONGEST));
        if job.finished_at.is_some() || is_too_early || job.is_leased(began) {
            return Ok(Some(held.job));
        }
        job.lease = Some(WorkLease { holder: self.random_id()?, until: began.plus(LEASE) });
        job.not_before = None;
        match self.work(&mut held).await {
            Err(_) if held.lost => self.job().await,
            Err(error) => Err(error),
            Ok(()) => Ok(Some(held.job)),
        }
    }

    async fn work(&self, held: &mut Held) -> Result<(), SmapiError> {
        let began = self.parts().clock.moment();
        self.save(held).await?;
        loop {
            let Some(index) = held.job.next() else {
                held.job.finished_at = Some(self.parts().clock.now());
                held.job.lease = None;
                return self.save(held).await;
            };
            held.job.tasks[index].state = TaskState::Running;
            let kind = held.job.tasks[index].kind.clone();
            let went = self.piece(held, &kind).await;
            if held.lost {
                return Err(SmapiError::Overtaken);
            }
            match went {
                Ok(went) => self.note(held, index, went),
                Err(error) => self.note_error(held, index, &error)?,
            }
            let is_over = held.job.not_before.is_some() || held.job.finished_at.is_some();
            if is_over || self.parts().clock.moment().since(began) >= BUDGET {
                held.job.lease = None;
                return self.save(held).await;
            }
            self.save(held).await?;
        }
    }

    fn note(&self, held: &mut Held, index: usize, went: Went) {
        let now = self.parts().clock.now();
        let job = &mut held.job;
        let task = &mut job.tasks[index];
        job.attempts = 0;
        // A wait that began before the clock was set back begins again.
        let known = job.waiting_since.filter(|since| since.since(now) <= SKEW);
        let waiting_since = matches!(went, Went::Later(_)).then_some(known.unwrap_or(now));
        let is_late = waiting_since.is_some_and(|since| now.since(since) >= PATIENCE);
        job.waiting_since = waiting_since.filter(|_| !is_late);
        match went {
            Went::Done => (task.state, task.problem) = (TaskState::Done, None),
            Went::Unchanged => (task.state, task.problem) = (TaskState::Unchanged, None),
            Went::On => task.problem = None,
            Went::Failed(problem) => (task.state, task.problem) = (TaskState::Failed, Some(problem)),
            Went::Later(_) if is_late => {
                (task.state, task.problem) = (TaskState::Failed, Some(slow(&task.kind)));
            }
            Went::Later(span) | Went::Paced(span) => {
                task.problem = None;
                job.not_before = Some(now.plus(span));
            }
        }
    }

    fn note_error(&self, held: &mut Held, index: usize, error: &SmapiError) -> Result<(), SmapiError> {
        let now = self.parts().clock.now();
        let job = &mut held.job;
        tracing::warn!(%error, task = job.tasks[index].kind.code(), "the set-up of the skill met a problem");
        if matches!(error, SmapiError::Gone) && job.skill_id.is_some() && job.restarts < RESTARTS {
            job.restarts += 1;
            job.forget_skill();
            return Ok(());
        }
        if error.is_transient() && job.attempts < ATTEMPTS {
            let pause = LONGEST.min(AGAIN * 2_u32.saturating_pow(job.attempts));
            job.attempts += 1;
            job.not_before = Some(match error {
                SmapiError::Throttled { until } => *until,
                _ => now.plus(self.spread(pause)?),
            });
            job.tasks[index].problem = Some(Problem::from(error));
            return Ok(());
        }
        (job.attempts, job.waiting_since) = (0, None);
        let mut problem = Problem::from(error);
        if let Some(locale) = job.tasks[index].kind.locale() {
            problem.details.insert("locale".to_owned(), locale.to_owned());
        }
        if let Some(id) = &job.skill_id {
            problem.details.insert("skill".to_owned(), id.clone());
        }
        (job.tasks[index].state, job.tasks[index].problem) = (TaskState::Failed, Some(problem));
        if is_about_the_account(error) {
            // Whatever else there is to do would fail for the same reason.
            job.finished_at = Some(now);
        }
        Ok(())
    }

    async fn piece(&self, held: &mut Held, kind: &TaskKind) -> Result<Went, SmapiError> {
        match kind {
            TaskKind::Vendor => self.do_vendor(held).await,
            TaskKind::Skill => self.do_skill(held).await,
            TaskKind::Permission => self.do_permission(held).await,
            TaskKind::Manifest => self.do_manifest(held).await,
            TaskKind::Model { locale } => self.do_model(held, locale).await,
            TaskKind::Build { locale } => self.do_build(held, locale).await,
            TaskKind::Testing => self.do_testing(held).await,
            TaskKind::Remember => self.do_remember(held).await,
            TaskKind::Sentences { locale } => self.do_sentence(held, locale).await,
        }
    }

    pub(super) async fn load(&self) -> Result<Option<Held>, SmapiError> {
        let Some(document) = self.parts().store.document(Document::SkillJob).await? else {
            return Ok(None);
        };
        let revision = Some(document.revision);
        match serde_json::from_value(document.content) {
            Ok(job) => Ok(Some(Held { job, revision, lost: false })),
            Err(error) => {
                tracing::warn!(%error, "the progress of the skill's set-up is of another release: it begins anew");
                Ok(None)
            }
        }
    }

    /// Writes the job, unless somebody else wrote it since it was read.
    pub(super) async fn save(&self, held: &mut Held) -> Result<(), SmapiError> {
        // A job is strings, numbers and lists under string keys.
        let content = serde_json::to_value(&held.job).unwrap_or_default();
        let written = self.parts().store.put_document(Document::SkillJob, &content, held.revision).await?;
        if !written {
            held.lost = true;
            return Err(SmapiError::Overtaken);
        }
        held.revision = Some(held.revision.unwrap_or(0) + 1);
        Ok(())
    }
}

/// What is the matter with a piece for which Amazon takes too long.
fn slow(kind: &TaskKind) -> Problem {
    let locale = kind.locale().unwrap_or_default();
    match kind {
        TaskKind::Skill => Problem::new("skill-slow", &[]),
        TaskKind::Manifest => Problem::new("manifest-slow", &[]),
        TaskKind::Model { .. } => Problem::new("model-slow", &[("locale", locale)]),
        TaskKind::Build { .. } => Problem::new("build-slow", &[("locale", locale)]),
        _ => Problem::from(&SmapiError::Busy),
    }
}

fn is_about_the_account(error: &SmapiError) -> bool {
    matches!(
        error,
        SmapiError::NotSignedIn
            | SmapiError::SignInAgain(_)
            | SmapiError::TokenRefused
            | SmapiError::InvalidClient
    )
}
