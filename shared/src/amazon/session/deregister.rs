//! Deregistration of the devices of earlier sign-ins.

use std::time::Duration;

use crate::account::AmazonSession;
use crate::amazon::tokens::TokenClient;

/// Age up to which a failed deregistration is tried again.
const RETRIED_FOR: Duration = Duration::from_hours(30 * 24);

/// Takes the devices of earlier sign-ins off their accounts, and out of the session. Returns the number of successes.
/// A failure fails nothing else; the device stays in the session for a later attempt.
pub(super) async fn deregister_leaving(session: &mut AmazonSession, tokens: TokenClient<'_>) -> usize {
    let series = tokens.series();
    let (mut left, mut deregistered) = (Vec::new(), 0);
    for pending in std::mem::take(&mut session.pending_deregistrations) {
        let now = tokens.clock().now();
        if series.is_throttled() {
            left.push(pending);
            continue;
        }
        match tokens.deregister(&pending.refresh_token).await {
            Ok(_) => deregistered += 1,
            Err(error) if now.is_within(RETRIED_FOR, pending.since) => {
                tracing::warn!(%error, "a device of an earlier sign-in is still on the account");
                series.record_error(&error);
                left.push(pending);
            }
            Err(error) => {
                series.record_error(&error);
                tracing::error!(%error, "a device of an earlier sign-in stays on the account: remove it there");
            }
        }
    }
    session.pending_deregistrations = left;
    deregistered
}
