//! The control at home: [`Control`] over Music Assistant's own API.
//!
//! A request is carried out once, and not after its time: five seconds at most, of which connecting takes 1.5, the search of
//! the library 2 and that of all providers 2 more. What starts music is answered once Music Assistant has the command and did
//! not refuse it at once. Our own API does the same by the same code.
//!
//! Music that an answer got and that no Echo began is started once more: see [`HomeControl::look_after`].
//!
//! Requests that were carried out, presses of buttons and the names of the library are in memory, bounded, and survive no
//! restart. Sleep timers do.

mod act;
mod asked;
mod everywhere;
mod face;
mod find;
mod home;
mod kept_timers;
mod known_names;
mod lost;
mod music;
mod music_words;
mod names;
mod notes;
mod once;
mod paused;
mod present;
mod presses;
mod radio;
mod rooms;
mod said;
mod timers;
mod transport;
mod turn;

use futures_util::future::BoxFuture;
use tokio::time::timeout_at;

use crate::alexa::DeviceId;
use crate::control::{Control, ControlError, ControlRequest, Reply};
use crate::music_assistant::MusicAssistantError;

pub use home::HomeControl;

use turn::Turn;

impl HomeControl {
    async fn reply(&self, request: &ControlRequest) -> Reply {
        let shared = &self.0;
        let player = request.player.as_str();
        let turn = Turn::new(&shared.clock, Some(request.until), player, &shared.starts, &shared.notes);
        let done = timeout_at(turn.end(), act::act(self, &turn, request)).await;
        let reply = match done.unwrap_or(Err(MusicAssistantError::Slow)) {
            Ok(reply) => {
                shared.notes.replied(player, &reply).await;
                reply
            }
            Err(error) => {
                shared.notes.failed(player, &error).await;
                Reply::Failed(ControlError::from(&error))
            }
        };
        tracing::debug!(control.id = request.id, control.player = player, "a request was carried out");
        reply
    }
}

impl Control for HomeControl {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let (home, asked) = (self.clone(), request.clone());
            let work = || async move { home.reply(&asked).await };
            self.0.once.reply(&request.id, self.0.clock.moment(), work).await
        })
    }

    fn silenced(&self, device: &DeviceId) {
        self.is_silenced(device);
        self.note_silence(device);
        self.pauses(device);
    }
}
