//! Pauses between two streams. Amazon blocks a device that opens too many (docs/amazon-api.md, 8.6).

use std::time::Duration;

use crate::clock::{Moment, Random};

/// The first pause after a failure; it doubles with each.
const FIRST: Duration = Duration::from_secs(5);

/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_mins(5);

/// The life of a stream after which earlier failures count no more.
const LIVED: Duration = Duration::from_mins(2);

/// Shortest time between two streams that follow each other at once.
const BETWEEN_IMMEDIATE: Duration = Duration::from_mins(1);

/// Openings within an hour after which each pause is long.
const MANY: usize = 20;

/// The shortest pause after that many.
const SLOW: Duration = Duration::from_mins(4);

/// The reason of a pause: the end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PauseReason {
    /// We ended it for another one, which is open as soon as can be.
    Replaced,
    /// Amazon ended it in good order.
    Finished,
    /// It failed.
    Failed,
}

/// The record of earlier ends.
#[derive(Debug, Default)]
pub(super) struct Pace {
    failures: u32,
    /// The last stream that followed at once.
    immediate_at: Option<Moment>,
}

impl Pace {
    /// The pause after a stream that lived for `lived`, with `opens` openings within the hour.
    pub(super) fn after(
        &mut self,
        ending: PauseReason,
        lived: Duration,
        opens: usize,
        now: Moment,
        random: &dyn Random,
    ) -> Duration {
        let has_lived = lived >= LIVED;
        if has_lived {
            self.failures = 0;
        }
        let may_follow = self.immediate_at.is_none_or(|at| now.since(at) >= BETWEEN_IMMEDIATE);
        let pause = match ending {
            PauseReason::Replaced if may_follow => {
                self.immediate_at = Some(now);
                Duration::ZERO
            }
            PauseReason::Finished if has_lived => jittered(FIRST / 5, random),
            PauseReason::Replaced | PauseReason::Finished | PauseReason::Failed => {
                let pause = LONGEST.min(FIRST * 2_u32.saturating_pow(self.failures.min(8)));
                self.failures = self.failures.saturating_add(1);
                jittered(pause, random)
            }
        };
        if opens >= MANY { pause.max(SLOW) } else { pause }
    }
}

/// A pause of 80 to 120 percent, so that several homes do not come back together.
fn jittered(pause: Duration, random: &dyn Random) -> Duration {
    let mut byte = [128];
    // Without randomness the pause is as it was.
    let _ = random.fill(&mut byte);
    pause.mul_f64(0.8 + 0.4 * f64::from(byte[0]) / 255.0)
}
