//! The secret of the session: written, read, and never shown.

use ma_alexa::account::{
    AccessToken, AccountHosts, AlexaSession, AmazonSession, DeveloperSession, Marketplace,
    PendingDeregistration, PendingLogin, SessionCookies, StoredCookie,
};
use ma_alexa::clock::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

/// Each secret in it is a word that begins like this.
const MARK: &str = "SECRET-";

fn secret(name: &str) -> SecretString {
    SecretString::from(format!("{MARK}{name}"))
}

fn full() -> AmazonSession {
    let at = Timestamp::from_millis(1_795_334_400_000);
    let access = |name| AccessToken { token: secret(name), issued_at: at, expires_at: at };
    AmazonSession {
        alexa: Some(AlexaSession {
            serial: "0F1E".to_owned(),
            account: "amzn1.account.DEMO".to_owned(),
            name: Some("Kim".to_owned()),
            refresh_token: secret("refresh"),
            access: Some(access("access")),
            place: Some(AccountHosts {
                marketplace: Marketplace::com(),
                api: Marketplace::com().web(),
                customer: "A1".to_owned(),
            }),
            cookies: Some(SessionCookies {
                marketplace: Marketplace::com(),
                jar: vec![StoredCookie {
                    name: "at-main".to_owned(),
                    value: secret("cookie"),
                    domain: ".amazon.com".to_owned(),
                    path: "/".to_owned(),
                }],
                issued_at: at,
            }),
            signed_in_at: at,
            login: None,
            ended: None,
            refused: None,
        }),
        developer: Some(DeveloperSession {
            client_id: "client".to_owned(),
            client_secret: secret("client"),
            refresh_token: secret("developer"),
            access: Some(access("developer-access")),
            login: None,
            ended: None,
        }),
        login: Some(PendingLogin { serial: "0F1F".to_owned(), verifier: secret("verifier"), began_at: at }),
        developer_login: None,
        pending_deregistrations: vec![PendingDeregistration {
            serial: "0F20".to_owned(),
            refresh_token: secret("leaving"),
            since: at,
        }],
    }
}

#[test]
fn no_secret_of_a_session_is_in_its_debug_text() {
    let session = full();
    let written = session.to_json();
    assert_eq!(written.expose_secret().matches(MARK).count(), 8, "the secret itself holds all of them");
    assert_eq!(format!("{session:?} {session:#?} {written:?}").matches(MARK).count(), 0);
}

#[test]
fn a_session_is_read_as_it_was_written() {
    let written = full().to_json();
    let read = AmazonSession::from_json(written.expose_secret()).unwrap();
    assert_eq!(read.to_json().expose_secret(), written.expose_secret());
    assert!(read.is_signed_in());
}

#[test]
fn an_unreadable_session_is_reported_without_its_content() {
    for json in [
        "SECRET-text",
        "[]",
        r#"{"alexa":"SECRET-session"}"#,
        r#"{"alexa":{"refresh_token":7,"serial":"SECRET-serial"}}"#,
        r#"{"schema":"SECRET-schema"}"#,
        r#"{"schema":2,"alexa":"SECRET-newer"}"#,
        r#"{"alexa":{"place":{"api":"SECRET-host.example","marketplace":"de","customer":"A"}}}"#,
    ] {
        let error = AmazonSession::from_json(json).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(MARK), "{error}");
    }
    let newer = AmazonSession::from_json(r#"{"schema":2}"#).unwrap_err().to_string();
    assert!(newer.contains("newer release"), "{newer}");
}
