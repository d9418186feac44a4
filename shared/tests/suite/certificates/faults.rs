//! An authority that does not do what it should.

use std::time::Duration;

use ma_alexa::certificates::{CertificateServices, Certificates, FailureCode};
use ma_alexa::clock::Clock as _;

use super::authority::Habits;
use super::front::Fault;
use super::home::{Home, NAME, step};

const HTTP: [(&str, &str); 1] = [("ACME_CHALLENGE", "http-01")];

#[tokio::test]
async fn a_wish_to_be_left_alone_is_respected_over_a_restart() {
    let Some(home) = Home::new().await else { return };
    home.front.behave(Fault::RateLimited("18000"));
    let certificates = home.certificates(&HTTP).await;
    let status = step(&certificates, &home.clock).await;
    let error = status.last_error.unwrap();
    assert_eq!(error.code, FailureCode::RateLimited);
    assert!(error.cause.contains("too many certificates already issued"), "{error:?}");
    assert!(status.next_attempt.since(home.clock.now()) > Duration::from_hours(4));
    home.front.behave(Fault::None);
    home.clock.advance(Duration::from_hours(4));
    for certificates in [certificates, home.certificates(&HTTP).await] {
        certificates.step().await;
        assert_eq!(home.front.orders().len(), 1);
    }
    home.clock.advance(Duration::from_hours(2));
    let certificates = home.certificates(&HTTP).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
}

#[tokio::test]
async fn answers_without_sense_are_told_from_silence() {
    let Some(home) = Home::new().await else { return };
    let too_much = vec![b'x'; 2 << 20];
    for garbage in [&b""[..], b"{}", b"<html>\x1b[31m", b"{\"newNonce\": 3}", &too_much] {
        home.front.behave(Fault::Garbage(garbage.to_vec()));
        let certificates = home.certificates(&HTTP).await;
        let error = step(&certificates, &home.clock).await.last_error.unwrap();
        assert_eq!(error.code, FailureCode::AuthorityBroken, "{error:?}");
        assert!(error.cause.len() < 1000 && !error.cause.contains('\x1b'), "{error:?}");
        home.clock.advance(Duration::from_hours(10));
    }
    let variables = [HTTP[0], ("ACME_DIRECTORY", "https://127.0.0.1:1/dir")];
    let certificates = home.certificates(&variables).await;
    let error = step(&certificates, &home.clock).await.last_error.unwrap();
    assert_eq!(error.code, FailureCode::AuthorityUnreachable, "{error:?}");
}

/// Without a limit these would wait for ever.
#[tokio::test]
async fn an_authority_that_never_ends_its_answer_is_given_up() {
    let Some(home) = Home::new().await else { return };
    for fault in [Fault::Silence, Fault::Trickle] {
        home.front.behave(fault.clone());
        let config = home.config(&HTTP);
        let services =
            CertificateServices { request_limit: Duration::from_millis(500), ..home.services(&config) };
        let certificates = Certificates::new(config, services).unwrap();
        let status = step(&certificates, &home.clock).await;
        let error = status.last_error.unwrap();
        assert_eq!(error.code, FailureCode::TimedOut, "{fault:?}: {error:?}");
        assert!(status.next_attempt > home.clock.now());
        home.clock.advance(Duration::from_hours(1));
    }
}

#[tokio::test]
async fn a_certificate_for_another_key_or_name_is_not_served() {
    let Some(home) = Home::new().await else { return };
    let certificates = home.certificates(&HTTP).await;
    let (door, home) = home.open_door(&certificates).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    let served = door.connect(NAME).await.unwrap().certificate();
    for (name, cause) in [(NAME, "another key"), ("other.duckdns.org", "another name")] {
        let foreign = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        home.front.behave(Fault::ForeignCertificate(foreign.cert.pem()));
        home.clock.advance(Duration::from_hours(24 * 61));
        let error = step(&certificates, &home.clock).await.last_error.unwrap();
        assert_eq!(error.code, FailureCode::CertificateUnusable);
        assert!(error.cause.contains(cause), "{error:?}");
        assert_eq!(door.connect(NAME).await.unwrap().certificate(), served);
    }
    home.front.behave(Fault::ForeignCertificate("no certificate".to_owned()));
    home.clock.advance(Duration::from_hours(24));
    let error = step(&certificates, &home.clock).await.last_error.unwrap();
    assert_eq!(error.code, FailureCode::CertificateUnusable);
}

/// Every fourth nonce is rejected; an order that this ends is made again.
#[tokio::test]
async fn nonces_that_are_rejected_end_in_a_certificate() {
    let Some(home) = Home::with(Habits { rejects: 25, ..Habits::NONE }).await else { return };
    let certificates = home.certificates(&HTTP).await;
    for _ in 0..5 {
        let status = step(&certificates, &home.clock).await;
        if status.last_error.is_none() {
            return;
        }
        home.clock.advance(status.next_attempt.since(home.clock.now()));
    }
    panic!("{:?}", certificates.status());
}
