//! The certificate chain: what it has to show, how often it is fetched, for how long it counts.

use std::time::Duration;

use futures_util::future::join_all;
use ma_alexa::clock::Timestamp;
use ma_alexa::verification::{
    FetchError, MAX_CHAIN_BYTES, MAX_CHAIN_CERTIFICATES, SIGNER_NAME, TrustAnchors, VerificationError,
};

use super::harness::{Harness, NOW, body};
use super::signing::{CERTIFICATE_URL, TestAuthority, Validity, sign};

const DAY: Duration = Duration::from_hours(24);
const SECOND: Duration = Duration::from_secs(1);

fn from_until(not_before: Timestamp, not_after: Timestamp) -> Validity {
    Validity { not_before, not_after }
}

#[tokio::test]
async fn refuses_a_certificate_for_another_name() {
    for name in ["example.com", "echo-api.amazon.com.example.com", "amazon.com", "*.amazon.com"] {
        let harness = Harness::with(|authority| authority.chain_pem(name, Validity::around(NOW)));
        let refused = harness.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateName), "{name}");
    }
}

#[tokio::test]
async fn accepts_the_name_in_any_case() {
    let harness =
        Harness::with(|authority| authority.chain_pem("Echo-API.Amazon.com", Validity::around(NOW)));
    harness.launch().await.unwrap();
}

#[tokio::test]
async fn a_certificate_is_valid_from_its_first_to_its_last_second() {
    for validity in [from_until(NOW, NOW.plus(DAY)), from_until(NOW.minus(DAY), NOW)] {
        let harness = Harness::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
        // Once as fetched, once as remembered.
        harness.launch().await.unwrap();
        harness.launch().await.unwrap();
        assert_eq!(harness.server.asked(), 1);
    }
}

#[tokio::test]
async fn refuses_an_expired_certificate() {
    let not_after = NOW.minus(SECOND);
    let validity = from_until(NOW.minus(DAY), not_after);
    let leaf = Harness::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
    let intermediate = Harness::with(|authority| authority.chain_through_pem(validity, NOW));
    for harness in [leaf, intermediate] {
        let refused = harness.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateExpired { not_after }));
    }
}

#[tokio::test]
async fn refuses_a_certificate_that_is_not_valid_yet() {
    let not_before = NOW.plus(SECOND);
    let validity = from_until(not_before, NOW.plus(DAY));
    let leaf = Harness::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
    let intermediate = Harness::with(|authority| authority.chain_through_pem(validity, NOW));
    for harness in [leaf, intermediate] {
        let refused = harness.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateNotYetValid { not_before }));
    }
}

#[tokio::test]
async fn refuses_a_chain_without_a_trusted_root() {
    let around = Validity::around(NOW);
    for (name, harness) in [
        ("foreign root", Harness::with(|_| TestAuthority::new().good_chain_pem(NOW))),
        ("missing intermediate", Harness::with(|authority| authority.leaf_pem(SIGNER_NAME, around))),
        ("self-signed", Harness::with(|authority| authority.self_signed_pem(around))),
        ("meant for a client", Harness::with(|authority| authority.client_chain_pem(around))),
        (
            "another authority's intermediate",
            Harness::with(|authority| {
                let other = TestAuthority::new().good_chain_pem(NOW);
                let (_, intermediate) = other.split_at(other.rfind("-----BEGIN").unwrap());
                authority.leaf_pem(SIGNER_NAME, around) + intermediate
            }),
        ),
    ] {
        assert_eq!(harness.launch().await, Err(VerificationError::UntrustedChain), "{name}");
    }
}

#[tokio::test]
async fn our_own_chain_does_not_lead_to_a_root_of_mozillas() {
    let harness = Harness::new();
    let verifier = ma_alexa::verification::Verifier::new(
        TrustAnchors::mozilla(),
        harness.server.clone(),
        harness.clock.clone(),
    );
    let body = body("LaunchRequest", NOW);
    let signature = sign(body.as_bytes());
    let headers = ma_alexa::verification::SignatureHeaders {
        certificate_url: Some(CERTIFICATE_URL),
        signature: Some(&signature),
    };
    let refused = verifier.verify(headers, body.as_bytes(), std::future::ready(true)).await;
    assert_eq!(refused, Err(VerificationError::UntrustedChain));
    assert!(TrustAnchors::mozilla().as_slice().len() > 50);
}

