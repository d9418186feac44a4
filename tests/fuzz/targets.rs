//! The parsers of foreign bytes, and what has to hold for each of them whatever it is fed with.

use std::sync::Arc;

use futures_util::FutureExt as _;
use ma_alexa::account::{AmazonHost, AmazonSession, Code, Marketplace};
use ma_alexa::alexa::request::RequestEnvelope;
use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::ManualClock;
use ma_alexa::playback::{Echo, Metadata, PlayToken, Player, PlayerId, Spoken, StreamUrl, find_spoken};
use ma_alexa::verification::{
    CertificateFetcher, CertificateUrl, FetchError, SignatureHeaders, TrustAnchors, Verifier,
};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret as _;

/// Feeds one input to a parser. Panics where something does not hold.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: [(&str, Target); 11] = [
    ("account_code", |data| account_code(&text(data))),
    ("amazon_host", |data| amazon_host(&text(data))),
    ("amazon_session", |data| amazon_session(&text(data))),
    ("certificate_chain", certificate_chain),
    ("certificate_url", |data| certificate_url(&text(data))),
    ("play_token", |data| play_token(&text(data))),
    ("push_metadata", push_metadata),
    ("request_envelope", request_envelope),
    ("spoken_name", |data| spoken_name(&text(data))),
    ("stored_item", stored_item),
    ("stream_address", |data| stream_address(&text(data))),
];

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

fn account_code(text: &str) {
    if let Some(code) = Code::parse(text) {
        assert_eq!(Code::parse(code.as_str()), Some(code));
    }
}

/// No host of a stranger's gets a request with a token in it.
fn amazon_host(text: &str) {
    if let Ok(host) = AmazonHost::parse(text) {
        assert!(host.as_str().contains(".amazon.") || host.as_str() == "api.amazonalexa.com", "{host:?}");
        assert!(host.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)));
        assert_eq!(AmazonHost::parse(host.as_str()), Ok(host));
    }
    if let Ok(shop) = Marketplace::parse(text) {
        assert_eq!(AmazonHost::parse(shop.web().as_str()), Ok(shop.web()));
    }
}

fn amazon_session(text: &str) {
    if let Ok(session) = AmazonSession::from_json(text) {
        let written = session.to_json();
        assert!(AmazonSession::from_json(written.expose_secret()).is_ok());
    }
}

/// Serves the input as a chain.
#[derive(Debug)]
struct Serves(Vec<u8>);

#[async_trait::async_trait]
impl CertificateFetcher for Serves {
    async fn fetch(&self, _url: &CertificateUrl) -> Result<Vec<u8>, FetchError> {
        Ok(self.0.clone())
    }
}

/// No chain, and no signature, that is made up proves anything.
fn certificate_chain(data: &[u8]) {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_795_334_400_000)));
    let verifier = Verifier::new(TrustAnchors::mozilla(), Arc::new(Serves(data.to_vec())), clock);
    let headers = SignatureHeaders {
        certificate_url: Some("https://s3.amazonaws.com/echo.api/echo-api-cert.pem"),
        signature: Some("AAAA"),
    };
    let outcome = verifier.verify(headers, data, std::future::ready(true)).now_or_never();
    assert!(outcome.is_some_and(|proof| proof.is_err()));
}

fn certificate_url(text: &str) {
    let Ok(url) = CertificateUrl::parse(text) else { return };
    let name = url.as_str().strip_prefix("https://s3.amazonaws.com/echo.api/");
    assert!(name.is_some_and(
        |name| name.strip_suffix(".pem").is_some() && !name.contains(['/', '%', '?', '#', '\\'])
    ));
    assert_eq!(CertificateUrl::parse(url.as_str()), Ok(url));
}

fn play_token(text: &str) {
    if let Some(token) = PlayToken::decode(text) {
        assert_eq!(token.encode(), text);
    }
}

fn push_metadata(data: &[u8]) {
    if let Ok(metadata) = serde_json::from_slice::<Metadata>(data) {
        let clean = metadata.clean();
        assert_eq!(clean.clone().clean(), clean);
    }
}

fn request_envelope(data: &[u8]) {
    if let Ok(envelope) = RequestEnvelope::parse(data) {
        let _ = envelope.application_id();
    }
}

/// The first line is what was heard, each of the others a player.
fn spoken_name(text: &str) {
    let mut lines = text.lines();
    let heard = lines.next().unwrap_or_default();
    let players: Vec<PlayerId> = lines.map(PlayerId::from).collect();
    let found = match find_spoken(&players, heard) {
        Spoken::One(player) => vec![player],
        Spoken::Several(found) | Spoken::Unknown(found) => found,
    };
    assert!(found.iter().all(|player| players.contains(player)));
}

fn stored_item(data: &[u8]) {
    if let Ok(player) = serde_json::from_slice::<Player>(data) {
        let written = serde_json::to_vec(&player);
        assert!(written.is_ok_and(|bytes| serde_json::from_slice::<Player>(&bytes).is_ok()));
    }
    let _ = serde_json::from_slice::<Echo>(data);
}

/// Print and parse agree, and no path leads out of the streams, also where a proxy decodes once more.
fn stream_address(text: &str) {
    let Ok(url) = StreamUrl::parse(text) else { return };
    let printed = url.to_string();
    if printed.chars().count() <= 2000 {
        assert_eq!(StreamUrl::parse(&printed).as_ref(), Ok(&url), "{printed}");
    }
    let path = url.path_for_echo();
    let path = path.split('?').next().unwrap_or_default();
    let once = percent_decode_str(path).decode_utf8_lossy();
    let twice = percent_decode_str(&once).decode_utf8_lossy();
    for decoded in [path, &once, &twice] {
        assert!(decoded.split(['/', '\\']).all(|segment| segment != ".." && segment != "."), "{decoded}");
        let first = decoded.split('/').nth(1).unwrap_or_default();
        assert!(["flow", "single", "announcement", "pluginsource", "ugp"].contains(&first), "{decoded}");
    }
}
