//! The state of the control at home.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::asked::OpenQuestions;
use super::lost::LostStarts;
use super::names::Names;
use super::notes::Notes;
use super::once::Once;
use super::presses::Presses;
use super::timers::Timers;
use super::turn::StartSlots;
use crate::clock::Clock;
use crate::config::VoicePause;
use crate::deps::Deps;
use crate::music_assistant::Connection;
use crate::store::Store;

/// Most pauses that wait for the report of their Echo at once.
const PAUSES_AT_MOST: usize = 32;

/// Carries out what people ask for, over a connection to Music Assistant; cheap to clone.
#[derive(Clone, Debug)]
pub struct HomeControl(pub(super) Arc<Shared>);

/// The services and the state of all requests.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) connection: Connection,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) once: Once,
    pub(super) starts: StartSlots,
    pub(super) notes: Notes,
    pub(super) presses: Presses,
    pub(super) timers: Timers,
    pub(super) lost: LostStarts,
    pub(super) names: Arc<Names>,
    pub(super) asked: OpenQuestions,
    pub(super) voice_pause: VoicePause,
    /// The places of the pauses that wait for an Echo.
    pub(super) pauses: Arc<Semaphore>,
}

impl HomeControl {
    /// The control over a connection. Nothing is sent yet.
    #[must_use]
    pub fn new(deps: &Deps, connection: Connection) -> Self {
        let clock = Arc::clone(&deps.clock);
        Self(Arc::new(Shared {
            connection,
            store: Arc::clone(&deps.store),
            names: Names::new(&clock),
            notes: Notes::new(deps),
            clock,
            once: Once::default(),
            starts: StartSlots::default(),
            presses: Presses::default(),
            timers: Timers::default(),
            lost: LostStarts::default(),
            asked: OpenQuestions::default(),
            voice_pause: deps.config.voice_pause,
            pauses: Arc::new(Semaphore::new(PAUSES_AT_MOST)),
        }))
    }
}
