//! Runs a serialized Hyperscan database over text, and tells where its expressions end.

use hyperscan::{BlockDatabase, BlockMode, HsError, Matching, Scratch, SerializedDatabase};

use super::{FINDINGS_KEPT_MAX, ScanError};

/// Most ends of matches that one text may have; they are confirmed one by one.
const MATCHES_MAX: usize = 4 * FINDINGS_KEPT_MAX;

/// A database with its scratch space.
pub(super) struct Engine {
    database: BlockDatabase,
    scratch: Scratch,
}

impl Engine {
    /// Opens a database; none for no bytes.
    pub(super) fn open(bytes: &[u8]) -> Result<Option<Self>, ScanError> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let database = bytes
            .deserialize::<BlockMode>()
            .map_err(|_| ScanError::Database)?;
        let scratch = database.alloc_scratch().map_err(|_| ScanError::Database)?;
        Ok(Some(Self { database, scratch }))
    }

    /// Appends the ids of what matches in the stretch of the text, and where that ends; says
    /// whether there was room for all.
    pub(super) fn scan(
        &self,
        text: &[u8],
        (start, end): (usize, usize),
        matches: &mut Vec<(u32, u32)>,
    ) -> Result<bool, ScanError> {
        let stretch = text.get(start..end).unwrap_or_default();
        if stretch.is_empty() {
            return Ok(true);
        }
        let each = |id: u32, _: u64, end: u64, _: u32| {
            let end = end.saturating_add(start as u64);
            let Ok(end) = u32::try_from(end) else {
                return Matching::Terminate;
            };
            if matches.len() == MATCHES_MAX {
                return Matching::Terminate;
            }
            matches.push((id, end));
            Matching::Continue
        };
        match self.database.scan(stretch, &self.scratch, each) {
            Ok(()) => Ok(true),
            Err(hyperscan::Error::Hyperscan(HsError::ScanTerminated)) => Ok(false),
            Err(_) => Err(ScanError::Scan),
        }
    }
}
