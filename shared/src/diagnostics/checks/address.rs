//! Problems that every probed address can have.

use url::{Host, Url};

use crate::diagnostics::evidence::ProbeResult;
use crate::diagnostics::finding::{AccessProblem, Address, Finding};
use crate::probe::{AddressPolicy, CertificateProblem, ProbeError, ProbeResponse, has_public_host};

/// The longest text of a redirect's target, in characters.
const TARGET_LENGTH: usize = 200;

/// The finding where no response came from the address's own server: none at all, or one of a server before it.
pub(super) fn problem(address: Address, probe: &ProbeResult) -> Option<Finding> {
    let problem = match &probe.result {
        Err(error) => Some(no_response(error)),
        Ok(response) => intercepted(&probe.url, response),
    };
    problem.map(|problem| Finding::AtAddress { address, host: probe.host().to_owned(), problem })
}

/// The finding where a URL is not public by its text alone.
pub(super) fn private(address: Address, url: &Url) -> Option<Finding> {
    let is_private = match url.host()? {
        Host::Ipv4(ip) => !AddressPolicy::Public.allows(ip.into()),
        Host::Ipv6(ip) => !AddressPolicy::Public.allows(ip.into()),
        Host::Domain(_) => !has_public_host(url),
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    is_private.then_some(Finding::AtAddress { address, host, problem: AccessProblem::PrivateAddress })
}

fn no_response(error: &ProbeError) -> AccessProblem {
    match error {
        ProbeError::NoName => AccessProblem::NameUnknown,
        ProbeError::NotPublic(_) => AccessProblem::PrivateAddress,
        ProbeError::Unreachable => AccessProblem::PortClosed,
        ProbeError::Timeout => AccessProblem::Timeout,
        ProbeError::Certificate(problem) => match problem {
            CertificateProblem::Expired => AccessProblem::CertificateExpired,
            CertificateProblem::NotYetValid => AccessProblem::CertificateNotYetValid,
            CertificateProblem::WrongName => AccessProblem::CertificateWrongName,
            CertificateProblem::UnknownIssuer => AccessProblem::CertificateUntrusted,
            CertificateProblem::Other => AccessProblem::CertificateRefused,
        },
        ProbeError::Tls(_) => AccessProblem::Tls,
        ProbeError::Broken => AccessProblem::NoHttp,
    }
}

/// The problem of a response by a server before the address's own: a login, a bot protection or a proxy.
fn intercepted(url: &Url, response: &ProbeResponse) -> Option<AccessProblem> {
    if is_bot_challenge(response) {
        return Some(AccessProblem::BotChallenge);
    }
    match response.status {
        300..=399 => {
            let target = response.header("location").and_then(|target| url.join(target).ok());
            Some(AccessProblem::Redirects { to: target.as_ref().map(without_query).unwrap_or_default() })
        }
        // Cloudflare answers 520 to 530 where it does not reach the server behind it.
        status @ (502 | 504 | 520..=530) => Some(AccessProblem::UnreachableUpstream { status }),
        _ => None,
    }
}

/// Whether a page wants proof that its visitor is a person, which no Echo can give.
fn is_bot_challenge(response: &ProbeResponse) -> bool {
    let is_cloudflare =
        response.header("server").is_some_and(|server| server.eq_ignore_ascii_case("cloudflare"));
    let is_page = response.media_type().as_deref() == Some("text/html");
    response.header("cf-mitigated").is_some()
        || (matches!(response.status, 403 | 429 | 503) && is_cloudflare && is_page)
}

/// The beginning of a URL without its query, which may hold a secret.
fn without_query(url: &Url) -> String {
    url[..url::Position::AfterPath].chars().take(TARGET_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    fn response(status: u16, headers: &[(&'static str, &str)]) -> ProbeResponse {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        ProbeResponse { status, headers, body: Vec::new(), is_truncated: false, certificate: None }
    }

    fn problem_of(status: u16, headers: &[(&'static str, &str)]) -> Option<AccessProblem> {
        let url = Url::parse("https://music.example.com/flow/a.mp3").unwrap();
        intercepted(&url, &response(status, headers))
    }

    #[test]
    fn a_redirect_is_shown_without_its_query() {
        for (target, shown) in [
            ("/login?token=secret", "https://music.example.com/login"),
            ("https://login.example.com?next=/flow", "https://login.example.com/"),
            ("//login.example.com/a#b", "https://login.example.com/a"),
            ("https://", ""),
        ] {
            let problem = problem_of(302, &[("location", target)]);
            assert_eq!(problem, Some(AccessProblem::Redirects { to: shown.to_owned() }), "{target}");
        }
        assert_eq!(problem_of(304, &[]), Some(AccessProblem::Redirects { to: String::new() }));
        let long = format!("https://login.example.com/{}", "a".repeat(300));
        let Some(AccessProblem::Redirects { to }) = problem_of(301, &[("location", &long)]) else { panic!() };
        assert_eq!(to.len(), TARGET_LENGTH);
    }

    #[test]
    fn a_bot_challenge_is_known_by_its_header_or_its_page() {
        let page = [("server", "Cloudflare"), ("content-type", "text/html; charset=UTF-8")];
        for status in [403, 429, 503] {
            assert_eq!(problem_of(status, &page), Some(AccessProblem::BotChallenge), "{status}");
            assert_eq!(problem_of(status, &page[..1]), None, "{status}");
            assert_eq!(problem_of(status, &page[1..]), None, "{status}");
        }
        assert_eq!(problem_of(404, &page), None);
        assert_eq!(problem_of(200, &[("cf-mitigated", "challenge")]), Some(AccessProblem::BotChallenge));
    }

    #[test]
    fn a_proxy_without_its_server_is_not_a_failing_server() {
        for status in [502, 504, 520, 530] {
            assert_eq!(problem_of(status, &[]), Some(AccessProblem::UnreachableUpstream { status }));
        }
        for status in [200, 404, 500, 501, 503, 519, 531] {
            assert_eq!(problem_of(status, &[]), None, "{status}");
        }
    }

    #[test]
    fn a_private_address_is_known_by_its_text() {
        for (url, is_private) in [
            ("https://10.0.0.1", true),
            ("https://[::ffff:192.168.1.5]", true),
            ("https://localhost", true),
            ("https://music.local", true),
            ("https://8.8.8.8", false),
            ("https://music.example.com", false),
        ] {
            let finding = private(Address::Stream, &Url::parse(url).unwrap());
            assert_eq!(finding.is_some(), is_private, "{url}");
        }
    }
}
