//! DynamoDB over TLS, with the answers that an emulator gave. A request that it does not know is refused, and fails the
//! run.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use end_to_end::recorded::Recording;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

// DynamoDB's certificates have RSA keys of 2,048 bits up to their root.
const AUTHORITYS_KEY: &str = include_str!("../../support/keys/stranger.pem");
const SERVERS_KEY: &str = include_str!("../../support/keys/leaf.pem");

/// The server. It ends with the program.
pub(crate) struct Dynamo {
    address: SocketAddr,
    root: String,
    state: Arc<State>,
}

struct State {
    recorded: Recording,
    /// How long every answer takes, in microseconds.
    delay: AtomicU64,
    calls: Mutex<Vec<Call>>,
}

/// An operation, and what was wrong with it where it is not known.
type Call = Result<String, String>;

impl Dynamo {
    /// Listens on a free loopback port.
    pub(crate) fn start(recorded: Recording) -> anyhow::Result<Self> {
        let (config, root) = tls()?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let state = Arc::new(State { recorded, delay: AtomicU64::new(0), calls: Mutex::default() });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (config, state) = (Arc::clone(&config), Arc::clone(&shared));
                // A function that ends breaks its connections.
                thread::spawn(move || serve(connection, config, &state).ok());
            }
        });
        Ok(Self { address, root, state })
    }

    /// The address for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub(crate) fn endpoint(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The root certificate, to be trusted.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// Has every answer take so long from now on.
    pub(crate) fn delay(&self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.state.delay.store(micros, Ordering::Relaxed);
    }

    /// The operations since this was last asked, in alphabetical order.
    pub(crate) fn take_calls(&self) -> anyhow::Result<Vec<String>> {
        let calls = std::mem::take(&mut *self.state.calls.lock().unwrap_or_else(PoisonError::into_inner));
        let known: Result<Vec<_>, _> = calls.into_iter().collect();
        let mut known = known.map_err(|request| {
            anyhow::anyhow!(
                "the emulator was never asked this, or tests/fixtures/dynamodb.json is old: {request}"
            )
        })?;
        known.sort();
        Ok(known)
    }
}

fn serve(connection: TcpStream, config: Arc<ServerConfig>, state: &State) -> anyhow::Result<()> {
    connection.set_nodelay(true)?;
    let tls = StreamOwned::new(ServerConnection::new(config)?, connection);
    let mut stream = BufReader::with_capacity(16 * 1024, tls);
    loop {
        let (mut head, mut operation, mut length) = (String::new(), String::new(), 0);
        loop {
            let begin = head.len();
            ensure!(stream.read_line(&mut head)? > 0, "the function ended");
            let line = head[begin..].trim_end();
            if line.is_empty() {
                break;
            }
            match line.split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse()?,
                Some(("x-amz-target", value)) => {
                    value.rsplit('.').next().unwrap_or_default().clone_into(&mut operation);
                }
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let request: Value = serde_json::from_slice(&body)?;
        let known = state.recorded.answer(&operation, &request);
        let call = if known.is_some() { Ok(operation) } else { Err(format!("{operation} {request}")) };
        state.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        let unknown = r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"unknown"}"#;
        let (status, answer) = known.unwrap_or_else(|| (400, unknown.to_owned()));
        let delay = state.delay.load(Ordering::Relaxed);
        if delay > 0 {
            thread::sleep(Duration::from_micros(delay));
        }
        let message = format!(
            "HTTP/1.1 {status} Recording\r\nServer: Server\r\nContent-Type: application/x-amz-json-1.0\r\n\
             Connection: keep-alive\r\nx-amzn-RequestId: {}\r\nContent-Length: {}\r\n\r\n{answer}",
            "0123456789ABCDEF".repeat(3),
            answer.len()
        );
        stream.get_mut().write_all(message.as_bytes())?;
        stream.get_mut().flush()?;
    }
}

/// What the server shows, and the root above it.
fn tls() -> anyhow::Result<(Arc<ServerConfig>, String)> {
    let key = |pem| KeyPair::from_pkcs8_pem_and_sign_algo(pem, &PKCS_RSA_SHA256);
    let root = CertifiedIssuer::self_signed(authority("Test Root"), key(AUTHORITYS_KEY)?)?;
    let intermediate =
        CertifiedIssuer::signed_by(authority("Test Intermediate"), key(AUTHORITYS_KEY)?, &root)?;
    let server_key = key(SERVERS_KEY)?;
    let server = CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&server_key, &intermediate)?;
    let chain: Vec<CertificateDer<'static>> = vec![server.der().clone(), intermediate.der().clone()];
    let server_key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("no TLS")?
        .with_no_client_auth()
        .with_single_cert(chain, server_key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((Arc::new(config), root.pem()))
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}
