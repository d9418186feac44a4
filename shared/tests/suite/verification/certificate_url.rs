//! Where certificates may be fetched.

use ma_alexa::verification::{CertificateUrl, CertificateUrlError, VerificationError};
use proptest::prelude::*;
use url::Url;

use super::harness::{Harness, NOW, body};
use super::signing::sign;

#[test]
fn accepts_amazons_urls_and_normalises_them() {
    let plain = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";
    for text in [
        plain,
        "HTTPS://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://S3.AmazonAWS.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/./echo-api-cert.pem",
        "https://s3.amazonaws.com/elsewhere/../echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/%2e%2E/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/echo-api-cert.pem#fragment",
    ] {
        let url = CertificateUrl::parse(text);
        assert_eq!(url.as_ref().map(CertificateUrl::as_str), Ok(plain), "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "its rows are one table")]
fn refuses_everything_else() {
    use CertificateUrlError::{Credentials, Host, Malformed, Path, Port, Query, Scheme};
    for (text, error) in [
        ("http://s3.amazonaws.com/echo.api/echo-api-cert.pem", Scheme),
        ("ftp://s3.amazonaws.com/echo.api/echo-api-cert.pem", Scheme),
        ("file:///echo.api/echo-api-cert.pem", Scheme),
        ("https://notamazon.com/echo.api/echo-api-cert.pem", Host),
        ("https://s3.amazonaws.com.example.com/echo.api/c.pem", Host),
        ("https://s3-eu-west-1.amazonaws.com/echo.api/c.pem", Host),
        ("https://s3.amazonaws.com./echo.api/c.pem", Host),
        ("https://evil.s3.amazonaws.com/echo.api/c.pem", Host),
        ("https://echo.api.s3.amazonaws.com/c.pem", Host),
        ("https://127.0.0.1/echo.api/c.pem", Host),
        ("https://s3.amazonaws.com@example.com/echo.api/c.pem", Credentials),
        ("https://user@s3.amazonaws.com/echo.api/c.pem", Credentials),
        ("https://:secret@s3.amazonaws.com/echo.api/c.pem", Credentials),
        ("https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem", Port),
        ("https://s3.amazonaws.com:80/echo.api/echo-api-cert.pem", Port),
        ("https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem", Path),
        ("https://s3.amazonaws.com/invalid/echo-api-cert.pem", Path),
        ("https://s3.amazonaws.com/invalid.path/echo-api-cert.pem", Path),
        ("https://s3.amazonaws.com/echo.api", Path),
        ("https://s3.amazonaws.com/echo.api/", Path),
        ("https://s3.amazonaws.com/echo.api/.pem", Path),
        ("https://s3.amazonaws.com/echo.api/c", Path),
        ("https://s3.amazonaws.com/echo.api/c.pem/", Path),
        ("https://s3.amazonaws.com/echo.api/c.PEM", Path),
        ("https://s3.amazonaws.com/echo.api/folder/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api//c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/%63.pem", Path),
        ("https://s3.amazonaws.com/echo.api/c;v=1.pem", Path),
        ("https://s3.amazonaws.com/echo.api/c.pem?1", Query),
        ("https://s3.amazonaws.com/echo.api/c.pem?", Query),
        ("https://s3.amazonaws.com/echo.api/c.pem?versionId=1#fragment", Query),
        ("https://s3.amazonaws.com/echo.apis/c.pem", Path),
        ("https://s3.amazonaws.com//echo.api/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/../c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/../elsewhere/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/%2e%2e/elsewhere/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/.%2E/elsewhere/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/..%2felsewhere/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/%2e%2e%2Felsewhere/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/..%5celsewhere/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api/%252e%252e/elsewhere/c.pem", Path),
        ("https://s3.amazonaws.com/%65cho.api/c.pem", Path),
        ("https://s3.amazonaws.com/x?/echo.api/c.pem", Path),
        ("https://s3.amazonaws.com/echo.api\\..\\elsewhere/c.pem", Malformed),
        ("https:\\\\s3.amazonaws.com/echo.api/c.pem", Malformed),
        ("https://s3.amazonaws.com/echo.api/c .pem", Malformed),
        ("https://s3.amazonaws.com/echo.api/\tc.pem", Malformed),
        (" https://s3.amazonaws.com/echo.api/c.pem", Malformed),
        ("https://s3.amazonaws.com/echo.api/c.pem\0", Malformed),
        ("https://ｓ3.amazonaws.com/echo.api/c.pem", Malformed),
        ("s3.amazonaws.com/echo.api/c.pem", Malformed),
        ("/echo.api/c.pem", Malformed),
        ("https://", Malformed),
        ("", Malformed),
    ] {
        assert_eq!(CertificateUrl::parse(text), Err(error), "{text}");
    }
    let of_length = |length: usize| {
        let (before, after) = ("https://s3.amazonaws.com/echo.api/", ".pem");
        format!("{before}{}{after}", "c".repeat(length - before.len() - after.len()))
    };
    assert_eq!(CertificateUrl::parse(&of_length(513)), Err(Malformed));
    let longest = CertificateUrl::parse(&of_length(512)).unwrap();
    assert_eq!(longest.to_string(), of_length(512), "as logs show it");
}

#[tokio::test]
async fn a_certificate_of_another_path_is_not_fetched() {
    let harness = Harness::new();
    let body = body("LaunchRequest", NOW);
    let url = "https://s3.amazonaws.com/elsewhere/c.pem";
    let refused = harness.at_url(url, body.as_bytes(), &sign(body.as_bytes())).await;
    assert_eq!(refused, Err(VerificationError::CertificateUrl(CertificateUrlError::Path)));
    assert_eq!(harness.server.asked(), 0);
}

#[tokio::test]
async fn one_chain_in_several_spellings_is_fetched_once() {
    let harness = Harness::new();
    let body = body("LaunchRequest", NOW);
    for url in [
        "https://s3.amazonaws.com/echo.api/echo-api-cert-test.pem",
        "HTTPS://S3.amazonaws.com:443/echo.api/../echo.api/echo-api-cert-test.pem",
    ] {
        let verified = harness.at_url(url, body.as_bytes(), &sign(body.as_bytes())).await;
        assert!(verified.is_ok(), "{verified:?}");
    }
    assert_eq!(harness.server.asked(), 1);
}

/// Pieces out of which a forger would make a URL.
fn forged() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "https",
        "HTTPS",
        "http",
        ":",
        "//",
        "/",
        "\\",
        "@",
        "user",
        "s3.amazonaws.com",
        "S3.AMAZONAWS.COM",
        "example.com",
        ".",
        "..",
        ":443",
        ":563",
        "/echo.api/",
        "/ECHO.API/",
        "%2e",
        "%2F",
        "%5c",
        "%25",
        "?",
        "#",
        "c.pem",
        " ",
        "\t",
        "é",
        "https://s3.amazonaws.com/echo.api/",
        "https://s3.amazonaws.com",
    ]);
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn keeps_the_rules(text: &str) -> Result<(), TestCaseError> {
    let Ok(accepted) = CertificateUrl::parse(text) else {
        return Ok(());
    };
    let url = Url::parse(accepted.as_str()).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(url.scheme(), "https");
    prop_assert_eq!(url.host_str(), Some("s3.amazonaws.com"));
    prop_assert_eq!(url.port_or_known_default(), Some(443));
    prop_assert_eq!((url.username(), url.password()), ("", None));
    let name = url.path().strip_prefix("/echo.api/").unwrap_or_default();
    prop_assert!(
        name.strip_suffix(".pem").is_some() && !name.contains(['/', '%']) && url.query().is_none(),
        "{}",
        url
    );
    let decoded = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    prop_assert!(decoded.split(['/', '\\']).all(|segment| segment != ".."), "{}", decoded);
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_refused_or_amazons(text in any::<String>()) {
        keeps_the_rules(&text)?;
    }

    #[test]
    fn any_forgery_is_refused_or_amazons(text in forged()) {
        keeps_the_rules(&text)?;
    }

    #[test]
    fn any_path_is_refused_or_amazons(rest in "[a-z./%2eEfF5cC\\\\?#@:]{0,24}") {
        keeps_the_rules(&format!("https://s3.amazonaws.com/echo.api/{rest}"))?;
    }
}
