//! Which music a person means: Music Assistant's library first, then all its providers, then the closest names by sound.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};

use super::music_words::{candidate, media_kind, spoken_kind};
use super::names::Names;
use crate::control::MusicKind;
use crate::music_assistant::{MusicAssistantError, MusicSearch, SEARCHED_AT_MOST, SearchResult, Server};
use crate::spoken::{Candidate, Choice, Language, choose, fold, title_and_artist};

/// The longest time of the searches of the library, and of those of all providers.
const SEARCHED: Duration = Duration::from_secs(2);

/// The most results of each kind and text.
const RESULTS: usize = 10;

/// The time of a request that is left for the play itself, in which no music is searched for.
const PLAYED: Duration = Duration::from_millis(500);

/// The music that a person asks for.
#[derive(Clone, Debug)]
pub(super) struct MusicQuery {
    /// The text that was heard, without the room.
    pub(super) text: String,
    /// The kind that was said, if any.
    pub(super) kind: Option<MusicKind>,
    /// The language of the Echo.
    pub(super) language: Language,
}

/// The music that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MusicChoice {
    /// This.
    Clear(SearchResult),
    /// One of these, the likeliest first; a single one is not like enough to be played unasked.
    Close(Vec<SearchResult>),
    /// None is like what was heard.
    Nothing,
}

/// Finds what is meant, before `end`.
pub(super) async fn find(
    server: &Server,
    names: &Arc<Names>,
    wanted: &MusicQuery,
    end: Instant,
) -> Result<MusicChoice, MusicAssistantError> {
    let wanted = MusicQuery { text: cut(&wanted.text), ..wanted.clone() };
    if wanted.text.is_empty() {
        return Ok(MusicChoice::Nothing);
    }
    let end = end.checked_sub(PLAYED).unwrap_or(end);
    // Those that are known are read again after the search, for which a person waits.
    let knows_names = names.knows(server);
    if !knows_names {
        names.refresh(server);
    }
    let found = among_all(server, names, &wanted, knows_names, end).await;
    names.refresh(server);
    found
}

/// Finds what is meant in the library, else among all providers and the names of the library that sound like it.
async fn among_all(
    server: &Server,
    names: &Arc<Names>,
    wanted: &MusicQuery,
    knows_names: bool,
    end: Instant,
) -> Result<MusicChoice, MusicAssistantError> {
    let mut found = search(server, &of_library(wanted), wanted, true, end).await?;
    let in_library = meant(&found, wanted).await;
    if is_good(&in_library, wanted) {
        return Ok(in_library);
    }
    let closest = || names.closest(&wanted.text, wanted.kind, wanted.language, end);
    // A name of the library that was misheard goes before what a provider has under the wrong name.
    let near = async { if knows_names { closest().await } else { Vec::new() } };
    let texts = of_providers(wanted);
    let (everywhere, near) = tokio::join!(search(server, &texts, wanted, false, end), near);
    let mut late = None;
    match everywhere {
        Ok(more) => found.extend(more),
        Err(error) => late = Some(error),
    }
    found.extend(near);
    found = each_once(found);
    let mut meant_all = meant(&found, wanted).await;
    if meant_all == MusicChoice::Nothing && !knows_names {
        meant_all = meant(&closest().await, wanted).await;
    }
    match (meant_all, late) {
        (MusicChoice::Nothing, Some(error)) => Err(error),
        (meant, _) => Ok(meant),
    }
}

/// Each address once, as it came first.
fn each_once(found: Vec<SearchResult>) -> Vec<SearchResult> {
    let mut known = BTreeSet::new();
    found.into_iter().filter(|result| known.insert(result.uri.clone())).collect()
}

/// Whether the library has an item whose name is all of a text.
pub(super) async fn has_title(
    server: &Server,
    text: &str,
    language: Language,
    end: Instant,
) -> Result<bool, MusicAssistantError> {
    is_name(server, text, language, true, end).await
}

/// The same of the library and of all providers. What these do not answer counts as none.
pub(super) async fn is_title(
    server: &Server,
    text: &str,
    language: Language,
    end: Instant,
) -> Result<bool, MusicAssistantError> {
    let is_known = is_name(server, text, language, true, end).await?;
    Ok(is_known || is_name(server, text, language, false, end).await.unwrap_or(false))
}

