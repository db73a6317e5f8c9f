//! Bodies that are refused before they have come whole.
//!
//! The server closes the connection once the answer is out and throws away what still comes for [`super::Deadlines::refused`], so
//! that the answer reaches a sender who is still at it. Chunks that nobody has any more it would throw away for as long as their
//! sender likes: so somebody has them until the answer is out.

use actix_web::{
    HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::header::TRANSFER_ENCODING,
};
use bytes::Bytes;
use futures_util::Stream;
use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

/// A body that comes in chunks, kept beside whoever reads it.
#[derive(Clone)]
pub(super) struct Kept(Rc<RefCell<Payload>>);

impl Kept {
    /// Of a request whose body comes in chunks.
    pub(super) fn of(request: &mut ServiceRequest) -> Option<Self> {
        request.headers().contains_key(TRANSFER_ENCODING).then(|| {
            let kept = Self(Rc::new(RefCell::new(request.take_payload())));
            request.set_payload(Payload::Stream { payload: Box::pin(kept.clone()) });
            kept
        })
    }

    /// Stays until the answer is out.
    pub(super) fn with(self, body: BoxBody) -> BoxBody {
        BoxBody::new(Answer { body, _kept: self })
    }
}

impl Stream for Kept {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// An answer that keeps its request's body.
struct Answer {
    body: BoxBody,
    _kept: Kept,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// Keeps a chunked body until the answer to its request is out.
pub(super) fn keep(response: ServiceResponse<BoxBody>, kept: Option<Kept>) -> ServiceResponse<BoxBody> {
    match kept {
        Some(kept) => response.map_body(|_, body| kept.with(body)),
        None => response,
    }
}
