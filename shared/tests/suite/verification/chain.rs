//! The certificate chain: what it has to show, how often it is fetched, for how long it counts.

use std::time::Duration;

use futures_util::future::join_all;
use ma_alexa::clock::Timestamp;
use ma_alexa::verification::{
    FetchError, MAX_CHAIN_BYTES, MAX_CHAIN_CERTIFICATES, SIGNER_NAME, TrustAnchors, VerificationError,
};

use super::signing::{CERTIFICATE_URL, TestAuthority, Validity, sign};
use super::world::{NOW, World, body};

const DAY: Duration = Duration::from_hours(24);
const SECOND: Duration = Duration::from_secs(1);

fn from_until(not_before: Timestamp, not_after: Timestamp) -> Validity {
    Validity { not_before, not_after }
}

#[tokio::test]
async fn refuses_a_certificate_for_another_name() {
    for name in ["example.com", "echo-api.amazon.com.example.com", "amazon.com", "*.amazon.com"] {
        let world = World::with(|authority| authority.chain_pem(name, Validity::around(NOW)));
        let refused = world.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateName), "{name}");
    }
}

#[tokio::test]
async fn accepts_the_name_in_any_case() {
    let world = World::with(|authority| authority.chain_pem("Echo-API.Amazon.com", Validity::around(NOW)));
    world.launch().await.unwrap();
}

#[tokio::test]
async fn a_certificate_is_valid_from_its_first_to_its_last_second() {
    for validity in [from_until(NOW, NOW.plus(DAY)), from_until(NOW.minus(DAY), NOW)] {
        let world = World::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
        // Once as fetched, once as remembered.
        world.launch().await.unwrap();
        world.launch().await.unwrap();
        assert_eq!(world.server.asked(), 1);
    }
}

#[tokio::test]
async fn refuses_an_expired_certificate() {
    let not_after = NOW.minus(SECOND);
    let validity = from_until(NOW.minus(DAY), not_after);
    let leaf = World::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
    let intermediate = World::with(|authority| authority.chain_through_pem(validity, NOW));
    for world in [leaf, intermediate] {
        let refused = world.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateExpired { not_after }));
    }
}

#[tokio::test]
async fn refuses_a_certificate_that_is_not_valid_yet() {
    let not_before = NOW.plus(SECOND);
    let validity = from_until(not_before, NOW.plus(DAY));
    let leaf = World::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
    let intermediate = World::with(|authority| authority.chain_through_pem(validity, NOW));
    for world in [leaf, intermediate] {
        let refused = world.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateNotYetValid { not_before }));
    }
}

#[tokio::test]
async fn refuses_a_chain_without_a_trusted_root() {
    let around = Validity::around(NOW);
    for (name, world) in [
        ("foreign root", World::with(|_| TestAuthority::new().good_chain_pem(NOW))),
        ("missing intermediate", World::with(|authority| authority.leaf_pem(SIGNER_NAME, around))),
        ("self-signed", World::with(|authority| authority.self_signed_pem(around))),
        ("meant for a client", World::with(|authority| authority.client_chain_pem(around))),
        (
            "another authority's intermediate",
            World::with(|authority| {
                let other = TestAuthority::new().good_chain_pem(NOW);
                let (_, intermediate) = other.split_at(other.rfind("-----BEGIN").unwrap());
                authority.leaf_pem(SIGNER_NAME, around) + intermediate
            }),
        ),
    ] {
        assert_eq!(world.launch().await, Err(VerificationError::UntrustedChain), "{name}");
    }
}

#[tokio::test]
async fn our_own_chain_does_not_lead_to_a_root_of_mozillas() {
    let world = World::new();
    let verifier = ma_alexa::verification::Verifier::new(
        TrustAnchors::mozilla(),
        world.server.clone(),
        world.clock.clone(),
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
        let world = World::with(|_| text.to_owned());
        assert_eq!(world.launch().await, Err(VerificationError::ChainEncoding), "{text}");
    }
}