#[tokio::test]
async fn refuses_what_is_not_a_chain_of_certificates() {
    let good = TestAuthority::new().good_chain_pem(NOW);
    for text in [
        "",
        "<Error><Code>AccessDenied</Code></Error>",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        &good[..good.len() / 4],
    ] {
        let harness = Harness::with(|_| text.to_owned());
        assert_eq!(harness.launch().await, Err(VerificationError::ChainEncoding), "{text}");
    }
}

#[tokio::test]
async fn refuses_a_huge_chain() {
    let padded = |bytes: usize| {
        Harness::with(|authority| {
            let pem = authority.good_chain_pem(NOW);
            let padding = bytes - pem.len();
            pem + &"\n".repeat(padding)
        })
    };
    padded(MAX_CHAIN_BYTES).launch().await.unwrap();
    let refused = padded(MAX_CHAIN_BYTES + 1).launch().await;
    assert_eq!(refused, Err(VerificationError::ChainTooLarge));

    let certificates = |count: usize| {
        Harness::with(|authority| {
            let extra = authority.leaf_pem(SIGNER_NAME, Validity::around(NOW));
            authority.good_chain_pem(NOW) + &extra.repeat(count - 2)
        })
    };
    certificates(MAX_CHAIN_CERTIFICATES).launch().await.unwrap();
    let refused = certificates(MAX_CHAIN_CERTIFICATES + 1).launch().await;
    assert_eq!(refused, Err(VerificationError::ChainTooLarge));
}

#[tokio::test]
async fn fetches_a_chain_once() {
    let harness = Harness::new();
    for _ in 0..3 {
        harness.launch().await.unwrap();
    }
    assert_eq!(harness.server.asked(), 1);
}

#[tokio::test]
async fn requests_that_arrive_together_fetch_once() {
    let harness = Harness::new();
    let verified = join_all((0..8).map(|_| harness.launch())).await;
    assert!(verified.iter().all(Result::is_ok), "{verified:?}");
    assert_eq!(harness.server.asked(), 1);

    let harness = Harness::with(|_| String::new());
    let refused = join_all((0..8).map(|_| harness.launch())).await;
    assert!(refused.iter().all(|one| *one == Err(VerificationError::ChainEncoding)));
    assert_eq!(harness.server.asked(), 1);
}

#[tokio::test]
async fn a_remembered_chain_expires() {
    let not_after = NOW.plus(DAY);
    let validity = from_until(NOW.minus(DAY), not_after);
    let leaf = Harness::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
    let intermediate = Harness::with(|authority| authority.chain_through_pem(validity, NOW));
    for harness in [leaf, intermediate] {
        harness.launch().await.unwrap();
        harness.clock.set(not_after);
        harness.launch().await.unwrap();
        assert_eq!(harness.server.asked(), 1);
        harness.clock.advance(SECOND);
        let refused = harness.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateExpired { not_after }));
    }
}

#[tokio::test]
async fn a_remembered_chain_does_not_count_before_its_time() {
    let not_before = NOW.minus(DAY);
    let validity = from_until(not_before, NOW.plus(DAY));
    let leaf = Harness::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
    let intermediate = Harness::with(|authority| authority.chain_through_pem(validity, NOW));
    for harness in [leaf, intermediate] {
        harness.launch().await.unwrap();
        harness.clock.set(not_before.minus(SECOND));
        let refused = harness.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateNotYetValid { not_before }));
    }
}

#[tokio::test]
async fn an_expired_chain_is_fetched_again() {
    let harness = Harness::new();
    harness.launch().await.unwrap();
    let later = NOW.plus(31 * DAY);
    harness.clock.set(later);
    let renewed = harness.authority.good_chain_pem(later);
    harness.server.serve(CERTIFICATE_URL, Ok(renewed.into_bytes()));
    harness.launch().await.unwrap();
    assert_eq!(harness.server.asked(), 2);
}

#[tokio::test]
async fn a_failed_fetch_is_not_repeated_at_once() {
    let harness = Harness::new();
    for error in
        [FetchError::Status(403), FetchError::TooLarge, FetchError::TimedOut, FetchError::Unreachable]
    {
        harness.clock.advance(Duration::from_secs(10));
        let before = harness.server.asked();
        harness.server.serve(CERTIFICATE_URL, Err(error));
        for _ in 0..3 {
            assert_eq!(harness.launch().await, Err(VerificationError::Fetch(error)));
        }
        assert_eq!(harness.server.asked(), before + 1);
    }
}

