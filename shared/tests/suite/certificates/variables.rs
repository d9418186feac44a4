//! The variables of a certificate.

use ma_alexa::config::{CertificateConfig, CertificateName, ChallengeConfig, ConfigError, DnsConfig, Env};

fn certificate(variables: &[(&str, &str)]) -> Result<Option<CertificateConfig>, ConfigError> {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    CertificateConfig::from_env(&Env::new(move |name| {
        variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }))
}

#[test]
fn a_door_without_a_name_has_no_certificate() {
    assert!(certificate(&[]).unwrap().is_none());
    assert!(certificate(&[("DNS_PROVIDER", "duckdns"), ("ACME_CHALLENGE", "http-01")]).unwrap().is_none());
}

#[test]
fn variables_of_a_certificate_that_do_not_fit_together_name_what_to_change() {
    let (name, address) = (("DOOR_NAME", "kitchen.duckdns.org"), ("DOOR_NAME", "203.0.113.9"));
    let (public, home) = (("DOOR_TLS_BIND", "0.0.0.0:443"), ("DOOR_LAN_BIND", "0.0.0.0:5443"));
    let token = ("DNS_TOKEN", "secret-value");
    for (variables, blamed) in [
        (vec![public], "DOOR_NAME"),
        (vec![home], "DOOR_NAME"),
        (vec![name], "DOOR_TLS_BIND"),
        (vec![name, home], "DOOR_TLS_BIND"),
        (vec![address, home], "DOOR_TLS_BIND"),
        (vec![name, home, ("ACME_CHALLENGE", "dns-01")], "DNS_PROVIDER"),
        (vec![name, home, ("DNS_PROVIDER", "duckdns")], "DNS_TOKEN"),
        (vec![name, home, ("DNS_PROVIDER", "desec")], "DNS_TOKEN"),
        (vec![name, home, ("DNS_PROVIDER", "desec"), ("DNS_TOKEN", "secret-value\nx")], "DNS_TOKEN"),
        (vec![name, home, ("DNS_PROVIDER", "command"), token], "DNS_COMMAND"),
        (vec![("DOOR_NAME", "a.example.com"), home, ("DNS_PROVIDER", "duckdns"), token], "DOOR_NAME"),
        (vec![address, public, ("DNS_PROVIDER", "desec"), token], "ACME_CHALLENGE"),
    ] {
        let error = certificate(&variables).unwrap_err();
        assert_eq!(error.name(), blamed, "{variables:?}: {error}");
        assert!(error.to_string().contains(", for example "), "{error}");
        assert!(!error.to_string().contains("secret-value"), "{error}");
    }
}

#[test]
fn a_certificate_has_defaults() {
    let public = ("DOOR_TLS_BIND", "0.0.0.0:443");
    let read = certificate(&[("DOOR_NAME", "Kitchen.Example.COM."), public]).unwrap().unwrap();
    assert_eq!(read.name, CertificateName::Dns("kitchen.example.com".to_owned()));
    assert_eq!(read.challenge, ChallengeConfig::TlsAlpn01);
    assert_eq!(read.directory.as_str(), "https://acme-v02.api.letsencrypt.org/directory");
    assert!(read.dns.is_none() && read.contact.is_none());
    let umlaut = certificate(&[("DOOR_NAME", "küche.example.com"), public]).unwrap().unwrap();
    assert_eq!(umlaut.name.to_string(), "xn--kche-0ra.example.com");
    let v6 = certificate(&[("DOOR_NAME", "2001:db8::5"), public, ("ACME_CHALLENGE", "http-01")]);
    let v6 = v6.unwrap().unwrap();
    assert_eq!(v6.name, CertificateName::Ip("2001:db8::5".parse().unwrap()));
    assert_eq!(v6.challenge, ChallengeConfig::Http01 { bind: "0.0.0.0:80".parse().unwrap() });
    let home = certificate(&[
        ("DOOR_NAME", "kitchen.duckdns.org"),
        ("DOOR_LAN_BIND", "0.0.0.0:5443"),
        ("DNS_PROVIDER", "duckdns"),
        ("DNS_TOKEN", "secret-value"),
        ("ACME_CONTACT", "mailto:owner@example.com"),
    ]);
    let home = home.unwrap().unwrap();
    assert_eq!(home.challenge, ChallengeConfig::Dns01);
    assert_eq!(home.contact.as_deref(), Some("owner@example.com"));
    assert!(matches!(home.dns, Some(DnsConfig::DuckDns { .. })));
    assert!(!format!("{home:?}").contains("secret-value"), "{home:?}");
}

#[test]
fn another_root_is_trusted_for_an_authority_on_this_machine_alone() {
    for (directory, is_trusted) in [
        ("https://127.0.0.1:14000/dir", true),
        ("https://localhost/dir", true),
        ("https://acme.example.com/dir", false),
        ("https://127.0.0.1.example.com/dir", false),
    ] {
        let read = certificate(&[
            ("DOOR_NAME", "kitchen.example.com"),
            ("DOOR_TLS_BIND", "0.0.0.0:443"),
            ("ACME_CA_BUNDLE", "root.pem"),
            ("ACME_DIRECTORY", directory),
        ]);
        assert_eq!(read.unwrap().unwrap().ca_bundle.is_some(), is_trusted, "{directory}");
    }
}
