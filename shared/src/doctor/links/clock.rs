//! The time of this machine.

use time::PrimitiveDateTime;
use time::macros::format_description;

use crate::clock::Timestamp;
use crate::doctor::answers::{Answers, Said};
use crate::doctor::codes::found;
use crate::doctor::examination::{Link, LinkKind};

/// How far a request's time may be from ours (Alexa Skills Kit, request verification), in seconds. Past it we would
/// refuse Alexa, and Alexa us.
const TOLERANCE: u64 = 150;

/// Amazon's clock is asked; where it does not answer, those of the addresses of this home, of which one that agrees is
/// enough: they may be on this very machine, and wrong with it.
pub(super) fn link(answers: &Answers) -> Link {
    let amazon = Some(&answers.time).filter(|said| said.answer().is_some());
    let others = [&answers.stream, &answers.art].into_iter().flatten().map(|outlet| &outlet.nothing);
    let nearest = match amazon.and_then(distance) {
        Some(distance) => Some(distance),
        None => others.filter_map(distance).min_by_key(|(seconds, _)| *seconds),
    };
    let findings = match nearest {
        None => vec![found("clock-unknown", &[])],
        Some((seconds, host)) if seconds > TOLERANCE => {
            let minutes = seconds.div_ceil(60).to_string();
            vec![found("clock-wrong", &[("host", host), ("minutes", &minutes)])]
        }
        Some(_) => Vec::new(),
    };
    let host = nearest.map_or("", |(_, host)| host);
    Link::of(LinkKind::Clock, findings, || found("clock-ok", &[("host", host)]))
}

/// How far our clock is from that of whoever answered, in seconds.
fn distance(said: &Said) -> Option<(u64, &str)> {
    let theirs = date(said.answer()?.header("date")?)?;
    Some((theirs.seconds().abs_diff(said.at.seconds()), said.host()))
}

/// The date of an answer (RFC 9110, section 5.6.7).
fn date(text: &str) -> Option<Timestamp> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let date = PrimitiveDateTime::parse(text, &format).ok()?.assume_utc();
    Some(Timestamp::from_millis(date.unix_timestamp().saturating_mul(1000)))
}
