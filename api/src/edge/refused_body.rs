//! Bodies that nobody will read. The rest of a short one is read and thrown away, so that its sender gets the answer and may go
//! on; the sender of a long one, or of one whose end is not announced, loses the connection with the answer.

use actix_web::{
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType,
        header::{CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING},
    },
};

/// What is thrown away at most.
const SHORT: u64 = 8 << 20;

/// Whether a request announces a body that is not waited for once it is refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct LongBody(bool);

impl LongBody {
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let headers = request.headers();
        let length = headers.get(CONTENT_LENGTH).map(HeaderValue::to_str).and_then(Result::ok);
        let announced = length.and_then(|length| length.parse::<u64>().ok());
        Self(headers.contains_key(TRANSFER_ENCODING) || announced.is_some_and(|length| length > SHORT))
    }

    /// Ends the connection after a refusal.
    pub(super) fn end_after(self, response: &mut ServiceResponse<BoxBody>) {
        if self.0 && response.status().as_u16() >= 400 {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
    }
}
