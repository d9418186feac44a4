//! The time of AWS, as the home knows it.

use std::time::Duration;

use crate::clock::Timestamp;

/// The time of the functions. A machine at home may have another one, and a request ends by theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTime {
    at: Timestamp,
    monotonic: Duration,
}

impl ServerTime {
    /// The time `at` of an answer to a request that was sent at `sent` by the monotonic clock. It is the latest that it can
    /// be, so that a request is rather left than begun after its end.
    #[must_use]
    pub fn answered(at: Timestamp, sent: Duration) -> Self {
        Self { at, monotonic: sent }
    }

    /// The time of the functions when the monotonic clock shows `monotonic`; ahead by the time of that request at most.
    #[must_use]
    pub fn now(&self, monotonic: Duration) -> Timestamp {
        self.at.plus(monotonic.saturating_sub(self.monotonic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_never_behind() {
        let server = ServerTime::answered(Timestamp::from_millis(50_000), Duration::from_secs(7));
        assert_eq!(server.now(Duration::from_secs(7)), Timestamp::from_millis(50_000));
        assert_eq!(server.now(Duration::from_secs(9)), Timestamp::from_millis(52_000));
    }
}
