//! Each action in the words of Music Assistant.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::everywhere;
use super::home::{HomeControl, Shared};
use super::music::Asking;
use super::present;
use super::rooms::named;
use super::transport::{jump, send, skip};
use super::turn::Turn;
use crate::control::{Action, ControlRequest, Repeating, Reply};
use crate::music_assistant::{
    House, MaPlayer, MusicAssistantError, PlaybackState, PlayerCommand, PlayerType, Queue, RepeatMode,
};
use crate::spoken::Language;

/// The most players of which something is wanted at once.
const PLAYERS_AT_ONCE: usize = 20;

/// The number of attempts of a sleep timer to stop its player, and the time between.
const STOPS: usize = 3;
const BETWEEN_STOPS: Duration = Duration::from_secs(5);

/// Carries one request out.
pub(super) async fn act(
    home: &HomeControl,
    turn: &Turn,
    request: &ControlRequest,
) -> Result<Reply, MusicAssistantError> {
    turn.may_send()?;
    let shared: &Shared = &home.0;
    let player = request.player.as_str();
    let language = Language::of_locale(&request.locale);
    let house = shared.connection.house().await?;
    let server = &house.server;
    let (player, action, room) = match &request.action {
        Action::In { room, action } => match named(&house, room, language) {
            Ok(player) => (player.player_id.as_str(), action.as_ref(), Some(&player.name)),
            Err(unknown) => return Ok(unknown),
        },
        action => (player, action, None),
    };
    let queue = || house.queue_of(player);
    let simple = async |command: PlayerCommand| send(turn, server, &queue().await?, &command).await;
    let goes_on = Reply::Starting { music: None, room: room.cloned() };
    match action {
        // A room of a room is none.
        Action::In { .. } => Err(MusicAssistantError::Invalid("an action has one room at most")),
        Action::Next => simple(PlayerCommand::Next).await.map(|()| goes_on),
        Action::Previous => simple(PlayerCommand::Previous).await.map(|()| goes_on),
        Action::StartOver => simple(PlayerCommand::StartOver).await.map(|()| goes_on),
        Action::Pause => pause(turn, &house, player).await,
        Action::Resume => simple(PlayerCommand::Resume).await.map(|()| goes_on),
        Action::Shuffle(on) => simple(PlayerCommand::Shuffle(*on)).await.map(|()| Reply::Done),
        Action::Repeat(what) => simple(PlayerCommand::Repeat(mode(*what))).await.map(|()| Reply::Done),
        Action::Jump(by) => {
            let presses = (&shared.presses, shared.clock.as_ref());
            jump(turn, server, &queue().await?, *by, presses).await.map(|()| goes_on)
        }
        Action::Skip(seconds) => skip(turn, server, &queue().await?, *seconds).await.map(|()| goes_on),
        Action::Play(music) => {
            let locale = request.locale.as_str();
            Asking { shared, turn, house: &house, player, locale, language }.play(music).await
        }
        Action::WhatIsPlaying => Ok(present::what_plays(&queue().await?)),
        Action::Like(likes) => present::like(turn, &house, &queue().await?, *likes).await,
        Action::MoreLikeThis => present::more_like_it(turn, &house, &queue().await?, room).await,
        Action::MoveTo(heard) => match named(&house, heard, language) {
            Ok(room) => move_to(turn, &house, player, room).await,
            Err(unknown) => Ok(unknown),
        },
        Action::StopIn(heard) => stop_in(turn, &house, heard, language).await,
        Action::VolumeIn { room, percent } => volume_in(turn, &house, room, *percent, language).await,
        Action::StopAfter(seconds) => {
            sleep_after(home, &house, player, Duration::from_secs(u64::from(*seconds)))
        }
        Action::KeepPlaying => {
            shared.timers.cancel(player);
            home.keep_timers();
            Ok(Reply::Done)
        }
    }
}

fn mode(repeating: Repeating) -> RepeatMode {
    match repeating {
        Repeating::Off => RepeatMode::Off,
        Repeating::One => RepeatMode::One,
        Repeating::All => RepeatMode::All,
    }
}

/// Pauses what plays. A queue that is paused or over is left as it is.
async fn pause(turn: &Turn, house: &House, player: &str) -> Result<Reply, MusicAssistantError> {
    let queue = house.queue_of(player).await?;
    if queue.state == PlaybackState::Playing {
        send(turn, &house.server, &queue, &PlayerCommand::Pause).await?;
    }
    Ok(Reply::Done)
}

async fn move_to(
    turn: &Turn,
    house: &House,
    player: &str,
    room: &MaPlayer,
) -> Result<Reply, MusicAssistantError> {
    let queue = house.queue_of(player).await?;
    if room.player_id == queue.queue_id {
        return Ok(Reply::Done);
    }
    send(turn, &house.server, &queue, &PlayerCommand::Transfer(room.player_id.clone())).await?;
    Ok(Reply::Starting { music: None, room: Some(room.name.clone()) })
}

