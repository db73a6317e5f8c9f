//! How long callers may take.

use actix_web::{HttpRequest, web::Data};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::{io, time::Duration};
use tokio::time::{Instant, timeout};

/// How long callers may take over the parts of a request and of its answer.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// For the head of a request, from its first byte.
    pub head: Duration,
    /// For a body that is read whole.
    pub body: Duration,
    /// For the stretches of a streamed body: in each, so much must move.
    pub pace: Pace,
    /// For data that a reader does not take.
    pub unread: Duration,
    /// For what still comes of a body that was refused.
    pub refused: Duration,
    /// Between two requests of a connection.
    pub idle: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            pace: Pace { stretch: Duration::from_secs(30), least_bytes: 30 * 1024 },
            unread: Duration::from_secs(30),
            refused: Duration::from_secs(5),
            idle: Duration::from_secs(75),
        }
    }
}

impl Deadlines {
    /// Those of the server that took the request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        request.app_data::<Data<Self>>().map_or_else(Self::default, |deadlines| *deadlines.as_ref())
    }
}

/// The least speed of a stream: so many bytes in each stretch of time. The platform's own time does not count.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long a stretch is.
    pub stretch: Duration,
    /// How many bytes must have come at its end.
    pub least_bytes: u64,
}

/// The other side is slower than the least speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooSlow;

/// Watches the speed of one stream.
#[derive(Debug)]
pub(crate) struct Watch {
    pace: Pace,
    left: Duration,
    bytes: u64,
}

impl Watch {
    pub(crate) const fn new(pace: Pace) -> Self {
        Self { pace, left: pace.stretch, bytes: 0 }
    }

    /// The next piece of a body that a caller sends.
    pub(crate) async fn next<E>(
        &mut self,
        body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    ) -> Result<Option<Result<Bytes, E>>, TooSlow> {
        loop {
            let asked = Instant::now();
            match timeout(self.left, body.next()).await {
                Ok(piece) => {
                    self.left = self.left.saturating_sub(asked.elapsed());
                    self.moved(piece.as_ref().and_then(|piece| piece.as_ref().ok()));
                    return Ok(piece);
                }
                Err(_) => self.end_stretch()?,
            }
        }
    }

    /// Notes that a reader took so long to ask for more.
    fn waited(&mut self, time: Duration) -> Result<(), TooSlow> {
        self.left = self.left.saturating_sub(time);
        if self.left.is_zero() { self.end_stretch() } else { Ok(()) }
    }

    fn moved(&mut self, piece: Option<&Bytes>) {
        self.bytes += piece.map_or(0, |piece| u64::try_from(piece.len()).unwrap_or_default());
    }

    fn end_stretch(&mut self) -> Result<(), TooSlow> {
        if self.bytes < self.pace.least_bytes {
            return Err(TooSlow);
        }
        *self = Self::new(self.pace);
        Ok(())
    }
}

/// The same bytes, until their reader is too slow: then the connection is given up.
pub(crate) fn watched(
    bytes: impl Stream<Item = io::Result<Bytes>> + Unpin + 'static,
    pace: Pace,
) -> impl Stream<Item = io::Result<Bytes>> + 'static {
    let start = (bytes, Watch::new(pace), None::<Instant>);
    futures_util::stream::unfold(start, |(mut bytes, mut watch, given)| async move {
        if given.is_some_and(|given| watch.waited(given.elapsed()).is_err()) {
            return Some((Err(io::ErrorKind::TimedOut.into()), (bytes, Watch::new(watch.pace), None)));
        }
        let piece = bytes.next().await?;
        watch.moved(piece.as_ref().ok());
        Some((piece, (bytes, watch, Some(Instant::now()))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{pin_mut, stream};
    use std::convert::Infallible;

    const PACE: Pace = Pace { stretch: Duration::from_secs(30), least_bytes: 30 * 1024 };

    /// So many pieces of `bytes`, one each `gap`.
    fn sender(pieces: u32, bytes: usize, gap: Duration) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::iter(0..pieces).then(move |_| async move {
            tokio::time::sleep(gap).await;
            Ok(Bytes::from(vec![0; bytes]))
        })
    }

    async fn arrives(body: impl Stream<Item = Result<Bytes, Infallible>>) -> Result<usize, (TooSlow, Duration)> {
        pin_mut!(body);
        let (begun, mut watch, mut total) = (Instant::now(), Watch::new(PACE), 0);
        loop {
            match watch.next(&mut body).await {
                Ok(Some(Ok(piece))) => total += piece.len(),
                Ok(_) => return Ok(total),
                Err(slow) => return Err((slow, begun.elapsed())),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_a_second_is_cut_and_a_slow_line_is_not() {
        let drip = arrives(sender(100_000, 1, Duration::from_secs(1))).await;
        assert_eq!(drip, Err((TooSlow, Duration::from_secs(30))));
        // 3 KiB each second: 100 MB take nine hours, and may.
        let slow = arrives(sender(34_000, 3 * 1024, Duration::from_secs(1))).await;
        assert_eq!(slow, Ok(34_000 * 3 * 1024));
        let silent = arrives(sender(1, 1 << 20, Duration::from_secs(31))).await;
        assert_eq!(silent, Err((TooSlow, Duration::from_secs(30))));
        // A burst does not pay for silence after its stretch.
        let burst = sender(1, 1 << 30, Duration::from_secs(1)).chain(sender(9, 1, Duration::from_secs(20)));
        assert_eq!(arrives(burst).await, Err((TooSlow, Duration::from_mins(1))));
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_of_the_platform_does_not_count() {
        let body = sender(10, 30 * 1024, Duration::from_secs(1));
        pin_mut!(body);
        let mut watch = Watch::new(PACE);
        while let Some(piece) = watch.next(&mut body).await.expect("fast enough") {
            assert!(piece.is_ok());
            tokio::time::sleep(Duration::from_mins(10)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_must_take_what_it_asked_for() {
        for (pause, ends_well) in [(5, true), (31, false)] {
            let source = stream::iter((0..20).map(|_| Ok::<_, io::Error>(Bytes::from(vec![0; 8 * 1024]))));
            let bytes = watched(source, PACE);
            pin_mut!(bytes);
            let mut fine = true;
            while let Some(piece) = bytes.next().await {
                if piece.is_err() {
                    fine = false;
                    break;
                }
                tokio::time::sleep(Duration::from_secs(pause)).await;
            }
            assert_eq!(fine, ends_well, "{pause}");
        }
    }
}
