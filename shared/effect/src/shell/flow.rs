//! What goes from one command to the next through a pipe or a substitution.

/// What a command writes to its output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Flow {
    /// Nothing, or nothing was piped.
    #[default]
    Empty,
    /// This text.
    Text(String),
    /// Something from this machine.
    Local,
    /// Something from the net.
    Download,
    /// Something that was hidden from reading: decoded, decrypted, unpacked.
    Decoded,
}

impl Flow {
    /// Whether there is anything in it.
    pub(super) fn is_some(&self) -> bool {
        *self != Self::Empty
    }

    /// What is left of it behind a filter such as `sed` or `head`.
    pub(super) fn filtered(self) -> Self {
        match self {
            Self::Text(_) | Self::Empty => Self::Local,
            flow => flow,
        }
    }
}
