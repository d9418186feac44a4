//! One request to a program of this machine, over a socket of any kind.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode, header};
use futures_util::future::join;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// An answer that is not HTTP/1.1, or has a body above the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoAnswer;

/// The answer to a GET of `path`, with a body of at most `limit` bytes. The connection ends with it.
pub(super) async fn get(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    (host, path): (&str, &str),
    limit: usize,
) -> Result<(StatusCode, Bytes), NoAnswer> {
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|_| NoAnswer)?;
    let request = Request::get(path).header(header::HOST, host).body(Body::empty()).map_err(|_| NoAnswer)?;
    let exchange = async move {
        let response = sender.send_request(request).await.map_err(|_| NoAnswer)?;
        let status = response.status();
        let body = to_bytes(Body::new(response.into_body()), limit).await.map_err(|_| NoAnswer)?;
        Ok((status, body))
    };
    // The exchange has the only sender, so that the connection ends after it.
    join(exchange, connection).await.0
}
