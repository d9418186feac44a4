//! What callers and browsers send: credentials, cookies, forms, and where a login leads to.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use ma_alexa::account::AmazonSession;
use ma_alexa::api::{AuthError, Authenticator, Role};
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::config::{ApiCredentials, UserPassword};
use ma_alexa::secrets::{Credentials, PutResult, SecretStore, SecretVersion, SecretsError, VersionedSession};
use ma_alexa::web::testing;
use url::Url;

use super::household::NOW;

/// What signs the sessions.
const SECRET: &[u8] = b"a secret that no input has";

/// Has no secret, and is never asked, since the environment fixes both pairs.
#[derive(Debug)]
struct NoSecrets;

#[async_trait::async_trait]
impl SecretStore for NoSecrets {
    async fn credentials(&self) -> Result<Option<Credentials>, SecretsError> {
        Ok(None)
    }

    async fn amazon(&self) -> Result<VersionedSession, SecretsError> {
        Ok(VersionedSession::default())
    }

    async fn put_amazon(&self, _: &AmazonSession, _: &SecretVersion) -> Result<PutResult, SecretsError> {
        Err(SecretsError::Unavailable { place: self.location(), reason: "read only".to_owned() })
    }

    fn location(&self) -> String {
        "nowhere".to_owned()
    }
}

fn role_of(header: &[u8], owner: UserPassword, music_assistant: UserPassword) -> Result<Role, AuthError> {
    let fixed =
        ApiCredentials { owner: Some(owner), music_assistant: Some(music_assistant), metrics_token: None };
    let clock = Arc::new(ManualClock::at(NOW));
    let authenticator = Authenticator::new(&fixed, Arc::new(NoSecrets), clock, &SeededRandom::new(1));
    let checked = authenticator.check(Some(header), None).now_or_never();
    checked.unwrap_or(Err(AuthError::Unavailable))
}

/// A header that is made up opens nothing, and one that is made from a pair opens what that pair does. The input is a
/// header, and a user name and a password with a colon between them.
pub(super) fn basic_header(data: &[u8]) {
    let (Ok(owner), Ok(music_assistant)) = (
        UserPassword::new("owner", "correct horse battery"),
        UserPassword::new("ma", "another long password"),
    ) else {
        unreachable!("both pairs are long enough")
    };
    let checked = role_of(data, owner, music_assistant.clone());
    assert!(matches!(checked, Err(AuthError::Missing | AuthError::Wrong)), "{checked:?}");
    let text = super::text(data);
    let Some((username, password)) = text.split_once(':') else { return };
    let Ok(pair) = UserPassword::new(username, password) else { return };
    let header = |bytes: &[u8]| format!("Basic {}", STANDARD.encode(bytes)).into_bytes();
    let utf8 = header(text.as_bytes());
    if utf8.len() > 4096 {
        return;
    }
    assert_eq!(role_of(&utf8, pair.clone(), music_assistant.clone()), Ok(Role::Owner));
    assert_eq!(role_of(&utf8, music_assistant.clone(), pair.clone()), Ok(Role::MusicAssistant));
    if let Some(latin1) = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>() {
        assert_eq!(role_of(&header(&latin1), pair, music_assistant), Ok(Role::Owner));
    }
}

/// No session is accepted that was not signed, no message says what is in no catalogue, and a message is the same when
/// it is sent again.
pub(super) fn cookies(data: &[u8]) {
    static SIGNED: LazyLock<String> =
        LazyLock::new(|| testing::session_cookie(SECRET, NOW, &SeededRandom::new(1)).unwrap_or_default());
    assert!(testing::accepts_session(SECRET, &SIGNED, NOW));
    for https in [false, true] {
        if let Some(session) = testing::cookie(data, "session", https) {
            assert!(session == *SIGNED || !testing::accepts_session(SECRET, &session, NOW), "{session}");
        }
        if let Some(message) = testing::cookie(data, "said", https).and_then(|said| testing::message(&said)) {
            assert!(message.texts.iter().all(|text| !text.is_empty()), "{message:?}");
            let again = testing::message(&message.cookie);
            assert!(data.len() > 2000 || again.as_ref() == Some(&message), "{message:?} is not {again:?}");
        }
        if let Some(nonce) = testing::cookie(data, "login", https)
            && let Some(token) = testing::login_token(&nonce)
        {
            assert!(token.len() == 43 && !token.contains(&nonce), "{token}");
        }
    }
}

/// A field of a form is what a browser encoded.
pub(super) fn form(data: &[u8]) {
    if let Some(token) = testing::field(data, "csrf") {
        let encoded =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("csrf", &token).finish();
        assert_eq!(testing::field(encoded.as_bytes(), "csrf"), Some(token));
    }
}

/// A login leads to a page of ours, also as a browser reads it.
pub(super) fn page_after_login(text: &str) {
    let Some(path) = testing::page_after_login(text) else { return };
    let ours = Url::parse("https://alexa.example.com/login").and_then(|login| login.join(path));
    assert!(ours.is_ok_and(|url| {
        url.host_str() == Some("alexa.example.com")
            && url.scheme() == "https"
            && ["/setup", "/status", "/devices"].iter().any(|page| url.path().starts_with(page))
    }));
}
