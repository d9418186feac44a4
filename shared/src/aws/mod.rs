//! Parts of every client of AWS: region, credentials, endpoint, time limits and the HTTP client.
//!
//! Everything is built from explicit parts. The SDK's own loading of its environment links a second TLS
//! provider and reads the system's roots, which together are most of a small function's cold start.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::{Builder, tls};
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use aws_types::sdk_config::{RetryConfig, StalledStreamProtectionConfig, TimeoutConfig};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use url::Url;

use crate::host_place::is_loopback;

/// The roots of Amazon Trust Services, which sign every certificate of AWS: Amazon Root CA 1 to 4 and
/// Starfield Services Root Certificate Authority G2 (Amazon Trust Services, repository). A client that talks
/// to AWS alone needs no other.
const ROOTS: &[u8] = include_bytes!("roots.pem");

/// Time limit of one attempt, with the connection that it may have to open. A connection that died while the function
/// was frozen costs this much.
const ATTEMPT: Duration = Duration::from_millis(1500);

/// Number of attempts of an operation.
const ATTEMPTS: u32 = 3;

/// Longest wait before the second attempt; before the third it is twice this. With the SDK's own choice of a second,
/// a few operations in a row that are each tried again would take longer than a person waits for an Echo.
const BACKOFF: Duration = Duration::from_millis(50);

/// Looks a variable up; the process environment outside of tests.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reason why there can be no client of AWS. Each is a sentence for the person who sets the variables.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// A variable is missing, or empty.
    #[error("{name} is not set; an example is {name}={example}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// Example of a valid value.
        example: &'static str,
    },
    /// An endpoint is no address.
    #[error("{name} is not an address; an example is {name}=http://127.0.0.1:4566")]
    Endpoint {
        /// The variable.
        name: String,
    },
    /// `AWS_CA_BUNDLE` names a file that holds no certificates.
    #[error("AWS_CA_BUNDLE: {0}")]
    Bundle(String),
    /// The TLS library refused its configuration.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

/// The configuration of a client: region from `AWS_REGION` or `AWS_DEFAULT_REGION`; credentials from
/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; the endpoint from
/// `AWS_ENDPOINT_URL_{service}`, else `AWS_ENDPOINT_URL`, else the region's own. `AWS_CA_BUNDLE` adds roots
/// only while the endpoint is a loopback address. `service` is written as in the variable, `DYNAMODB`.
///
/// # Errors
/// When a variable that is needed is missing, or one is malformed.
pub fn sdk_config(service: &str, lookup: Lookup<'_>) -> Result<SdkConfig, AwsError> {
    let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let region = set("AWS_REGION")
        .or_else(|| set("AWS_DEFAULT_REGION"))
        .ok_or(AwsError::Missing { name: "AWS_REGION", example: "eu-west-1" })?;
    let endpoint = endpoint(service, &set)?;
    let loopback = endpoint.as_ref().is_some_and(is_loopback);
    let bundle = set("AWS_CA_BUNDLE").filter(|_| loopback);
    // No limit for an operation: its attempts and the waits between them end by themselves, within 4.65 s.
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).build();
    let mut config = SdkConfig::builder()
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials(&set)?))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(BACKOFF))
        // An attempt ends with its answer read: its time limit catches a stalled one, too, and costs less than
        // the clocks that would watch each stream.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(
            Builder::new()
                .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
                .tls_context(tls_context(bundle.as_deref())?)
                .build_https(),
        );
    // So that the logs of AWS tell the functions apart. A name that it does not take is left out.
    config.set_app_name(set("AWS_LAMBDA_FUNCTION_NAME").and_then(|name| AppName::new(name).ok()));
    config.set_endpoint_url(endpoint.map(|url| url.as_str().trim_end_matches('/').to_owned()));
    Ok(config.build())
}

fn endpoint(service: &str, set: &dyn Fn(&str) -> Option<String>) -> Result<Option<Url>, AwsError> {
    let names = [format!("AWS_ENDPOINT_URL_{service}"), "AWS_ENDPOINT_URL".to_owned()];
    let Some((name, text)) = names.into_iter().find_map(|name| set(&name).map(|text| (name, text))) else {
        return Ok(None);
    };
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Some(url)),
        _ => Err(AwsError::Endpoint { name }),
    }
}

fn credentials(set: &dyn Fn(&str) -> Option<String>) -> Result<Credentials, AwsError> {
    let needed =
        |name: &'static str, example: &'static str| set(name).ok_or(AwsError::Missing { name, example });
    Ok(Credentials::new(
        needed("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")?,
        needed("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?,
        set("AWS_SESSION_TOKEN"),
        None,
        "environment",
    ))
}

fn tls_context(bundle: Option<&str>) -> Result<tls::TlsContext, AwsError> {
    let mut roots = tls::TrustStore::empty().with_pem_certificate(ROOTS);
    if let Some(path) = bundle {
        let pem = std::fs::read(path).map_err(|error| AwsError::Bundle(format!("{path}: {error}")))?;
        check_bundle(&pem).map_err(|reason| AwsError::Bundle(format!("{path}: {reason}")))?;
        roots.add_pem_certificate(pem);
    }
    tls::TlsContext::builder()
        .with_trust_store(roots)
        .build()
        .map_err(|error| AwsError::Client(error.to_string()))
}

/// The trust store takes what it is given unseen, and panics over a malformed certificate at the first
/// connection.
fn check_bundle(pem: &[u8]) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() {
        return Err("no certificate in it".to_owned());
    }
    Ok(())
}
