//! A request body that tells when it is whole.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::connections::Place;

/// The body of a request; once all of it is here, its connection gives way to no other.
#[derive(Debug)]
pub(super) struct Watched {
    body: Incoming,
    place: Arc<Place>,
    is_whole: bool,
}

impl Watched {
    pub(super) fn new(body: Incoming, place: Arc<Place>) -> Self {
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
