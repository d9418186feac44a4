//! An Echo asks for music: its note, what it is to play, and the writes that this needs.

use std::time::Duration;

use tokio::time::timeout;
use tokio::try_join;

use super::context::SkillRequest;
use super::error::InternalError;
use super::{Failure, Skill};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::{
    Decision, Elsewhere, Household, LastRequest, NoStreamReason, PairingKind, PlayPlan, PlayRequest, Player,
    PlayerId, Rebind, Revocation, Transition,
};
use crate::store::ActivityKind;

/// Number of attempts at a selection whose write lost a race.
const ATTEMPTS: usize = 4;

/// Time that an answer waits for writes that only people read.
const TOLD: Duration = Duration::from_secs(1);

/// In whose words an Echo asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Requester {
    /// Those that are fixed inside Music Assistant; a person may say them, too.
    MusicAssistants,
    /// Those of a person, or none at all.
    Persons,
}

/// Selection for an Echo.
#[derive(Debug)]
pub(super) enum Selection {
    /// A stream of this player, from here on.
    Stream(Box<Player>, PlayPlan),
    /// Nothing: it plays already, or is about to.
    Playing,
    /// Nothing: it serves no player.
    NotPaired,
    /// Nothing: Music Assistant started the second player, and it serves the first, if any.
    Elsewhere { own: Option<PlayerId>, started: PlayerId },
    /// Nothing: its player has nothing that can be played.
    NotPlayable(Box<Player>),
}

impl Skill {
    /// Finds what the Echo that asks is to play. In the steady state that waits for one query and, beside it,
    /// one write.
    pub(super) async fn select(
        &self,
        ask: PlayRequest,
        context: &SkillRequest,
    ) -> Result<(Selection, Household), Failure> {
        let last_request = last_request(&ask, context);
        let (_, mut household) =
            try_join!(self.store.record_request(&last_request), self.store.household(ask.at))?;
        self.settings.see(&household.settings).await;
        if self.restore(&household, &ask).await? {
            household = self.store.household(ask.at).await?;
        }
        for _ in 0..ATTEMPTS {
            match self.apply(household.select_stream(&ask), &household, context).await? {
                Some(given) => return Ok((given, household)),
                None => household = self.store.household(ask.at).await?,
            }
        }
        Err(InternalError::Contention.into())
    }

    /// Gives back the music under announcements of this Echo that are over without a last report. Whether there was any.
    async fn restore(&self, household: &Household, ask: &PlayRequest) -> Result<bool, Failure> {
        let mut gave = false;
        for over in household.served_by(&ask.device) {
            gave |= over.restored(ask.at).is_some() && self.store.restore(over, ask.at).await?.succeeded();
        }
        Ok(gave)
    }

    /// Finds what the Echo is to play that was made to ask for this version of a player. It asks for music as any
    /// other.
    pub(super) async fn select_version(
        &self,
        context: &SkillRequest,
        player: &PlayerId,
        version: u64,
    ) -> Result<(Selection, Household), Failure> {
        let device = context.device.as_ref().ok_or(InternalError::NoDevice)?;
        let answering = self.deliveries.begin(device, context);
        let ask = ask(device, context, Requester::Persons, None);
        let last_request = last_request(&ask, context);
        let (_, household) =
            try_join!(self.store.record_request(&last_request), self.store.household(ask.at))?;
        self.settings.see(&household.settings).await;
        let decision = household.select_version(&ask, player, version);
        let given = self.apply(decision, &household, context).await?.ok_or(InternalError::Contention)?;
        answering.sent();
        Ok((given, household))
    }

