//! The headers of a subscription.

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, Uri};
use url::{Host, Url};

/// Longest `CALLBACK`, in bytes.
const MAX_CALLBACK: usize = 1024;

/// Most addresses in a `CALLBACK`.
const MAX_CALLBACKS: usize = 4;

/// The length of a subscription that names no time.
const USUAL_TIMEOUT: Duration = Duration::from_mins(5);

/// The shortest and the longest time of a subscription.
const TIMEOUTS: (Duration, Duration) = (Duration::from_mins(1), Duration::from_mins(30));

/// A `SUBSCRIBE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::upnp) enum Subscribe {
    /// A new subscription.
    New {
        /// The addresses for its events, in the order in which they are tried; at least one.
        callbacks: Vec<Callback>,
        /// Its length.
        timeout: Duration,
    },
    /// One goes on.
    Renew {
        /// Its id.
        sid: String,
        /// Its length from now on.
        timeout: Duration,
    },
}

/// An address for events. Names are none: what they lead to changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::upnp) struct Callback {
    /// The machine.
    pub(in crate::upnp) host: Ipv4Addr,
    /// The whole address.
    pub(in crate::upnp) uri: Uri,
}

/// The status of a refused subscription (UPnP Device Architecture 1.0, section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::upnp) enum SubscriptionError {
    /// `SID` beside `NT` or `CALLBACK`.
    Incompatible,
    /// No such subscription, no `NT` of events, or no callback that may be called.
    Precondition,
}

impl SubscriptionError {
    /// Its number.
    pub(in crate::upnp) fn status(self) -> StatusCode {
        match self {
            Self::Incompatible => StatusCode::BAD_REQUEST,
            Self::Precondition => StatusCode::PRECONDITION_FAILED,
        }
    }
}

/// Reads the headers of a `SUBSCRIBE`.
///
/// # Errors
/// When it is neither a new subscription nor a renewal.
pub(in crate::upnp) fn read(headers: &HeaderMap) -> Result<Subscribe, SubscriptionError> {
    let timeout = timeout(text(headers, "timeout")?.unwrap_or_default());
    if headers.contains_key("sid") {
        return Ok(Subscribe::Renew { sid: read_sid(headers)?, timeout });
    }
    if text(headers, "nt")? != Some("upnp:event") {
        return Err(SubscriptionError::Precondition);
    }
    let callbacks = callbacks(text(headers, "callback")?.unwrap_or_default());
    if callbacks.is_empty() {
        return Err(SubscriptionError::Precondition);
    }
    Ok(Subscribe::New { callbacks, timeout })
}

/// Reads the id of a subscription that goes on or ends.
///
/// # Errors
/// When there is none, or what makes a new subscription is beside it.
pub(in crate::upnp) fn read_sid(headers: &HeaderMap) -> Result<String, SubscriptionError> {
    if headers.contains_key("nt") || headers.contains_key("callback") {
        return Err(SubscriptionError::Incompatible);
    }
    text(headers, "sid")?.map(str::to_owned).ok_or(SubscriptionError::Precondition)
}

/// The value of a header that is there at most once.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, SubscriptionError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            value.to_str().map(|text| Some(text.trim())).map_err(|_| SubscriptionError::Precondition)
        }
        (Some(_), Some(_)) => Err(SubscriptionError::Precondition),
    }
}

/// The addresses in angle brackets that may be called at all.
fn callbacks(header: &str) -> Vec<Callback> {
    if header.len() > MAX_CALLBACK {
        return Vec::new();
    }
    let inner = header.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(inner, _)| inner);
    inner.filter_map(callback).take(MAX_CALLBACKS).collect()
}

fn callback(text: &str) -> Option<Callback> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.scheme() == "http" && url.username().is_empty() && url.password().is_none();
    let Some(Host::Ipv4(host)) = url.host() else { return None };
    let has_port = url.port_or_known_default().is_some_and(|port| port != 0);
    let uri = url[..url::Position::AfterQuery].parse().ok()?;
    (is_plain && has_port).then_some(Callback { host, uri })
}

