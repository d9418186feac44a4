//! What can be the matter with an address, whosever it is.

use url::{Host, Url};

use crate::doctor::answers::Said;
use crate::doctor::codes::found;
use crate::doctor::examination::Finding;
use crate::probe::{Answer, CertificateProblem, ProbeError};

/// An address of ours, for codes and texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The beginning of its codes.
    pub(super) name: &'static str,
    /// The variable that names it.
    pub(super) setting: &'static str,
}

impl Place {
    /// A code of this place.
    pub(super) fn code(self, code: &str) -> String {
        format!("{}-{code}", self.name)
    }

    /// What keeps everybody from what is there: no answer, or one that comes from what stands before it.
    pub(super) fn trouble(self, said: &Said) -> Option<Finding> {
        match &said.result {
            Err(error) => Some(self.unreached(&said.url, error)),
            Ok(answer) => self.intercepted(said, answer),
        }
    }

    fn found(self, code: &str, host: &str, more: &[(&str, &str)]) -> Finding {
        let details = [&[("host", host), ("setting", self.setting)], more].concat();
        found(&self.code(code), &details)
    }

    fn unreached(self, url: &Url, error: &ProbeError) -> Finding {
        let code = match error {
            ProbeError::NoName => "name-unknown",
            ProbeError::NotPublic(_) => "private-address",
            ProbeError::Unreachable => "port-closed",
            ProbeError::Timeout => "timeout",
            ProbeError::Certificate(problem) => match problem {
                CertificateProblem::Expired => "certificate-expired",
                CertificateProblem::NotYetValid => "certificate-not-yet-valid",
                CertificateProblem::WrongName => "certificate-wrong-name",
                CertificateProblem::UnknownIssuer => "certificate-untrusted",
                CertificateProblem::Other => "certificate-refused",
            },
            ProbeError::Tls(_) => "tls",
            ProbeError::Broken => "no-http",
        };
        self.found(code, url.host_str().unwrap_or_default(), &[])
    }

    /// An answer that does not come from what is asked, but from what stands before it.
    fn intercepted(self, said: &Said, answer: &Answer) -> Option<Finding> {
        if is_challenge(answer) {
            return Some(self.found("bot-challenge", said.host(), &[]));
        }
        let status = answer.status.to_string();
        match answer.status {
            300..=399 => {
                let to = answer.header("location").and_then(|to| said.url.join(to).ok());
                let to = to.map_or_else(String::new, |to| without_query(&to));
                Some(self.found("redirects", said.host(), &[("to", &to)]))
            }
            502 | 504 | 520..=530 => {
                Some(self.found("unreachable-upstream", said.host(), &[("status", &status)]))
            }
            _ => None,
        }
    }

    /// An address at which nobody outside could ever ask: known from its text alone.
    pub(super) fn private(self, url: &Url) -> Option<Finding> {
        let is_private = match url.host()? {
            Host::Ipv4(address) => !crate::probe::Reach::Public.allows(address.into()),
            Host::Ipv6(address) => !crate::probe::Reach::Public.allows(address.into()),
            Host::Domain(_) => !is_public(url),
        };
        is_private.then(|| self.found("private-address", url.host_str().unwrap_or_default(), &[]))
    }
}

/// Whether the host can be reached from outside, as far as its text tells.
pub(super) fn is_public(url: &Url) -> bool {
    url.host().is_some_and(|host| crate::playback::is_public(&host))
}

/// Whether a page asks to prove to be a person, which no Echo can.
fn is_challenge(answer: &Answer) -> bool {
    let is_cloudflare =
        answer.header("server").is_some_and(|server| server.eq_ignore_ascii_case("cloudflare"));
    let is_page = answer.media_type().as_deref() == Some("text/html");
    answer.header("cf-mitigated").is_some()
        || (matches!(answer.status, 403 | 429 | 503) && is_cloudflare && is_page)
}

fn without_query(url: &Url) -> String {
    url[..url::Position::AfterPath].chars().take(200).collect()
}
