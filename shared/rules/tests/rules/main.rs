//! The rule language from outside: text in, verdicts and messages out.

mod call;
mod cases;
mod conditions;
mod design;
mod differential;
mod formatting;
mod generate;
mod hostile;
mod memory;
mod messages;
mod naive;
mod program;
mod verdicts;
