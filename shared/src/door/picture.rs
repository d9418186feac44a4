//! Pictures: bounded in number, size and time.

use std::sync::Arc;

use axum::BoxError;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use futures_util::stream;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::DoorLimits;
use super::fetch::cut_off;
use super::health::{DoorFailureKind, Recorder};
use super::upstream::{self, Head, Upstream};
use crate::grant::GrantKind;
use crate::playback::PlayerKey;

/// The fetches of pictures.
#[derive(Debug)]
pub(super) struct Pictures {
    upstream: Upstream,
    recorder: Recorder,
    limits: DoorLimits,
    places: Arc<Semaphore>,
}

/// The reason for an answer without a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPicture {
    /// Too many are fetched at this moment.
    Full,
    /// Music Assistant gave none.
    Failed,
}

/// The rest of a picture.
struct Rest {
    body: Incoming,
    /// Bytes that may still come.
    left: u64,
    end: Instant,
    _place: OwnedSemaphorePermit,
}

impl Pictures {
    pub(super) fn new(upstream: Upstream, recorder: Recorder, limits: DoorLimits) -> Self {
        let places = Arc::new(Semaphore::new(limits.pictures));
        Self { upstream, recorder, limits, places }
    }

    /// The picture at `address`: the beginning of its answer, and its body.
    pub(super) async fn get(
        &self,
        player: PlayerKey,
        address: Uri,
        range: Option<HeaderValue>,
    ) -> Result<(Head, Body), NoPicture> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NoPicture::Full)?;
        let end = Instant::now() + self.limits.picture_time;
        let answer = self.upstream.get(address, GrantKind::Picture, range).await;
        let answer = answer.and_then(|(head, body)| match length(&head.headers) {
            Some(length) if length > self.limits.picture_bytes => Err(DoorFailureKind::Content),
            _ => Ok((head, body)),
        });
        let (head, body) = answer.map_err(|kind| {
            self.recorder.failed(kind, GrantKind::Picture, player);
            NoPicture::Failed
        })?;
        self.recorder.answered(GrantKind::Picture, player, head.status);
        let has_body = matches!(head.status, StatusCode::OK | StatusCode::PARTIAL_CONTENT);
        let rest = Rest { body, left: self.limits.picture_bytes, end, _place: place };
        let body = if has_body { Body::from_stream(stream::try_unfold(rest, next)) } else { Body::empty() };
        Ok((head, body))
    }
}

async fn next(mut rest: Rest) -> Result<Option<(Bytes, Rest)>, BoxError> {
    let Some(bytes) = timeout_at(rest.end, upstream::next(&mut rest.body)).await? else { return Ok(None) };
    let bytes = bytes?;
    let Some(left) = rest.left.checked_sub(bytes.len() as u64) else { return Err(cut_off().await.into()) };
    rest.left = left;
    Ok(Some((bytes, rest)))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
