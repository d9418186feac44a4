//! Hosts that may get a token: only Amazon's, in any spelling.

use ma_alexa::account::{AmazonHost, Marketplace};
use proptest::prelude::*;
use url::Url;

#[test]
fn amazons_hosts_are_taken_and_others_are_not() {
    for (text, host) in [
        ("https://eu-api-alexa.amazon.de", "eu-api-alexa.amazon.de"),
        ("https://na-api-alexa.amazon.com/", "na-api-alexa.amazon.com"),
        ("https://eu-api-alexa.amazon.co.uk/api?x=1", "eu-api-alexa.amazon.co.uk"),
        ("HTTPS://ALEXA.AMAZON.CO.JP", "alexa.amazon.co.jp"),
        ("www.amazon.com", "www.amazon.com"),
        ("api.amazonalexa.com", "api.amazonalexa.com"),
    ] {
        assert_eq!(AmazonHost::parse(text).unwrap().as_str(), host);
    }
    for text in [
        "",
        "amazon.de",
        "http://eu-api-alexa.amazon.de",
        "https://eu-api-alexa.amazon.de:8443",
        "https://user@eu-api-alexa.amazon.de",
        "https://eu-api-alexa.amazon.de.evil.example",
        "https://eu-api-alexa.amazon.de%2eevil.example",
        "https://evil.example/eu-api-alexa.amazon.de",
        "https://evil.example?.amazon.de",
        "https://evil.example#.amazon.de",
        "https://evil.example\\@www.amazon.de",
        "https://a.b.amazon.de",
        "https://.amazon.de",
        "https://www.amazon.evil",
        "https://www.amazon.de.",
        "https://wwwamazon.de",
        "https://www.аmazon.de",
        "https://127.0.0.1",
        "https://[::1]",
        "javascript:www.amazon.de",
    ] {
        assert!(AmazonHost::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_shop_is_read_in_every_form() {
    for text in
        ["amazon.co.uk", "www.amazon.co.uk", "https://www.amazon.co.uk", "https://www.amazon.co.uk/gp"]
    {
        let shop = Marketplace::parse(text).unwrap();
        assert_eq!((shop.suffix(), shop.web().as_str()), ("co.uk", "alexa.amazon.co.uk"), "{text}");
        assert_eq!(shop.web().marketplace(), Some(shop));
    }
    for text in ["", "co.uk", "amazon.evil", "evilamazon.de", "amazon.de.evil.example", "https://amazon.de:1"]
    {
        assert!(Marketplace::parse(text).is_err(), "{text}");
    }
}

/// Pieces of a host that only looks like Amazon's.
fn forged() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "https://",
        "http://",
        "www",
        "eu-api-alexa",
        ".",
        "amazon",
        ".amazon.",
        "de",
        "co.uk",
        "com",
        "evil",
        ".example",
        "@",
        ":",
        "/",
        "?",
        "#",
        "\\",
        "%2e",
        "%00",
        " ",
        "\t",
        "ａ",
        "а",
        "-",
        "[",
        "]",
        "//",
        "..",
        "xn--",
    ]);
    prop::collection::vec(piece, 1..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// A client connects to the accepted host, and that is Amazon's.
    #[test]
    fn no_text_names_a_host_that_is_none_of_amazons(text in prop_oneof![forged(), any::<String>()]) {
        if let Ok(host) = AmazonHost::parse(&text) {
            let url = Url::parse(&format!("https://{host}/api")).unwrap();
            prop_assert_eq!(url.host_str(), Some(host.as_str()));
            let shop = host.marketplace();
            let is_amazons = shop.is_some_and(|shop| host.as_str().ends_with(&format!(".amazon.{}", shop.suffix())));
            prop_assert!(is_amazons || host.as_str() == "api.amazonalexa.com", "{} of {:?}", host, text);
            prop_assert_eq!(AmazonHost::parse(host.as_str()).unwrap(), host);
        }
        if let Ok(shop) = Marketplace::parse(&text) {
            prop_assert_eq!(AmazonHost::parse(shop.retail().as_str()).unwrap(), shop.retail());
        }
    }
}
