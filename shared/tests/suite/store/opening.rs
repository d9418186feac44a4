//! Choosing a store by its address, and what a client of AWS needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use ma_alexa::aws::AwsError;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::store::{self, Environment, OpenError, Store};

use super::samples::T0;

fn open(url: &str, variables: &[(&'static str, &str)]) -> Result<Arc<dyn Store>, OpenError> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    store::open(
        url,
        &Environment {
            clock: Arc::new(ManualClock::at(T0)),
            random: Arc::new(SeededRandom::new(1)),
            lookup: &|name| variables.get(name).map(|value| (*value).to_owned()),
        },
    )
}

const AWS: [(&str, &str); 3] = [
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "key"),
    ("AWS_SECRET_ACCESS_KEY", "secret-of-the-test"),
];

#[test]
fn the_address_chooses_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("state.db").display());
    assert!(format!("{:?}", open(&file, &[]).unwrap()).starts_with("SqliteStore"));
    let table = open("dynamodb://household", &AWS).unwrap();
    assert!(format!("{table:?}").contains("household"));
    assert!(!format!("{table:?}").contains("secret-of-the-test"));
}

#[test]
fn an_unknown_address_is_refused_with_the_known_ones() {
    for url in ["", "state.db", "sqlite:", "dynamodb://", "dynamodb:table", "postgres://x"] {
        let refused = open(url, &AWS).unwrap_err();
        assert!(matches!(refused, OpenError::UnknownUrl(_)), "{url}: {refused:?}");
        let said = refused.to_string();
        assert!(said.contains("sqlite:PATH") && said.contains("dynamodb://TABLE"), "{said}");
    }
}

#[test]
fn a_missing_variable_is_named_with_an_example() {
    for missing in 0..AWS.len() {
        let mut variables = AWS.to_vec();
        let (name, _) = variables.remove(missing);
        let said = open("dynamodb://household", &variables).unwrap_err().to_string();
        assert!(said.contains(&format!("{name} is not set")), "{said}");
        assert!(said.contains(&format!("{name}=")), "{said}");
    }
    let fallback = [AWS[1], AWS[2], ("AWS_DEFAULT_REGION", "eu-central-1")];
    open("dynamodb://household", &fallback).unwrap();
}

fn with(endpoint: &str, bundle: &str) -> Result<Arc<dyn Store>, OpenError> {
    let mut variables = AWS.to_vec();
    variables.extend([("AWS_ENDPOINT_URL", endpoint), ("AWS_CA_BUNDLE", bundle)]);
    open("dynamodb://household", &variables)
}

#[test]
fn a_malformed_endpoint_is_named() {
    let refused = with("127.0.0.1:4566", "").unwrap_err();
    assert!(matches!(refused, OpenError::Aws(AwsError::Endpoint { .. })), "{refused:?}");
    assert!(refused.to_string().contains("AWS_ENDPOINT_URL"));
}

#[test]
fn more_roots_are_trusted_on_loopback_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let good = file("good.pem", params.self_signed(&key).unwrap().pem().as_bytes());
    let bad = [
        file("empty.pem", b""),
        file("torn.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        folder.path().join("absent.pem").to_str().unwrap().to_owned(),
    ];
    for loopback in ["https://localhost:4566", "https://127.0.0.1:4566", "https://[::1]:4566"] {
        with(loopback, &good).unwrap();
        for bad in &bad {
            let refused = with(loopback, bad).unwrap_err();
            assert!(matches!(refused, OpenError::Aws(AwsError::Bundle(_))), "{refused:?}");
        }
    }
    // Elsewhere it is not even read.
    for bad in &bad {
        with("https://dynamodb.eu-central-1.amazonaws.com", bad).unwrap();
        open("dynamodb://household", &[AWS[0], AWS[1], AWS[2], ("AWS_CA_BUNDLE", bad)]).unwrap();
    }
}
