//! Every bound in one place, with the relations between them asserted at compile time.
//!
//! Bounds that a policy can change name their default `..._default` and their ceiling `..._max`.

/// Longest request line and longest single header field, in bytes (RFC 9112 section 3 asks for
/// 8000).
pub const LINE_BYTES_MAX: usize = 8 * 1024;
/// Longest head of a message, in bytes, request line and all fields together.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Most header fields in one message.
pub const FIELDS_MAX: usize = 100;
/// Longest line that opens a chunk, extensions included, in bytes.
pub const CHUNK_LINE_BYTES_MAX: usize = 256;
/// Most bytes of chunk extensions in one body; clients send none.
pub const CHUNK_EXTENSIONS_BYTES_MAX: usize = 4 * 1024;
/// Longest trailer section behind the last chunk, in bytes.
pub const TRAILER_BYTES_MAX: usize = 4 * 1024;
/// Largest request body unless policy says otherwise, in bytes.
pub const BODY_BYTES_DEFAULT: usize = 4 * 1024 * 1024;
/// Largest JSON answer from an upstream unless policy says otherwise, in bytes.
pub const ANSWER_BYTES_DEFAULT: usize = 32 * 1024 * 1024;
/// Largest body or answer that a policy may ask for, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Largest single SSE event, in bytes.
pub const EVENT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Deepest nesting of a JSON message.
pub const JSON_DEPTH_MAX: usize = 64;
/// Most members of a JSON-RPC batch.
pub const BATCH_MEMBERS_MAX: usize = 100;
/// Longest tool, prompt name or resource URI that a policy decision is made about, in bytes.
pub const NAME_BYTES_MAX: usize = 4 * 1024;
/// Longest JSON-RPC id, in bytes as it stands in the message.
pub const ID_BYTES_MAX: usize = 512;
/// Longest bearer token, in bytes.
pub const TOKEN_BYTES_MAX: usize = 6 * 1024;
/// Longest token of an outside identity provider, in bytes: with the field's name, a line of a
/// head.
pub const JWT_BYTES_MAX: usize = 8_000;
/// Most blocks of a token: the first and its narrowings.
pub const TOKEN_BLOCKS_MAX: usize = 16;
/// Verified tokens that the workers of a gateway remember in all, each its share.
pub const TOKENS_REMEMBERED: usize = 1 << 20;
/// The smallest share of a worker.
pub const TOKENS_REMEMBERED_MIN: usize = 1 << 16;
/// Verified tokens of outside identity providers that one worker remembers. They are longer, and
/// live for minutes.
pub const OUTSIDE_TOKENS_REMEMBERED: usize = 1 << 14;
/// How long a call waits for a key that its token names and that is not known yet, in milliseconds.
pub const KEY_WAIT_MS: u64 = 8_000;
/// How long a call waits for the first access token of its server, in milliseconds.
pub const TOKEN_WAIT_MS: u64 = 8_000;
/// Most calls of one worker that wait for either.
pub const WAITS_MAX: u32 = 1024;
/// Longest session id of an upstream, in bytes (visible ASCII).
pub const SESSION_BYTES_MAX: usize = 512;
/// Failed authentications in a row after which a connection is closed.
pub const AUTH_FAILURES_MAX: u32 = 3;
/// Most rate limits that one call is counted against.
pub const LIMITS_PER_CALL_MAX: usize = 16;
/// Most findings that one scan reports; more is reported as this many and acted on as a whole.
pub const FINDINGS_MAX: usize = 256;
/// Longest value that a reversible placeholder can stand for, in bytes.
pub const ORIGINAL_BYTES_MAX: usize = 4 * 1024;
/// Locked memory for the values that reversible placeholders stand for, in bytes; half of what
/// Linux lets a process lock unless told otherwise (`RLIMIT_MEMLOCK`, 8 MiB since 5.16).
pub const ORIGINALS_BYTES: usize = 4 * 1024 * 1024;
/// One block of it, in bytes: a value takes whole ones.
pub const ORIGINAL_BLOCK_BYTES: usize = 64;
/// Most blocks that one token may fill, and so the most values that it may have.
pub const ORIGINAL_BLOCKS_PER_TOKEN_MAX: usize = 1024;
/// Parts of that memory with a lock of their own; a token has its values in one of them.
pub const ORIGINALS_PARTS: usize = 16;
/// Most tokens of one part of which numbers of placeholders are known.
pub const ORIGINALS_TOKENS_PER_PART_MAX: usize = 1024;
/// Most placeholders in one request in whose place values are put; others stay.
pub const RESTORED_MAX: usize = 1000;
/// Bytes that the history of calls may take, for rules that ask it.
pub const HISTORY_BYTES: usize = 64 * 1024 * 1024;
/// Most ended sessions of live tokens that are remembered.
pub const ENDED_SESSIONS_MAX: usize = 65_536;
/// Tokens whose flows of data are remembered; more than live at once in a large fleet.
pub const FLOWS_MAX: usize = 1 << 18;
/// Parts of that memory with a lock of their own.
pub const FLOWS_PARTS: usize = 64;
/// How long a leg of a flow is remembered unless policy says otherwise, in hours.
pub const FLOW_HOURS_DEFAULT: u32 = 24;
/// Longest such time: a year.
pub const FLOW_HOURS_MAX: u32 = 366 * 24;
/// Most tools of one server whose definitions are remembered; the largest published has 1,100.
pub const KNOWN_TOOLS_MAX: usize = 4096;
/// Most names of tools that nobody listed of which a worker remembers what they say.
pub const NAMED_TOOLS_MAX: usize = 1024;
/// Most bytes of output schemas of one server that are remembered.
pub const KNOWN_SCHEMA_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most calls that are held or released and not yet used, in all.
pub const APPROVALS_MAX: usize = 10_000;
/// Most of one token: an agent can't fill the list of its approvers.
pub const APPROVALS_PER_TOKEN_MAX: usize = 100;
/// Most bytes that are kept of them, parameters first of all.
pub const APPROVALS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Time that a released call has at least to come again, in milliseconds.
pub const APPROVAL_USE_MS: u64 = 300_000;
/// Notices on their way from workers to the thread that delivers them.
pub const NOTICES_MAX: usize = 1024;
/// Longest text from outside in a message to people, in characters.
pub const NOTICE_TEXT_CHARS_MAX: usize = 200;
/// Most messages that wait on disk to be delivered.
pub const OUTBOX_MESSAGES_MAX: usize = 10_000;
/// How long a message is tried before it is given up, in milliseconds.
pub const OUTBOX_AGE_MS_MAX: u64 = 24 * 60 * 60 * 1000;
/// Most channels of a policy.
pub const CHANNELS_MAX: usize = 256;
/// Failures of a server in a row that open its breaker unless policy says otherwise, and the most
/// that a policy may ask for.
pub const BREAKER_FAILURES_DEFAULT: u32 = 5;
/// See [`BREAKER_FAILURES_DEFAULT`]; a breaker has seven bits to count them.
pub const BREAKER_FAILURES_MAX: u32 = 100;
/// By how many the slow answers of a server must outnumber the others until its breaker opens.
pub const BREAKER_SLOW_EXCESS: u32 = 10;
/// For how long a breaker opens at first unless policy says otherwise, in milliseconds.
pub const BREAKER_OPEN_MS_DEFAULT: u64 = 1_000;
/// To how long that doubles at most, in milliseconds. A server that has answered for as long is
/// sound again.
pub const BREAKER_OPEN_MS_MAX: u64 = 30_000;
/// After how long the next call may try a server while the one before it still has no answer, in
/// milliseconds: that one may be of a tool that takes its time.
pub const BREAKER_PROBE_MS_MAX: u64 = 5_000;
/// Most calls of one server under way at once unless policy says otherwise, over all workers: fewer
/// than the client connections of a single worker, so that a server which never answers takes none
/// of the others'.
pub const SERVER_CALLS_DEFAULT: u32 = 4_096;
/// Most that a policy may ask for.
pub const SERVER_CALLS_MAX: u32 = 1_000_000;
/// Most children of one stdio server unless policy says otherwise: each may be a session of its
/// own.
pub const STDIO_CHILDREN_DEFAULT: u32 = 32;
/// Most that a policy may ask for.
pub const STDIO_CHILDREN_MAX: u32 = 1_000;
/// Most client connections of one worker unless policy says otherwise.
pub const CONNECTIONS_DEFAULT: u32 = 10_000;
/// Delay of a worker that, while it stands, has it refuse requests, in milliseconds: many times
/// what a busy worker has, and still little beside the seconds of a model.
pub const SHED_DELAY_MS: u64 = 50;
/// For how long the delay has to stand, in milliseconds.
pub const SHED_INTERVAL_MS: u64 = 200;
/// For how long a connection is not read after a request of it was refused for overload, in
/// milliseconds, on the average: as long as the refusal asks the client to wait.
pub const SHED_PAUSE_MS: u64 = 1_000;
/// Longest definition of a tool whose text is kept beside its digest, in bytes.
pub const PIN_DEFINITION_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of definitions of one server that are kept.
pub const PINS_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most lists of one server that are recognised byte by byte: pages, and views of clients.
pub const REMEMBERED_LISTS_MAX: usize = 8;
/// Most bytes of them; 100 tools take some 200,000.
pub const REMEMBERED_LIST_BYTES_MAX: usize = 1024 * 1024;
/// Longest name that a kill switch is pulled for, in bytes.
pub const SELECTOR_BYTES_MAX: usize = NAME_BYTES_MAX;
/// Most things that are stopped at once; beyond, what holds them together is to be stopped.
pub const KILLED_MAX: usize = 65_536;
/// Longest reason that is kept with a kill, in bytes.
pub const KILL_REASON_BYTES_MAX: usize = 256;
/// Room on disk for one copy of what is stopped, in bytes; there are two.
pub const KILL_COPY_BYTES: usize = 512 * 1024;
/// Largest file `run/kill` that is read, in bytes; a larger one stops everything.
pub const KILL_FILE_BYTES_MAX: usize = 64 * 1024;
/// Time that a worker has to end what is stopped, before its sockets are shut down from outside,
/// in milliseconds: four of its ticks.
pub const KILL_STALL_MS: u64 = 100;
/// Records that one worker's ring to the audit writer holds.
pub const RING_RECORDS: usize = 4096;
/// Longest wait for room in a full ring before the call is denied, in milliseconds.
pub const RING_WAIT_MS_MAX: u64 = 250;

