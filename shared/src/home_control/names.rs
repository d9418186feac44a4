//! The names of the library in memory, for what Music Assistant's search by letters does not find.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::music_words::media_kind;
use crate::clock::{Clock, Moment, Timestamp};
use crate::control::MusicKind;
use crate::music_assistant::{
    LibraryOrder, LibraryPage, MediaKind, MusicAssistantError, PAGE_AT_MOST, SearchResult, Server,
};
use crate::spoken::{Language, Sketch};
use crate::task;

/// The most names, and the most bytes of them.
const NAMES_AT_MOST: usize = 45_000;
const BYTES_AT_MOST: usize = 12 * 1024 * 1024;

/// The longest name and address that is kept, in bytes.
const TEXT_AT_MOST: usize = 400;

/// Time for which names are used, and for which a read that failed is not repeated.
const FRESH: Duration = Duration::from_mins(10);
const FAILED: Duration = Duration::from_mins(1);

/// The longest time of a read of all names.
const READ: Duration = Duration::from_mins(3);

/// The most names that are near what was heard, which are compared then.
const NEAR: usize = 300;

/// The least likeness of the rough forms of two names.
const LEAST: f64 = 0.35;

/// The kinds in the order in which they are read: what is most asked for goes before the tracks, which are many.
const KINDS: [MediaKind; 8] = [
    MediaKind::Playlist,
    MediaKind::Radio,
    MediaKind::Artist,
    MediaKind::Album,
    MediaKind::Genre,
    MediaKind::Audiobook,
    MediaKind::Podcast,
    MediaKind::Track,
];

/// The names of one server's library. They are read in the background, and again ten minutes later at the earliest.
#[derive(Debug)]
pub(super) struct Names {
    clock: Arc<dyn Clock>,
    state: Mutex<NameCache>,
    /// The number of reads that are done, for those who wait for one.
    reads: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct NameCache {
    /// The server of the names, and when their last read began.
    of: Option<(Server, Moment)>,
    is_read: bool,
    has_failed: bool,
    names: Arc<Vec<Name>>,
}

/// A name with its address.
#[derive(Debug)]
struct Name {
    kind: MediaKind,
    text: Box<str>,
    artist: Option<Box<str>>,
    uri: Box<str>,
    favourite: bool,
    popularity: u8,
    last_played: Option<Timestamp>,
    sketch: Sketch,
}

impl Names {
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Arc<Self> {
        let (reads, _) = watch::channel(0);
        Arc::new(Self { clock: Arc::clone(clock), state: Mutex::default(), reads })
    }

    /// Whether names of a server were read.
    pub(super) fn knows(&self, server: &Server) -> bool {
        let state = self.lock();
        !state.names.is_empty() && state.of.as_ref().is_some_and(|(of, _)| of.is_same(server))
    }

    /// Begins to read the names of a server, unless they are fresh or being read.
    pub(super) fn refresh(self: &Arc<Self>, server: &Server) {
        let now = self.clock.moment();
        {
            let mut state = self.lock();
            let is_same = state.of.as_ref().is_some_and(|(of, _)| of.is_same(server));
            let age = if state.has_failed { FAILED } else { FRESH };
            let is_young = state.of.as_ref().is_some_and(|(_, at)| now.since(*at) < age);
            if state.is_read || (is_same && is_young) {
                return;
            }
            if !is_same {
                state.names = Arc::default();
            }
            state.of = Some((server.clone(), now));
            state.is_read = true;
        }
        let (names, server) = (Arc::clone(self), server.clone());
        task::spawn(async move {
            let mut found = Vec::new();
            let read = timeout(READ, read(&server, &mut found)).await;
            names.take(found, read.unwrap_or(Err(MusicAssistantError::Slow)));
        });
    }

