//! Blind writes: three rules said again in a condition, since a read before them would make people wait. A property test
//! holds each to its rule. Where a condition fails, the rule decides on the item that refused it.

use super::expression::Expression;
use crate::account::{ChallengeResponse, OneTimeWord, PairingChallenge};
use crate::clock::{SKEW, Timestamp};
use crate::playback::{Echo, EchoReport, LastRequest, ReportKind};
use crate::store::item::{echo_key, player_key, word_key};

/// A report of the Echo that was given a stream; see [`crate::playback::Player::record`].
pub(super) fn report(event: &EchoReport, now: Timestamp) -> (String, Expression) {
    let mut write = Expression::of_live(now);
    let order = event.order();
    write.require_equal("version", event.token.version);
    // A player that was never started has no version that a report is of.
    let (version, never, start) = (write.name("version"), write.value(0), write.name("stream"));
    write.require(format!("{version} > {never}"));
    write.require(format!("attribute_exists({start})"));
    let (last, ours) = (write.name("last_event"), write.value(&order));
    let latest = write.value(EchoReport::latest(now));
    write.require(format!("(attribute_not_exists({last}) OR {last} < {ours} OR {last} > {latest})"));
    if let Some(device) = &event.device {
        let unserved = write.is_absent("pairing.device");
        let own = write.equals("pairing.device", device);
        let played = write.equals("played_by", event.reporter());
        write.require(format!("({unserved} OR {own} OR {played})"));
    }
    write.set("last_event", &order);
    write.set("event_request", &event.request);
    write.set("state", event.kind.state());
    write.set("offset_ms", event.offset_ms);
    write.set("state_at", event.at);
    write.set("origin", event.token.origin);
    write.set("reported_at", now);
    write.set_or_remove("played_by", event.reporter());
    write.set_or_remove("error", event.error.as_ref());
    match event.is_silent_end() {
        Some(true) => write.count_up("silent_plays"),
        Some(false) => write.remove("silent_plays"),
        None => {}
    }
    if event.kind == ReportKind::Started {
        write.set("played_at", now);
        write.remove("moved");
    }
    if event.is_worth_a_replay() {
        write.set_if_absent("replayed_by", &event.request);
    }
    write.count_up("revision");
    (player_key(event.token.player), write)
}

/// The note that an Echo asks again; see [`Echo::record_request`].
pub(super) fn request(request: &LastRequest) -> (String, Expression) {
    let mut write = Expression::of_live(request.at);
    let repeated = write.equals("asked_request", &request.request);
    write.require(format!("NOT {repeated}"));
    let (asked_at, at) = (write.name("asked_at"), write.value(request.at));
    let ahead = write.value(request.at.plus(SKEW));
    write.require(format!("({asked_at} <= {at} OR {asked_at} > {ahead})"));
    write.copy("asked_at", "asked_before");
    write.set("asked_at", request.at);
    write.set("asked_request", &request.request);
    write.set_or_remove("endpoint", request.endpoint.as_ref());
    write.set_or_remove("user", request.user.as_ref());
    write.set_or_remove("locale", request.locale.as_ref());
    write.set("expires_at", Echo::first(request).expires_at);
    write.count_up("revision");
    (echo_key(&request.device), write)
}

/// A one-time word that comes back for the first time; see [`PairingChallenge::take`].
pub(super) fn word(word: &OneTimeWord, taken: &ChallengeResponse) -> (String, Expression) {
    let mut write = Expression::of_live(taken.at);
    let unused = write.is_absent("used");
    write.require(unused);
    let latest = taken.at.plus(PairingChallenge::LASTS.saturating_add(SKEW)).seconds();
    let (expiry, latest) = (write.name("expires_at"), write.value(latest));
    write.require(format!("{expiry} <= {latest}"));
    write.set("used", taken);
    write.count_up("revision");
    (word_key(word), write)
}
