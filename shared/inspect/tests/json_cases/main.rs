//! A table of documents and what the gate says about each: `y_` passes, `n_` is refused, `i_` is
//! left open by RFC 8259 and decided here. Cases of our own, in the manner of JSONTestSuite.

mod messages;
mod referee;
mod values;
mod verdicts;

use varistor_model::Reason;

/// A name, a document, and what the gate says about it.
type Case = (&'static str, &'static [u8], Result<(), Reason>);