const _: () = assert!(LINE_BYTES_MAX < HEAD_BYTES_MAX);
const _: () = assert!(TOKEN_BYTES_MAX < LINE_BYTES_MAX);
const _: () = assert!(JWT_BYTES_MAX + "Authorization: Bearer \r\n".len() < LINE_BYTES_MAX);
const _: () = assert!(SESSION_BYTES_MAX < LINE_BYTES_MAX);
const _: () = assert!(CHUNK_LINE_BYTES_MAX < TRAILER_BYTES_MAX);
const _: () = assert!(BODY_BYTES_DEFAULT <= BODY_BYTES_MAX);
const _: () = assert!(ANSWER_BYTES_DEFAULT <= BODY_BYTES_MAX);
const _: () = assert!(BODY_BYTES_MAX < u32::MAX as usize);
const _: () = assert!(ORIGINAL_BYTES_MAX <= ORIGINAL_BLOCK_BYTES * ORIGINAL_BLOCKS_PER_TOKEN_MAX);
const _: () = assert!(ORIGINALS_BYTES.is_multiple_of(ORIGINALS_PARTS * ORIGINAL_BLOCK_BYTES));
const _: () = assert!(
    ORIGINAL_BLOCKS_PER_TOKEN_MAX * ORIGINAL_BLOCK_BYTES < ORIGINALS_BYTES / ORIGINALS_PARTS
);
const _: () = assert!(PIN_DEFINITION_BYTES_MAX < PINS_BYTES_MAX);
const _: () = assert!(RING_RECORDS.is_power_of_two());
const _: () = assert!(BREAKER_FAILURES_DEFAULT <= BREAKER_FAILURES_MAX);
const _: () = assert!(BREAKER_OPEN_MS_DEFAULT <= BREAKER_OPEN_MS_MAX);
const _: () = assert!(SERVER_CALLS_DEFAULT < CONNECTIONS_DEFAULT);
const _: () = assert!(SHED_DELAY_MS < SHED_INTERVAL_MS);
const _: () = assert!(SELECTOR_BYTES_MAX + KILL_REASON_BYTES_MAX < KILL_COPY_BYTES);
const _: () = assert!(KILL_FILE_BYTES_MAX < KILL_COPY_BYTES);
