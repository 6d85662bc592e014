//! Every bound of the rule language in one place.

/// Largest rule file, in bytes.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;
/// Most mistakes that are told of one file.
pub const DIAGNOSTICS_MAX: usize = 200;
/// Deepest nesting of parentheses, `NOT` and `history.count(..)`.
pub const DEPTH_MAX: usize = 32;
/// Most rules of a program.
pub const RULES_MAX: usize = 4096;
/// Most distinct tests of a program; their numbers are 16 bits wide.
pub const ATOMS_MAX: usize = 32 * 1024;
/// Most nodes of all conditions together.
pub const NODES_MAX: usize = 1024 * 1024;
/// Most steps of a place in the arguments.
pub const STEPS_MAX: usize = 16;
/// Most steps of all places together.
pub const PATHS_MAX: usize = 4096;
/// Most expressions of `MATCHES`.
pub const PATTERNS_MAX: usize = 1024;
/// Largest automaton of one expression, in bytes.
pub const PATTERN_BYTES_MAX: usize = 1024 * 1024;
/// Memory of one expression's lazily built automaton, for each worker, in bytes.
pub const PATTERN_CACHE_BYTES: usize = 256 * 1024;
/// Longest text beyond ASCII that an expression with Unicode edges of words is looked for in, in
/// bytes: some milliseconds.
pub const SLOW_TEXT_BYTES_MAX: usize = 64 * 1024;
/// Most counters of a program.
pub const COUNTERS_MAX: usize = 1024;
/// Most values of one call that `history.seen` looks at.
pub const SEEN_VALUES_MAX: usize = 64;
/// Places found in the arguments that a worker keeps room for between calls.
pub const ENTRIES_KEPT: usize = 4096;
/// Bytes of decoded text that a worker keeps room for between calls.
pub const TEXT_BYTES_KEPT: usize = 64 * 1024;
/// Deepest nesting of arguments; the gate in front refuses more.
pub const JSON_DEPTH_MAX: usize = varistor_model::limits::JSON_DEPTH_MAX;
/// Most terms that a lint spreads a condition into; it stays silent about wider ones.
pub const TERMS_MAX: usize = 64;

const _: () = assert!(ATOMS_MAX < u16::MAX as usize);
const _: () = assert!(PATHS_MAX < u16::MAX as usize);
const _: () = assert!(NODES_MAX < u32::MAX as usize);
