//! What Alexa posts to `ma-alexa`: nothing happens before the signature is proven.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;
use std::time::Duration;

use end_to_end::api::send;
use end_to_end::envelope::{ECHO, Envelope, Played, nothing};
use end_to_end::signing::{CERTIFICATE_URL, TestAuthority, Validity, sign, sign_as_stranger};
use ma_alexa::clock::{Clock as _, Timestamp};
use ma_alexa::verification::{SIGNER_NAME, SKILL_EVENT_TOLERANCE, TOLERANCE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::home::{Home, StateFile, clock};

const SECOND: Duration = Duration::from_secs(1);

/// A server, and the file that it keeps its state in.
async fn home() -> (Home, StateFile) {
    let clock = clock();
    let file = StateFile::new(clock.clone());
    (Home::start(clock, Arc::new(file.store.clone())).await, file)
}

/// An unsigned post of `body` to `path`.
fn post(home: &Home, path: &str, body: &[u8]) -> RequestBuilder {
    let request = home.api.request(Method::POST, path).header("content-type", "application/json");
    request.body(body.to_vec())
}

/// A post that names the certificates at `url`, signed for `signed`, which may be another body.
fn signed_at(home: &Home, url: &str, body: &[u8], signed: &[u8]) -> RequestBuilder {
    post(home, "/", body).header("SignatureCertChainUrl", url).header("Signature-256", sign(signed))
}

/// A post as Alexa makes it.
fn signed(home: &Home, envelope: &Envelope) -> RequestBuilder {
    let body = envelope.to_vec();
    signed_at(home, CERTIFICATE_URL, &body, &body)
}

/// What every caller can see of the state.
async fn seen(home: &Home) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in ["/v1/players", "/v1/echos", "/v1/activity"] {
        seen.push(home.api.get(path).await);
    }
    seen
}

/// That a post is refused for `reason`, and changes nothing.
async fn refused(home: &Home, file: &StateFile, what: &str, request: RequestBuilder, reason: &str) {
    let (before, writes) = (seen(home).await, file.store.statistics().writes);
    let (status, answer) = send(request).await;
    assert_eq!(status, 400, "{what}: {answer}");
    let message = answer["error"].as_str().unwrap();
    assert!(message.contains(reason), "{what}: {message}");
    assert_eq!(file.store.statistics().writes, writes, "{what} was kept");
    assert_eq!(seen(home).await, before, "{what}");
}

#[tokio::test]
async fn every_kind_of_request_is_answered_when_it_is_signed() {
    let (home, _file) = home().await;
    home.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let (status, answer) = send(signed(&home, &Envelope::new("play-audio"))).await;
    assert_eq!(status, 200);
    let played = Played::of(&answer);

    let silent = [
        Envelope::report("PlaybackStarted", &played.token, 0),
        Envelope::new("session-ended-user-initiated"),
        Envelope::new("system-exception-encountered-invalid-response"),
        Envelope::new("alexa-skill-event-skill-enabled"),
        Envelope::new("messaging-message-received"),
        Envelope::new("playback-controller-next-command-issued"),
    ];
    for envelope in silent {
        assert_eq!(send(signed(&home, &envelope)).await, (200, nothing()), "{envelope:?}");
    }
    assert_eq!(home.api.player("Kitchen").await["state"], "playing");

    for (sample, pointer) in [
        ("launch-request", "/response/directives/0/audioItem"),
        ("intent-amazon-help", "/response/outputSpeech"),
        ("intent-amazon-next", "/response/outputSpeech"),
        ("intent-play-de-DE", "/response/outputSpeech"),
        ("playback-controller-play-command-issued", "/response/directives/0/audioItem"),
        ("can-fulfill-intent-request", "/response/canFulfillIntent"),
    ] {
        let (status, answer) = send(signed(&home, &Envelope::new(sample))).await;
        assert_eq!(status, 200, "{sample}: {answer}");
        assert!(answer.pointer(pointer).is_some(), "{sample}: {answer}");
    }
    let (_, answer) = send(signed(&home, &Envelope::new("intent-amazon-stop"))).await;
    assert_eq!(answer["response"]["directives"], json!([{ "type": "AudioPlayer.Stop" }]));
    assert_eq!(home.certificates.asked(), 1, "the chain is fetched once");
}

/// Alexa decompresses nothing that it did not ask for, and waits for no compression.
#[tokio::test]
async fn an_answer_to_alexa_is_never_compressed() {
    let (home, _file) = home().await;
    home.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let request = signed(&home, &Envelope::new("intent-amazon-help"));
    let answer = request.header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("content-encoding"));
    let text = answer.text().await.unwrap();
    assert!(text.len() > 400 && text.starts_with('{'), "large enough to be worth it: {text}");
}

