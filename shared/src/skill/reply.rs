//! The answer to what a person asked of Music Assistant, once its reply is there.

use super::context::SkillRequest;
use super::question::{OpenQuestion, music};
use crate::alexa::response::IntentResponse;
use crate::control::{Action, Reply, Suggestion};
use crate::i18n::{Message, say};

/// The answer to a reply. What the sound says is not said again; only a question leaves the microphone open.
pub(super) fn answer(reply: &Reply, action: &Action, context: &SkillRequest) -> IntentResponse {
    let question = match reply {
        Reply::Choose(suggestions) => OpenQuestion::new(suggestions, action),
        _ => None,
    };
    if let Some(question) = question {
        return question.ask(context);
    }
    message(reply, action).map_or_else(IntentResponse::end_session, |message| {
        // A title may have a question mark in it, and is no question.
        IntentResponse::say(say(&context.locale, &message))
    })
}

/// The sentence of a reply; none where the sound says enough, and for a question.
pub(super) fn message(reply: &Reply, action: &Action) -> Option<Message> {
    Some(match reply {
        Reply::Done => return done(action),
        Reply::Starting { music, room } => return starting(music.as_ref(), room.as_deref(), action),
        Reply::Queued(chosen) => Message::Queued(music(chosen)),
        Reply::QueuedNext(chosen) => Message::QueuedNext(music(chosen)),
        Reply::Playing(present) => Message::NowPlaying(music(present)),
        Reply::NothingPlays => Message::NothingPlays,
        // Asked by [`answer`]; without suggestions there is nothing to ask about.
        Reply::Choose(_) => Message::SuggestOver,
        Reply::NotFound { heard } if heard.is_empty() => Message::LibraryEmpty,
        Reply::NotFound { heard } => Message::NotFound { heard: heard.clone() },
        Reply::RoomUnknown { heard, several } if several.is_empty() => {
            Message::RoomUnknown { heard: heard.clone() }
        }
        Reply::RoomUnknown { several, .. } => Message::RoomSeveral { rooms: several.clone() },
        Reply::Failed(error) => Message::Control(*error),
    })
}

fn done(action: &Action) -> Option<Message> {
    Some(match action {
        Action::Like(true) => Message::Liked,
        Action::Like(false) => Message::Unliked,
        Action::MoveTo(room) => Message::Moved { room: room.clone() },
        Action::In { action, .. } => return done(action),
        Action::StopAfter(seconds) => sleep_set(*seconds),
        Action::KeepPlaying => Message::SleepOff,
        Action::Shuffle(_)
        | Action::Repeat(_)
        | Action::Play(_)
        | Action::WhatIsPlaying
        | Action::MoreLikeThis
        | Action::StopIn(_)
        | Action::VolumeIn { .. } => Message::Done,
        Action::Next
        | Action::Jump(_)
        | Action::Previous
        | Action::StartOver
        | Action::Skip(_)
        | Action::Pause
        | Action::Resume => return None,
    })
}

/// The sentence of a sleep timer. One of some seconds is over before its length is said.
fn sleep_set(seconds: u32) -> Message {
    match seconds {
        0..60 => Message::Done,
        _ if seconds >= 2 * 3600 && seconds.is_multiple_of(3600) => {
            Message::SleepSetHours { hours: seconds / 3600 }
        }
        _ => Message::SleepSet { minutes: seconds.div_ceil(60) },
    }
}

/// The sentence of music that starts. A queue that goes on is heard; one on another player is not.
fn starting(chosen: Option<&Suggestion>, room: Option<&str>, action: &Action) -> Option<Message> {
    let room = room.map(str::to_owned);
    Some(match (chosen, room) {
        (Some(chosen), Some(room)) => Message::ChosenIn { music: music(chosen), room },
        (Some(chosen), None) => Message::Chosen(music(chosen)),
        (None, Some(room)) if matches!(action, Action::MoveTo(_)) => Message::Moved { room },
        (None, Some(room)) => Message::StartsIn { room },
        (None, None) => return done(action),
    })
}

#[cfg(test)]
mod tests {
    use super::message;
    use crate::control::{Action, MusicRequest, MusicSource, MusicUse, Reply, Suggestion};
    use crate::i18n::{Message, Music};

    fn blue() -> Suggestion {
        let artist = Some("Joni Mitchell".to_owned());
        Suggestion { kind: None, title: "Blue".to_owned(), artist, uri: "library://album/1".to_owned() }
    }

    fn named() -> Music {
        Music { title: "Blue".to_owned(), artist: Some("Joni Mitchell".to_owned()) }
    }

    fn play(used: MusicUse) -> Action {
        Action::Play(MusicRequest { selection: MusicSource::Random, used, room: None })
    }

    #[test]
    fn what_is_done_is_said_where_it_is_not_heard() {
        let kitchen = || "kitchen".to_owned();
        for (action, expected) in [
            (Action::Like(true), Some(Message::Liked)),
            (Action::Like(false), Some(Message::Unliked)),
            (Action::MoveTo(kitchen()), Some(Message::Moved { room: kitchen() })),
            (Action::StopAfter(5), Some(Message::Done)),
            (Action::StopAfter(60), Some(Message::SleepSet { minutes: 1 })),
            (Action::StopAfter(61), Some(Message::SleepSet { minutes: 2 })),
            (Action::StopAfter(5400), Some(Message::SleepSet { minutes: 90 })),
            (Action::StopAfter(86_400), Some(Message::SleepSetHours { hours: 24 })),
            (Action::KeepPlaying, Some(Message::SleepOff)),
            (Action::StopIn(kitchen()), Some(Message::Done)),
            (Action::Shuffle(true), Some(Message::Done)),
            (Action::Next, None),
            (Action::Previous, None),
            (Action::Resume, None),
        ] {
            assert_eq!(message(&Reply::Done, &action), expected, "{action:?}");
        }
    }

    #[test]
    fn what_starts_is_named_where_it_was_chosen() {
        let starting = |music: Option<Suggestion>, room: Option<&str>| {
            message(&Reply::Starting { music, room: room.map(str::to_owned) }, &play(MusicUse::Play))
        };
        let room = "Kitchen".to_owned();
        assert_eq!(starting(Some(blue()), None), Some(Message::Chosen(named())));
        let elsewhere = Message::ChosenIn { music: named(), room: room.clone() };
        assert_eq!(starting(Some(blue()), Some("Kitchen")), Some(elsewhere));
        assert_eq!(starting(None, Some("Kitchen")), Some(Message::StartsIn { room: room.clone() }));
        let moved = Reply::Starting { music: None, room: Some(room.clone()) };
        assert_eq!(message(&moved, &Action::MoveTo("kitchen".to_owned())), Some(Message::Moved { room }));
        assert_eq!(message(&Reply::Starting { music: None, room: None }, &Action::Next), None);
    }

    #[test]
    fn what_is_queued_is_said_to_come_next_or_at_the_end() {
        // "Play Blue next" may be a whole title for the intent, and the home alone knows what was meant.
        let said = |reply: Reply| message(&reply, &play(MusicUse::Play));
        assert_eq!(said(Reply::QueuedNext(blue())), Some(Message::QueuedNext(named())));
        assert_eq!(said(Reply::Queued(blue())), Some(Message::Queued(named())));
    }
}