    /// Makes the writes of a decision on `seen`; `None` where they were refused, and it has to be taken again.
    async fn apply(
        &self,
        decision: Decision<'_>,
        seen: &Household,
        context: &SkillRequest,
    ) -> Result<Option<Selection>, Failure> {
        Ok(match decision {
            Decision::Start(player) => Some(Selection::Stream(Box::new(player.clone()), PlayPlan::START)),
            Decision::Playing(_) => Some(Selection::Playing),
            Decision::Resume(player) => {
                Some(Selection::Stream(Box::new(player.clone()), PlayPlan::resume(player, context.reported)))
            }
            Decision::Claim(player, claim) => match self.store.claim(&claim, seen).await? {
                Transition::Rejected => None,
                Transition::Applied | Transition::AlreadyApplied => {
                    if !player.is_served_by(&claim.device) {
                        self.record_activity(context, paired(&claim.player, context, PairingKind::Learned))
                            .await;
                    }
                    Some(Selection::Stream(Box::new(player.clone()), PlayPlan::START))
                }
            },
            Decision::Rebind(rebinds) => {
                self.rebind(&rebinds, seen).await?;
                None
            }
            Decision::Elsewhere(elsewhere) => self.elsewhere(elsewhere, seen, context).await?,
            Decision::Revoke(revocations) => {
                self.revoke(&revocations, seen, context).await?;
                Some(Selection::NotPaired)
            }
            Decision::NoStream(NoStreamReason::NotPaired) => {
                self.record_activity(context, ActivityKind::NotPaired { echo: context.echo() }).await;
                Some(Selection::NotPaired)
            }
            Decision::NoStream(NoStreamReason::NotPlayable(player)) => {
                let player_id = player.player.clone();
                self.record_activity(
                    context,
                    ActivityKind::NothingToPlay { echo: context.echo(), player: player_id },
                )
                .await;
                Some(Selection::NotPlayable(Box::new(player.clone())))
            }
        })
    }

    /// Notes for which start the Echo asked, and says that it is not one of its own.
    async fn elsewhere(
        &self,
        elsewhere: Elsewhere<'_>,
        seen: &Household,
        context: &SkillRequest,
    ) -> Result<Option<Selection>, Failure> {
        if let Some(record) = &elsewhere.record
            && !self.store.record_stray(record, seen).await?.succeeded()
        {
            return Ok(None);
        }
        let own = elsewhere.own.map(|player| player.player.clone());
        let started = elsewhere.started.player.clone();
        let activity =
            ActivityKind::Elsewhere { echo: context.echo(), player: own.clone(), started: started.clone() };
        self.record_activity(context, activity).await;
        Ok(Some(Selection::Elsewhere { own, started }))
    }

    async fn rebind(&self, rebinds: &[Rebind], seen: &Household) -> Result<(), Failure> {
        for rebind in rebinds {
            self.store.rebind(rebind, seen).await?;
        }
        Ok(())
    }

    async fn revoke(
        &self,
        revocations: &[Revocation],
        seen: &Household,
        context: &SkillRequest,
    ) -> Result<(), Failure> {
        for revocation in revocations {
            if self.store.revoke(revocation, seen).await?.succeeded() {
                let echo = revocation.device.short_hash();
                self.record_activity(
                    context,
                    ActivityKind::Withdrawn { player: revocation.player.clone(), echo },
                )
                .await;
            }
        }
        Ok(())
    }

    /// Keeps what happened for people to read. No answer fails because of that.
    pub(super) async fn record_activity(&self, context: &SkillRequest, kind: ActivityKind) {
        let activity = crate::store::Activity { at: context.at, kind };
        match timeout(TOLD, self.store.note(&activity)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = %error, "an activity was not kept"),
            Err(_elapsed) => tracing::warn!("an activity was not kept: the store did not answer in time"),
        }
    }
}

pub(super) fn paired(player: &PlayerId, context: &SkillRequest, how: PairingKind) -> ActivityKind {
    ActivityKind::Paired { player: player.clone(), echo: context.echo(), how }
}

/// An ask for music, of an Echo whose answer at `lost` did not reach it.
pub(super) fn ask(
    device: &DeviceId,
    context: &SkillRequest,
    speaker: Requester,
    lost: Option<Timestamp>,
) -> PlayRequest {
    PlayRequest {
        device: device.clone(),
        endpoint: context.endpoint.clone(),
        user: context.user.clone(),
        request: context.request.clone(),
        at: context.at,
        is_ma_phrase: speaker == Requester::MusicAssistants,
        plays_ours: context.plays_ours,
        reported: context.reported_play,
        lost,
    }
}

pub(super) fn last_request(ask: &PlayRequest, context: &SkillRequest) -> LastRequest {
    LastRequest {
        device: ask.device.clone(),
        endpoint: ask.endpoint.clone(),
        user: ask.user.clone(),
        locale: Some(context.locale.clone()),
        request: ask.request.clone(),
        at: ask.at,
    }
}