#[tokio::test]
async fn a_request_without_its_proof_is_refused() {
    let (home, file) = home().await;
    home.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let body = Envelope::new("play-audio").to_vec();
    let other = Envelope::new("play-audio").from_echo("another").to_vec();
    let url = |request: RequestBuilder| request.header("SignatureCertChainUrl", CERTIFICATE_URL);
    let mut changed = body.clone();
    changed.push(b'\n');

    let cases = [
        ("no header", post(&home, "/", &body), "SignatureCertChainUrl"),
        ("no signature", url(post(&home, "/", &body)), "Signature-256"),
        ("an empty one", url(post(&home, "/", &body)).header("Signature-256", " "), "Signature-256"),
        ("no base64", url(post(&home, "/", &body)).header("Signature-256", "%%%"), "not base64"),
        ("SHA-1 alone", url(post(&home, "/", &body)).header("Signature", sign(&body)), "Signature-256"),
        ("another body", signed_at(&home, CERTIFICATE_URL, &body, &other), "does not belong to this body"),
        ("one more byte", signed_at(&home, CERTIFICATE_URL, &changed, &body), "does not belong"),
        (
            "another key",
            url(post(&home, "/", &body)).header("Signature-256", sign_as_stranger(&body)),
            "does not belong",
        ),
        ("no JSON", signed_at(&home, CERTIFICATE_URL, b"play", b"play"), "does not say when"),
        ("no request", signed_at(&home, CERTIFICATE_URL, b"{}", b"{}"), "does not say when"),
    ];
    for (what, request, reason) in cases {
        refused(&home, &file, what, request, reason).await;
    }
    let (_, answer) = send(signed_at(&home, CERTIFICATE_URL, &body, &body)).await;
    let _played = Played::of(&answer);
}

#[tokio::test]
async fn a_certificate_that_is_not_alexas_is_refused() {
    let (home, file) = home().await;
    let now = home.clock.now();
    let (day, own, foreign) = (Duration::from_hours(24), &home.authority, TestAuthority::new());
    let until = |not_after: Timestamp| Validity { not_before: now.minus(30 * day), not_after };
    let around = Validity::around(now);
    let later = Validity { not_before: now.plus(day), not_after: now.plus(30 * day) };
    let chains = [
        ("expired", own.chain_pem(SIGNER_NAME, until(now.minus(2 * SECOND))), "expired at"),
        ("early", own.chain_pem(SIGNER_NAME, later), "is not valid before"),
        ("foreign", foreign.good_chain_pem(now), "no trusted root"),
        ("self-signed", own.self_signed_pem(around), "no trusted root"),
        ("name", own.chain_pem("echo-api.example.com", around), "not made out to Alexa"),
        ("wildcard", own.chain_pem("*.amazon.com", around), "not made out to Alexa"),
        ("bare", own.leaf_pem(SIGNER_NAME, around), "no trusted root"),
        ("client", own.client_chain_pem(around), "no trusted root"),
        ("authority", own.chain_through_pem(until(now.minus(day)), now), "expired at"),
        ("text", "<html>".to_owned(), "not a chain of PEM certificates"),
    ];
    let body = Envelope::new("play-audio").to_vec();
    for (what, pem, reason) in chains {
        let url = format!("https://s3.amazonaws.com/echo.api/{what}.pem");
        home.certificates.serve(&url, pem);
        refused(&home, &file, what, signed_at(&home, &url, &body, &body), reason).await;
    }
}

