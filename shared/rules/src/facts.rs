//! What the caller knows of a call, asked for only when a rule needs it.

use crate::ast::Per;
use crate::vocabulary::{NumberField, SetField, TextField};

/// The facts of one call. Answers must not change while the call is judged.
///
/// `None` is: not known. What is known to be absent (a tool without category, a method without
/// tool) is the empty text or the empty set, for which comparisons are false.
pub trait Facts {
    /// Names the tool and its facts: two calls with the same key have the same `tool.*`,
    /// annotations included, as long as a program is in service. `None`: nothing is remembered.
    fn tool_key(&self) -> Option<u64>;

    /// A text of the call.
    fn text(&self, field: TextField) -> Option<&str>;

    /// A number of the call.
    fn number(&self, field: NumberField) -> Option<u64>;

    /// Whether a set of the call holds this text.
    fn contains(&self, field: SetField, text: &str) -> Option<bool>;

    /// Whether a set of the call holds nothing.
    fn is_empty(&self, field: SetField) -> Option<bool>;

    /// The value of an annotation of the tool, as JSON text.
    fn annotation(&self, name: &str) -> Option<&str>;

    /// The JSON text of `params.arguments`, checked before: valid, keys distinct, depth bounded.
    fn arguments(&self) -> Option<&str>;

    /// How many findings of an entity, or of entities whose parent it is, the call carries.
    fn findings(&self, entity: &str) -> Option<u64>;

    /// The time, in milliseconds since 1970.
    fn unix_ms(&self) -> u64;

    /// Whose call it is: 128 bits that tell session, token or agent from all others. A caller
    /// without sessions answers with the token for [`Per::Session`].
    fn scope(&self, per: Per) -> Option<u128>;
}
