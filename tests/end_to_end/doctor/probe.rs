//! Probes over real TLS.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::net::IpAddr;
use std::time::Duration;

use end_to_end::internet::{Behavior, Internet, Port, Reply, Shown, Site, internal, metadata};
use ma_alexa::probe::{
    AddressPolicy, CertificateProblem, ProbeError, ProbeRequest, ProbeResponse, STREAM_SAMPLE,
};
use url::Url;

const HOST: &str = "music.example.com";

fn at(path: &str) -> Url {
    Url::parse(&format!("https://{HOST}{path}")).unwrap()
}

async fn head(internet: &Internet) -> Result<ProbeResponse, ProbeError> {
    internet.prober(AddressPolicy::Anywhere).probe(&ProbeRequest::head(at("/"))).await
}

fn internet(site: Site) -> Internet {
    let internet = Internet::start();
    internet.put(HOST, site);
    internet
}

#[tokio::test]
async fn a_certificate_says_what_is_wrong_with_it() {
    let internet = internet(Site::streams());
    for (shown, expected) in [
        (Shown::Expired, CertificateProblem::Expired),
        (Shown::NotYetValid, CertificateProblem::NotYetValid),
        (Shown::WrongName, CertificateProblem::WrongName),
        (Shown::SelfSigned, CertificateProblem::UnknownIssuer),
        (Shown::WithoutChain, CertificateProblem::UnknownIssuer),
    ] {
        internet.change(HOST, |site| site.certificate = shown);
        assert_eq!(head(&internet).await.unwrap_err(), ProbeError::Certificate(expected), "{shown:?}");
    }
    internet.change(HOST, |site| site.certificate = Shown::None);
    assert!(matches!(head(&internet).await, Err(ProbeError::Tls(_))));
    internet.change(HOST, |site| site.certificate = Shown::Good);
    let good = head(&internet).await.unwrap().certificate;
    internet.change(HOST, |site| site.certificate = Shown::Wildcard);
    let wildcard = head(&internet).await.unwrap().certificate;
    assert!(good.is_some() && wildcard.is_some());
    assert_ne!(good, wildcard, "it is the server's own");
}

#[tokio::test]
async fn missing_servers_are_told_apart() {
    let internet = internet(Site::streams());
    internet.change(HOST, |site| site.port = Port::Closed);
    assert_eq!(head(&internet).await.unwrap_err(), ProbeError::Unreachable);
    internet.change(HOST, |site| site.port = Port::Silent);
    let prober = internet.prober_with_timeout(AddressPolicy::Anywhere, Duration::from_millis(300));
    assert_eq!(prober.probe(&ProbeRequest::head(at("/"))).await.unwrap_err(), ProbeError::Timeout);
    internet.remove(HOST);
    assert_eq!(head(&internet).await.unwrap_err(), ProbeError::NoName);
}

#[tokio::test]
async fn of_music_64_kib_are_read_and_the_connection_is_closed() {
    let internet = internet(Site::streams());
    let prober = internet.prober(AddressPolicy::Anywhere);
    let url = at("/flow/a/b/c/d.mp3");
    let response = prober.probe(&ProbeRequest::get(url, STREAM_SAMPLE)).await.unwrap();
    assert_eq!((response.body.len(), response.is_truncated), (STREAM_SAMPLE, true));
    assert_eq!(response.media_type().as_deref(), Some("audio/mpeg"));
    assert_eq!(internet.hung_up(HOST, "/flow/").await.taken, STREAM_SAMPLE);

    internet.forget();
    assert!(prober.probe(&ProbeRequest::head(at("/flow/a/b/c/d.mp3"))).await.unwrap().body.is_empty());
    let seen = internet.requests(HOST);
    assert_eq!((seen[0].method.as_str(), seen[0].taken), ("HEAD", 0));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let internet = internet(Site::new(Behavior::Redirects("https://elsewhere.example.com".to_owned())));
    internet.put("elsewhere.example.com", Site::streams());
    let response = head(&internet).await.unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(response.header("location"), Some("https://elsewhere.example.com/"));
    assert_eq!(internet.requests("elsewhere.example.com"), []);
}

#[tokio::test]
async fn from_the_cloud_no_internal_address_is_probed() {
    let internet = internet(Site::streams());
    let prober = internet.prober(AddressPolicy::Public);
    for address in internal() {
        let host = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        for scheme in ["http", "https"] {
            let url = Url::parse(&format!("{scheme}://{host}/")).unwrap();
            let refused = prober.probe(&ProbeRequest::head(url)).await.unwrap_err();
            assert!(matches!(refused, ProbeError::NotPublic(_)), "{address}: {refused}");
        }
        internet.change(HOST, |site| site.leads_to = Some(address));
        let refused = prober.probe(&ProbeRequest::head(at("/"))).await.unwrap_err();
        assert!(matches!(refused, ProbeError::NotPublic(_)), "{HOST} at {address}: {refused}");
    }
    // The server itself is on loopback.
    internet.change(HOST, |site| site.leads_to = None);
    assert!(matches!(prober.probe(&ProbeRequest::head(at("/"))).await, Err(ProbeError::NotPublic(_))));
    assert_eq!(internet.all_requests(), []);
}

#[tokio::test]
async fn from_a_home_no_metadata_service_is_probed() {
    let internet = internet(Site::streams());
    for address in metadata() {
        internet.change(HOST, |site| site.leads_to = Some(address));
        assert!(matches!(head(&internet).await, Err(ProbeError::NotPublic(_))), "{address}");
    }
}

#[tokio::test]
async fn a_probe_reveals_nothing_of_its_sender() {
    let internet = internet(Site::new(Behavior::does(|_| Reply::not_found())));
    let prober = internet.prober(AddressPolicy::Anywhere);
    prober.probe(&ProbeRequest::head(at("/a"))).await.unwrap();
    prober.probe(&ProbeRequest::get(at("/b"), 10)).await.unwrap();
    let requests = internet.requests(HOST);
    assert_eq!(requests.len(), 2);
    for seen in requests {
        let mut names: Vec<&str> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host"], "{seen:?}");
    }
}
