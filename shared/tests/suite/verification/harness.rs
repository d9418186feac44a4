//! A verifier with its clock, its authority and the server that it fetches from.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::ManualClock;
use ma_alexa::verification::{
    CertificateFetcher, CertificateUrl, FetchError, SignatureHeaders, VerificationError, Verified, Verifier,
};

use super::signing::{CERTIFICATE_URL, TestAuthority, sign};

/// 2026-11-22T08:00:00Z.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_795_334_400_000);

/// Serves what it was given, and counts how often it is asked.
#[derive(Debug, Default)]
pub(super) struct Server {
    answers: Mutex<HashMap<String, Result<Vec<u8>, FetchError>>>,
    asked: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

/// A fetch that a silent server holds open.
struct Open<'a>(&'a AtomicUsize);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Server {
    fn open(&self) -> Open<'_> {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(open, Ordering::SeqCst);
        Open(&self.open)
    }

    /// How many fetches are held open, and how many were at most. A URL with `silent` in it is never answered.
    pub(super) fn held_open(&self) -> (usize, usize) {
        (self.open.load(Ordering::SeqCst), self.most_open.load(Ordering::SeqCst))
    }

    pub(super) fn serve(&self, url: &str, answer: Result<Vec<u8>, FetchError>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(url.to_owned(), answer);
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait::async_trait]
impl CertificateFetcher for Server {
    async fn fetch(&self, url: &CertificateUrl) -> Result<Vec<u8>, FetchError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        // Lets those that arrive at the same time ask too, if they can.
        tokio::task::yield_now().await;
        if url.as_str().contains("silent") {
            let _open = self.open();
            return std::future::pending().await;
        }
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(url.as_str()).cloned().unwrap_or(Err(FetchError::Status(404)))
    }
}

pub(super) struct Harness {
    pub(super) authority: TestAuthority,
    pub(super) clock: Arc<ManualClock>,
    pub(super) server: Arc<Server>,
    pub(super) verifier: Verifier,
}

impl Harness {
    /// A server that serves a good chain, at [`NOW`].
    pub(super) fn new() -> Self {
        let authority = TestAuthority::new();
        let pem = authority.good_chain_pem(NOW);
        Self::serving(authority, &pem)
    }

    /// A server that serves what `pem` makes of the trusted authority.
    pub(super) fn with(pem: impl FnOnce(&TestAuthority) -> String) -> Self {
        let authority = TestAuthority::new();
        let pem = pem(&authority);
        Self::serving(authority, &pem)
    }

    fn serving(authority: TestAuthority, pem: &str) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let server = Arc::new(Server::default());
        server.serve(CERTIFICATE_URL, Ok(pem.as_bytes().to_vec()));
        let verifier = Verifier::new(authority.anchors(), server.clone(), clock.clone());
        Self { authority, clock, server, verifier }
    }

    /// The same, where nothing is waited for that shows whom a request addresses.
    pub(super) fn impatient(self) -> Self {
        Self { verifier: self.verifier.with_told_within(std::time::Duration::ZERO), ..self }
    }

    /// Verifies a launch request, sent now and signed well.
    pub(super) async fn launch(&self) -> Result<Verified, VerificationError> {
        use ma_alexa::clock::Clock as _;
        self.signed(&body("LaunchRequest", self.clock.now())).await
    }

    /// Verifies `body`, signed well.
    pub(super) async fn signed(&self, body: &str) -> Result<Verified, VerificationError> {
        self.with_signature(body.as_bytes(), &sign(body.as_bytes())).await
    }

    /// Verifies `body` with a signature of your own.
    pub(super) async fn with_signature(
        &self,
        body: &[u8],
        signature: &str,
    ) -> Result<Verified, VerificationError> {
        self.at_url(CERTIFICATE_URL, body, signature).await
    }

    /// Verifies `body` with a certificate URL and a signature of your own.
    pub(super) async fn at_url(
        &self,
        url: &str,
        body: &[u8],
        signature: &str,
    ) -> Result<Verified, VerificationError> {
        self.sent(url, body, signature, true).await
    }

    /// Verifies a request that names a skill of ours, or does not.
    pub(super) async fn sent(
        &self,
        url: &str,
        body: &[u8],
        signature: &str,
        addressed: bool,
    ) -> Result<Verified, VerificationError> {
        self.told(url, body, signature, std::future::ready(addressed)).await
    }

    /// Verifies a request of which `addressed` says whether it names a skill of ours.
    pub(super) async fn told(
        &self,
        url: &str,
        body: &[u8],
        signature: &str,
        addressed: impl Future<Output = bool> + Send,
    ) -> Result<Verified, VerificationError> {
        let headers = SignatureHeaders { certificate_url: Some(url), signature: Some(signature) };
        self.verifier.verify(headers, body, addressed).await
    }
}

/// An envelope of the request type `kind`, sent at `sent`.
pub(super) fn body(kind: &str, sent: Timestamp) -> String {
    let request = serde_json::json!({"type": kind, "requestId": "r", "timestamp": sent.rfc3339()});
    serde_json::json!({"version": "1.0", "context": {}, "request": request}).to_string()
}
