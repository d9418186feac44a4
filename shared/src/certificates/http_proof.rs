//! The listener of a proof by HTTP.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::task;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Most connections at a time; the authority looks from some five places at once.
const CONNECTIONS: usize = 32;
/// Time limit of a connection.
const LONGEST: Duration = Duration::from_secs(10);
/// Largest request, in bytes.
const LARGEST: usize = 8 * 1024;
/// Rest after the system gave no connection.
const REST: Duration = Duration::from_millis(100);

/// A listener that answers one path, and everything else with 404. It is open until this is dropped.
#[derive(Debug)]
pub(super) struct HttpProof {
    task: JoinHandle<()>,
}

impl Drop for HttpProof {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer and its path.
struct Proof {
    path: String,
    content: String,
}

impl HttpProof {
    /// Listens on `bind` for the request of a token (RFC 8555, section 8.3).
    ///
    /// # Errors
    /// When the port is taken, or this process may not have it.
    pub(super) async fn open(bind: SocketAddr, token: &str, content: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(bind).await?;
        let path = format!("/.well-known/acme-challenge/{token}");
        let proof = Arc::new(Proof { path, content: content.to_owned() });
        let task = task::spawn(accept(listener, proof));
        Ok(Self { task })
    }
}

async fn accept(listener: TcpListener, proof: Arc<Proof>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(REST).await;
            continue;
        };
        let proof = Arc::clone(&proof);
        task::spawn(async move {
            // One that is slow or malformed ends.
            let _ = tokio::time::timeout(LONGEST, serve(stream, proof)).await;
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, proof: Arc<Proof>) -> hyper::Result<()> {
    let service = service_fn(move |request: Request<Incoming>| {
        let response = answer(&request, &proof);
        async { Ok::<_, Infallible>(response) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST)
        .max_buf_size(LARGEST)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

fn answer(request: &Request<Incoming>, proof: &Proof) -> Response<Body> {
    let is_proof = request.uri().path() == proof.path && request.method() == Method::GET;
    let mut response =
        Response::new(if is_proof { Body::from(proof.content.clone()) } else { Body::empty() });
    if !is_proof {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
