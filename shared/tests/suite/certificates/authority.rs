//! Pebble: a small authority in a process of its own, which keeps nothing, and the server that answers its look-ups.
#![expect(clippy::unwrap_used, reason = "a test whose authority does not run has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::Client;
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tempfile::TempDir;

use super::ports;

/// How long a program may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program of `TEST_PEBBLE`; none, and a line that says so, where it is unset. With `CI` set that is a failure.
pub(super) fn find() -> Option<PathBuf> {
    static SAID: Once = Once::new();
    let program = std::env::var_os("TEST_PEBBLE").filter(|program| !program.is_empty());
    if program.is_none() {
        let reason = "not run: certificates of a real authority (TEST_PEBBLE is not set)";
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        SAID.call_once(|| writeln!(std::io::stderr().lock(), "{reason}").unwrap());
    }
    program.map(PathBuf::from)
}

/// The certificates of servers on this machine, under a root of the test.
pub(super) struct LocalServers {
    folder: TempDir,
    root: String,
}

impl LocalServers {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::default());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let server_key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let server = server.signed_by(&server_key, &issuer).unwrap();
        for (name, pem) in [
            ("root.pem", &root),
            ("server.pem", &server.pem()),
            ("server-key.pem", &server_key.serialize_pem()),
        ] {
            fs::write(folder.path().join(name), pem).unwrap();
        }
        Self { folder, root }
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A client that trusts these servers alone.
    pub(super) fn client(&self) -> Client {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.root.as_bytes()).unwrap()).unwrap();
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap()
    }
}

/// Where the authority looks for proofs.
#[derive(Clone, Copy)]
pub(super) struct Ports {
    pub(super) http: u16,
    pub(super) tls: u16,
}

/// What an authority does of its own choice, in percent.
#[derive(Clone, Copy)]
pub(super) struct Habits {
    /// Nonces that are rejected.
    pub(super) rejects: u8,
    /// Proofs that count for a later order.
    pub(super) reuses: u8,
}

impl Habits {
    /// Those of pebble.
    pub(super) const USUAL: Self = Self { rejects: 5, reuses: 50 };
    /// Without chance.
    pub(super) const NONE: Self = Self { rejects: 0, reuses: 0 };
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A running authority.
pub(super) struct Pebble {
    pub(super) address: SocketAddr,
    management: SocketAddr,
    names: SocketAddr,
    client: Client,
    _programs: [Running; 2],
    _folder: TempDir,
}

impl Pebble {
    pub(super) async fn start(program: &Path, servers: &LocalServers, ports: Ports, habits: Habits) -> Self {
        loop {
            if let Some(started) = Self::try_start(program, servers, ports, habits).await {
                return started;
            }
        }
    }

    /// Starts it on ports that are free; none where another test took one of them meanwhile, so that a program ends.
    async fn try_start(program: &Path, servers: &LocalServers, ports: Ports, habits: Habits) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let [address, management, names, resolver] =
            [(); 4].map(|()| SocketAddr::from(([127, 0, 0, 1], ports::free_port())));
        let config = serde_json::json!({"pebble": {
            "listenAddress": address.to_string(),
            "managementListenAddress": management.to_string(),
            "certificate": servers.file("server.pem"),
            "privateKey": servers.file("server-key.pem"),
            "httpPort": ports.http,
            "tlsPort": ports.tls,
            "certificateValidityPeriod": 90 * 24 * 3600,
        }});
        let file = folder.path().join("pebble.json");
        fs::write(&file, config.to_string()).unwrap();
        let mut lookups = Command::new(program.with_file_name("pebble-challtestsrv"));
        lookups.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]);
        lookups.args(["-dns01", &resolver.to_string(), "-management", &names.to_string()]);
        let mut pebble = Command::new(program);
        pebble.arg("-config").arg(&file).args(["-dnsserver", &resolver.to_string()]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", habits.rejects.to_string());
        pebble.env("PEBBLE_AUTHZREUSE", habits.reuses.to_string());
        let mut programs = [lookups, pebble].map(|mut command| {
            let log = fs::File::create(folder.path().join("log")).unwrap();
            let quiet = command.stdin(Stdio::null()).stderr(log.try_clone().unwrap()).stdout(log);
            Running(quiet.spawn().unwrap())
        });
        let client = servers.client();
        let began = Instant::now();
        for url in [
            format!("https://{management}/roots/0"),
            format!("http://{names}/"),
            format!("https://{address}/dir"),
        ] {
            while client.get(&url).send().await.is_err() {
                if programs.iter_mut().any(|Running(program)| program.try_wait().unwrap().is_some()) {
                    return None;
                }
                assert!(began.elapsed() < PATIENCE, "no program answers at {url}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Some(Self { address, management, names, client, _programs: programs, _folder: folder })
    }

    /// The root under which it signs.
    pub(super) async fn roots(&self) -> RootCertStore {
        let url = format!("https://{}/roots/0", self.management);
        let pem = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
        roots
    }

    /// Makes a TXT record be found, or not.
    pub(super) async fn set_txt(&self, name: &str, value: Option<&str>) {
        let (command, body) = match value {
            Some(value) => ("set-txt", serde_json::json!({"host": format!("{name}."), "value": value})),
            None => ("clear-txt", serde_json::json!({"host": format!("{name}.")})),
        };
        let sent = self.client.post(format!("http://{}/{command}", self.names)).json(&body).send().await;
        assert!(sent.unwrap().status().is_success());
    }
}

/// By chance alone, some of so many ports would be the same.
#[test]
fn no_two_callers_get_the_same_free_port() {
    let callers = [(); 4].map(|()| std::thread::spawn(|| [(); 100].map(|()| ports::free_port())));
    let given: Vec<u16> = callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect();
    let different: BTreeSet<u16> = given.iter().copied().collect();
    assert_eq!(different.len(), given.len());
}
