//! Who is outside the organisation: asked, never guessed here.

/// What the caller knows about its own hosts and addresses.
pub trait Outside {
    /// Whether a host name or address is none of the organisation's; loopback never is.
    fn is_foreign_host(&self, host: &str) -> bool;
    /// Whether a mail address is none of the organisation's.
    fn is_foreign_mail(&self, address: &str) -> bool;
    /// Whether somebody has stated which of them are the organisation's own. Then a call that
    /// names its sender or owner says nothing new about that.
    fn states_own(&self) -> bool {
        false
    }
}
