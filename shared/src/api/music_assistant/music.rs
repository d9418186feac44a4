//! The route that searches Music Assistant.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::error::ApiError;
use crate::api::responses::MusicAssistantReadErrors;
use crate::api::state::ApiState;
use crate::music_assistant::{MediaKind, MusicSearch, RESULTS_AT_MOST, SearchResult};

/// Results of each kind where nothing else is asked for.
const RESULTS: usize = 10;

/// Results of a search.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SearchBody {
    /// The results by kind, and of a kind the best first.
    pub results: Vec<FoundBody>,
}

/// Music that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundBody {
    /// `track`, `artist`, `album`, `playlist`, `radio`, `audiobook`, `podcast` or `genre`.
    #[schema(example = "track")]
    pub kind: String,
    /// Its name or title.
    pub name: String,
    /// Its artists; null where it has none.
    pub artist: Option<String>,
    /// Its album; null where it has none.
    pub album: Option<String>,
    /// Its address in Music Assistant, for `play`.
    #[schema(example = "library://track/1")]
    pub uri: String,
    /// Whether it is in the library.
    pub in_library: bool,
    /// Whether it is a favourite.
    pub favorite: bool,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// The text, 1 to 200 characters.
    #[param(min_length = 1, max_length = 200)]
    query: String,
    /// The kinds with commas between them; all where it is left out.
    #[param(example = "track,album")]
    kinds: Option<String>,
    /// Most results of each kind, 1 to 25.
    #[param(minimum = 1, maximum = 25, default = 10)]
    limit: Option<usize>,
    /// Whether the library alone is searched, which is faster.
    library: Option<bool>,
}

/// Searches the library of Music Assistant and its providers.
#[utoipa::path(
    get, path = "/search", operation_id = "search", tag = "music assistant", params(SearchQuery),
    security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The results", body = SearchBody), MusicAssistantReadErrors)
)]
pub(super) async fn search(
    State(state): State<ApiState>,
    query: Result<Query<SearchQuery>, QueryRejection>,
) -> Result<Json<SearchBody>, ApiError> {
    let Query(query) =
        query.map_err(|_| ApiError::invalid("query: it has to be a text, and limit a number"))?;
    let limit = query.limit.unwrap_or(RESULTS);
    if !(1..=RESULTS_AT_MOST).contains(&limit) {
        return Err(ApiError::invalid("limit: it has to be a number from 1 to 25"));
    }
    let kinds = query.kinds.as_deref().map(kinds).transpose()?.unwrap_or_default();
    let library_only = query.library.unwrap_or_default();
    let search = MusicSearch { query: query.query, kinds, library_only, limit };
    let found = state.home_control.search(&search).await?;
    Ok(Json(SearchBody { results: found.into_iter().map(FoundBody::from).collect() }))
}

fn kinds(text: &str) -> Result<Vec<MediaKind>, ApiError> {
    let all = [
        MediaKind::Track,
        MediaKind::Artist,
        MediaKind::Album,
        MediaKind::Playlist,
        MediaKind::Radio,
        MediaKind::Audiobook,
        MediaKind::Podcast,
        MediaKind::Genre,
    ];
    let kind = |word: &str| all.iter().find(|kind| kind.as_str() == word.trim()).cloned();
    // No more words than there are kinds.
    let words: Vec<Option<MediaKind>> = text.split(',').take(all.len() + 1).map(kind).collect();
    let known: Option<Vec<MediaKind>> = words.into_iter().collect();
    known.filter(|kinds| kinds.len() <= all.len()).ok_or_else(|| {
        ApiError::invalid(
            "kinds: they are track, artist, album, playlist, radio, audiobook, podcast and genre",
        )
    })
}

impl From<SearchResult> for FoundBody {
    fn from(found: SearchResult) -> Self {
        Self {
            kind: found.kind.as_str().to_owned(),
            name: found.name,
            artist: found.artist,
            album: found.album,
            uri: found.uri,
            in_library: found.in_library,
            favorite: found.favorite,
        }
    }
}
