//! Bytes of an upload that wait until a whole part of them is there: the least that stores take.
//!
//! However many uploads there are, and however slow, the process needs little memory for them, and none waits for another's
//! sender. So many parts are filled in memory; the others are filled in files without a name, which nobody waits for.
//! So many are sent at a time, in the order in which they became full, and a part that waits makes its sender wait.

use crate::ObjectStoreError;
use std::{io, sync::Arc};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
    sync::{OwnedSemaphorePermit, Semaphore},
};

/// Bytes of a part: the least that stores take.
pub(crate) const PART_BYTES: usize = 5 << 20;
/// Bytes that need no permit: most files have no more.
const SMALL_BYTES: usize = 64 << 10;
/// Parts that are filled in memory at once.
const FILLED_AT_ONCE: usize = 4;
/// Parts that are on their way to the store at once; the client has a copy of each.
const SENT_AT_ONCE: usize = 4;

/// What all uploads of a process share.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    filled: Arc<Semaphore>,
    sent: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self { filled: Arc::new(Semaphore::new(FILLED_AT_ONCE)), sent: Arc::new(Semaphore::new(SENT_AT_ONCE)) }
    }
}

impl Room {
    /// Nothing yet.
    pub(crate) fn spool(&self) -> Spool {
        Spool { room: self.clone(), length: 0, held: Held::Small(Vec::new()) }
    }

    /// Waits for the right to have a part in memory on its way.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, ObjectStoreError> {
        let turn = Arc::clone(&self.sent).acquire_owned().await;
        turn.map_err(|error| ObjectStoreError::Interrupted(io::Error::other(error)))
    }
}

/// Bytes behind the last part.
#[derive(Debug)]
pub(crate) struct Spool {
    room: Room,
    length: usize,
    held: Held,
}

/// Where they are.
#[derive(Debug)]
enum Held {
    Small(Vec<u8>),
    Memory(Vec<u8>, OwnedSemaphorePermit),
    Disk(File),
}

/// Bytes that may be sent now.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) bytes: Vec<u8>,
    _turn: Option<OwnedSemaphorePermit>,
    _filled: Option<OwnedSemaphorePermit>,
}

impl Spool {
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) async fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        if matches!(self.held, Held::Small(_)) && self.length + bytes.len() > SMALL_BYTES {
            self.grow().await?;
        }
        match &mut self.held {
            Held::Small(held) | Held::Memory(held, _) => held.extend_from_slice(bytes),
            Held::Disk(file) => file.write_all(bytes).await?,
        }
        self.length += bytes.len();
        Ok(())
    }

    /// Takes bytes until there is a whole part. False: the reader has ended before.
    pub(crate) async fn fill(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> io::Result<bool> {
        let mut piece = Vec::with_capacity(SMALL_BYTES);
        while self.length < PART_BYTES {
            piece.clear();
            let wanted = SMALL_BYTES.min(PART_BYTES - self.length);
            let wanted = u64::try_from(wanted).map_err(io::Error::other)?;
            if (&mut *reader).take(wanted).read_buf(&mut piece).await? == 0 {
                return Ok(false);
            }
            self.push(&piece).await?;
        }
        Ok(true)
    }

    /// Goes where a whole part has room.
    async fn grow(&mut self) -> io::Result<()> {
        let Held::Small(small) = &mut self.held else { return Ok(()) };
        let mut small = std::mem::take(small);
        self.held = if let Ok(permit) = Arc::clone(&self.room.filled).try_acquire_owned() {
            small.reserve_exact(PART_BYTES + SMALL_BYTES - small.len());
            Held::Memory(small, permit)
        } else {
            let mut file = File::from_std(tokio::task::spawn_blocking(tempfile::tempfile).await??);
            file.write_all(&small).await?;
            Held::Disk(file)
        };
        Ok(())
    }

    /// Waits for its turn to be sent.
    pub(crate) async fn load(self) -> Result<Loaded, ObjectStoreError> {
        match self.held {
            Held::Small(bytes) => Ok(Loaded { bytes, _turn: None, _filled: None }),
            Held::Memory(bytes, filled) => {
                let turn = self.room.turn().await?;
                Ok(Loaded { bytes, _turn: Some(turn), _filled: Some(filled) })
            }
            Held::Disk(file) => {
                let turn = self.room.turn().await?;
                let bytes = read(file, self.length).await.map_err(ObjectStoreError::Interrupted)?;
                Ok(Loaded { bytes, _turn: Some(turn), _filled: None })
            }
        }
    }
}

async fn read(mut file: File, length: usize) -> io::Result<Vec<u8>> {
    file.flush().await?;
    file.rewind().await?;
    let mut bytes = Vec::with_capacity(length);
    file.read_to_end(&mut bytes).await?;
    if bytes.len() == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Poll;

    /// A part's bytes, other ones for each number.
    fn part(number: u8) -> Vec<u8> {
        (0..PART_BYTES).map(|at| number.wrapping_add(at.to_le_bytes()[1])).collect()
    }

    #[tokio::test]
    async fn senders_that_never_end_keep_nobody_else_waiting() {
        let room = Room::default();
        let mut slow = Vec::new();
        for number in 0..12 {
            let mut spool = room.spool();
            spool.push(&part(number)[..=SMALL_BYTES]).await.unwrap();
            slow.push(spool);
        }
        let in_memory = slow.iter().filter(|spool| matches!(spool.held, Held::Memory(..))).count();
        assert_eq!((in_memory, room.filled.available_permits()), (FILLED_AT_ONCE, 0));
        let body = part(99);
        let mut quick = room.spool();
        assert!(quick.fill(&mut body.as_slice()).await.unwrap());
        assert!(matches!(quick.held, Held::Disk(_)));
        assert!(quick.load().await.unwrap().bytes == body);
        for (number, mut spool) in (0..).zip(slow) {
            spool.push(&part(number)[SMALL_BYTES + 1..]).await.unwrap();
            assert!(spool.load().await.unwrap().bytes == part(number), "{number}");
        }
        assert_eq!((room.filled.available_permits(), room.sent.available_permits()), (FILLED_AT_ONCE, SENT_AT_ONCE));
    }

    #[tokio::test]
    async fn a_full_part_waits_until_another_has_been_sent() {
        let room = Room::default();
        let mut on_their_way = Vec::new();
        for number in 0..7 {
            let mut spool = room.spool();
            spool.fill(&mut part(number).as_slice()).await.unwrap();
            let mut load = Box::pin(spool.load());
            // Ready at once, or only after another.
            match futures_util::poll!(&mut load) {
                Poll::Ready(loaded) => on_their_way.push(loaded.unwrap()),
                Poll::Pending => {
                    assert_eq!(on_their_way.len(), SENT_AT_ONCE);
                    on_their_way.pop();
                    assert!(load.await.unwrap().bytes == part(number));
                    return;
                }
            }
        }
        panic!("all were sent at once");
    }

    #[tokio::test]
    async fn small_things_need_no_turn() {
        let room = Room::default();
        let mut turns = Vec::new();
        for _ in 0..SENT_AT_ONCE {
            turns.push(room.turn().await.unwrap());
        }
        let mut small = room.spool();
        assert!(small.is_empty());
        small.push(b"tea").await.unwrap();
        assert_eq!((small.len(), small.load().await.unwrap().bytes), (3, b"tea".to_vec()));
    }
}