    /// Items of the library whose names sound like what was heard, likely ones among them. Where the names are read for the
    /// first time, they are waited for until `end`.
    pub(super) async fn closest(
        &self,
        heard: &str,
        kind: Option<MusicKind>,
        language: Language,
        end: Instant,
    ) -> Vec<SearchResult> {
        let mut reads = self.reads.subscribe();
        let waits = {
            let state = self.lock();
            state.is_read && state.names.is_empty()
        };
        if waits {
            // A read that takes longer is there for the next request.
            let _ = timeout_at(end, reads.changed()).await;
        }
        let names = Arc::clone(&self.lock().names);
        let (heard, kind) = (Sketch::heard(heard, language), kind.map(media_kind));
        let near = tokio::task::spawn_blocking(move || near(&names, heard, kind.as_ref()));
        near.await.unwrap_or_default()
    }

    /// Takes the names of a read. A read that ended early counts where it found more than the one before.
    fn take(&self, names: Vec<Name>, read: Result<(), MusicAssistantError>) {
        let mut state = self.lock();
        state.is_read = false;
        state.has_failed = read.is_err();
        match read {
            Ok(()) => tracing::debug!(names = names.len(), "the names of the library were read"),
            Err(error) => {
                tracing::debug!(names = names.len(), %error, "not all names of the library were read");
            }
        }
        if !state.has_failed || names.len() > state.names.len() {
            state.names = Arc::new(names);
        }
        self.reads.send_modify(|reads| *reads += 1);
    }

    fn lock(&self) -> MutexGuard<'_, NameCache> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the names into a list, which has those read so far at each moment.
async fn read(server: &Server, names: &mut Vec<Name>) -> Result<(), MusicAssistantError> {
    let mut bytes = 0;
    for kind in KINDS {
        let mut offset = 0;
        while names.len() < NAMES_AT_MOST && bytes < BYTES_AT_MOST {
            let order_by = LibraryOrder::SortName;
            let page = LibraryPage { favorite: None, limit: PAGE_AT_MOST, offset, order_by };
            let page = match server.library(&kind, page).await {
                Ok(page) => page,
                // An older server has no such list.
                Err(MusicAssistantError::Failed { .. }) if offset == 0 => break,
                Err(error) => return Err(error),
            };
            for name in page.items.into_iter().filter_map(Name::of) {
                bytes += name.bytes();
                if names.len() < NAMES_AT_MOST && bytes <= BYTES_AT_MOST {
                    names.push(name);
                }
            }
            offset += PAGE_AT_MOST;
            if !page.goes_on {
                break;
            }
        }
    }
    Ok(())
}

/// The names that are near, the nearest first.
fn near(names: &[Name], heard: [Sketch; 2], kind: Option<&MediaKind>) -> Vec<SearchResult> {
    let of_kind = names.iter().filter(|name| kind.is_none_or(|kind| *kind == name.kind));
    let scored = of_kind.map(|name| {
        let likeness = heard.iter().map(|heard| heard.likeness(name.sketch)).fold(0.0, f64::max);
        (likeness, name)
    });
    let mut scored: Vec<(f64, &Name)> = scored.filter(|(likeness, _)| *likeness >= LEAST).collect();
    scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    scored.into_iter().take(NEAR).map(|(_, name)| name.found()).collect()
}

impl Name {
    /// None for what is too long to be kept.
    fn of(found: SearchResult) -> Option<Self> {
        if found.name.len() > TEXT_AT_MOST || found.uri.len() > TEXT_AT_MOST {
            return None;
        }
        let artist = found.artist.filter(|artist| artist.len() <= TEXT_AT_MOST);
        Some(Self {
            sketch: Sketch::of(&found.name),
            kind: found.kind,
            text: found.name.into(),
            artist: artist.map(Into::into),
            uri: found.uri.into(),
            favourite: found.favorite,
            popularity: found.popularity,
            last_played: found.last_played,
        })
    }

    fn bytes(&self) -> usize {
        mem::size_of::<Self>() + self.text.len() + self.uri.len() + self.artist.as_deref().map_or(0, str::len)
    }

    fn found(&self) -> SearchResult {
        SearchResult {
            kind: self.kind.clone(),
            name: self.text.to_string(),
            artist: self.artist.as_deref().map(str::to_owned),
            album: None,
            uri: self.uri.to_string(),
            in_library: true,
            favorite: self.favourite,
            popularity: self.popularity,
            last_played: self.last_played,
        }
    }
}
