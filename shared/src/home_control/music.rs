//! Music that a person asks for: which, where, and what is done with it.

use super::find::{MusicChoice, MusicQuery, find, has_title, is_title};
use super::home::Shared;
use super::music_words::{of_media, suggestion};
use super::radio;
use super::rooms::{named, parted};
use super::said::{around, nameless};
use super::turn::Turn;
use crate::control::{ControlError, MusicKind, MusicRequest, MusicSource, MusicUse, Reply};
use crate::music_assistant::{
    Enqueue, House, LibraryOrder, LibraryPage, MaPlayer, MediaKind, MusicAssistantError, PLAYED_AT_MOST,
    QueueMusic, SearchResult, Server,
};
use crate::spoken::Language;

/// One who asks for music, at a player.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    pub(super) shared: &'a Shared,
    pub(super) turn: &'a Turn,
    pub(super) house: &'a House,
    /// The player that the request names.
    pub(super) player: &'a str,
    /// The locale of the Echo.
    pub(super) locale: &'a str,
    pub(super) language: Language,
}

/// Music that was chosen.
enum ChosenMusic {
    One(SearchResult),
    /// Several pieces that no one named.
    Several(Vec<String>),
}

impl ChosenMusic {
    fn uris(&self) -> Vec<String> {
        match self {
            Self::One(found) => vec![found.uri.clone()],
            Self::Several(uris) => uris.clone(),
        }
    }
}

