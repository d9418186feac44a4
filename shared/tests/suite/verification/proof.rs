//! Headers, signature and timestamp.

use std::future::ready;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ma_alexa::clock::Timestamp;
use ma_alexa::verification::{SignatureHeaders, VerificationError};
use proptest::prelude::*;

use super::harness::{Harness, NOW, body};
use super::signing::{CERTIFICATE_URL, sign, sign_as_stranger};

const LAUNCH: &str = include_str!("../../../../events/launch-request.json");

#[tokio::test]
async fn accepts_a_signed_request() {
    let verified = Harness::new().signed(LAUNCH).await.unwrap();
    assert_eq!(verified.timestamp(), NOW);
}

#[tokio::test]
async fn finds_the_headers_in_any_case() {
    let signature = sign(LAUNCH.as_bytes());
    for (url, name) in [
        ("SignatureCertChainUrl", "Signature-256"),
        ("signaturecertchainurl", "signature-256"),
        ("SIGNATURECERTCHAINURL", "SIGNATURE-256"),
    ] {
        let headers = [("host", "example.com"), (url, CERTIFICATE_URL), (name, &*signature), (name, "x")];
        let headers = SignatureHeaders::among(headers);
        let verified = Harness::new().verifier.verify(headers, LAUNCH.as_bytes(), ready(true)).await;
        assert!(verified.is_ok(), "{url}: {verified:?}");
    }
}

#[tokio::test]
async fn refuses_a_sha1_signature_alone() {
    let signature = sign(LAUNCH.as_bytes());
    let headers =
        SignatureHeaders::among([("SignatureCertChainUrl", CERTIFICATE_URL), ("Signature", &*signature)]);
    let refused = Harness::new().verifier.verify(headers, LAUNCH.as_bytes(), ready(true)).await;
    assert_eq!(refused, Err(VerificationError::MissingSignature));
}

#[tokio::test]
async fn refuses_missing_or_empty_headers() {
    let harness = Harness::new();
    let signature = sign(LAUNCH.as_bytes());
    for url in [None, Some(""), Some("  ")] {
        let headers = SignatureHeaders { certificate_url: url, signature: Some(&signature) };
        let refused = harness.verifier.verify(headers, LAUNCH.as_bytes(), ready(true)).await;
        assert_eq!(refused, Err(VerificationError::MissingCertificateUrl));
    }
    let refused = harness.with_signature(LAUNCH.as_bytes(), "").await;
    assert_eq!(refused, Err(VerificationError::MissingSignature));
    assert_eq!(harness.server.asked(), 0);
}

#[tokio::test]
async fn refuses_a_signature_that_is_not_base64() {
    let harness = Harness::new();
    for signature in ["not base64!", "abc", "_-_-", &"A".repeat(4096)] {
        let refused = harness.with_signature(LAUNCH.as_bytes(), signature).await;
        assert_eq!(refused, Err(VerificationError::SignatureEncoding), "{signature}");
    }
    assert_eq!(harness.server.asked(), 0);
    // The longest that is looked at.
    let refused = harness.with_signature(LAUNCH.as_bytes(), &"A".repeat(2048)).await;
    assert_eq!(refused, Err(VerificationError::SignatureMismatch));
}

#[tokio::test]
async fn refuses_what_the_certificate_did_not_sign() {
    let harness = Harness::new();
    let tampered = LAUNCH.replacen("LaunchRequest", "IntentRequest", 1);
    assert_ne!(tampered, LAUNCH);
    let signature = sign(LAUNCH.as_bytes());
    for (body, signature) in [
        (&*tampered, &*signature),
        // The same JSON in other bytes: it is the bytes that are signed.
        (&*format!("{LAUNCH} "), &*signature),
        ("", &*signature),
        (LAUNCH, &*sign_as_stranger(LAUNCH.as_bytes())),
        (LAUNCH, "AAAA"),
    ] {
        let refused = harness.with_signature(body.as_bytes(), signature).await;
        assert_eq!(refused, Err(VerificationError::SignatureMismatch));
    }
}

#[tokio::test]
async fn a_request_is_fresh_for_150_seconds_in_both_directions() {
    let harness = Harness::new();
    let second = |count| Duration::from_secs(count);
    for sent in [NOW.minus(second(150)), NOW, NOW.plus(second(150))] {
        let verified = harness.signed(&body("LaunchRequest", sent)).await;
        assert_eq!(verified.unwrap().timestamp(), sent);
    }
    let stale = harness.signed(&body("LaunchRequest", NOW.minus(second(151)))).await;
    assert_eq!(stale, Err(VerificationError::Stale { age: second(151) }));
    let early = harness.signed(&body("LaunchRequest", NOW.plus(second(151)))).await;
    assert_eq!(early, Err(VerificationError::FromTheFuture { ahead: second(151) }));
}

