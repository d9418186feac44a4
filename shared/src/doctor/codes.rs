//! Everything that can be found. A code never changes its meaning.

use super::examination::{Finding, Verdict};

use Verdict::{Broken, NotCheckable, Ok};

/// Something that can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its name, in words joined by hyphens.
    pub code: String,
    /// How a link is of which it is found.
    pub verdict: Verdict,
    /// The values that its texts may have in them.
    pub details: &'static [&'static str],
}

type Row = (&'static str, Verdict, &'static [&'static str]);

/// What can be the matter with an address, whosever it is. `host` is its host and `setting` the variable that names it.
const ADDRESS: [Row; 14] = [
    ("name-unknown", Broken, &["host", "setting"]),
    ("private-address", Broken, &["host", "setting"]),
    ("port-closed", Broken, &["host", "setting"]),
    ("timeout", Broken, &["host", "setting"]),
    ("certificate-expired", Broken, &["host", "setting"]),
    ("certificate-not-yet-valid", Broken, &["host", "setting"]),
    ("certificate-wrong-name", Broken, &["host", "setting"]),
    ("certificate-untrusted", Broken, &["host", "setting"]),
    ("certificate-refused", Broken, &["host", "setting"]),
    ("tls", Broken, &["host", "setting"]),
    ("no-http", Broken, &["host", "setting"]),
    ("redirects", Broken, &["host", "setting", "to"]),
    ("bot-challenge", Broken, &["host", "setting"]),
    ("unreachable-upstream", Broken, &["host", "setting", "status"]),
];

/// The addresses, as the beginning of the codes of [`ADDRESS`].
const PLACES: [&str; 5] = ["api", "stream", "art", "endpoint", "ma-api"];

/// Everything else, in the order of the chain.
const ROWS: [Row; 84] = [
    ("configuration-ok", Ok, &[]),
    ("setting-malformed", Broken, &["setting", "example"]),
    ("credentials-missing", Broken, &["place"]),
    ("secrets-unreadable", Broken, &["place"]),
    ("disk-full", Broken, &[]),
    ("clock-ok", Ok, &["host"]),
    ("clock-wrong", Broken, &["host", "minutes"]),
    ("clock-unknown", NotCheckable, &[]),
    ("api-ok", Ok, &["host"]),
    ("api-not-set", NotCheckable, &[]),
    ("api-not-encrypted", Broken, &["host"]),
    ("api-not-ours", Broken, &["host"]),
    ("api-busy", NotCheckable, &["host", "status"]),
    ("api-wrong-status", Broken, &["host", "status"]),
    ("api-other-release", Broken, &["host", "found", "ours"]),
    ("stream-ok", Ok, &["host"]),
    ("stream-not-set", Broken, &[]),
    ("stream-port", NotCheckable, &["host", "port", "setting"]),
    ("stream-not-found", Broken, &["host", "player"]),
    ("stream-wrong-status", Broken, &["host", "status"]),
    ("stream-not-audio", Broken, &["host", "type"]),
    ("stream-answers-everything", Broken, &["host"]),
    ("stream-audio-unknown", NotCheckable, &["host"]),
    ("stream-fetches-foreign", Broken, &["host"]),
    ("stream-leaks-commands", Broken, &["host", "path"]),
    ("stream-leaks-pages", Broken, &["host", "path"]),
    ("art-ok", Ok, &["host"]),
    ("art-not-set", NotCheckable, &[]),
    ("art-port", NotCheckable, &["host", "port", "setting"]),
    ("art-not-found", Broken, &["host", "player"]),
    ("art-wrong-status", Broken, &["host", "status"]),
    ("art-not-image", Broken, &["host", "type"]),
    ("art-answers-everything", Broken, &["host"]),
    ("art-old-release", NotCheckable, &["host"]),
    ("art-unknown", NotCheckable, &["host"]),
    ("art-fetches-foreign", Broken, &["host"]),
    ("art-leaks-commands", Broken, &["host", "path"]),
    ("art-leaks-pages", Broken, &["host", "path"]),
    ("skill-ok", Ok, &["locales"]),
    ("skill-unknown", Broken, &[]),
    ("skill-gone", Broken, &["skill"]),
    ("skill-points-nowhere", Broken, &["expected"]),
    ("skill-points-elsewhere", Broken, &["found", "expected"]),
    ("skill-certificate-type-wrong", Broken, &["found", "expected"]),
    ("skill-testing-off", Broken, &[]),
    ("skill-locale-missing", Broken, &["locale"]),
    ("skill-model-not-built", Broken, &["locale"]),
    ("skill-model-building", NotCheckable, &["locale"]),
    ("skill-build-failed", Broken, &["locale", "reason"]),
    ("developer-not-signed-in", NotCheckable, &[]),
    ("developer-sign-in-ended", Broken, &["at"]),
    ("developer-unavailable", NotCheckable, &[]),
    ("endpoint-not-set", NotCheckable, &[]),
    ("language-ok", Ok, &["locale", "name"]),
    ("invocation-name-illegal", Broken, &["name"]),
    ("invocation-name-differs", Broken, &["locale", "found", "expected"]),
    ("invocation-name-not-ma", Broken, &["name"]),
    ("provider-never-asked", NotCheckable, &[]),
    ("provider-stale", Broken, &["at"]),
    ("locale-ma-cannot-start", Broken, &["locale"]),
    ("echo-language-differs", Broken, &["echo", "locale"]),
    ("push-ok", Ok, &["player", "at"]),
    ("push-never", Broken, &[]),
    ("push-not-yet", NotCheckable, &[]),
    ("echo-ok", Ok, &["at"]),
    ("echo-never", Broken, &["player"]),
    ("echo-not-yet", NotCheckable, &[]),
    ("echo-not-paired", Broken, &["player"]),
    ("pairing-asleep", Broken, &["player"]),
    ("start-contested", Broken, &["player"]),
    ("start-not-taken", Broken, &["player", "at"]),
    ("starts-astray", Broken, &["player", "count", "echo"]),
    ("playback-ok", Ok, &["player", "at"]),
    ("playback-not-yet", NotCheckable, &[]),
    ("playback-failed-invalid-request", Broken, &["player", "at"]),
    ("playback-failed-service-unavailable", Broken, &["player", "at"]),
    ("playback-failed-internal-server-error", Broken, &["player", "at"]),
    ("playback-failed-internal-device-error", Broken, &["player", "at"]),
    ("playback-failed-unknown", Broken, &["player", "at"]),
    ("playback-not-reported", Broken, &["player", "at"]),
    ("answer-refused", Broken, &["error", "at"]),
    ("amazon-ok", Ok, &["marketplace"]),
    ("amazon-not-signed-in", NotCheckable, &[]),
    ("amazon-sign-in-ended", Broken, &["at", "reason"]),
];

/// The last two links, and what came later.
const MORE_ROWS: [Row; 11] = [
    ("playback-silent", Broken, &["player", "at"]),
    ("amazon-throttled", Broken, &["until"]),
    ("amazon-token-stale", Broken, &["at"]),
    ("amazon-unreadable", Broken, &["place"]),
    ("ma-api-ok", Ok, &["host", "version"]),
    ("ma-api-not-set", NotCheckable, &[]),
    ("ma-api-not-encrypted", Broken, &["host"]),
    ("ma-api-not-ma", Broken, &["host"]),
    ("ma-api-token-missing", Broken, &["host"]),
    ("ma-api-token-refused", Broken, &["host"]),
    ("ma-api-wrong-status", Broken, &["host", "status"]),
];

/// Everything that can be found.
#[must_use]
pub fn codes() -> Vec<Code> {
    let row = |(code, verdict, details): Row| Code { code: code.to_owned(), verdict, details };
    let addresses = PLACES.into_iter().flat_map(|place| {
        ADDRESS.into_iter().map(move |(code, verdict, details)| Code {
            code: format!("{place}-{code}"),
            verdict,
            details,
        })
    });
    ROWS.into_iter().chain(MORE_ROWS).map(row).chain(addresses).collect()
}

/// How a link is of which this is found. What is not in the tables would be shown as broken; a test looks for it.
fn verdict_of(code: &str) -> Verdict {
    let mut rows = ROWS.iter().chain(&MORE_ROWS);
    rows.find(|(known, ..)| *known == code).map_or(Broken, |(_, verdict, _)| *verdict)
}

/// A finding with the values that its texts have in them.
pub(super) fn found(code: &str, details: &[(&str, &str)]) -> Finding {
    Finding {
        code: code.to_owned(),
        verdict: verdict_of(code),
        details: details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}
