//! Access tokens of servers that want one: the control thread puts them here, and a request takes
//! along whichever is there when its head is written.
//!
//! Refuses requests to such a server while there is no token that holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use arc_swap::ArcSwapOption;
use varistor_model::Reason;
use zeroize::Zeroizing;

use crate::outside::Now;
use crate::wire;

/// What stands before a token.
pub(crate) const SCHEME: &[u8] = b"Bearer ";

/// The token of one server. Shared by all threads; outlives a snapshot.
#[derive(Default)]
pub struct Bearer {
    pub(crate) held: ArcSwapOption<Held>,
    /// The one before: what was sent with it may still be answered.
    pub(crate) before: ArcSwapOption<Held>,
    /// Whether the server has refused one since the control thread last asked.
    doubted: AtomicBool,
    /// Whether it has been asked for, with or without success.
    asked: AtomicBool,
    /// Why there is none, where there is none: a [`Lack`].
    lack: AtomicU8,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Lack {
    /// None could be had at the moment.
    Token = 0,
    /// Nobody has logged in.
    Login = 1,
    /// The authorization server gives none for the caller's.
    Refused = 2,
}

pub(crate) struct Held {
    /// The value of `Authorization`.
    pub(crate) value: Zeroizing<Vec<u8>>,
    until_unix_ns: u64,
}

impl Bearer {
    /// Puts a token in the place of the one before. From `until_unix_ns` on it is not sent.
    pub fn put(&self, token: &str, until_unix_ns: u64) {
        let value = Zeroizing::new([SCHEME, token.as_bytes()].concat());
        let next = Held {
            value,
            until_unix_ns,
        };
        self.lacks(Lack::Token);
        self.before.store(self.held.swap(Some(Arc::new(next))));
        self.missed();
    }

    /// Nobody has logged in, or whoever had is logged out: there is no token from now on.
    pub fn forget(&self) {
        self.lacks(Lack::Login);
        self.held.store(None);
        self.before.store(None);
        self.missed();
    }

    /// Why there is none.
    pub(crate) fn lack(&self) -> Reason {
        match self.lack.load(Ordering::Acquire) {
            1 => Reason::LoginNeeded,
            2 => Reason::ExchangeRefused,
            _ => Reason::UpstreamToken,
        }
    }

    /// Says why there is none from now on.
    pub(crate) fn lacks(&self, lack: Lack) {
        self.lack.store(lack as u8, Ordering::Release);
    }

    /// It is asked for once more, and worth waiting for.
    pub(crate) fn await_again(&self) {
        self.lacks(Lack::Token);
        self.asked.store(false, Ordering::Release);
    }

    /// It was asked for, and is there now or will not be soon: nobody is to wait for it.
    pub fn missed(&self) {
        self.asked.store(true, Ordering::Release);
    }

    /// Whether the first attempt to get one has not ended.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        !self.asked.load(Ordering::Acquire)
    }

    /// Whether the server has refused a token since this was last asked.
    pub fn take_doubt(&self) -> bool {
        self.doubted.swap(false, Ordering::Relaxed)
    }

    /// The server has refused it.
    pub(crate) fn doubt(&self) {
        self.doubted.store(true, Ordering::Relaxed);
    }

    /// Whether there is a token that holds.
    #[must_use]
    pub fn is_there(&self, now: Now) -> bool {
        let held = self.held.load();
        held.as_ref().is_some_and(|held| held.holds(now))
    }

    /// Appends the field with the token.
    pub(crate) fn write(&self, now: Now, head: &mut Vec<u8>) -> Result<(), Reason> {
        let held = self.held.load();
        let held = held.as_ref().filter(|held| held.holds(now));
        let held = held.ok_or(Reason::UpstreamToken)?;
        wire::field(head, b"authorization", &held.value);
        Ok(())
    }
}

impl Held {
    const fn holds(&self, now: Now) -> bool {
        now.unix_ns < self.until_unix_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(unix_ns: u64) -> Now {
        Now {
            unix_ns,
            mono_ns: 0,
        }
    }

    #[test]
    fn a_token_is_sent_until_its_time_is_over() {
        let bearer = Bearer::default();
        let mut head = Vec::new();
        assert_eq!(bearer.write(at(0), &mut head), Err(Reason::UpstreamToken));
        assert!(bearer.is_awaited());
        bearer.put("abc", 10);
        assert!(!bearer.is_awaited());
        assert!(bearer.is_there(at(9)) && !bearer.is_there(at(10)));
        assert_eq!(bearer.write(at(9), &mut head), Ok(()));
        assert_eq!(head, b"authorization: Bearer abc\r\n");
        assert_eq!(bearer.write(at(10), &mut head), Err(Reason::UpstreamToken));
        assert_eq!(bearer.lack(), Reason::UpstreamToken);
        bearer.forget();
        assert!(!bearer.is_there(at(9)) && bearer.lack() == Reason::LoginNeeded);
        bearer.put("abc", 10);
        assert_eq!(bearer.lack(), Reason::UpstreamToken);
    }

    #[test]
    fn a_refused_token_is_told_once() {
        let bearer = Bearer::default();
        bearer.doubt();
        assert!(bearer.take_doubt() && !bearer.take_doubt());
    }
}
