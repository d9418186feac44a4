//! A public internet for tests: names, certificates and servers as a test decides, all on loopback.
//!
//! Every name leads to one server, which shows each name the certificate of its [`Site`] and answers as that site does.
//! It takes TLS and plain HTTP alike. What was looked up and what was asked is kept.

#![expect(clippy::unwrap_used, reason = "a test without its internet cannot go on")]

mod certificates;
mod server;
mod site;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::probe::{AddressPolicy, HttpProber, Prober, Resolve};
use rustls::RootCertStore;
use tokio::sync::Notify;

use certificates::Certificates;
pub use certificates::Shown;
pub use site::{Behavior, PICTURE, Port, Reply, Request, Site};

/// One request that reached a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The name in its `Host`, without a port.
    pub host: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Its headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// The bytes of a body that were sent before the client hung up: it cannot have read more.
    pub taken: usize,
}

impl Seen {
    /// The text of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The state of all sites.
#[derive(Debug)]
struct State {
    certificates: Certificates,
    sites: Mutex<HashMap<String, Site>>,
    seen: Mutex<Vec<Seen>>,
    /// Wakes the waiters for a request.
    noted: Notify,
    /// Host and path of each request, before it is answered.
    begun: Mutex<Vec<(String, String)>>,
    looked_up: Mutex<Vec<String>>,
    /// The lead of all clocks, in seconds.
    ahead: AtomicI64,
    /// An open port, and a closed one.
    open: SocketAddr,
    closed: SocketAddr,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn site(&self, host: &str) -> Option<Site> {
        lock(&self.sites).get(host).cloned()
    }

    fn begin(&self, seen: &Seen) {
        lock(&self.begun).push((seen.host.clone(), seen.path.clone()));
    }

    fn note(&self, seen: Seen) {
        lock(&self.seen).push(seen);
        self.noted.notify_waiters();
    }
}

/// The internet of one test.
#[derive(Clone, Debug)]
pub struct Internet(Arc<State>);

impl Default for Internet {
    fn default() -> Self {
        Self::start()
    }
}

impl Internet {
    /// An internet without any site.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let open = listener.local_addr().unwrap();
        let state = Arc::new(State {
            certificates: Certificates::new(),
            sites: Mutex::default(),
            seen: Mutex::default(),
            noted: Notify::new(),
            begun: Mutex::default(),
            looked_up: Mutex::default(),
            ahead: AtomicI64::new(0),
            open,
            // Nothing listens on the port of discarded data, and no test may.
            closed: SocketAddr::from((Ipv4Addr::LOCALHOST, 9)),
        });
        server::start(listener, Arc::downgrade(&state));
        Self(state)
    }

    /// Puts a site under a name, in place of what was there.
    pub fn put(&self, host: &str, site: Site) {
        lock(&self.0.sites).insert(host.to_owned(), site);
    }

    /// Changes the site under a name.
    pub fn change(&self, host: &str, change: impl FnOnce(&mut Site)) {
        let mut sites = lock(&self.0.sites);
        change(sites.get_mut(host).unwrap_or_else(|| panic!("there is no {host}")));
    }

    /// Takes a name away: it resolves no more.
    pub fn remove(&self, host: &str) {
        lock(&self.0.sites).remove(host);
    }

    /// The requests to a site, oldest first. A request is there before its answer. One for an endless body is there once
    /// it was hung up on, for which [`Internet::hung_up`] waits.
    #[must_use]
    pub fn requests(&self, host: &str) -> Vec<Seen> {
        self.all_requests().into_iter().filter(|seen| seen.host == host).collect()
    }

    /// Waits until a request for an endless body, whose path begins so, was hung up on.
    pub async fn hung_up(&self, host: &str, path: &str) -> Seen {
        let wait = async {
            loop {
                let noted = self.0.noted.notified();
                let mut seen = self.requests(host).into_iter();
                if let Some(seen) = seen.find(|seen| seen.path.starts_with(path)) {
                    return seen;
                }
                noted.await;
            }
        };
        tokio::time::timeout(server::PATIENCE, wait).await.unwrap()
    }

    /// The paths of what reached a site, also of what is not answered to its end yet.
    #[must_use]
    pub fn paths(&self, host: &str) -> Vec<String> {
        let begun = lock(&self.0.begun);
        begun.iter().filter(|(known, _)| known == host).map(|(_, path)| path.clone()).collect()
    }

    /// The requests to all sites.
    #[must_use]
    pub fn all_requests(&self) -> Vec<Seen> {
        lock(&self.0.seen).clone()
    }

    /// The names that were looked up.
    #[must_use]
    pub fn looked_up(&self) -> Vec<String> {
        lock(&self.0.looked_up).clone()
    }

    /// Forgets what was asked and looked up.
    pub fn forget(&self) {
        lock(&self.0.seen).clear();
        lock(&self.0.begun).clear();
        lock(&self.0.looked_up).clear();
    }

    /// Moves every clock on by `span`.
    pub fn advance(&self, span: Duration) {
        let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        self.0.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The port that every site listens on, for addresses with a port of their own.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.open.port()
    }

    /// The address of the server, for what is asked by its number: `http://127.0.0.1:PORT`. It answers as the site
    /// `127.0.0.1` does.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.0.open)
    }

    /// Its name servers.
    #[must_use]
    pub fn resolver(&self) -> Arc<dyn Resolve> {
        Arc::new(self.clone())
    }

    /// The authority that its certificates are proven by.
    #[must_use]
    pub fn roots(&self) -> RootCertStore {
        self.0.certificates.roots()
    }

    /// A prober of its sites.
    #[must_use]
    pub fn prober(&self, policy: AddressPolicy) -> Arc<dyn Prober> {
        let prober = HttpProber::with(policy, self.resolver(), self.roots());
        Arc::new(prober.unwrap())
    }

    /// A prober with a shorter timeout.
    #[must_use]
    pub fn prober_with_timeout(&self, policy: AddressPolicy, timeout: Duration) -> Arc<dyn Prober> {
        let prober = HttpProber::with(policy, self.resolver(), self.roots());
        Arc::new(prober.unwrap().with_timeout(timeout))
    }
}

#[async_trait]
impl Resolve for Internet {
    async fn resolve(&self, name: &str) -> Vec<SocketAddr> {
        lock(&self.0.looked_up).push(name.to_owned());
        let Some(site) = self.0.site(name) else { return Vec::new() };
        match (site.leads_to, site.port) {
            (Some(address), _) => vec![SocketAddr::new(address, 0)],
            (None, Port::Closed) => vec![self.0.closed],
            (None, Port::Open | Port::Silent | Port::Babbles) => vec![self.0.open],
        }
    }
}

/// An address that nothing on the internet may be sent to.
#[must_use]
pub fn internal() -> Vec<IpAddr> {
    let inside =
        ["127.0.0.1", "10.0.0.1", "100.64.0.1", "::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1"];
    let inside = inside.into_iter().chain(["2002:a00:1::1"]).map(|address| address.parse().unwrap());
    inside.chain(metadata()).collect()
}

/// Addresses of the metadata services of cloud machines, in every notation: nothing may be sent there from anywhere.
#[must_use]
pub fn metadata() -> Vec<IpAddr> {
    [
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "fe80::a9fe:a9fe",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b::100.100.100.200",
        "2002:a9fe:a9fe::1",
    ]
    .map(|address| address.parse().unwrap())
    .to_vec()
}
