//! From what an Echo gets to the directive that makes it play, or to the sentence that says why it does not.

use super::context::SkillRequest;
use super::error::InternalError;
use super::select::{Requester, Selection, ask};
use super::{Failure, Skill};
use crate::alexa::response::{AudioItemMetadata, HttpsUrl, PlayBehavior, PlayDirective, Token};
use crate::config::Settings;
use crate::i18n::{Message, say};
use crate::playback::{Household, KnownRoutes, PlayPlan, PlayToken, Player, StreamAddresses, StreamKind};
use crate::telemetry::Metric;

/// Result of a play request.
pub(super) enum PlayAnswer {
    /// It plays.
    Play(Box<PlayDirective>),
    /// It plays from the beginning, after this sentence.
    PlayAgain(Box<PlayDirective>, Message),
    /// It plays already.
    Playing,
    /// It does not, for this reason.
    Nothing(Message),
}

impl Skill {
    /// Answers a request for music.
    pub(super) async fn music(
        &self,
        context: &SkillRequest,
        speaker: Requester,
    ) -> Result<PlayAnswer, Failure> {
        if !context.plays_audio {
            return Ok(PlayAnswer::Nothing(Message::NoAudioPlayer));
        }
        let device = context.device.as_ref().ok_or(InternalError::NoDevice)?;
        let lost = self.deliveries.lost(device, context.at);
        let answering = self.deliveries.begin(device, context);
        let (given, household) = self.select(ask(device, context, speaker, lost), context).await?;
        let given = self.with_names(given, context).await;
        let music = self.music_of(given, &household, context)?;
        answering.sent();
        Ok(music)
    }

    /// The directive that plays what the Echo gets, or the sentence that says why it gets nothing.
    pub(super) fn music_of(
        &self,
        given: Selection,
        household: &Household,
        context: &SkillRequest,
    ) -> Result<PlayAnswer, Failure> {
        match given {
            Selection::Stream(player, plan) => {
                let echo = context.device.as_ref().and_then(|device| household.echo(device));
                let known = echo.map(|echo| echo.routes.clone()).unwrap_or_default();
                let kin = echo.map(|echo| household.kin_routes(echo)).unwrap_or_default();
                let music = self.directive(&player, plan, &household.settings, (&known, &kin), context)?;
                Ok(if plan.repeated_ms > 0 && is_flow(&player) { again(music) } else { music })
            }
            Selection::Playing => Ok(PlayAnswer::Playing),
            Selection::NotPaired => {
                context.tally.add(Metric::NotPaired);
                Ok(PlayAnswer::Nothing(self.not_paired(household)))
            }
            Selection::Elsewhere { own, started } => {
                let invocation_name = self.invocation_name(&household.settings);
                let started = started.to_string();
                let Some(own) = own else {
                    context.tally.add(Metric::NotPaired);
                    return Ok(PlayAnswer::Nothing(Message::NotPaired {
                        invocation_name,
                        players: vec![started],
                    }));
                };
                Ok(PlayAnswer::Nothing(Message::Elsewhere {
                    invocation_name,
                    player: own.to_string(),
                    started,
                }))
            }
            Selection::NotPlayable(player) => Ok(PlayAnswer::Nothing(not_playable(&player))),
        }
    }

    /// The directive that plays this version of a player, on an Echo of whose routes this is known, and of its kind.
    pub(super) fn directive(
        &self,
        player: &Player,
        plan: PlayPlan,
        settings: &Settings,
        (known, kin): (&KnownRoutes, &KnownRoutes),
        context: &SkillRequest,
    ) -> Result<PlayAnswer, Failure> {
        let addresses = StreamAddresses::from(&self.config.with(settings).streams);
        let Some(start) = player.start() else {
            return Ok(PlayAnswer::Nothing(Message::NothingToPlay));
        };
        let now = self.clock.now();
        let Ok(routed) = addresses.for_echo(start, known, kin, now) else {
            return Ok(PlayAnswer::Nothing(Message::StreamAddressMissing));
        };
        let Ok(stream) = HttpsUrl::parse(&routed.url) else {
            return Ok(PlayAnswer::Nothing(Message::StreamAddressBad));
        };
        let token =
            PlayToken::issue(player.player.key(), player.version(), now, plan.origin, self.random.as_ref())
                .map_err(|_| InternalError::NoRandomness)?
                .by(routed.route, routed.standing);
        context.tally.add(Metric::Plays);
        Ok(PlayAnswer::Play(Box::new(PlayDirective {
            behavior: PlayBehavior::ReplaceAll,
            stream,
            token: Token::new(token.encode()).map_err(|_| InternalError::NoRandomness)?,
            offset_ms: plan.offset_ms,
            metadata: metadata(player, &addresses, &context.locale),
        })))
    }

    /// Message that explains the pairing of this Echo.
    pub(super) fn not_paired(&self, household: &Household) -> Message {
        Message::NotPaired {
            invocation_name: self.invocation_name(&household.settings),
            players: names(household),
        }
    }

    pub(super) fn invocation_name(&self, settings: &Settings) -> String {
        self.config.with(settings).speech.invocation_name.to_string()
    }
}

/// Says that a flow begins again: the listener heard a part of it and waits for the rest.
fn again(music: PlayAnswer) -> PlayAnswer {
    match music {
        PlayAnswer::Play(directive) => PlayAnswer::PlayAgain(directive, Message::FromTheBeginning),
        other => other,
    }
}

fn is_flow(player: &Player) -> bool {
    player.start().is_some_and(|start| start.stream.kind() == StreamKind::Flow)
}

/// The names of all players.
pub(super) fn names(household: &Household) -> Vec<String> {
    let mut names: Vec<String> = household.players.iter().map(|player| player.player.to_string()).collect();
    names.sort();
    names
}

/// Texts and pictures that a screen shows.
fn metadata(player: &Player, addresses: &StreamAddresses, locale: &str) -> AudioItemMetadata {
    let names = player.metadata();
    let untitled = || say(locale, &Message::UntitledStream { player: player.player.to_string() });
    let title = names.title.clone().unwrap_or_else(untitled);
    let cover = addresses.picture(names).and_then(|cover| HttpsUrl::parse(&cover).ok());
    AudioItemMetadata::of_track(Some(&title), names.artist.as_deref(), names.album.as_deref(), cover)
}

fn not_playable(player: &Player) -> Message {
    match player.effective_report().and_then(|heard| heard.report.state.error()) {
        Some(error) => Message::LastFailed { player: player.player.to_string(), kind: error.kind.clone() },
        None => Message::NothingToPlay,
    }
}
