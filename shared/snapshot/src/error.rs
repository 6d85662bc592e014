//! Why a snapshot was not made or not accepted, told so that a person knows what to do.

/// A snapshot that was not made or not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Fewer bytes than the header, or another number than the header names.
    #[error(
        "the snapshot has {found} bytes, expected {expected}; it was cut short or added to: \
         compile and push it again"
    )]
    Length {
        /// Bytes there are.
        found: usize,
        /// Bytes there should be; the header's own when not even that is complete.
        expected: u64,
    },
    /// More bytes than any snapshot may have.
    #[error(
        "a snapshot of {found} bytes is larger than the limit of {limit} bytes; split the policy \
         over several gateways"
    )]
    TooLarge {
        /// Bytes there are.
        found: usize,
        /// Bytes there may be.
        limit: usize,
    },
    /// The first bytes are another format's.
    #[error(
        "this is not a Varistor snapshot (its first bytes are {found:02x?}); make one with \
         `varictl compile`"
    )]
    Magic {
        /// The first bytes.
        found: [u8; 8],
    },
    /// There is no key to check with.
    #[error(
        "no snapshot key is known, so no snapshot can be trusted; put the control plane's \
         snapshot.pub into the directory's keys/"
    )]
    NoKey,
    /// None of the known keys signed these bytes.
    #[error(
        "the snapshot's signature fits none of the {keys} known keys; it was changed after \
         signing or signed by another control plane: compile it with the key whose snapshot.pub \
         the gateway holds"
    )]
    Signature {
        /// How many keys were tried.
        keys: usize,
    },
    /// The archive is not the one that was signed.
    #[error(
        "the snapshot's content is not the one that was signed (sha-256 differs); compile and push \
         it again"
    )]
    Digest,
    /// Written by another version of this project.
    #[error(
        "the snapshot has schema {found}, this program reads schema {expected}; compile it with \
         the `varictl` of the same version as the gateway"
    )]
    Schema {
        /// The snapshot's number.
        found: u32,
        /// This program's number.
        expected: u32,
    },
    /// Not newer than what is already there.
    #[error(
        "the snapshot has generation {found}, but generation {newest} was already served and \
         going back is refused; to return to an old policy use `varictl rollback`, which gives it \
         a new generation"
    )]
    Generation {
        /// The snapshot's generation.
        found: u64,
        /// The newest one known.
        newest: u64,
    },
    /// Signed, but not an archive of this schema.
    #[error(
        "the snapshot is signed but its archive is not valid ({detail}); compile it again with the \
         `varictl` of this version"
    )]
    Archive {
        /// What the check of the archive says.
        detail: String,
    },
    /// The archive of a policy could not be written.
    #[error("the policy could not be written as an archive ({detail}); it may be too large")]
    Write {
        /// What the writer says.
        detail: String,
    },
    /// The kernel refused the memory that holds the snapshot.
    #[error(
        "the kernel refused to {step} for the snapshot ({error}); free some memory, and allow \
         memfd_create to the process"
    )]
    Memory {
        /// What was tried.
        step: &'static str,
        /// What the kernel answered.
        error: std::io::Error,
    },
}
