//! What a call asks of its own answer, in members of `params.arguments`.
//!
//! Refused, with a JSON-RPC error that says why: a wish of the wrong type or beyond its bound.

use std::sync::LazyLock;
use std::time::Duration;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::plan::Plan;
use super::text::{Plant, TEXT_BYTES_MAX};

/// The longest wait that a call may ask for, in milliseconds.
const DELAY_MS_MAX: u64 = 3_600_000;
/// The most events that a call may ask for.
pub(super) const EVENTS_MAX: u32 = 100_000;

/// Names whose appearance anywhere in a body makes its arguments worth a look.
static NAMES: LazyLock<[Finder<'static>; 5]> = LazyLock::new(|| {
    ["answer_bytes", "events", "delay_ms", "plant", "structured"].map(Finder::new)
});

/// The members of the arguments that choose the answer.
#[derive(Deserialize)]
struct Wish {
    /// Size of the text.
    #[serde(default)]
    answer_bytes: Option<usize>,
    /// Events of the stream that answers, the result included; 0 for plain JSON.
    #[serde(default)]
    events: Option<u32>,
    /// Wait before the answer.
    #[serde(default)]
    delay_ms: Option<u64>,
    /// A value in the text that a scanner should find.
    #[serde(default)]
    plant: Option<Plant>,
    /// Whether the text is sent twice.
    #[serde(default)]
    structured: Option<bool>,
}

/// Whether the body may hold a wish: it names one, be it as a member or not.
pub(super) fn may_be_in(body: &[u8]) -> bool {
    NAMES.iter().any(|name| name.find(body).is_some())
}

/// Changes the plan into what the arguments ask for.
///
/// # Errors
/// A sentence for the caller: the member, what was found and what was expected.
pub(super) fn apply(arguments: Option<&RawValue>, plan: &mut Plan) -> Result<(), String> {
    let Some(arguments) = arguments else {
        return Ok(());
    };
    if !arguments.get().starts_with('{') {
        return Err("arguments is not an object".to_owned());
    }
    let wish: Wish = serde_json::from_str(arguments.get())
        .map_err(|error| format!("arguments cannot choose the answer: {error}"))?;
    if let Some(bytes) = wish.answer_bytes {
        if bytes > TEXT_BYTES_MAX {
            return Err(format!("answer_bytes is {bytes}, at most {TEXT_BYTES_MAX}"));
        }
        plan.text.bytes = bytes;
    }
    if let Some(events) = wish.events {
        if events > EVENTS_MAX {
            return Err(format!("events is {events}, at most {EVENTS_MAX}"));
        }
        plan.events = events;
    }
    if let Some(ms) = wish.delay_ms {
        if ms > DELAY_MS_MAX {
            return Err(format!("delay_ms is {ms}, at most {DELAY_MS_MAX}"));
        }
        plan.delay = Duration::from_millis(ms);
    }
    plan.text.plant = wish.plant.or(plan.text.plant);
    plan.text.structured = wish.structured.unwrap_or(plan.text.structured);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::value::RawValue;

    use super::{apply, may_be_in};
    use crate::upstream::plan::Plan;
    use crate::upstream::text::Plant;

    fn applied(arguments: &str) -> Result<Plan, String> {
        let raw = RawValue::from_string(arguments.to_owned()).unwrap();
        let mut plan = Plan::default();
        apply(Some(&raw), &mut plan).map(|()| plan)
    }

    #[test]
    fn every_member_changes_its_part_of_the_plan() {
        let plan = applied(
            r#"{"answer_bytes":9,"events":3,"delay_ms":20,"plant":"card","structured":true,"x":1}"#,
        )
        .unwrap();
        assert_eq!((plan.text.bytes, plan.events), (9, 3));
        assert_eq!(plan.delay, Duration::from_millis(20));
        assert_eq!(plan.text.plant, Some(Plant::Card));
        assert!(plan.text.structured);
    }

    #[test]
    fn what_is_not_asked_for_stays() {
        assert_eq!(applied(r#"{"text":"hello"}"#).unwrap(), Plan::default());
        assert!(!may_be_in(br#"{"params":{"arguments":{"text":"hello"}}}"#));
        assert!(may_be_in(br#"{"params":{"arguments":{"delay_ms":1}}}"#));
    }

    #[test]
    fn a_wish_beyond_its_bound_or_of_another_type_is_refused() {
        for (arguments, named) in [
            (r#"{"answer_bytes":67108865}"#, "67108864"),
            (r#"{"events":100001}"#, "100000"),
            (r#"{"delay_ms":3600001}"#, "3600000"),
            (r#"{"plant":"tree"}"#, "tree"),
            (r#"{"structured":1}"#, "bool"),
            ("[1]", "arguments"),
        ] {
            let error = applied(arguments).unwrap_err();
            assert!(error.contains(named), "{arguments}: {error}");
        }
    }
}
