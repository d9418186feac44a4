//! What comes from Alexa: requests, and the proof of who sent them.

use std::sync::{Arc, LazyLock};

use ma_alexa::alexa::request::RequestEnvelope;
use ma_alexa::clock::testing::ManualClock;
use ma_alexa::verification::{
    CertificateFetcher, CertificateUrl, FetchError, SignatureHeaders, TrustAnchors, Verifier,
};
use serde_json::Value;

use super::household;
use super::rules;

/// A request is read the same way each time.
pub(super) fn envelope(data: &[u8]) {
    if let Ok(envelope) = RequestEnvelope::parse(data) {
        assert!(RequestEnvelope::parse(data).is_ok_and(|again| again == envelope));
        assert!(serde_json::from_slice::<Value>(data).is_ok_and(|read| read.is_object()));
    }
}

/// Every request is answered with what Alexa takes. `TOKEN` stands for the token of the play that goes on.
pub(super) fn answer(text: &str) {
    let body = text.replace("TOKEN", household::token());
    if let Some(answer) = household::answer(body.as_bytes()) {
        let mut envelope: Value = serde_json::from_str(&body).unwrap_or_default();
        // Alexa always names a list. Where a made-up request names none, the answer has an empty name.
        if let Some(request) = envelope.get_mut("request").and_then(Value::as_object_mut) {
            for name in ["correlationToken", "listId"] {
                if !request.get(name).is_some_and(Value::is_string) {
                    request.insert(name.to_owned(), Value::from(""));
                }
            }
        }
        rules::check(&envelope, &answer);
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
pub(super) fn certificate_chain(data: &[u8]) {
    static ANCHORS: LazyLock<TrustAnchors> = LazyLock::new(TrustAnchors::mozilla);
    let clock = Arc::new(ManualClock::at(household::NOW));
    let verifier = Verifier::new(ANCHORS.clone(), Arc::new(Serves(data.to_vec())), clock);
    let headers = SignatureHeaders {
        certificate_url: Some("https://s3.amazonaws.com/echo.api/echo-api-cert.pem"),
        signature: Some("AAAA"),
    };
    let outcome = super::finished(verifier.verify(headers, data, std::future::ready(true)));
    assert!(outcome.is_some_and(|proof| proof.is_err()));
}

/// An address is one of Amazon's folder of certificates, and is parsed from what it is printed as.
pub(super) fn certificate_url(text: &str) {
    let Ok(url) = CertificateUrl::parse(text) else { return };
    let name = url.as_str().strip_prefix("https://s3.amazonaws.com/echo.api/");
    assert!(name.is_some_and(
        |name| name.strip_suffix(".pem").is_some() && !name.contains(['/', '%', '?', '#', '\\'])
    ));
    assert_eq!(CertificateUrl::parse(url.as_str()), Ok(url));
}