#[tokio::test]
async fn a_certificate_from_elsewhere_is_not_even_fetched() {
    let (home, file) = home().await;
    let body = Envelope::new("play-audio").to_vec();
    for (url, reason) in [
        ("http://s3.amazonaws.com/echo.api/echo-api-cert-test.pem", "https"),
        ("https://s3.example.com/echo.api/echo-api-cert-test.pem", "host"),
        ("https://s3.amazonaws.com.example.com/echo.api/cert.pem", "host"),
        ("https://s3.amazonaws.com/EcHo.aPi/echo-api-cert-test.pem", "path"),
        ("https://s3.amazonaws.com/echo.api/../stranger/cert.pem", "path"),
        ("https://s3.amazonaws.com/stranger/echo.api/cert.pem", "path"),
        ("https://s3.amazonaws.com:8443/echo.api/echo-api-cert-test.pem", "port"),
        ("https://user:word@s3.amazonaws.com/echo.api/cert.pem", "credentials"),
        ("cert.pem", "well-formed"),
    ] {
        refused(&home, &file, url, signed_at(&home, url, &body, &body), reason).await;
    }
    assert_eq!(home.certificates.asked(), 0);

    // The same place, spelled otherwise.
    let url = "https://S3.AmazonAWS.com:443/x/../echo.api/echo-api-cert-test.pem#1";
    let (status, answer) = send(signed_at(&home, url, &body, &body)).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_request_that_was_recorded_is_not_played_back() {
    let (home, file) = home().await;
    // Whole seconds, as Alexa writes them.
    home.clock.set(Timestamp::from_millis(home.clock.now().seconds() * 1000));
    let now = home.clock.now();
    let event = "alexa-skill-event-skill-enabled";
    for (sample, tolerance) in [("play-audio", TOLERANCE), (event, SKILL_EVENT_TOLERANCE)] {
        let too_old = Envelope::new(sample).at(now.minus(tolerance + SECOND));
        refused(&home, &file, "too old", signed(&home, &too_old), "s old").await;
        let too_early = Envelope::new(sample).at(now.plus(tolerance + SECOND));
        refused(&home, &file, "from the future", signed(&home, &too_early), "in the future").await;
        for just in [now.minus(tolerance), now.plus(tolerance)] {
            let (status, answer) = send(signed(&home, &Envelope::new(sample).at(just))).await;
            assert_eq!(status, 200, "{sample}: {answer}");
        }
    }
    let undated = Envelope::new("play-audio").with("/request/timestamp", json!("yesterday"));
    refused(&home, &file, "undated", signed(&home, &undated), "does not say when").await;
}

// A header that switches the verification off.
#[tokio::test]
async fn no_header_leads_past_the_signature() {
    let (home, file) = home().await;
    home.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let body = Envelope::new("play-audio").to_vec();
    for (name, value) in [
        ("X-Simulator-Bypass", "1"),
        ("X-Simulator-Signature", "1"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-User", "owner"),
        ("Authorization", "Basic b3duZXI6b3duZXItcGFzc3dvcmQtMDAwMQ=="),
        ("X-Original-URL", "/healthz"),
        ("X-HTTP-Method-Override", "GET"),
    ] {
        let request = post(&home, "/", &body).header(name, value);
        refused(&home, &file, name, request, "SignatureCertChainUrl").await;
    }
    assert_eq!(home.certificates.asked(), 0);
}

// Query parameters that count as signature headers.
#[tokio::test]
async fn no_parameter_stands_for_a_header() {
    let (home, file) = home().await;
    home.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let body = Envelope::new("play-audio").to_vec();
    let mut query = reqwest::Url::parse("http://unused/").unwrap();
    query
        .query_pairs_mut()
        .append_pair("sim_signature", &sign(&body))
        .append_pair("sim_cert", CERTIFICATE_URL)
        .append_pair("Signature-256", &sign(&body))
        .append_pair("SignatureCertChainUrl", CERTIFICATE_URL);
    let path = format!("/?{}", query.query().unwrap());
    refused(&home, &file, "query", post(&home, &path, &body), "SignatureCertChainUrl").await;
    assert_eq!(home.certificates.asked(), 0);
}

// A signature proves Alexa, but any skill's owner can point Alexa at any host.
#[tokio::test]
async fn a_well_signed_request_to_another_skill_is_refused() {
    let (home, file) = home().await;
    home.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let foreign = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000";
    for id in [foreign, ""] {
        let mut envelope = Envelope::new("play-audio");
        for pointer in ["/session/application/applicationId", "/context/System/application/applicationId"] {
            envelope = envelope.with(pointer, json!(id));
        }
        refused(&home, &file, "another skill", signed(&home, &envelope), "SKILL_ID does not name it").await;
    }

    let clock = clock();
    let file = StateFile::new(clock.clone());
    let unset = Home::start_with(clock, Arc::new(file.store.clone()), "").await;
    let request = signed(&unset, &Envelope::new("play-audio"));
    refused(&unset, &file, "no skill known", request, "set SKILL_ID").await;
}

// Bodies of any size, kept before they are proven.
#[tokio::test]
async fn a_body_is_bounded_with_and_without_a_signature() {
    let (home, file) = home().await;
    let large = vec![b' '; 4 * 1024 * 1024];
    let (before, writes) = (seen(&home).await, file.store.statistics().writes);
    for request in [post(&home, "/", &large), signed_at(&home, CERTIFICATE_URL, &large, &large)] {
        let (status, answer) = send(request).await;
        assert_eq!(status, 413, "{answer}");
    }
    assert_eq!(home.certificates.asked(), 0, "it was looked into");
    assert_eq!(file.store.statistics().writes, writes);
    assert_eq!(seen(&home).await, before);
}

// A forged request that plants an Echo in the list of devices.
#[tokio::test]
async fn a_forged_request_plants_no_echo() {
    let (home, file) = home().await;
    let forged = Envelope::new("play-audio").from_echo("planted").to_vec();
    refused(&home, &file, "forged", post(&home, "/", &forged), "SignatureCertChainUrl").await;
    let (status, _) = send(signed(&home, &Envelope::new("play-audio"))).await;
    assert_eq!(status, 200);
    let echos = home.api.get("/v1/echos").await;
    let devices: Vec<&Value> =
        echos["echos"].as_array().unwrap().iter().map(|echo| &echo["device"]).collect();
    assert_eq!(devices, [ECHO]);
}
