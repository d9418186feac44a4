//! What Amazon answers, and the addresses that its sign-ins end at.

use std::time::Duration;

use ma_alexa::account::{AmazonHost, Marketplace, PendingLogin, SessionCookies, StoredCookie};
use ma_alexa::amazon::testing::{self, Answer};
use ma_alexa::smapi::testing as developer;
use secrecy::{ExposeSecret as _, SecretString};

use super::household::NOW;
use super::parts;

/// The longest that a token is taken to last.
const DAY: Duration = Duration::from_hours(24);

/// An answer as it stands on the wire: the status in the first line, then headers, an empty line, and the body.
fn answered(text: &str) -> Option<(u16, Answer)> {
    let (head, body) = parts(text);
    let mut lines = head.lines();
    let status = lines.next()?.trim().parse().ok()?;
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
    Some((status, Answer::new(status, &headers, body.as_bytes())))
}

/// Only a status of success is served, and no page for people.
pub(super) fn status(text: &str) {
    let Some((status, answer)) = answered(text) else { return };
    let is_page = parts(text).1.trim_ascii_start().starts_with('<');
    if answer.is_served() {
        assert!((200..300).contains(&status) && !is_page, "{status}");
    }
}

/// A token is taken only from a status of success, and for no longer than a day.
pub(super) fn token(text: &str) {
    let Some((status, answer)) = answered(text) else { return };
    if let Some(lasts) = answer.token_lasts() {
        assert!(status == 200 && lasts <= DAY, "{lasts:?}");
    }
}

/// A registration begins a session of our own device, which can be kept.
pub(super) fn registration(text: &str) {
    let Some((_, answer)) = answered(text) else { return };
    let login = PendingLogin {
        serial: "0123456789ABCDEF0123456789ABCDEF".to_owned(),
        verifier: SecretString::from("verifier"),
        began_at: NOW,
    };
    if let Some(session) = answer.registered(&login, NOW) {
        assert_eq!(session.serial, login.serial);
        assert!(session.access.as_ref().is_some_and(|access| access.expires_at <= NOW.plus(DAY)));
        let written = serde_json::to_string(&session).unwrap_or_default();
        let again: Option<ma_alexa::account::AlexaSession> = serde_json::from_str(&written).ok();
        assert!(again.is_some_and(|again| {
            again.refresh_token.expose_secret() == session.refresh_token.expose_secret()
        }));
    }
}

/// An account's shop is one of Amazon's, and the host of its API is one of that shop.
pub(super) fn account(text: &str) {
    let asked = Marketplace::com();
    if let Some((_, shop)) = answered(text).and_then(|(_, answer)| answer.account(&asked)) {
        assert_eq!(AmazonHost::parse(shop.web().as_str()), Ok(shop.web()));
    }
    if let Some(host) = answered(text).and_then(|(_, answer)| answer.api_host(&asked)) {
        assert_eq!(host.marketplace(), Some(asked));
        assert_eq!(AmazonHost::parse(host.as_str()), Ok(host));
    }
}

/// Cookies belong to the shop that gave them, and those that are kept go with the same requests.
pub(super) fn cookies(text: &str) {
    let shop = Marketplace::com();
    if let Some(cookies) = answered(text).and_then(|(_, answer)| answer.cookies(&shop, NOW)) {
        check_cookies(&cookies);
    }
    let known = StoredCookie {
        name: "session-id".to_owned(),
        value: SecretString::from("known"),
        domain: ".amazon.com".to_owned(),
        path: "/".to_owned(),
    };
    let before = SessionCookies { marketplace: shop.clone(), jar: vec![known], issued_at: NOW };
    if let Some((_, answer)) = answered(text) {
        check_cookies(&answer.sets(&before, &shop.web()));
    }
}

fn check_cookies(cookies: &SessionCookies) {
    for cookie in &cookies.jar {
        let domain = cookie.domain.trim_start_matches('.').to_ascii_lowercase();
        assert!(domain == "amazon.com" || domain.ends_with(".amazon.com"), "{domain}");
    }
    let host = cookies.marketplace.web();
    if let Some(header) = testing::cookie_header(cookies, &host) {
        assert!(
            header.bytes().all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f)),
            "no request can carry {header:?}"
        );
    }
    let nothing = Answer::new(200, &[], b"");
    let again = nothing.sets(cookies, &host);
    assert_eq!(sorted(&again), sorted(cookies), "what is kept is read as the same");
}

