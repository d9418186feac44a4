//! Bodies that tell when a request is whole, and when an answer was sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::connections::ConnectionSlot;

/// The body of a request; once all of it is here, its connection gives way to no other.
#[derive(Debug)]
pub(super) struct Watched {
    body: Incoming,
    place: Arc<ConnectionSlot>,
    is_whole: bool,
}

impl Watched {
    pub(super) fn new(body: Incoming, place: Arc<ConnectionSlot>) -> Self {
        // A connection that has just lost its place ends before it is answered.
        let is_whole = body.is_end_stream() && place.works();
        Self { body, place, is_whole }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !self.is_whole && (frame.is_none() || self.body.is_end_stream()) {
            self.is_whole = true;
            if !self.place.works() {
                return Poll::Ready(Some(Err("the connection gave way to another".into())));
            }
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, whose connection gives way to no other until it was sent.
#[derive(Debug)]
pub(super) struct Placed {
    body: axum::body::Body,
    place: Arc<ConnectionSlot>,
}

impl Placed {
    pub(super) fn new(body: axum::body::Body, place: Arc<ConnectionSlot>) -> Self {
        Self { body, place }
    }
}

impl Body for Placed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        self.place.waits();
    }
}
