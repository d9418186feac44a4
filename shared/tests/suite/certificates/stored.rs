//! Keys and certificates in files.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use async_trait::async_trait;
use ma_alexa::certificates::{
    CertificateItem, CertificateServices, CertificateStore, Certificates, FailureCode,
};
use ma_alexa::clock::Clock as _;
use ma_alexa::secrets::{FileSecrets, SecretsError};
use secrecy::{ExposeSecret as _, SecretString};

use super::home::{Home, step};

const ITEMS: [CertificateItem; 3] =
    [CertificateItem::Account, CertificateItem::Certificate, CertificateItem::Attempts];
const HTTP: [(&str, &str); 1] = [("ACME_CHALLENGE", "http-01")];

#[tokio::test]
async fn each_item_is_a_file_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(folder.path().join("secrets"));
    for item in ITEMS {
        assert!(secrets.load(item).await.unwrap().is_none());
        for content in ["first", "second"] {
            secrets.save(item, SecretString::from(content)).await.unwrap();
            assert_eq!(secrets.load(item).await.unwrap().unwrap().expose_secret(), content);
        }
        let file = folder.path().join("secrets").join(item.file_name());
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let folder = std::fs::metadata(folder.path().join("secrets")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

/// What is kept holds the keys, and nothing that is printed does.
#[tokio::test]
async fn no_key_is_printed() {
    let Some(home) = Home::new().await else { return };
    let certificates = home.certificates(&HTTP).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    let read =
        |item: CertificateItem| std::fs::read_to_string(home.secrets.path().join(item.file_name())).unwrap();
    let certificate: serde_json::Value = serde_json::from_str(&read(CertificateItem::Certificate)).unwrap();
    let account: serde_json::Value = serde_json::from_str(&read(CertificateItem::Account)).unwrap();
    let key: Vec<&str> = certificate["key"].as_str().unwrap().lines().skip(1).collect();
    let of_account = account["credentials"]["key_pkcs8"].as_str().unwrap();
    assert!(key[0].len() > 40 && of_account.len() > 100);
    let printed = format!("{certificates:?} {:?}", certificates.status());
    assert!(!printed.contains(key[0]) && !printed.contains(of_account), "{printed}");
    let der =
        base64::Engine::decode(&base64::prelude::BASE64_STANDARD, key[..key.len() - 1].concat()).unwrap();
    let numbers = format!("{:?}", &der[40..60]);
    assert!(!printed.contains(numbers.trim_matches(['[', ']'])), "{printed}");
}

#[tokio::test]
async fn malformed_files_are_made_again() {
    let Some(home) = Home::new().await else { return };
    for item in ITEMS {
        std::fs::write(home.secrets.path().join(item.file_name()), "{\"no\": \"item\"").unwrap();
    }
    let certificates = home.certificates(&HTTP).await;
    assert_eq!(step(&certificates, &home.clock).await.last_error, None);
    let file = home.secrets.path().join(CertificateItem::Certificate.file_name());
    let whole: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    for (field, value) in [
        ("key", "no key"),
        ("chain", ""),
        ("chain", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ] {
        let mut broken = whole.clone();
        broken[field] = value.into();
        std::fs::write(&file, broken.to_string()).unwrap();
        let again = home.certificates(&HTTP).await;
        assert_eq!(again.status().not_after, None, "{field} {value}");
    }
}

/// A disk that is full, or a folder of another user.
#[derive(Debug)]
struct Broken {
    can_read: bool,
}

#[async_trait]
impl CertificateStore for Broken {
    async fn load(&self, _: CertificateItem) -> Result<Option<SecretString>, SecretsError> {
        if self.can_read { Ok(None) } else { Err(failure()) }
    }

    async fn save(&self, _: CertificateItem, _: SecretString) -> Result<(), SecretsError> {
        Err(failure())
    }
}

fn failure() -> SecretsError {
    SecretsError::Unavailable { place: "secrets".to_owned(), reason: "no space left on device".to_owned() }
}

/// Each start would order a certificate that the next one does not find.
#[tokio::test]
async fn nothing_is_ordered_that_cannot_be_kept() {
    let Some(home) = Home::new().await else { return };
    for can_read in [true, false] {
        let config = home.config(&HTTP);
        let services = CertificateServices { store: Arc::new(Broken { can_read }), ..home.services(&config) };
        let certificates = Certificates::new(config, services).unwrap();
        certificates.begin().await;
        for _ in 0..3 {
            let next = certificates.step().await;
            let status = certificates.status();
            let error = status.last_error.unwrap();
            assert_eq!(error.code, FailureCode::Store);
            assert!(error.cause.contains("no space left"), "{error:?}");
            assert!(next > home.clock.now());
            home.clock.advance(next.since(home.clock.now()));
        }
    }
    assert!(home.front.orders().is_empty());
}