fn sorted(cookies: &SessionCookies) -> Vec<(&str, &str, &str, &str)> {
    let mut sorted: Vec<_> = cookies
        .jar
        .iter()
        .map(|cookie| {
            let domain = cookie.domain.trim_start_matches('.');
            (cookie.name.as_str(), cookie.value.expose_secret(), domain, cookie.path.as_str())
        })
        .collect();
    sorted.sort_unstable();
    sorted
}

/// Each device is there once, by name, and its members are devices too. The second part has the groups.
pub(super) fn devices(text: &str) {
    let (listed, groups) = parts(text);
    let Some(devices) = testing::devices(listed.as_bytes(), groups.as_bytes(), Some("OURS")) else { return };
    let serials: Vec<&str> = devices.iter().map(|device| device.serial.as_str()).collect();
    for device in &devices {
        assert!(!device.serial.is_empty() && device.serial != "OURS");
        assert_eq!(serials.iter().filter(|serial| **serial == device.serial).count(), 1);
        assert!(device.members.iter().all(|member| serials.contains(&member.as_str())));
        assert!(!device.members.contains(&device.serial));
    }
    let names: Vec<String> = devices.iter().map(|device| device.name.to_lowercase()).collect();
    assert!(names.is_sorted(), "{names:?}");
    let written = serde_json::to_vec(&devices).unwrap_or_default();
    assert!(
        serde_json::from_slice::<Vec<ma_alexa::account::Device>>(&written)
            .is_ok_and(|again| again == devices)
    );
}

/// What plays, how loud and how quiet the device `A` is.
pub(super) fn states(text: &str) {
    let body = text.as_bytes();
    if let Some(volume) = testing::speaker_volume(body, "A") {
        assert!(volume.volume <= 100, "{volume:?}");
    }
    if let Some(playing) = testing::now_playing(body, "A") {
        let length = playing.length_ms.unwrap_or(u64::MAX);
        assert!(length == 0 || length >= 1000, "a length is in milliseconds: {playing:?}");
    }
    if testing::do_not_disturb(body, "A").is_some() {
        assert!(text.contains("doNotDisturbDeviceStatusList") || text.contains("\\u"));
    }
}

/// A code comes only from Amazon's own page, and is taken as it is.
pub(super) fn sign_in_code(text: &str) {
    let Ok(code) = testing::sign_in_code(text) else { return };
    assert!(!code.expose_secret().is_empty());
    let code: String = form_encoded(code.expose_secret());
    let address = format!("https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code={code}");
    assert!(testing::sign_in_code(&address).is_ok_and(|again| form_encoded(again.expose_secret()) == code));
    // Addresses are read without the ends of lines in them (URL Standard, "basic URL parser").
    let lower = text.replace(['\t', '\n', '\r'], "").to_lowercase();
    assert!(lower.contains("amazon") || !lower.is_ascii() || lower.contains('%'), "{text}");
}

/// A return names its state and a code, or Amazon's word for why there is none.
pub(super) fn developer_return(text: &str) {
    const RETURN_URL: &str = "https://alexa.example.com/setup/amazon/return";
    let Ok(returned) = developer::returned(text, RETURN_URL) else { return };
    assert!(!returned.state.is_empty());
    let state = form_encoded(&returned.state);
    let query = match &returned.code {
        Ok(code) => {
            assert!(!code.expose_secret().is_empty());
            format!("state={state}&code={}", form_encoded(code.expose_secret()))
        }
        Err(word) => {
            assert!(word.len() <= 60 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
            return;
        }
    };
    for address in [query.clone(), format!("{RETURN_URL}?{query}")] {
        let again = developer::returned(&address, RETURN_URL);
        assert!(again.is_ok_and(|again| again.state == returned.state && again.code.is_ok()), "{address}");
    }
    assert!(developer::returned(&format!("https://evil.example/?{query}"), RETURN_URL).is_err());
}

fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
