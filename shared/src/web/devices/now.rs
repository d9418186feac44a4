//! The present item of a device.

use crate::account::Device;
use crate::playback::{Household, PlayerState, PlayerView};
use crate::web::page::Page;
use crate::web::player_state::{state_tone, state_word};
use crate::web::text::pairing_echo;

/// The present item of a device, as it is shown.
pub(super) struct Now {
    pub(super) tone: &'static str,
    pub(super) state: String,
    /// Title and artist, as far as they are known.
    pub(super) title: Option<String>,
    /// Its button; none where there is nothing to pause or to play.
    pub(super) button: Option<Button>,
}

/// A button of what plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Button {
    Pause,
    Play,
}

impl Button {
    /// The command that it sends.
    pub(super) fn command(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Play => "play",
        }
    }

    /// The key of its name.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Pause => "queue-pause",
            Self::Play => "queue-resume",
        }
    }
}

impl Now {
    /// The player of this device that changed last, and first of all one that plays; none before the first start.
    pub(super) fn of(page: &Page, household: &Household, device: &Device) -> Option<Self> {
        let views = household.players.iter().filter(|player| player.start().is_some()).filter(|player| {
            let serial = pairing_echo(household, player).and_then(|echo| echo.serial.as_ref());
            match serial {
                Some(serial) => *serial == device.serial || device.members.contains(serial),
                None => player.player.as_str() == device.name,
            }
        });
        let views = views.map(|player| household.view(player, page.now()));
        let view = views.max_by_key(|view| (plays(view.state), view.since.max(view.player.pushed_at())))?;
        Some(Self::shown(page, &view, device.online))
    }

    fn shown(page: &Page, view: &PlayerView<'_>, online: bool) -> Self {
        let metadata = view.player.metadata();
        let parts: Vec<&str> =
            [&metadata.title, &metadata.artist].into_iter().flatten().map(String::as_str).collect();
        let button = match view.state {
            PlayerState::Playing | PlayerState::Requested => Some(Button::Pause),
            PlayerState::Stopped => Some(Button::Play),
            PlayerState::Idle | PlayerState::Finished | PlayerState::Failed => None,
        };
        Self {
            tone: state_tone(view.state),
            state: page.text(state_word(view.state)),
            title: (!parts.is_empty()).then(|| parts.join(" · ")),
            button: button.filter(|_| online),
        }
    }
}

fn plays(state: PlayerState) -> bool {
    matches!(state, PlayerState::Playing | PlayerState::Requested)
}
