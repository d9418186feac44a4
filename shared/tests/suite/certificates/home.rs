//! A home with a door that speaks TLS, and its certificate from an authority.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use ma_alexa::certificates::{CertificateServices, CertificateStatus, Certificates, Records};
use ma_alexa::clock::Clock as _;
use ma_alexa::clock::testing::{SeededRandom, ShiftedClock};
use ma_alexa::config::{CertificateConfig, Env};
use ma_alexa::secrets::FileSecrets;
use ma_alexa::server::{self, Listener};
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::authority::{self, Habits, LocalServers, Pebble, Ports};
use super::front::{self, Front};
use super::ports;

/// The name that most tests get a certificate for; the authority's resolver leads every name to this machine.
pub(super) const NAME: &str = "kitchen-1234.duckdns.org";

/// An authority and a socket for the door.
pub(super) struct Home {
    pub(super) servers: LocalServers,
    pub(super) program: std::path::PathBuf,
    pub(super) ports: Ports,
    pub(super) pebble: Pebble,
    pub(super) front: Front,
    pub(super) secrets: TempDir,
    pub(super) clock: Arc<ShiftedClock>,
    socket: TcpListener,
}

impl Home {
    /// None where this machine has no authority.
    pub(super) async fn new() -> Option<Self> {
        Self::with(Habits::NONE).await
    }

    /// The same, with an authority of these habits.
    pub(super) async fn with(habits: Habits) -> Option<Self> {
        let program = authority::find()?;
        let servers = LocalServers::new();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ports = Ports { http: ports::free_port(), tls: socket.local_addr().unwrap().port() };
        let pebble = Pebble::start(&program, &servers, ports, habits).await;
        let front = Front::start(&servers, pebble.address).await;
        let secrets = tempfile::tempdir().unwrap();
        Some(Self { servers, program, ports, pebble, front, secrets, clock: Arc::default(), socket })
    }

    /// Another authority at the same address, which knows nothing of what the first one did.
    pub(super) async fn replace_authority(&mut self) {
        let pebble = Pebble::start(&self.program, &self.servers, self.ports, Habits::NONE).await;
        self.front.lead_to(pebble.address);
        self.pebble = pebble;
    }

    pub(super) fn config(&self, variables: &[(&str, &str)]) -> CertificateConfig {
        let mut all = vec![
            ("DOOR_NAME".to_owned(), NAME.to_owned()),
            ("DOOR_TLS_BIND".to_owned(), "127.0.0.1:0".to_owned()),
            ("ACME_DIRECTORY".to_owned(), format!("https://{}/dir", self.front.address)),
            ("ACME_CA_BUNDLE".to_owned(), self.servers.file("root.pem").display().to_string()),
            ("ACME_HTTP_BIND".to_owned(), format!("127.0.0.1:{}", self.ports.http)),
        ];
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let env = Env::new(move |name| {
            all.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        });
        CertificateConfig::from_env(&env).unwrap().unwrap()
    }

    pub(super) fn services(&self, config: &CertificateConfig) -> CertificateServices {
        let store = Arc::new(FileSecrets::new(self.secrets.path()));
        CertificateServices::new(config, store, self.clock.clone(), Arc::new(SeededRandom::new(7))).unwrap()
    }

    /// What looks after the certificate, with what earlier ones left.
    pub(super) async fn certificates(&self, variables: &[(&str, &str)]) -> Arc<Certificates> {
        let config = self.config(variables);
        let services = self.services(&config);
        begin(config, services).await
    }

    pub(super) async fn certificates_over(
        &self,
        variables: &[(&str, &str)],
        records: Records,
    ) -> Arc<Certificates> {
        let config = self.config(variables);
        let services = CertificateServices { records: Some(records), ..self.services(&config) };
        begin(config, services).await
    }

    /// Serves the door with the certificate of `certificates`, which answers `door`.
    pub(super) async fn open_door(self, certificates: &Certificates) -> (Door, Self) {
        let address = self.socket.local_addr().unwrap();
        let (stop, stops) = mpsc::channel(2);
        let routes = Router::new().route("/", get(async || "door"));
        // A second handle of the socket, so that this home stays whole.
        let socket = self.socket.into_std().unwrap();
        let again = TcpListener::from_std(socket.try_clone().unwrap()).unwrap();
        let socket = TcpListener::from_std(socket).unwrap();
        tokio::spawn(server::serve(
            Listener::with_tls(again, certificates.tls()),
            routes,
            front::options(),
            stops,
        ));
        let roots = self.pebble.roots().await;
        (Door { address, roots, _stop: stop }, Self { socket, ..self })
    }
}

async fn begin(config: CertificateConfig, services: CertificateServices) -> Arc<Certificates> {
    let certificates = Arc::new(Certificates::new(config, services).unwrap());
    certificates.begin().await;
    certificates
}

/// Does what is due, and once more after the wait for it where the authority rejected too many nonces.
pub(super) async fn step(certificates: &Certificates, clock: &ShiftedClock) -> CertificateStatus {
    for _ in 0..3 {
        certificates.step().await;
        let status = certificates.status();
        let is_nonce = status.last_error.as_ref().is_some_and(|error| error.cause.contains("badNonce"));
        if !is_nonce {
            return status;
        }
        clock.advance(status.next_attempt.since(clock.now()));
    }
    certificates.status()
}

/// A served door.
pub(super) struct Door {
    pub(super) address: SocketAddr,
    roots: RootCertStore,
    _stop: mpsc::Sender<()>,
}

impl Door {
    /// A connection that trusts the authority alone, and the certificate that it was shown.
    pub(super) async fn connect(&self, name: &str) -> Result<Connection, String> {
        self.connect_with(name, rustls::DEFAULT_VERSIONS, &[b"http/1.1"]).await
    }

    pub(super) async fn connect_with(
        &self,
        name: &str,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> Result<Connection, String> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let stream = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        stream.map(Connection).map_err(|error| error.to_string())
    }

    pub(super) async fn trust(&mut self, pebble: &Pebble) {
        self.roots = pebble.roots().await;
    }
}

pub(super) struct Connection(pub(super) TlsStream<TcpStream>);

impl Connection {
    pub(super) fn certificate(&self) -> CertificateDer<'static> {
        self.0.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
    }

    /// What a request is answered, on a connection that stays open.
    pub(super) async fn get(&mut self) -> String {
        self.0.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 1024];
        let mut length = 0;
        while !answer[..length].ends_with(b"door") {
            let read = self.0.read(&mut answer[length..]).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer[..length]));
            length += read;
        }
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }
}