/// `Second-300`, within the bounds. What cannot be read counts as not said.
fn timeout(header: &str) -> Duration {
    let seconds = header.get(..7).filter(|word| word.eq_ignore_ascii_case("second-")).map(|_| &header[7..]);
    let (least, most) = TIMEOUTS;
    match seconds {
        Some(infinite) if infinite.eq_ignore_ascii_case("infinite") => most,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            // So many digits are more than the longest time.
            Duration::from_secs(digits.parse().unwrap_or(u64::MAX)).clamp(least, most)
        }
        _ => USUAL_TIMEOUT,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn subscribed(callback: &str) -> Result<Vec<String>, SubscriptionError> {
        match read(&headers(&[("nt", "upnp:event"), ("callback", callback)]))? {
            Subscribe::New { callbacks, .. } => {
                Ok(callbacks.iter().map(|callback| callback.uri.to_string()).collect())
            }
            Subscribe::Renew { .. } => panic!("no renewal"),
        }
    }

    #[test]
    fn callbacks_are_addresses_and_no_names() {
        assert_eq!(
            subscribed("<http://192.168.1.5:8097/notify>").unwrap(),
            ["http://192.168.1.5:8097/notify"]
        );
        let several = "<http://a.local/x> <http://10.0.0.1/a?b=c#d><https://10.0.0.1/>,<http://10.0.0.2>";
        assert_eq!(subscribed(several).unwrap(), ["http://10.0.0.1/a?b=c", "http://10.0.0.2/"]);
        let hundred = "<http://10.0.0.1/>".repeat(50);
        assert_eq!(subscribed(&hundred).unwrap().len(), MAX_CALLBACKS);
        for none in [
            "",
            "http://10.0.0.1/",
            "<http://10.0.0.1/",
            "<>",
            "<http://localhost/>",
            "<http://example.com/>",
            "<http://[::1]/>",
            "<http://u:p@10.0.0.1/>",
            "<http://10.0.0.1:0/>",
            "<ftp://10.0.0.1/>",
            "<file:///etc/passwd>",
            &format!("<http://10.0.0.1/{}>", "x".repeat(MAX_CALLBACK)),
        ] {
            assert_eq!(subscribed(none), Err(SubscriptionError::Precondition), "{none}");
        }
    }

    #[test]
    fn a_renewal_has_its_id_alone() {
        let renewed = read(&headers(&[("sid", "uuid:a"), ("timeout", "Second-600")]));
        assert_eq!(renewed, Ok(Subscribe::Renew { sid: "uuid:a".into(), timeout: Duration::from_mins(10) }));
        for (pairs, refusal) in [
            (vec![("sid", "a"), ("nt", "upnp:event")], SubscriptionError::Incompatible),
            (vec![("sid", "a"), ("callback", "<http://10.0.0.1/>")], SubscriptionError::Incompatible),
            (vec![("sid", "a"), ("sid", "b")], SubscriptionError::Precondition),
            (vec![("callback", "<http://10.0.0.1/>")], SubscriptionError::Precondition),
            (vec![("nt", "other"), ("callback", "<http://10.0.0.1/>")], SubscriptionError::Precondition),
            (vec![("nt", "upnp:event")], SubscriptionError::Precondition),
            (vec![], SubscriptionError::Precondition),
        ] {
            assert_eq!(read(&headers(&pairs)), Err(refusal), "{pairs:?}");
        }
        assert_eq!(read_sid(&headers(&[])), Err(SubscriptionError::Precondition));
    }

    #[test]
    fn times_are_bounded() {
        for (text, seconds) in [
            ("Second-300", 300),
            ("second-1800", 1800),
            ("Second-1", 60),
            ("Second-99999999999999999999999", 1800),
            ("Second-infinite", 1800),
            ("infinite", 300),
            ("Second-", 300),
            ("Second--1", 300),
            ("", 300),
            ("ééééé", 300),
        ] {
            assert_eq!(timeout(text), Duration::from_secs(seconds), "{text}");
        }
    }
}