#[tokio::test]
async fn refuses_a_huge_chain() {
    let padded = |bytes: usize| {
        World::with(|authority| {
            let pem = authority.good_chain_pem(NOW);
            let padding = bytes - pem.len();
            pem + &"\n".repeat(padding)
        })
    };
    padded(MAX_CHAIN_BYTES).launch().await.unwrap();
    let refused = padded(MAX_CHAIN_BYTES + 1).launch().await;
    assert_eq!(refused, Err(VerificationError::ChainTooLarge));

    let certificates = |count: usize| {
        World::with(|authority| {
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
    let world = World::new();
    for _ in 0..3 {
        world.launch().await.unwrap();
    }
    assert_eq!(world.server.asked(), 1);
}

#[tokio::test]
async fn requests_that_arrive_together_fetch_once() {
    let world = World::new();
    let verified = join_all((0..8).map(|_| world.launch())).await;
    assert!(verified.iter().all(Result::is_ok), "{verified:?}");
    assert_eq!(world.server.asked(), 1);

    let world = World::with(|_| String::new());
    let refused = join_all((0..8).map(|_| world.launch())).await;
    assert!(refused.iter().all(|one| *one == Err(VerificationError::ChainEncoding)));
    assert_eq!(world.server.asked(), 1);
}

#[tokio::test]
async fn a_remembered_chain_expires() {
    let not_after = NOW.plus(DAY);
    let validity = from_until(NOW.minus(DAY), not_after);
    let leaf = World::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
    let intermediate = World::with(|authority| authority.chain_through_pem(validity, NOW));
    for world in [leaf, intermediate] {
        world.launch().await.unwrap();
        world.clock.set(not_after);
        world.launch().await.unwrap();
        assert_eq!(world.server.asked(), 1);
        world.clock.advance(SECOND);
        let refused = world.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateExpired { not_after }));
    }
}

#[tokio::test]
async fn a_remembered_chain_does_not_count_before_its_time() {
    let not_before = NOW.minus(DAY);
    let validity = from_until(not_before, NOW.plus(DAY));
    let leaf = World::with(|authority| authority.chain_pem(SIGNER_NAME, validity));
    let intermediate = World::with(|authority| authority.chain_through_pem(validity, NOW));
    for world in [leaf, intermediate] {
        world.launch().await.unwrap();
        world.clock.set(not_before.minus(SECOND));
        let refused = world.launch().await;
        assert_eq!(refused, Err(VerificationError::CertificateNotYetValid { not_before }));
    }
}

#[tokio::test]
async fn an_expired_chain_is_fetched_again() {
    let world = World::new();
    world.launch().await.unwrap();
    let later = NOW.plus(31 * DAY);
    world.clock.set(later);
    let renewed = world.authority.good_chain_pem(later);
    world.server.serve(CERTIFICATE_URL, Ok(renewed.into_bytes()));
    world.launch().await.unwrap();
    assert_eq!(world.server.asked(), 2);
}

#[tokio::test]
async fn a_failed_fetch_is_not_repeated_at_once() {
    let world = World::new();
    for error in
        [FetchError::Status(403), FetchError::TooLarge, FetchError::TimedOut, FetchError::Unreachable]
    {
        world.clock.advance(Duration::from_secs(10));
        let before = world.server.asked();
        world.server.serve(CERTIFICATE_URL, Err(error));
        for _ in 0..3 {
            assert_eq!(world.launch().await, Err(VerificationError::Fetch(error)));
        }
        assert_eq!(world.server.asked(), before + 1);
    }
}

#[tokio::test]
async fn a_failed_fetch_is_repeated_after_ten_seconds() {
    let world = World::new();
    world.server.serve(CERTIFICATE_URL, Err(FetchError::Unreachable));
    world.launch().await.unwrap_err();
    let good = world.authority.good_chain_pem(NOW);
    world.server.serve(CERTIFICATE_URL, Ok(good.into_bytes()));
    world.clock.advance(Duration::from_millis(9_999));
    world.launch().await.unwrap_err();
    world.clock.advance(Duration::from_millis(1));
    world.launch().await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_set_back_prolongs_no_refusal() {
    let world = World::new();
    world.server.serve(CERTIFICATE_URL, Err(FetchError::Unreachable));
    world.launch().await.unwrap_err();
    let good = world.authority.good_chain_pem(NOW);
    world.server.serve(CERTIFICATE_URL, Ok(good.into_bytes()));
    world.clock.set(NOW.minus(DAY));
    world.clock.advance(Duration::from_secs(10));
    world.launch().await.unwrap();
}

#[tokio::test]
async fn bad_urls_do_not_drive_out_a_good_one() {
    let world = World::new();
    world.launch().await.unwrap();
    let body = body("LaunchRequest", NOW);
    let signature = sign(body.as_bytes());
    for number in 0..40 {
        let url = format!("https://s3.amazonaws.com/echo.api/{number}.pem");
        let refused = world.at_url(&url, body.as_bytes(), &signature).await;
        assert_eq!(refused, Err(VerificationError::Fetch(FetchError::Status(404))));
    }
    assert_eq!(world.server.asked(), 41);
    world.launch().await.unwrap();
    assert_eq!(world.server.asked(), 41);
}

#[tokio::test]
async fn chains_that_have_verified_nothing_do_not_drive_out_one_that_has() {
    let world = World::new();
    world.launch().await.unwrap();
    let body = body("LaunchRequest", NOW);
    for number in 0..40 {
        let url = format!("https://s3.amazonaws.com/echo.api/{number}.pem");
        world.server.serve(&url, Ok(world.authority.good_chain_pem(NOW).into_bytes()));
        let refused = world.at_url(&url, body.as_bytes(), &sign(b"another body")).await;
        assert_eq!(refused, Err(VerificationError::SignatureMismatch));
    }
    assert_eq!(world.server.asked(), 41);
    world.launch().await.unwrap();
    assert_eq!(world.server.asked(), 41);
}

#[tokio::test]
async fn a_chain_that_has_verified_nothing_yet_is_fetched_once() {
    let world = World::new();
    let body = body("LaunchRequest", NOW);
    let other = "https://s3.amazonaws.com/echo.api/other.pem";
    world.server.serve(other, Ok(world.authority.good_chain_pem(NOW).into_bytes()));
    for url in [CERTIFICATE_URL, other, other] {
        let refused = world.at_url(url, body.as_bytes(), &sign(b"another body")).await;
        assert_eq!(refused, Err(VerificationError::SignatureMismatch));
    }
    assert_eq!(world.server.asked(), 2);
    // That one verifies a signature takes nothing from the other.
    world.launch().await.unwrap();
    world.at_url(other, body.as_bytes(), &sign(body.as_bytes())).await.unwrap();
    assert_eq!(world.server.asked(), 2);
}

#[tokio::test]
async fn the_chain_used_least_recently_is_forgotten_first() {
    let world = World::new();
    world.launch().await.unwrap();
    let body = body("LaunchRequest", NOW);
    let signature = sign(body.as_bytes());
    let url = |number: usize| format!("https://s3.amazonaws.com/echo.api/{number}.pem");
    for number in 0..16 {
        let good = world.authority.good_chain_pem(NOW);
        world.server.serve(&url(number), Ok(good.into_bytes()));
        world.at_url(&url(number), body.as_bytes(), &signature).await.unwrap();
        world.launch().await.unwrap();
    }
    assert_eq!(world.server.asked(), 17);
    world.at_url(&url(0), body.as_bytes(), &signature).await.unwrap();
    assert_eq!(world.server.asked(), 18);
    world.launch().await.unwrap();
    assert_eq!(world.server.asked(), 18);
}

#[test]
fn a_trusted_root_has_to_be_a_certificate() {
    assert!(TrustAnchors::from_der(b"no certificate").is_err());
}
