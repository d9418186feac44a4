//! Renewal, and certificates that are no good any more.

use std::time::Duration;

use ma_alexa::certificates::{FailureCode, MOST_ORDERS, ORDERS_SPAN};
use ma_alexa::clock::Clock as _;

use super::authority::Habits;
use super::front::Fault;
use super::home::{Home, NAME, step};

const HTTP: [(&str, &str); 1] = [("ACME_CHALLENGE", "http-01")];
const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_renewal_changes_what_is_served_and_drops_no_connection() {
    let Some(home) = Home::new().await else { return };
    let certificates = home.certificates(&[]).await;
    let (door, home) = home.open_door(&certificates).await;
    let first = step(&certificates, &home.clock).await;
    let mut open = door.connect(NAME).await.unwrap();
    assert!(open.get().await.ends_with("door"));
    // Pebble's certificates live for 90 days here: with 31 left there is time, with 29 there is not.
    home.clock.advance(DAY * 58);
    assert_eq!(step(&certificates, &home.clock).await.next_attempt, first.next_attempt);
    assert_eq!(home.front.orders().len(), 1);
    home.clock.advance(DAY * 3);
    let second = step(&certificates, &home.clock).await;
    assert_eq!((second.last_error, home.front.orders().len()), (None, 2));
    assert!(second.not_after >= first.not_after);
    assert!(open.get().await.ends_with("door"), "the connection of before goes on");
    let renewed = door.connect(NAME).await.unwrap();
    assert_ne!(renewed.certificate(), open.certificate());
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_old_certificate_and_is_tried_again() {
    let Some(home) = Home::new().await else { return };
    let certificates = home.certificates(&[]).await;
    let (door, home) = home.open_door(&certificates).await;
    let first = step(&certificates, &home.clock).await;
    let served = door.connect(NAME).await.unwrap().certificate();
    home.front.behave(Fault::Garbage(b"<html>".to_vec()));
    home.clock.advance(DAY * 61);
    for _ in 0..2 {
        let failed = step(&certificates, &home.clock).await;
        assert_eq!(failed.last_error.unwrap().code, FailureCode::AuthorityBroken);
        assert_eq!(failed.not_after, first.not_after);
        assert!(failed.next_attempt > home.clock.now());
        assert_eq!(door.connect(NAME).await.unwrap().certificate(), served);
        home.clock.advance(failed.next_attempt.since(home.clock.now()));
    }
    home.front.behave(Fault::None);
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    assert_ne!(door.connect(NAME).await.unwrap().certificate(), served);
}

#[tokio::test]
async fn what_the_authority_revoked_is_ordered_again() {
    let Some(home) = Home::new().await else { return };
    let certificates = home.certificates(&[]).await;
    let (_door, home) = home.open_door(&certificates).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    // It is asked now and then, not at each look.
    for _ in 0..10 {
        home.clock.advance(DAY / 24);
        step(&certificates, &home.clock).await;
    }
    assert!((1..=6).contains(&home.front.windows_asked()), "{}", home.front.windows_asked());
    assert_eq!(home.front.orders().len(), 1);
    home.front.revoke(true);
    home.clock.advance(DAY);
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    assert_eq!(home.front.orders().len(), 2);
    home.front.revoke(false);
    home.clock.advance(DAY);
    step(&certificates, &home.clock).await;
    assert_eq!(home.front.orders().len(), 2, "the new one is not revoked");
}

#[tokio::test]
async fn an_account_that_the_authority_forgot_is_made_again() {
    let Some(home) = Home::new().await else { return };
    let certificates = home.certificates(&HTTP).await;
    let (mut door, mut home) = home.open_door(&certificates).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    home.replace_authority().await;
    door.trust(&home.pebble).await;
    assert!(door.connect(NAME).await.is_err(), "another authority signed it");
    home.clock.advance(DAY * 61);
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    assert!(door.connect(NAME).await.unwrap().get().await.ends_with("door"));
    // The new account stays.
    home.clock.advance(DAY);
    let again = home.certificates(&HTTP).await;
    let (orders, last_error) = (home.front.orders().len(), step(&again, &home.clock).await.last_error);
    assert_eq!((home.front.orders().len(), last_error), (orders + 1, None));
}

#[tokio::test]
async fn a_restart_keeps_the_certificate_and_another_name_needs_another_one() {
    let Some(home) = Home::new().await else { return };
    let certificates = home.certificates(&HTTP).await;
    let first = step(&certificates, &home.clock).await;
    let again = home.certificates(&HTTP).await;
    assert_eq!(again.status().not_after, first.not_after, "it is there before the first look");
    assert_eq!(step(&again, &home.clock).await.not_after, first.not_after);
    assert_eq!(home.front.orders().len(), 1);
    let other = [("ACME_CHALLENGE", "http-01"), ("DOOR_NAME", "other.duckdns.org")];
    let renamed = home.certificates(&other).await;
    let (door, home) = home.open_door(&renamed).await;
    assert_eq!(renamed.status().not_after, None, "one for another name is not shown");
    assert!(door.connect(NAME).await.is_err());
    assert_eq!(step(&renamed, &home.clock).await.last_error, None);
    assert!(door.connect("other.duckdns.org").await.is_ok());
    assert_eq!(home.front.orders().len(), 2);
}

/// A process that is started again and again, each time with a reason to order.
#[tokio::test]
async fn restarts_order_no_more_than_a_few_an_hour() {
    let Some(home) = Home::new().await else { return };
    for turn in 0..8 {
        let name = format!("kitchen-{turn}.duckdns.org");
        let variables = [("ACME_CHALLENGE", "http-01"), ("DOOR_NAME", name.as_str())];
        let certificates = home.certificates(&variables).await;
        certificates.step().await;
        let status = certificates.status();
        assert!(home.front.orders().len() <= MOST_ORDERS, "turn {turn}: {}", home.front.orders().len());
        if turn >= MOST_ORDERS {
            let wait = status.next_attempt.since(home.clock.now());
            assert!(wait > Duration::ZERO && wait <= ORDERS_SPAN, "turn {turn}: {wait:?}");
        }
    }
    assert_eq!(home.front.orders().len(), MOST_ORDERS);
    home.clock.advance(ORDERS_SPAN);
    let variables = [("ACME_CHALLENGE", "http-01"), ("DOOR_NAME", "c.duckdns.org")];
    let certificates = home.certificates(&variables).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
}

/// A clock that is years ahead finds every certificate old.
#[tokio::test]
async fn a_clock_that_is_wrong_is_named_and_orders_little() {
    let Some(home) = Home::new().await else { return };
    home.clock.advance(DAY * 365);
    let certificates = home.certificates(&[]).await;
    let (door, home) = home.open_door(&certificates).await;
    let begin = home.clock.now();
    while home.clock.now().since(begin) < DAY {
        let next = certificates.step().await;
        assert!(next > home.clock.now());
        home.clock.advance(next.since(home.clock.now()));
    }
    assert!(home.front.orders().len() <= 13, "{}", home.front.orders().len());
    let error = certificates.status().last_error.unwrap();
    assert_eq!(error.code, FailureCode::CertificateUnusable);
    assert!(error.cause.contains("clock"), "{error:?}");
    assert!(door.connect(NAME).await.is_ok(), "Echos have another clock");
}

#[tokio::test]
async fn what_was_proven_is_not_proven_again() {
    let Some(home) = Home::with(Habits { reuses: 100, ..Habits::NONE }).await else { return };
    let certificates = home.certificates(&HTTP).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    let _taken = std::net::TcpListener::bind(("127.0.0.1", home.ports.http)).unwrap();
    home.clock.advance(DAY * 61);
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    assert_eq!(home.front.orders().len(), 2);
}

#[tokio::test]
async fn it_runs_by_itself() {
    let Some(home) = Home::new().await else { return };
    let config = home.config(&[]);
    let services = home.services(&config);
    let certificates = ma_alexa::certificates::start(config, services).await.unwrap();
    let (door, _home) = home.open_door(&certificates).await;
    let began = std::time::Instant::now();
    while door.connect(NAME).await.is_err() {
        assert!(began.elapsed() < Duration::from_mins(1), "{:?}", certificates.status());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