impl Asking<'_> {
    /// Carries a request for music out.
    pub(super) async fn play(&self, request: &MusicRequest) -> Result<Reply, MusicAssistantError> {
        let room = match request.room.as_deref().map(str::trim).filter(|room| !room.is_empty()) {
            None => None,
            Some(heard) => match named(self.house, heard, self.language) {
                Ok(room) => Some(room),
                Err(unknown) => return Ok(unknown),
            },
        };
        match &request.selection {
            MusicSource::Heard { text, kind } => self.heard(text, *kind, room, request.used).await,
            MusicSource::Suggested(uri) => {
                let media = match self.house.server.item(uri).await {
                    Err(MusicAssistantError::NothingFound) => {
                        return Ok(Reply::Failed(ControlError::MusicGone));
                    }
                    media => media?,
                };
                let (asked_room, used) = self.question(uri);
                let (room, used) = (room.or(asked_room), used.unwrap_or(request.used));
                self.used(ChosenMusic::One(of_media(&media)), room, used).await
            }
            MusicSource::Favourites => self.of_library(Some(true), room, request.used).await,
            MusicSource::Random => self.of_library(None, room, request.used).await,
        }
    }

    /// Finds what was heard, and plays it.
    async fn heard(
        &self,
        text: &str,
        kind: Option<MusicKind>,
        room: Option<&MaPlayer>,
        used: MusicUse,
    ) -> Result<Reply, MusicAssistantError> {
        let named = room;
        let (text, room) = match room {
            Some(room) => (text.to_owned(), Some(room)),
            None => match self.parted(text).await? {
                Ok(parted) => parted,
                Err(unknown) => return Ok(unknown),
            },
        };
        let is_parted = named.is_none() && room.is_some();
        if let Some(selection) = nameless(&text, used, self.locale).filter(|_| is_parted && kind.is_none()) {
            let favourites = (selection == MusicSource::Favourites).then_some(true);
            return self.of_library(favourites, room, used).await;
        }
        let asked_for = used;
        // Words for a kind hide those for the queue: "play the album blue next".
        let (text, used) =
            if is_parted || kind.is_some() { self.meant(text, used).await? } else { (text, used) };
        let wanted = MusicQuery { text, kind, language: self.language };
        let now = self.shared.clock.moment();
        match find(&self.house.server, &self.shared.names, &wanted, self.turn.end()).await? {
            MusicChoice::Clear(found) => self.used(ChosenMusic::One(found), room, used).await,
            MusicChoice::Close(found) => {
                let room = room.map(|room| room.player_id.as_str());
                let used = (used != asked_for).then_some(used);
                self.shared.asked.ask(self.player, (room, used), &found, now);
                Ok(Reply::Choose(found.iter().map(suggestion).collect()))
            }
            MusicChoice::Nothing => Ok(Reply::NotFound { heard: wanted.text.chars().take(200).collect() }),
        }
    }

    /// The music of a text, and what is done with it by the words around it. "Who's Next" is a title.
    async fn meant(&self, text: String, used: MusicUse) -> Result<(String, MusicUse), MusicAssistantError> {
        let Some(around) = around(&text, used, self.locale) else { return Ok((text, used)) };
        let is_title = is_title(&self.house.server, &text, self.language, self.turn.end()).await?;
        Ok(if is_title { (text, used) } else { (around.rest, around.used) })
    }

    /// The music and the room of a text that names one at its end; a reply where that room is none.
    async fn parted(
        &self,
        text: &str,
    ) -> Result<Result<(String, Option<&MaPlayer>), Reply>, MusicAssistantError> {
        let Some(parted) = parted(self.house, text, self.language) else {
            return Ok(Ok((text.to_owned(), None)));
        };
        // "Dancing in the Kitchen" is a title.
        if has_title(&self.house.server, text, self.language, self.turn.end()).await? {
            return Ok(Ok((text.to_owned(), None)));
        }
        Ok(match named(self.house, &parted.room, self.language) {
            Ok(room) => Ok((parted.rest, Some(room))),
            Err(unknown) => Err(unknown),
        })
    }

    /// The room of the question that an address answers, and what is done with the music, where its words said so.
    fn question(&self, uri: &str) -> (Option<&MaPlayer>, Option<MusicUse>) {
        let Some((room, used)) = self.shared.asked.answer(self.player, uri, self.shared.clock.moment())
        else {
            return (None, None);
        };
        let of_room = |id: String| self.house.players.iter().find(|player| player.player_id == id);
        (room.and_then(of_room), used)
    }

    /// Plays favourites, or anything of the library, by chance. Where no track is a favourite, the others are looked at.
    async fn of_library(
        &self,
        favorite: Option<bool>,
        room: Option<&MaPlayer>,
        used: MusicUse,
    ) -> Result<Reply, MusicAssistantError> {
        let page = LibraryPage { favorite, limit: PLAYED_AT_MOST, offset: 0, order_by: LibraryOrder::Random };
        let kinds = [MediaKind::Track, MediaKind::Album, MediaKind::Artist, MediaKind::Playlist];
        for (at, kind) in kinds.iter().enumerate() {
            let items = self.house.server.library(kind, page).await?.items;
            // Of other kinds than tracks a few are enough music.
            let most = if at == 0 { PLAYED_AT_MOST } else { 5 };
            let uris: Vec<String> = items.into_iter().map(|found| found.uri).take(most).collect();
            if !uris.is_empty() {
                return self.used(ChosenMusic::Several(uris), room, used).await;
            }
        }
        Ok(Reply::NotFound { heard: String::new() })
    }

    /// Does with music what is asked for, in a room or at the player of the request.
    async fn used(
        &self,
        chosen: ChosenMusic,
        room: Option<&MaPlayer>,
        used: MusicUse,
    ) -> Result<Reply, MusicAssistantError> {
        let own = self.house.player(self.player);
        let target = match room {
            Some(room) => room,
            None => own.clone()?,
        };
        let elsewhere = !own.is_ok_and(|own| own.player_id == target.player_id);
        let server = &self.house.server;
        let queue = server.active_queue(&target.player_id).await?;
        let music = match &chosen {
            ChosenMusic::One(found) => Some(suggestion(found)),
            ChosenMusic::Several(_) => None,
        };
        let shuffles = used == MusicUse::Shuffle && !queue.shuffle_enabled;
        if shuffles && !queue.is_dynamic {
            self.turn.may_send()?;
            server.shuffle(&queue.queue_id, true).await?;
        }
        // A queue that Music Assistant makes itself is not shuffled, and is none any more once it is replaced.
        let shuffles_then = shuffles && queue.is_dynamic;
        let enqueue = match used {
            MusicUse::Play | MusicUse::Shuffle | MusicUse::Radio => Enqueue::Replace,
            MusicUse::Next => Enqueue::Next,
            MusicUse::Add => Enqueue::Add,
        };
        let starts = enqueue == Enqueue::Replace;
        let (id, uris) = (queue.queue_id.clone(), chosen.uris());
        let send = |server: Server| async move {
            match &uris[..] {
                [uri] => server.play(&id, &QueueMusic { uri, enqueue, radio: false }).await?,
                several => server.play_several(&id, several, enqueue).await?,
            }
            if shuffles_then { server.shuffle(&id, true).await } else { Ok(()) }
        };
        if used == MusicUse::Radio {
            radio::start(self.turn, server, &queue, chosen.uris()).await?;
        } else if starts {
            self.turn.start(server, send).await?;
        } else {
            self.turn.may_send()?;
            send(server.clone()).await?;
        }
        Ok(match music {
            Some(music) if used == MusicUse::Next => Reply::QueuedNext(music),
            Some(music) if !starts => Reply::Queued(music),
            None if !starts => Reply::Done,
            music => Reply::Starting { music, room: elsewhere.then(|| target.name.clone()) },
        })
    }
}
