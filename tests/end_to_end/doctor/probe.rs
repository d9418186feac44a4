//! Questions over real TLS.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::net::IpAddr;
use std::time::Duration;

use end_to_end::internet::{Behavior, Internet, Port, Reply, Shown, Site, internal, metadata};
use ma_alexa::probe::{
    Answer, CertificateKind, CertificateProblem, MOST_OF_A_STREAM, ProbeError, Question, Reach,
};
use url::Url;

const HOST: &str = "music.example.com";

fn at(path: &str) -> Url {
    Url::parse(&format!("https://{HOST}{path}")).unwrap()
}

async fn head(internet: &Internet) -> Result<Answer, ProbeError> {
    internet.prober(Reach::Anywhere).ask(&Question::head(at("/"))).await
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
    for (shown, kind) in
        [(Shown::Good, CertificateKind::Trusted), (Shown::Wildcard, CertificateKind::Wildcard)]
    {
        internet.change(HOST, |site| site.certificate = shown);
        let leaf = head(&internet).await.unwrap().leaf.unwrap();
        assert_eq!(leaf.kind_for(HOST), Some(kind));
        assert_eq!(leaf.kind_for("music.example.org"), None);
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let internet = internet(Site::streams());
    internet.change(HOST, |site| site.port = Port::Closed);
    assert_eq!(head(&internet).await.unwrap_err(), ProbeError::Unreachable);
    internet.change(HOST, |site| site.port = Port::Silent);
    let prober = internet.impatient_prober(Reach::Anywhere, Duration::from_millis(300));
    assert_eq!(prober.ask(&Question::head(at("/"))).await.unwrap_err(), ProbeError::Timeout);
    internet.remove(HOST);
    assert_eq!(head(&internet).await.unwrap_err(), ProbeError::NoName);
}

#[tokio::test]
async fn of_music_64_kib_are_taken_and_then_it_is_hung_up() {
    let internet = internet(Site::streams());
    let prober = internet.prober(Reach::Anywhere);
    let answer = prober.ask(&Question::get(at("/flow/a/b/c/d.mp3"), MOST_OF_A_STREAM)).await.unwrap();
    assert_eq!((answer.body.len(), answer.is_cut), (MOST_OF_A_STREAM, true));
    assert_eq!(answer.media_type().as_deref(), Some("audio/mpeg"));
    assert_eq!(internet.hung_up(HOST, "/flow/").await.taken, MOST_OF_A_STREAM);

    internet.forget();
    assert!(prober.ask(&Question::head(at("/flow/a/b/c/d.mp3"))).await.unwrap().body.is_empty());
    let seen = internet.requests(HOST);
    assert_eq!((seen[0].method.as_str(), seen[0].taken), ("HEAD", 0));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let internet = internet(Site::new(Behavior::Redirects("https://elsewhere.example.com".to_owned())));
    internet.put("elsewhere.example.com", Site::streams());
    let answer = head(&internet).await.unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("location"), Some("https://elsewhere.example.com/"));
    assert_eq!(internet.requests("elsewhere.example.com"), []);
}

#[tokio::test]
async fn from_the_cloud_no_internal_address_is_asked() {
    let internet = internet(Site::streams());
    let prober = internet.prober(Reach::Public);
    for address in internal() {
        let host = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        for scheme in ["http", "https"] {
            let url = Url::parse(&format!("{scheme}://{host}/")).unwrap();
            let refused = prober.ask(&Question::head(url)).await.unwrap_err();
            assert!(matches!(refused, ProbeError::NotPublic(_)), "{address}: {refused}");
        }
        internet.change(HOST, |site| site.leads_to = Some(address));
        let refused = prober.ask(&Question::head(at("/"))).await.unwrap_err();
        assert!(matches!(refused, ProbeError::NotPublic(_)), "{HOST} at {address}: {refused}");
    }
    // The server itself is on loopback.
    internet.change(HOST, |site| site.leads_to = None);
    assert!(matches!(prober.ask(&Question::head(at("/"))).await, Err(ProbeError::NotPublic(_))));
    assert_eq!(internet.all_requests(), []);
}

#[tokio::test]
async fn from_a_home_the_metadata_of_a_cloud_machine_are_not_asked_either() {
    let internet = internet(Site::streams());
    for address in metadata() {
        assert!(!Reach::Anywhere.allows(address), "{address}");
        internet.change(HOST, |site| site.leads_to = Some(address));
        assert!(matches!(head(&internet).await, Err(ProbeError::NotPublic(_))), "{address}");
    }
}

#[test]
fn an_address_that_stands_for_another_is_judged_as_that_one() {
    for address in ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2606:4700::1111"] {
        assert!(Reach::Public.allows(address.parse().unwrap()), "{address}");
    }
    for address in
        ["192.168.1.5", "64:ff9b::192.168.1.5", "2002:c0a8:105::1", "fd00:ec2::255", "100.100.100.201"]
    {
        let address = address.parse().unwrap();
        assert!(Reach::Anywhere.allows(address) && !Reach::Public.allows(address), "{address}");
    }
}

#[tokio::test]
async fn a_question_tells_nothing_of_who_asks() {
    let internet = internet(Site::new(Behavior::does(|_| Reply::not_found())));
    let prober = internet.prober(Reach::Anywhere);
    prober.ask(&Question::head(at("/a"))).await.unwrap();
    prober.ask(&Question::get(at("/b"), 10)).await.unwrap();
    for seen in internet.requests(HOST) {
        let mut names: Vec<&str> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host"], "{seen:?}");
    }
}