#[tokio::test]
async fn a_failed_fetch_is_repeated_after_ten_seconds() {
    let harness = Harness::new();
    harness.server.serve(CERTIFICATE_URL, Err(FetchError::Unreachable));
    harness.launch().await.unwrap_err();
    let good = harness.authority.good_chain_pem(NOW);
    harness.server.serve(CERTIFICATE_URL, Ok(good.into_bytes()));
    harness.clock.advance(Duration::from_millis(9_999));
    harness.launch().await.unwrap_err();
    harness.clock.advance(Duration::from_millis(1));
    harness.launch().await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_set_back_prolongs_no_refusal() {
    let harness = Harness::new();
    harness.server.serve(CERTIFICATE_URL, Err(FetchError::Unreachable));
    harness.launch().await.unwrap_err();
    let good = harness.authority.good_chain_pem(NOW);
    harness.server.serve(CERTIFICATE_URL, Ok(good.into_bytes()));
    harness.clock.set(NOW.minus(DAY));
    harness.clock.advance(Duration::from_secs(10));
    harness.launch().await.unwrap();
}

#[tokio::test]
async fn bad_urls_do_not_drive_out_a_good_one() {
    let harness = Harness::new();
    harness.launch().await.unwrap();
    let body = body("LaunchRequest", NOW);
    let signature = sign(body.as_bytes());
    for number in 0..40 {
        let url = format!("https://s3.amazonaws.com/echo.api/{number}.pem");
        let refused = harness.at_url(&url, body.as_bytes(), &signature).await;
        assert_eq!(refused, Err(VerificationError::Fetch(FetchError::Status(404))));
    }
    assert_eq!(harness.server.asked(), 41);
    harness.launch().await.unwrap();
    assert_eq!(harness.server.asked(), 41);
}

#[tokio::test]
async fn chains_that_have_verified_nothing_do_not_drive_out_one_that_has() {
    let harness = Harness::new();
    harness.launch().await.unwrap();
    let body = body("LaunchRequest", NOW);
    for number in 0..40 {
        let url = format!("https://s3.amazonaws.com/echo.api/{number}.pem");
        harness.server.serve(&url, Ok(harness.authority.good_chain_pem(NOW).into_bytes()));
        let refused = harness.at_url(&url, body.as_bytes(), &sign(b"another body")).await;
        assert_eq!(refused, Err(VerificationError::SignatureMismatch));
    }
    assert_eq!(harness.server.asked(), 41);
    harness.launch().await.unwrap();
    assert_eq!(harness.server.asked(), 41);
}

#[tokio::test]
async fn a_chain_that_has_verified_nothing_yet_is_fetched_once() {
    let harness = Harness::new();
    let body = body("LaunchRequest", NOW);
    let other = "https://s3.amazonaws.com/echo.api/other.pem";
    harness.server.serve(other, Ok(harness.authority.good_chain_pem(NOW).into_bytes()));
    for url in [CERTIFICATE_URL, other, other] {
        let refused = harness.at_url(url, body.as_bytes(), &sign(b"another body")).await;
        assert_eq!(refused, Err(VerificationError::SignatureMismatch));
    }
    assert_eq!(harness.server.asked(), 2);
    // That one verifies a signature takes nothing from the other.
    harness.launch().await.unwrap();
    harness.at_url(other, body.as_bytes(), &sign(body.as_bytes())).await.unwrap();
    assert_eq!(harness.server.asked(), 2);
}

#[tokio::test]
async fn the_chain_used_least_recently_is_forgotten_first() {
    let harness = Harness::new();
    harness.launch().await.unwrap();
    let body = body("LaunchRequest", NOW);
    let signature = sign(body.as_bytes());
    let url = |number: usize| format!("https://s3.amazonaws.com/echo.api/{number}.pem");
    for number in 0..16 {
        let good = harness.authority.good_chain_pem(NOW);
        harness.server.serve(&url(number), Ok(good.into_bytes()));
        harness.at_url(&url(number), body.as_bytes(), &signature).await.unwrap();
        harness.launch().await.unwrap();
    }
    assert_eq!(harness.server.asked(), 17);
    harness.at_url(&url(0), body.as_bytes(), &signature).await.unwrap();
    assert_eq!(harness.server.asked(), 18);
    harness.launch().await.unwrap();
    assert_eq!(harness.server.asked(), 18);
}

#[test]
fn a_trusted_root_has_to_be_a_certificate() {
    assert!(TrustAnchors::from_der(b"no certificate").is_err());
}
