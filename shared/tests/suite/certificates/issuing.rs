//! Certificates by each of the three challenges.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;
use std::time::Duration;

use ma_alexa::certificates::{
    CertificateServices, Certificates, DnsRecords, FailureCode, Patience, Records, RecordsError,
};
use ma_alexa::clock::Clock as _;
use rustls::version::{TLS12, TLS13};
use tokio::net::TcpStream;

use super::authority::Habits;
use super::home::{Home, NAME, step};
use super::stand_in::{Providers, TOKEN};

const SOON: Patience =
    Patience { first: Duration::ZERO, every: Duration::from_millis(10), longest: Duration::from_secs(20) };

/// The provider of a test, which shows the authority what the real one would.
#[derive(Debug)]
struct Shown {
    provider: Arc<dyn DnsRecords>,
    providers: Providers,
    home: Arc<Home>,
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Home").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl DnsRecords for Shown {
    async fn set_txt(&self, name: &str, value: &str) -> Result<(), RecordsError> {
        self.provider.set_txt(name, value).await?;
        let kept = self.providers.record(&format!("TXT {name}"));
        self.home.pebble.set_txt(name, kept.as_deref()).await;
        Ok(())
    }

    async fn remove_txt(&self, name: &str, value: &str) -> Result<(), RecordsError> {
        self.provider.remove_txt(name, value).await
    }

    async fn set_address(&self, name: &str, address: std::net::IpAddr) -> Result<(), RecordsError> {
        self.provider.set_address(name, address).await
    }
}

fn over(home: &Arc<Home>, providers: &Providers, services: &CertificateServices) -> Records {
    let records = services.records.clone().unwrap();
    let provider = Shown { provider: records.provider, providers: providers.clone(), home: Arc::clone(home) };
    Records { provider: Arc::new(provider), lookup: records.lookup, patience: SOON }
}

/// An authority that rejects nonces, as pebble does of its own choice.
#[tokio::test]
async fn the_listener_of_the_door_proves_the_name_itself() {
    let Some(home) = Home::with(Habits::USUAL).await else { return };
    let certificates = home.certificates(&[("ACME_CHALLENGE", "tls-alpn-01")]).await;
    let (door, home) = home.open_door(&certificates).await;
    assert!(door.connect(NAME).await.is_err(), "there is no certificate yet");
    let before = certificates.status();
    assert_eq!((before.name.as_str(), before.not_after), (NAME, None));
    let status = step(&certificates, &home.clock).await;
    assert_eq!(status.last_error, None);
    let until = status.not_after.unwrap();
    assert!(status.next_attempt < until && status.next_attempt > home.clock.now());
    for versions in [&[&TLS12][..], &[&TLS13], &[&TLS12, &TLS13]] {
        let mut connection = door.connect_with(NAME, versions, &[b"http/1.1"]).await.unwrap();
        assert!(connection.get().await.starts_with("HTTP/1.1 200"));
    }
    assert!(door.connect_with(NAME, &[&TLS13], &[]).await.unwrap().get().await.ends_with("door"));
    let other = door.connect("other.duckdns.org").await.err().unwrap();
    assert!(other.contains("name"), "{other}");
    // The proof is over: there is nothing to show for it.
    let refused = door.connect_with(NAME, &[&TLS13], &[b"acme-tls/1"]).await.err().unwrap();
    assert!(refused.contains("alert"), "{refused}");
}

#[tokio::test]
async fn a_bare_address_gets_a_certificate_of_the_short_profile() {
    let Some(home) = Home::new().await else { return };
    let certificates = home.certificates(&[("DOOR_NAME", "127.0.0.1")]).await;
    let (door, home) = home.open_door(&certificates).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    assert!(door.connect("127.0.0.1").await.unwrap().get().await.ends_with("door"));
    let [order] = &home.front.orders()[..] else { panic!("{:?}", home.front.orders()) };
    assert_eq!(order["profile"], "shortlived");
    assert_eq!(order["identifiers"], serde_json::json!([{"type": "ip", "value": "127.0.0.1"}]));
}

#[tokio::test]
async fn a_small_listener_proves_the_name_and_is_gone_after() {
    let Some(home) = Home::new().await else { return };
    for name in [NAME, "127.0.0.1"] {
        let certificates = home.certificates(&[("DOOR_NAME", name), ("ACME_CHALLENGE", "http-01")]).await;
        assert_eq!(step(&certificates, &home.clock).await.last_error, None, "{name}");
        assert!(TcpStream::connect(("127.0.0.1", home.ports.http)).await.is_err());
    }
    let orders = home.front.orders();
    assert_eq!(orders.len(), 2);
    assert!(orders[0].get("profile").is_none(), "{orders:?}");
}

