//! Memory for secrets that stay: what this process alone can read, where the kernel has such memory
//! (`memfd_secret`, Linux 5.14): not even root, by `/proc/PID/mem` or a debugger, nor a dump or an
//! image of the suspended machine. Else what is locked: in no swap file and no core dump. Zeroed
//! when it is given back.
//!
//! The kernel does not read it either: what is to be sent is copied out first, and the copy wiped.

mod kernel;

use core::ops::Range;

use memmap2::{Advice, MmapMut};
use zeroize::Zeroize as _;

/// How well it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// By `memfd_secret`.
    Secret,
    /// Locked, and left out of dumps.
    Locked,
    /// Left out of dumps; neither can be had, for most processes because of `RLIMIT_MEMLOCK`.
    Plain,
}

impl Kept {
    /// Its name in a status.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Locked => "locked",
            Self::Plain => "plain",
        }
    }
}

/// Some values. There is no way to change or to add to them.
pub struct Hidden {
    memory: Option<MmapMut>,
    places: Vec<Range<usize>>,
    kept: Kept,
}

impl Hidden {
    /// Copies the values there.
    ///
    /// # Errors
    /// When there is no memory at all.
    pub fn of<'v>(values: impl Iterator<Item = &'v [u8]> + Clone) -> std::io::Result<Self> {
        let bytes = values.clone().map(<[u8]>::len);
        let bytes = bytes.fold(0_usize, usize::saturating_add);
        let mut hidden = Self {
            memory: None,
            places: Vec::new(),
            kept: Kept::Secret,
        };
        if bytes > 0 {
            let (memory, kept) = memory(bytes)?;
            (hidden.memory, hidden.kept) = (Some(memory), kept);
        }
        let mut at = 0_usize;
        for value in values {
            let end = at.saturating_add(value.len());
            let room = hidden.memory.as_mut().and_then(|it| it.get_mut(at..end));
            if let Some(room) = room {
                room.copy_from_slice(value);
            }
            hidden.places.push(at..end);
            at = end;
        }
        Ok(hidden)
    }

    /// The value at this place among those that were given.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&[u8]> {
        let place = self.places.get(at)?;
        match &self.memory {
            Some(memory) => memory.get(place.clone()),
            None => Some(&[]),
        }
    }

    /// How well they are kept.
    #[must_use]
    pub const fn kept(&self) -> Kept {
        self.kept
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(memory) = &mut self.memory {
            memory.zeroize();
        }
    }
}

fn memory(bytes: usize) -> std::io::Result<(MmapMut, Kept)> {
    if let Ok(memory) = kernel::secret(bytes) {
        return Ok((memory, Kept::Secret));
    }
    let memory = MmapMut::map_anon(bytes)?;
    memory.advise(Advice::DontDump)?;
    match memory.lock() {
        Ok(()) => Ok((memory, Kept::Locked)),
        Err(_) => Ok((memory, Kept::Plain)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Seek as _, SeekFrom};

    #[test]
    fn what_is_kept_comes_back_in_its_place() {
        let long = vec![7; 100_000];
        let values: [&[u8]; 4] = [b"one", b"", &long, b"two"];
        let hidden = Hidden::of(values.into_iter()).unwrap();
        for (at, value) in values.into_iter().enumerate() {
            assert_eq!(hidden.get(at), Some(value));
        }
        assert_eq!(hidden.get(4), None);
        let nothing = Hidden::of([&b""[..]].into_iter()).unwrap();
        assert_eq!(nothing.get(0), Some(&b""[..]));
    }

    /// By the kernel itself, which this process asks for its own memory.
    #[test]
    fn others_can_not_read_it_where_the_kernel_has_such_memory() {
        let value = b"nobody else reads this".to_vec();
        let hidden = Hidden::of([value.as_slice()].into_iter()).unwrap();
        let read = |bytes: &[u8]| {
            let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
            memory.seek(SeekFrom::Start(bytes.as_ptr() as u64)).unwrap();
            let mut found = vec![0; bytes.len()];
            memory.read_exact(&mut found).map(|()| found)
        };
        assert_eq!(read(&value).unwrap(), value, "plain memory can be read");
        let found = read(hidden.get(0).unwrap());
        match hidden.kept() {
            Kept::Secret => assert!(found.is_err(), "{found:?}"),
            Kept::Locked | Kept::Plain => assert_eq!(found.unwrap(), value),
        }
        println!("kept: {}", hidden.kept().name());
    }
}
