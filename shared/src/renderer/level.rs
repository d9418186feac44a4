//! Changes of the volume of one device, in their order.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::actor::ActorMessage;
use super::echos::{COMMAND_AT_MOST, Echos, short};
use crate::speakers::{LevelChange, Refusal, SpeakerLevel};
use crate::task;

/// Changes that wait; a further one is refused.
const WAITING_AT_MOST: usize = 64;

/// Takes changes until all senders are gone. Of volumes that wait one behind the other the last one counts.
pub(super) fn changes(
    serial: &str,
    echos: Arc<dyn Echos>,
    own: mpsc::WeakSender<ActorMessage>,
) -> mpsc::Sender<LevelChange> {
    let (sender, mut wanted) = mpsc::channel(WAITING_AT_MOST);
    let serial = serial.to_owned();
    task::spawn(async move {
        let mut waiting = Vec::new();
        while wanted.recv_many(&mut waiting, WAITING_AT_MOST).await > 0 {
            for change in coalesced(std::mem::take(&mut waiting)) {
                let level = change_level(&serial, echos.as_ref(), change).await;
                if let Some((level, own)) = level.zip(own.upgrade()) {
                    // It fails only where the renderer has ended.
                    let _ = own.send(ActorMessage::Level(level)).await;
                }
            }
        }
    });
    sender
}

async fn change_level(serial: &str, echos: &dyn Echos, change: LevelChange) -> Option<SpeakerLevel> {
    match timeout(COMMAND_AT_MOST, echos.change_level(serial, change)).await {
        Ok(Ok(level)) => return Some(level),
        Ok(Err(Refusal { reason, .. })) => {
            tracing::warn!(device = short(serial), reason, "a volume was not set");
        }
        Err(_elapsed) => tracing::warn!(device = short(serial), "a volume was not set in time"),
    }
    None
}

/// The changes without the volumes that another volume follows.
fn coalesced(changes: Vec<LevelChange>) -> Vec<LevelChange> {
    let mut last: Vec<LevelChange> = Vec::new();
    for change in changes {
        let takes_place = |before: &LevelChange| {
            matches!((before, &change), (LevelChange::To(_), LevelChange::To(_)))
                || matches!((before, &change), (LevelChange::Muted(_), LevelChange::Muted(_)))
        };
        if last.last().is_some_and(takes_place) {
            last.pop();
        }
        last.push(change);
    }
    last
}