/// Stops a room, or each player that plays.
async fn stop_in(
    turn: &Turn,
    house: &House,
    heard: &str,
    language: Language,
) -> Result<Reply, MusicAssistantError> {
    if !everywhere::is_meant(heard, language) {
        return match named(house, heard, language) {
            Ok(room) => stop(turn, house, playing(house, room).await?).await.map(|()| Reply::Done),
            Err(unknown) => Ok(unknown),
        };
    }
    let plays = |player: &&MaPlayer| player.available && player.playback_state == PlaybackState::Playing;
    let players = at_once(house.players.iter().filter(plays));
    // The players of a group share a queue, which is stopped once.
    let mut sources = BTreeMap::new();
    let mut done = Vec::new();
    for source in join_all(players.into_iter().map(|player| playing(house, player))).await {
        match source {
            Ok(source) => drop(sources.insert(source.id().to_owned(), source)),
            Err(error) => done.push(Err(error)),
        }
    }
    done.extend(join_all(sources.into_values().map(|source| stop(turn, house, source))).await);
    all(done)
}

/// What a player plays.
enum PlayedSource {
    /// A queue, which a group may share.
    Queue(Box<Queue>),
    /// Another source of the player of this id, such as a television.
    Other(String),
}

impl PlayedSource {
    fn id(&self) -> &str {
        match self {
            Self::Queue(queue) => &queue.queue_id,
            Self::Other(player) => player,
        }
    }
}

async fn playing(house: &House, player: &MaPlayer) -> Result<PlayedSource, MusicAssistantError> {
    let queue = house.server.playing_queue(&player.player_id).await?;
    Ok(queue.map_or_else(
        || PlayedSource::Other(player.player_id.clone()),
        |queue| PlayedSource::Queue(Box::new(queue)),
    ))
}

async fn stop(turn: &Turn, house: &House, source: PlayedSource) -> Result<(), MusicAssistantError> {
    match source {
        PlayedSource::Queue(queue) => send(turn, &house.server, &queue, &PlayerCommand::Stop).await,
        PlayedSource::Other(player) => {
            turn.may_send()?;
            house.server.stop_player(&player).await
        }
    }
}

/// The players of which something is wanted at once.
fn at_once<'a>(players: impl Iterator<Item = &'a MaPlayer>) -> Vec<&'a MaPlayer> {
    let mut players: Vec<&MaPlayer> = players.collect();
    if players.len() > PLAYERS_AT_ONCE {
        tracing::warn!(
            left_out = players.len() - PLAYERS_AT_ONCE,
            "a request of all rooms leaves players out"
        );
        players.truncate(PLAYERS_AT_ONCE);
    }
    players
}

/// Sets the volume of a room, or of each player.
async fn volume_in(
    turn: &Turn,
    house: &House,
    heard: &str,
    percent: u8,
    language: Language,
) -> Result<Reply, MusicAssistantError> {
    let set = async |player: &MaPlayer| {
        turn.may_send()?;
        house.server.set_volume(&player.player_id, percent.min(100)).await
    };
    if everywhere::is_meant(heard, language) {
        // That of a group moves each of its members from where it is, and those are set by themselves.
        let is_one = |player: &&MaPlayer| player.available && player.player_type != PlayerType::Group;
        let players = at_once(house.players.iter().filter(is_one));
        return all(join_all(players.into_iter().map(set)).await);
    }
    match named(house, heard, language) {
        Ok(room) => set(room).await.map(|()| Reply::Done),
        Err(unknown) => Ok(unknown),
    }
}

/// Done where one of several did it; else why the first one did not.
fn all(done: Vec<Result<(), MusicAssistantError>>) -> Result<Reply, MusicAssistantError> {
    let any = done.is_empty() || done.iter().any(Result::is_ok);
    match done.into_iter().find_map(Result::err) {
        Some(error) if !any => Err(error),
        _ => Ok(Reply::Done),
    }
}

/// Sets the sleep timer of a player that Music Assistant knows.
fn sleep_after(
    home: &HomeControl,
    house: &House,
    player: &str,
    after: Duration,
) -> Result<Reply, MusicAssistantError> {
    house.player(player)?;
    stop_after(home, player, after)?;
    home.keep_timers();
    Ok(Reply::Done)
}

/// Stops a player after a time. Where Music Assistant does not do it, it is asked twice more.
pub(super) fn stop_after(
    home: &HomeControl,
    player: &str,
    after: Duration,
) -> Result<(), MusicAssistantError> {
    // The timers belong to what they hold: a strong reference would keep both for ever.
    let (shared, name) = (Arc::downgrade(&home.0), player.to_owned());
    home.0.timers.set(player, home.0.clock.now(), after, async move {
        for attempt in 0..STOPS {
            if attempt > 0 {
                tokio::time::sleep(BETWEEN_STOPS).await;
            }
            let Some(shared) = shared.upgrade() else { return };
            let home = HomeControl(shared);
            if home.command(&name, &PlayerCommand::Stop).await.is_ok() {
                home.keep_timers();
                return;
            }
        }
    })
}