async fn is_name(
    server: &Server,
    text: &str,
    language: Language,
    library_only: bool,
    end: Instant,
) -> Result<bool, MusicAssistantError> {
    let wanted = MusicQuery { text: cut(text), kind: None, language };
    let found = search(server, std::slice::from_ref(&wanted.text), &wanted, library_only, end).await?;
    let whole = fold(text, language);
    Ok(found.iter().any(|found| fold(&found.name, language) == whole))
}

/// The texts for the library, which finds what holds a text: all, and each title before a word for "by".
fn of_library(wanted: &MusicQuery) -> Vec<String> {
    let titles = title_and_artist(&wanted.text, wanted.language).into_iter().map(|(title, _)| title);
    distinct([wanted.text.clone()].into_iter().chain(titles))
}

/// The texts for the providers: all, and the likeliest title with its artist.
fn of_providers(wanted: &MusicQuery) -> Vec<String> {
    let ways = title_and_artist(&wanted.text, wanted.language).into_iter().take(1);
    let both = ways.map(|(title, artist)| format!("{title} {artist}"));
    distinct([wanted.text.clone()].into_iter().chain(both))
}

fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut known = BTreeSet::new();
    texts.filter(|text| known.insert(text.to_lowercase())).collect()
}

/// The results of all texts, each once. One text that cannot be searched for hides none of the others.
async fn search(
    server: &Server,
    texts: &[String],
    wanted: &MusicQuery,
    library_only: bool,
    end: Instant,
) -> Result<Vec<SearchResult>, MusicAssistantError> {
    let end = end.min(Instant::now() + SEARCHED);
    let kinds: Vec<_> = wanted.kind.map(media_kind).into_iter().collect();
    let searches: Vec<MusicSearch> = texts
        .iter()
        .map(|query| MusicSearch { query: query.clone(), kinds: kinds.clone(), library_only, limit: RESULTS })
        .collect();
    let asked = join_all(searches.iter().map(|search| async move {
        timeout_at(end, server.search(search)).await.unwrap_or(Err(MusicAssistantError::Slow))
    }));
    let mut found: Vec<SearchResult> = Vec::new();
    let mut known = BTreeSet::new();
    let (mut answered, mut failed) = (false, None);
    for results in asked.await {
        match results {
            Ok(results) => {
                answered = true;
                found.extend(results.into_iter().filter(|result| known.insert(result.uri.clone())));
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    match failed {
        Some(error) if !answered => Err(error),
        _ => Ok(found),
    }
}

/// The choice among these results. Long lists take some milliseconds, in which others have their turn.
async fn meant(found: &[SearchResult], wanted: &MusicQuery) -> MusicChoice {
    let candidates: Vec<Candidate> = found.iter().filter_map(candidate).collect();
    let MusicQuery { text, kind, language } = wanted.clone();
    let kind = kind.map(media_kind).as_ref().and_then(spoken_kind);
    let chosen = tokio::task::spawn_blocking(move || match choose(&text, kind, language, &candidates) {
        Choice::Clear(one) => (true, vec![one.uri.clone()]),
        Choice::Close(several) => (false, several.iter().map(|candidate| candidate.uri.clone()).collect()),
        Choice::Nothing => (false, Vec::new()),
    });
    let (is_clear, uris) = chosen.await.unwrap_or_default();
    let of_uri = |uri: &String| found.iter().find(|found| found.uri == *uri).cloned();
    let mut chosen = uris.iter().filter_map(of_uri);
    if is_clear {
        return chosen.next().map_or(MusicChoice::Nothing, MusicChoice::Clear);
    }
    let chosen: Vec<SearchResult> = chosen.collect();
    if chosen.is_empty() { MusicChoice::Nothing } else { MusicChoice::Close(chosen) }
}

/// Whether the providers need not be asked: one is clear, or several have the very name.
fn is_good(meant: &MusicChoice, wanted: &MusicQuery) -> bool {
    let name = |text: &str| fold(text, wanted.language);
    match meant {
        MusicChoice::Clear(_) => true,
        MusicChoice::Close(found) => found.iter().any(|found| name(&found.name) == name(&wanted.text)),
        MusicChoice::Nothing => false,
    }
}

/// The first 200 characters, without a word that is cut off.
fn cut(text: &str) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(SEARCHED_AT_MOST) else { return text.to_owned() };
    let first = text.get(..end).unwrap_or_default();
    first.rsplit_once(char::is_whitespace).map_or(first, |(whole, _)| whole).trim_end().to_owned()
}
