//! The queue of a player in Music Assistant, with its buttons.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::playing::Playing;
use crate::api::{ApiError, ApiState};
use crate::clock::Timestamp;
use crate::music_assistant::{EchoName, LiveQueue, PlaybackState, PlayerCommand, QueueItem, RepeatMode};
use crate::playback::{PlayerState, PlayerView};
use crate::web::flash::Flash;
use crate::web::form::{FormId, ValidForm};
use crate::web::page::Page;

/// The items that are shown of what comes next.
const SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "status/queue.html")]
struct Fragment<'a> {
    page: &'a Page,
    player: &'a str,
    place: &'a str,
    queue: &'a QueueView,
}

/// A queue, as it is shown.
struct QueueView {
    /// Title, artist and album of the present item; none where the queue has none.
    names: Option<Names>,
    /// Place in the present item; none where it has no length.
    progress: Option<Progress>,
    plays: bool,
    shuffled: bool,
    /// The text of what is repeated, and the button for another mode.
    repeated: (String, QueueButton),
    /// The items that come next: id, title, artist.
    coming: Vec<(String, String, Option<String>)>,
}

/// The names of an item.
struct Names {
    title: String,
    artist: Option<String>,
    album: Option<String>,
}

/// The place in an item, in whole seconds, and as it is shown.
struct Progress {
    position: u64,
    length: u64,
    shown: String,
}

/// A button of a queue, by the word that it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display, strum::EnumString)]
#[strum(serialize_all = "kebab-case")]
enum QueueButton {
    Previous,
    Pause,
    Resume,
    Next,
    ShuffleOn,
    ShuffleOff,
    RepeatOff,
    RepeatOne,
    RepeatAll,
    PlayItem,
}

/// The fields of the buttons.
#[derive(Deserialize)]
pub(super) struct ControlForm {
    player: String,
    command: String,
    #[serde(default)]
    item: String,
    #[serde(default)]
    place: FormId,
}

/// A player with its queue, where one is known by Music Assistant's events. What plays has the names of the queue, which are
/// there before the next push.
pub(super) fn with_queue(
    page: &Page,
    state: &ApiState,
    view: &PlayerView<'_>,
    playing: Playing,
    now: Timestamp,
) -> Playing {
    let name = view.player.player.as_str();
    let Some(queue) = QueueView::of(page, state, name, now) else { return playing };
    let html = Fragment { page, player: name, place: &playing.place, queue: &queue }.render();
    let html = html.inspect_err(|error| tracing::error!(%error, "a template cannot be rendered"));
    let playing = Playing { queue: html.unwrap_or_default(), ..playing };
    match queue.names.filter(|_| view.state == PlayerState::Playing) {
        Some(Names { title, artist, album }) => Playing { title: Some(title), artist, album, ..playing },
        None => playing,
    }
}

impl QueueView {
    /// The queue of a player; none where no events of Music Assistant are heard, or none is known.
    fn of(page: &Page, state: &ApiState, name: &str, now: Timestamp) -> Option<Self> {
        let report = state.renderers().report();
        let renderer = report.renderers.values().find(|renderer| renderer.device.name == name);
        let udn = renderer.map(|renderer| renderer.device.udn.clone());
        let live = state.music_assistant.live().of(&EchoName { name: name.to_owned(), udn })?;
        Some(Self::new(page, &live, now))
    }

    fn new(page: &Page, live: &LiveQueue, now: Timestamp) -> Self {
        let queue = &live.queue;
        let (text, then) = match queue.repeat_mode {
            RepeatMode::Off | RepeatMode::Other => ("queue-repeat-off", QueueButton::RepeatAll),
            RepeatMode::All => ("queue-repeat-all", QueueButton::RepeatOne),
            RepeatMode::One => ("queue-repeat-one", QueueButton::RepeatOff),
        };
        let coming = live.coming.iter().take(SHOWN).map(|item| {
            let names = Names::of(item);
            (item.queue_item_id.clone(), names.title, names.artist)
        });
        Self {
            names: queue.current_item.as_ref().map(Names::of),
            progress: queue.current_item.as_ref().and_then(|item| Progress::of(live, item, now)),
            plays: queue.state == PlaybackState::Playing,
            shuffled: queue.shuffle_enabled,
            repeated: (page.text(text), then),
            coming: coming.collect(),
        }
    }
}

impl Names {
    fn of(item: &QueueItem) -> Self {
        match &item.media_item {
            Some(media) => Self {
                title: media.name.clone(),
                artist: media.artist(),
                album: media.album().map(str::to_owned),
            },
            None => Self { title: item.name.clone(), artist: None, album: None },
        }
    }
}

impl Progress {
    fn of(live: &LiveQueue, item: &QueueItem, now: Timestamp) -> Option<Self> {
        let length = seconds(item.duration?);
        let position = seconds(live.position(now));
        let shown = format!("{} / {}", minutes(position), minutes(length));
        (length > 0).then_some(Self { position, length, shown })
    }
}

/// Whole seconds; 0 for what is no time.
fn seconds(time: f64) -> u64 {
    std::time::Duration::try_from_secs_f64(time).map_or(0, |time| time.as_secs())
}

/// Minutes and seconds, such as `3:07`.
fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Sends the command of a button to Music Assistant.
pub(super) async fn control(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<ControlForm>,
) -> Response {
    let sent = match command(&form) {
        Some(command) => state.home_control.command(&form.player, &command).await.map_err(ApiError::from),
        None => Err(ApiError::invalid("the page has no such button")),
    };
    let flash = match sent {
        Ok(()) => Flash::good("queue-sent", &[("player", &form.player)]),
        Err(error) => Flash::problem(&error),
    };
    page.redirect_with_flash("/status", &form.place.says(flash))
}

fn command(form: &ControlForm) -> Option<PlayerCommand> {
    Some(match form.command.parse::<QueueButton>().ok()? {
        QueueButton::Previous => PlayerCommand::Previous,
        QueueButton::Pause => PlayerCommand::Pause,
        QueueButton::Resume => PlayerCommand::Resume,
        QueueButton::Next => PlayerCommand::Next,
        QueueButton::ShuffleOn => PlayerCommand::Shuffle(true),
        QueueButton::ShuffleOff => PlayerCommand::Shuffle(false),
        QueueButton::RepeatOff => PlayerCommand::Repeat(RepeatMode::Off),
        QueueButton::RepeatOne => PlayerCommand::Repeat(RepeatMode::One),
        QueueButton::RepeatAll => PlayerCommand::Repeat(RepeatMode::All),
        QueueButton::PlayItem if form.item.is_empty() => return None,
        QueueButton::PlayItem => PlayerCommand::PlayItem(form.item.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_minutes() {
        assert_eq!(minutes(0), "0:00");
        assert_eq!(minutes(187), "3:07");
        assert_eq!(minutes(4000), "66:40");
        assert_eq!(seconds(f64::NAN), 0);
        assert_eq!(seconds(-1.0), 0);
        assert_eq!(seconds(59.9), 59);
    }
}
