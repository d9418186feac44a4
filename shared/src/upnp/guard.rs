//! The peers that get an answer: those of the home, by an address or the name of this machine.
//!
//! A renderer has no password. Names are checked since the page of a stranger could reach it by a browser otherwise, under
//! a name of that stranger's that leads here.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::network::is_of_home;
use crate::config::TrustedHosts;

/// The names of this machine, beside its addresses.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    hosts: TrustedHosts,
    name: String,
}

impl Guard {
    pub(super) fn new(hosts: TrustedHosts) -> Self {
        let name = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
        Self { hosts, name }
    }

    /// Answers a request, or says why not.
    pub(super) async fn pass(self, request: Request, next: Next) -> Response {
        match self.admit(&request) {
            Ok(()) => next.run(request).await,
            Err(status) => status.into_response(),
        }
    }

    fn admit(&self, request: &Request) -> Result<(), StatusCode> {
        if !peer(request).is_some_and(is_of_home) {
            return Err(StatusCode::FORBIDDEN);
        }
        let named = request.headers().get_all(header::HOST).iter().filter(|value| !value.is_empty());
        let of_header = named.map(|value| value.to_str().ok().and_then(host));
        let of_target = request.uri().authority().map(|authority| host(authority.as_str()));
        let knows = |host: Option<String>| host.is_some_and(|host| self.knows(&host));
        if of_header.chain(of_target).all(knows) { Ok(()) } else { Err(StatusCode::MISDIRECTED_REQUEST) }
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let is_own = !self.name.is_empty() && host.strip_suffix(".local").unwrap_or(&host) == self.name;
        is_own || self.hosts.admit(&host)
    }
}

/// The address of the peer; none where the server does not say it.
pub(super) fn peer(request: &Request) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.0.ip().to_canonical())
}

/// The host of an authority without credentials.
fn host(text: &str) -> Option<String> {
    let authority: Authority = Some(text).filter(|text| !text.contains('@'))?.parse().ok()?;
    Some(authority.host().to_owned())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn admit(peer: &str, hosts: &[&str], target: &str) -> Result<(), StatusCode> {
        let guard = Guard { hosts: TrustedHosts::default(), name: "raspberrypi".into() };
        let mut request = Request::builder().uri(target);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
        guard.admit(&request)
    }

    #[test]
    fn peers_of_the_home_are_answered_by_addresses_and_the_own_name() {
        for hosts in [
            vec!["192.168.1.10:5002"],
            vec!["[fd00::1]:5002"],
            vec!["localhost"],
            vec!["RaspberryPi.local:5002"],
            vec!["raspberrypi."],
            vec![],
            vec![""],
        ] {
            assert_eq!(admit("192.168.1.5", &hosts, "/a"), Ok(()), "{hosts:?}");
        }
        assert_eq!(admit("::ffff:10.0.0.1", &["10.0.0.2"], "http://10.0.0.2/a"), Ok(()));
    }

    #[test]
    fn strangers_and_their_names_are_not() {
        assert_eq!(admit("8.8.8.8", &["192.168.1.10"], "/"), Err(StatusCode::FORBIDDEN));
        assert_eq!(admit("2001:db8::1", &["192.168.1.10"], "/"), Err(StatusCode::FORBIDDEN));
        for (hosts, target) in [
            (vec!["example.com"], "/"),
            (vec!["example.com:5002"], "/"),
            (vec!["raspberrypi.example.com"], "/"),
            (vec!["a@192.168.1.10"], "/"),
            (vec!["192.168.1.10", "example.com"], "/"),
            (vec!["192.168.1.10"], "http://example.com/"),
            (vec!["192.168.1.10 "], "/"),
            (vec!["-"], "/"),
        ] {
            assert_eq!(
                admit("192.168.1.5", &hosts, target),
                Err(StatusCode::MISDIRECTED_REQUEST),
                "{hosts:?}"
            );
        }
    }
}
