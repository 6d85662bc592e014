//! The file around the archive: a signed header of fixed size, then the archive. Refuses every file
//! whose header is not signed by a known key, before anything else in it is interpreted.
//!
//! ```text
//!   0   8  magic "VARISNAP"                     little-endian numbers
//!   8   4  schema number
//!  12   4  zero
//!  16   8  generation
//!  24   8  length of the archive
//!  32  32  sha-256 of the archive
//!  64  64  Ed25519 signature over DOMAIN and bytes 0..64
//! 128      archive (so that it is aligned where the file is)
//! ```

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rkyv::util::AlignedVec;
use sha2::{Digest, Sha256};

use crate::error::SnapshotError;
use crate::schema::{Policy, SCHEMA};

/// Size of the header in bytes; the archive begins here.
pub const HEADER_BYTES: usize = 128;
/// Largest snapshot file in bytes. 10,000 agents with 1,000 tools take about 4 MiB.
pub const SNAPSHOT_BYTES_MAX: usize = 1 << 30;

/// The part of the header that is signed.
const SIGNED_BYTES: usize = 64;
const MAGIC: &[u8; 8] = b"VARISNAP";
/// Keeps a signature over a snapshot from being one over anything else, and the reverse.
const DOMAIN: &[u8] = b"varistor.dev/snapshot/v1\0";
/// Alignment that rkyv may ask of an archive.
const ALIGNMENT: usize = 16;

const _: () = assert!(HEADER_BYTES.is_multiple_of(ALIGNMENT));
const _: () = assert!(SIGNED_BYTES + 64 == HEADER_BYTES);

/// The bytes of the snapshot file of a policy, signed by `key`. The same policy and key give the
/// same bytes.
///
/// # Errors
/// When the policy can't be archived or is larger than [`SNAPSHOT_BYTES_MAX`].
pub fn seal(policy: &Policy, key: &SigningKey) -> Result<Vec<u8>, SnapshotError> {
    let archive: AlignedVec<ALIGNMENT> =
        rkyv::api::high::to_bytes_in::<_, rkyv::rancor::Error>(policy, AlignedVec::new()).map_err(
            |error| SnapshotError::Write {
                detail: error.to_string(),
            },
        )?;
    let file = wrap(&archive, SCHEMA, policy.generation, key);
    check_size(file.len())?;
    Ok(file)
}

/// Puts a signed header before an archive.
pub(crate) fn wrap(archive: &[u8], schema: u32, generation: u64, key: &SigningKey) -> Vec<u8> {
    let mut file = Vec::with_capacity(HEADER_BYTES.saturating_add(archive.len()));
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&schema.to_le_bytes());
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(&generation.to_le_bytes());
    file.extend_from_slice(&(archive.len() as u64).to_le_bytes());
    file.extend_from_slice(&Sha256::digest(archive));
    let signature = key.sign(&statement(&file));
    file.extend_from_slice(&signature.to_bytes());
    file.extend_from_slice(archive);
    file
}

/// What a header says, once its signature has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) schema: u32,
    pub(crate) generation: u64,
    pub(crate) digest: [u8; 32],
}

/// The header and the archive of a file whose header one of `keys` signed. The archive is as long
/// as the header says; its digest is for the caller to compare, in the memory where it is used.
pub(crate) fn unwrap<'file>(
    file: &'file [u8],
    keys: &[VerifyingKey],
) -> Result<(Header, &'file [u8]), SnapshotError> {
    check_size(file.len())?;
    let short = SnapshotError::Length {
        found: file.len(),
        expected: HEADER_BYTES as u64,
    };
    let Some((header, archive)) = file.split_first_chunk::<HEADER_BYTES>() else {
        return Err(short);
    };
    let (Some((signed, signature)), Some(magic)) = (
        header.split_first_chunk::<SIGNED_BYTES>(),
        header.first_chunk::<8>(),
    ) else {
        return Err(short);
    };
    if magic != MAGIC {
        return Err(SnapshotError::Magic { found: *magic });
    }
    check_signature(signed, signature, keys)?;
    let expected = number(signed, 24).saturating_add(HEADER_BYTES as u64);
    if file.len() as u64 != expected {
        return Err(SnapshotError::Length {
            found: file.len(),
            expected,
        });
    }
    let header = Header {
        schema: u32::from_le_bytes(field(signed, 8)),
        generation: number(signed, 16),
        digest: field(signed, 32),
    };
    Ok((header, archive))
}

fn check_size(found: usize) -> Result<(), SnapshotError> {
    if found > SNAPSHOT_BYTES_MAX {
        return Err(SnapshotError::TooLarge {
            found,
            limit: SNAPSHOT_BYTES_MAX,
        });
    }
    Ok(())
}

fn check_signature(
    signed: &[u8],
    signature: &[u8],
    keys: &[VerifyingKey],
) -> Result<(), SnapshotError> {
    if keys.is_empty() {
        return Err(SnapshotError::NoKey);
    }
    let refused = SnapshotError::Signature { keys: keys.len() };
    let Ok(signature) = Signature::from_slice(signature) else {
        return Err(refused);
    };
    let statement = statement(signed);
    let signed_by = |key: &VerifyingKey| key.verify_strict(&statement, &signature).is_ok();
    if keys.iter().any(signed_by) {
        Ok(())
    } else {
        Err(refused)
    }
}

/// What is signed: the domain, then the header up to the signature.
fn statement(signed: &[u8]) -> Vec<u8> {
    [DOMAIN, signed].concat()
}

fn number(header: &[u8; SIGNED_BYTES], at: usize) -> u64 {
    u64::from_le_bytes(field(header, at))
}

/// `N` bytes of the header from `at` on; callers stay inside it (asserted by the tests).
fn field<const N: usize>(header: &[u8; SIGNED_BYTES], at: usize) -> [u8; N] {
    header
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let file = wrap(b"archive", 9, 0x0123_4567_89ab_cdef, &key);
        let (header, archive) = unwrap(&file, &[key.verifying_key()]).unwrap();
        assert_eq!(
            (header.schema, header.generation),
            (9, 0x0123_4567_89ab_cdef)
        );
        assert_eq!(header.digest[..], Sha256::digest(b"archive")[..]);
        assert_eq!(archive, b"archive");
    }

    #[test]
    fn a_signature_over_the_header_without_the_domain_is_refused() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut file = wrap(b"archive", SCHEMA, 1, &key);
        let signature = key.sign(&file[..SIGNED_BYTES]).to_bytes();
        file[SIGNED_BYTES..HEADER_BYTES].copy_from_slice(&signature);
        let refused = unwrap(&file, &[key.verifying_key()]);
        assert!(
            matches!(refused, Err(SnapshotError::Signature { keys: 1 })),
            "{refused:?}"
        );
    }
}
