//! How much all messages may hold at once. Whoever finds no room in time gives up, so that messages
//! that are each half there can't wait for one another for ever.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longest wait for room.
const WAIT: Duration = Duration::from_secs(10);
/// Bytes of one permit.
const UNIT: usize = 1024;

/// Memory that is shared by messages of one direction.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    free: Arc<Semaphore>,
    wait: Duration,
}

/// What one message holds of it; given back when dropped.
#[derive(Debug, Default)]
pub(crate) struct Held {
    permit: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

/// There was no room in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Room {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(bytes / UNIT)),
            wait: WAIT,
        }
    }

    /// Lets a message grow to this size.
    pub(crate) async fn grow(&self, held: &mut Held, bytes: usize) -> Result<(), Full> {
        let have = held
            .permit
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let more = bytes.div_ceil(UNIT).saturating_sub(have);
        held.bytes = bytes;
        if more == 0 {
            return Ok(());
        }
        let more = u32::try_from(more).map_err(|_| Full)?;
        let taken = Arc::clone(&self.free).acquire_many_owned(more);
        let Ok(Ok(permit)) = tokio::time::timeout(self.wait, taken).await else {
            return Err(Full);
        };
        match &mut held.permit {
            Some(first) => first.merge(permit),
            first => *first = Some(permit),
        }
        Ok(())
    }
}

impl Room {
    /// Lets a message have this size, if there is room now.
    pub(crate) fn try_take(&self, bytes: usize) -> Result<Held, Full> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).map_err(|_| Full)?;
        let permit = Arc::clone(&self.free).try_acquire_many_owned(units);
        Ok(Held {
            permit: Some(permit.map_err(|_| Full)?),
            bytes,
        })
    }
}

impl Held {
    /// How many bytes it was last grown to.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn room_is_given_back_and_never_exceeded() {
        let mut room = Room::new(8 * UNIT);
        room.wait = Duration::from_millis(1);
        let mut first = Held::default();
        room.grow(&mut first, 1).await.unwrap();
        room.grow(&mut first, 5 * UNIT).await.unwrap();
        let mut second = Held::default();
        room.grow(&mut second, 3 * UNIT).await.unwrap();
        assert_eq!(room.grow(&mut second, 3 * UNIT + 1).await, Err(Full));
        drop(first);
        assert_eq!(room.try_take(5 * UNIT + 1).err(), Some(Full));
        room.grow(&mut second, 8 * UNIT).await.unwrap();
        assert!(room.try_take(1).is_err());
    }
}
