//! Larger bodies, both ways.

use super::{Axis, log};

/// The smallest call of 2026-07-28 is a little below this.
const CALL_BYTES: u64 = 400;

pub(super) const AXIS: Axis = Axis {
    name: "body",
    label: "text in the answer, body of the call (bytes)",
    meaning: "answers with a text of so many bytes to calls of as many, but of at least 400: a \
              call of 2026-07-28 is not smaller; the cost is that of reading and scanning both",
    quick: &[100, 1_000, 10_000, 100_000],
    full: &[100, 1_000, 10_000, 100_000, 1_000_000, 4_000_000],
    base: 100,
    targets: &[],
    apply: |size, setup| {
        setup.answer_bytes = size;
        setup.request_bytes = size.max(CALL_BYTES);
        setup.connections = if size < 100_000 { 32 } else { 4 };
    },
    scale: log,
};
