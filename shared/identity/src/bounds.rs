//! What tokens, key sets and mappings may hold at most.

use varistor_model::limits;

/// Longest key id, in bytes.
pub const KEY_ID_BYTES_MAX: usize = 256;
/// Most keys of one provider. The largest known publish about ten.
pub const KEYS_MAX: usize = 64;
/// Largest key set or metadata document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// Shortest modulus of RSA, in bits (RFC 7518 section 3.3).
pub const RSA_BITS_MIN: usize = 2048;
/// Longest modulus of RSA, in bits: a longer one costs a worker milliseconds.
pub const RSA_BITS_MAX: usize = 4096;
/// Longest issuer, audience, subject or token id, in bytes.
pub const TEXT_BYTES_MAX: usize = 1024;
/// Longest subject that records show, in bytes.
pub const SUBJECT_BYTES_MAX: usize = 256;
/// Longest proof of possession, in bytes: a key of RSA and its signature are the most of it.
pub const PROOF_BYTES_MAX: usize = 4 * 1024;
/// For how long a proof may be on its way, in seconds.
pub const PROOF_S: u64 = 60;
/// Most roles of one token.
pub const ROLES_MAX: usize = 32;
/// Longest name of an organisation, team, agent or role, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Deepest claim that a mapping may name.
pub const PATH_DEPTH_MAX: usize = 8;
/// Largest tolerance for clocks that disagree, in seconds.
pub const SKEW_S_MAX: u64 = 300;
/// The latest second that a claim may name: the last of the year 9999.
pub const UNIX_S_MAX: u64 = 253_402_300_799;

const _: () = assert!(SUBJECT_BYTES_MAX <= TEXT_BYTES_MAX);
const _: () = assert!(TEXT_BYTES_MAX < limits::JWT_BYTES_MAX);