#[tokio::test]
async fn the_small_listener_answers_nothing_else() {
    let Some(home) = Home::new().await else { return };
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    let proofs = "/.well-known/acme-challenge/";
    let paths = ["/", proofs, "/.well-known/acme-challenge/other", "/.well-known/acme-challenge/../x", "*"];
    let mut requests: Vec<String> = paths.map(get).to_vec();
    requests.push(format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000)));
    requests.push("\u{16}\u{3}\u{1}garbage\r\n\r\n".to_owned());
    home.front.look(home.ports.http, requests);
    let certificates = home.certificates(&[("ACME_CHALLENGE", "http-01")]).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    let seen = home.front.seen();
    assert_eq!(seen.len(), paths.len() + 2);
    for (answer, path) in seen.iter().zip(paths) {
        assert!(answer.starts_with("HTTP/1.1 404") && answer.ends_with("\r\n\r\n"), "{path}: {answer}");
    }
    for answer in &seen[paths.len()..] {
        assert!(!answer.contains(" 200 ") && !answer.contains("404"), "{answer}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let Some(home) = Home::new().await else { return };
    let _taken = std::net::TcpListener::bind(("127.0.0.1", home.ports.http)).unwrap();
    let certificates = home.certificates(&[("ACME_CHALLENGE", "http-01")]).await;
    let error = step(&certificates, &home.clock).await.last_error.unwrap();
    assert_eq!(error.code, FailureCode::ProofPort);
    assert!(error.cause.contains(&format!("ACME_HTTP_BIND=127.0.0.1:{}", home.ports.http)), "{error:?}");
}

async fn by_dns(home: Home, provider: &str, name: &str) -> (Arc<Home>, Providers, Arc<Certificates>) {
    let (home, providers) = (Arc::new(home), Providers::start().await);
    let url = providers.url();
    let variables = [
        ("DOOR_NAME", name),
        ("DNS_PROVIDER", provider),
        ("DNS_TOKEN", TOKEN),
        ("DNS_ENDPOINT", url.as_str()),
    ];
    let services = home.services(&home.config(&variables));
    let records = over(&home, &providers, &services);
    let certificates = home.certificates_over(&variables, records).await;
    (home, providers, certificates)
}

#[tokio::test]
async fn a_record_proves_the_name_without_any_port() {
    for (provider, name) in [("duckdns", NAME), ("desec", "kitchen.home.dedyn.io")] {
        let Some(home) = Home::new().await else { return };
        let (home, providers, certificates) = by_dns(home, provider, name).await;
        providers.kept.lock().unwrap().hidden = 3;
        let status = step(&certificates, &home.clock).await;
        assert_eq!(status.last_error, None, "{provider}");
        let record = format!("TXT _acme-challenge.{name}");
        assert_eq!(providers.changes(), [format!("set {record}"), format!("clear {record}")]);
        assert_eq!(providers.record(&record), None);
        assert_eq!(providers.kept.lock().unwrap().looks, 4, "it was looked for until it was seen");
    }
}

#[tokio::test]
async fn a_record_that_is_never_seen_is_not_asked_for() {
    let Some(home) = Home::new().await else { return };
    let (home, providers) = (Arc::new(home), Providers::start().await);
    let url = providers.url();
    let variables = [("DNS_PROVIDER", "duckdns"), ("DNS_TOKEN", TOKEN), ("DNS_ENDPOINT", url.as_str())];
    let services = home.services(&home.config(&variables));
    let patience = Patience { longest: Duration::from_millis(200), ..SOON };
    let records = Records { patience, ..over(&home, &providers, &services) };
    providers.kept.lock().unwrap().hidden = u32::MAX;
    let certificates = home.certificates_over(&variables, records).await;
    let error = step(&certificates, &home.clock).await.last_error.unwrap();
    assert_eq!(error.code, FailureCode::RecordNotSeen, "{error:?}");
    let record = format!("TXT _acme-challenge.{NAME}");
    assert!(error.cause.contains(&format!("_acme-challenge.{NAME}")), "{error:?}");
    assert_eq!(providers.changes(), [format!("set {record}"), format!("clear {record}")]);
}

#[tokio::test]
async fn a_provider_that_refuses_is_named_without_the_token() {
    let Some(home) = Home::new().await else { return };
    let (home, providers, certificates) = by_dns(home, "duckdns", NAME).await;
    providers.kept.lock().unwrap().refusal = Some((200, "KO"));
    let error = step(&certificates, &home.clock).await.last_error.unwrap();
    assert_eq!(error.code, FailureCode::Records);
    assert!(error.cause.contains("DNS_TOKEN") && !error.cause.contains(TOKEN), "{error:?}");
}

/// The authority looks and finds the door of another, or none.
#[tokio::test]
async fn the_status_says_why_a_proof_was_not_found() {
    let Some(home) = Home::new().await else { return };
    // Nothing accepts on the socket that the authority asks, or what does speaks no TLS.
    let certificates =
        home.certificates(&[("ACME_CHALLENGE", "http-01"), ("ACME_HTTP_BIND", "127.0.0.1:0")]).await;
    let status = step(&certificates, &home.clock).await;
    let error = status.last_error.unwrap();
    assert_eq!(error.code, FailureCode::ProofRefused, "{error:?}");
    assert!(error.cause.contains("the authority says"), "{error:?}");
    assert!(status.next_attempt > home.clock.now());
    let json = serde_json::to_value(certificates.status()).unwrap();
    assert_eq!(json["last_error"]["code"], "proof_refused");
    assert_eq!(json["not_after"], serde_json::Value::Null);
}