#[tokio::test]
async fn the_same_request_is_refused_when_it_is_played_back_later() {
    let harness = Harness::new();
    harness.signed(LAUNCH).await.unwrap();
    harness.clock.advance(Duration::from_secs(151));
    let refused = harness.signed(LAUNCH).await.unwrap_err();
    assert_eq!(refused.code(), "stale");
}

#[tokio::test]
async fn skill_events_are_fresh_for_an_hour() {
    let harness = Harness::new();
    for name in [
        "SkillEnabled",
        "SkillDisabled",
        "SkillPermissionChanged",
        "SkillPermissionAccepted",
        "SkillAccountLinked",
    ] {
        let kind = format!("AlexaSkillEvent.{name}");
        for sent in [NOW.minus(Duration::from_hours(1)), NOW.plus(Duration::from_hours(1))] {
            let verified = harness.signed(&body(&kind, sent)).await;
            assert!(verified.is_ok(), "{kind}: {verified:?}");
        }
        let stale = harness.signed(&body(&kind, NOW.minus(Duration::from_secs(3601)))).await;
        assert_eq!(stale.unwrap_err().code(), "stale", "{kind}");
        let early = harness.signed(&body(&kind, NOW.plus(Duration::from_secs(3601)))).await;
        assert_eq!(early.unwrap_err().code(), "from_the_future", "{kind}");
    }
}

#[tokio::test]
async fn other_skill_events_have_no_hour() {
    let kind = "AlexaSkillEvent.ProactiveSubscriptionChanged";
    let sent = NOW.minus(Duration::from_secs(151));
    let refused = Harness::new().signed(&body(kind, sent)).await.unwrap_err();
    assert_eq!(refused.code(), "stale");
}

#[tokio::test]
async fn refuses_a_request_without_a_readable_timestamp() {
    let harness = Harness::new();
    for body in [
        r#"{"request":{"type":"LaunchRequest"}}"#,
        r#"{"request":{"type":"LaunchRequest","timestamp":null}}"#,
        r#"{"request":{"type":"LaunchRequest","timestamp":"this morning"}}"#,
        r#"{"request":{"type":"LaunchRequest","timestamp":1795334400000}}"#,
        r#"{"timestamp":"2026-11-22T08:00:00Z","request":{}}"#,
        r#"{"request":[]}"#,
        "{}",
        "not JSON",
        "",
    ] {
        let refused = harness.signed(body).await;
        assert_eq!(refused, Err(VerificationError::MissingTimestamp), "{body}");
    }
}

#[tokio::test]
async fn needs_nothing_of_a_request_but_its_timestamp() {
    let harness = Harness::new();
    for body in [
        r#"{"request":{"timestamp":"2026-11-22T08:00:00Z"}}"#,
        r#"{"request":{"timestamp":"2026-11-22T09:00:00.000+01:00","type":7},"session":[]}"#,
    ] {
        let verified = harness.signed(body).await;
        assert_eq!(verified.unwrap().timestamp(), NOW, "{body}");
    }
}

#[test]
fn messages_do_not_repeat_the_request() {
    let error = VerificationError::Stale { age: Duration::from_millis(151_900) };
    assert_eq!(error.to_string(), "the request is 151 s old");
    let error = VerificationError::CertificateExpired { not_after: Timestamp::from_millis(0) };
    assert_eq!(error.to_string(), "a certificate of the chain expired at 1970-01-01T00:00:00Z");
}

#[test]
fn a_flipped_bit_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let harness = Harness::new();
    let body = LAUNCH.as_bytes();
    let signature = STANDARD.decode(sign(body)).unwrap();
    runtime.block_on(harness.with_signature(body, &STANDARD.encode(&signature))).unwrap();
    proptest!(|(bit in 0..body.len() * 8)| {
        let mut body = body.to_vec();
        body[bit / 8] ^= 1 << (bit % 8);
        let refused = runtime.block_on(harness.with_signature(&body, &STANDARD.encode(&signature)));
        prop_assert_eq!(refused, Err(VerificationError::SignatureMismatch));
    });
    proptest!(|(bit in 0..signature.len() * 8)| {
        let mut signature = signature.clone();
        signature[bit / 8] ^= 1 << (bit % 8);
        let refused = runtime.block_on(harness.with_signature(body, &STANDARD.encode(&signature)));
        prop_assert_eq!(refused, Err(VerificationError::SignatureMismatch));
    });
}
