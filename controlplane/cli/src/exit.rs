//! How a run ends: which exit status, and which errors mean wrong use rather than failure.

use std::fmt;
use std::process::ExitCode;

/// The way a run ends, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: what was asked for is done.
    Done,
    /// 1: it could not be done.
    Failed,
    /// 2: wrong use, bad configuration, or a log that was tampered with.
    Wrong,
    /// 3: records are missing at the log's end.
    Truncated,
    /// 4: the log's newest records are not witnessed.
    Unwitnessed,
    /// 5: the log is sound but ends in half a record.
    Torn,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Wrong => 2,
            Exit::Truncated => 3,
            Exit::Unwitnessed => 4,
            Exit::Torn => 5,
        })
    }
}

/// An error of the person at the keyboard or of the configuration: ends with status 2.
#[derive(Debug)]
pub(crate) struct WrongUse(pub(crate) String);

impl fmt::Display for WrongUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUse {}

/// Shorthand for an error that ends with status 2.
pub(crate) fn wrong(message: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(WrongUse(message.into()))
}

/// The policy directory is unfit; its problems have been shown already.
#[derive(Debug)]
pub(crate) struct BadPolicy;

impl fmt::Display for BadPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the policy directory has problems")
    }
}

impl std::error::Error for BadPolicy {}

/// Shows an error and says with which status it ends the run.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    if error.chain().any(is_broken_pipe) {
        return Exit::Done; // whoever read our output has seen enough
    }
    if error.is::<BadPolicy>() {
        return Exit::Wrong;
    }
    crate::output::error(&format!("{error:#}"));
    if error.is::<WrongUse>() {
        Exit::Wrong
    } else {
        Exit::Failed
    }
}

fn is_broken_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_use_and_bad_policy_end_with_two_and_the_rest_with_one() {
        assert_eq!(report(&wrong("x")), Exit::Wrong);
        assert_eq!(report(&BadPolicy.into()), Exit::Wrong);
        assert_eq!(report(&anyhow::anyhow!("x")), Exit::Failed);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let gone = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert_eq!(report(&gone.into()), Exit::Done);
    }
}
