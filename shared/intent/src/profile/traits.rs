//! What holds of a tool or does not, one bit each, told before any call.

use super::Profile;

/// One of several deeds, as an argument says.
pub(super) const MULTI: u32 = 1;
/// Nothing is done unless it is asked for.
pub(super) const TRIAL: u32 = 1 << 1;
/// Amounts are in the smallest unit.
pub(super) const MINOR: u32 = 1 << 2;
/// The schema lists several deeds.
pub(super) const DEEDS: u32 = 1 << 3;
/// What has a name is handed out with its value.
pub(super) const VALUES: u32 = 1 << 4;
/// What it sends is made elsewhere: a report, an export.
pub(super) const CARRIES: u32 = 1 << 5;
/// What is taken away is kept, unless an argument says otherwise.
pub(super) const KEPT: u32 = 1 << 6;
/// What the organisation keeps goes where an argument says.
pub(super) const MOVES: u32 = 1 << 7;
/// It trades, so that how much and at which price make a sum.
pub(super) const TRADES: u32 = 1 << 8;
/// What goes somewhere goes to an address that an argument says.
pub(super) const AIMS: u32 = 1 << 9;
/// Others will see what it is given.
pub(super) const SENDS: u32 = 1 << 10;
/// It presses what has a label.
pub(super) const PRESSES: u32 = 1 << 11;
/// It writes into what has a label.
pub(super) const FILLS_IN: u32 = 1 << 12;
/// What it is asked goes to the web.
pub(super) const ASKS_WEB: u32 = 1 << 13;
/// Its name ends with a method of HTTP, and an argument says where.
pub(super) const REST: u32 = 1 << 14;
/// What it is asked stands in plain language.
pub(super) const SPOKEN: u32 = 1 << 15;
/// It presses what has a label, or does with a browser what it is asked.
pub(super) const LABELLED: u32 = 1 << 16;

impl Profile {
    /// Whether a call without further ado only tries.
    pub(crate) const fn tries_by_default(&self) -> bool {
        self.traits & TRIAL != 0
    }

    pub(crate) const fn has_minor_units(&self) -> bool {
        self.traits & MINOR != 0
    }

    /// Whether it hands out what has a name, with its value.
    pub(crate) const fn shows_values(&self) -> bool {
        self.traits & VALUES != 0
    }

    /// Whether what it takes away is kept, unless an argument says otherwise.
    pub(crate) const fn keeps(&self) -> bool {
        self.traits & KEPT != 0
    }

    /// Whether what it sends is made elsewhere.
    pub(crate) const fn carries(&self) -> bool {
        self.traits & CARRIES != 0
    }

    /// Whether what the organisation keeps goes where an argument says.
    pub(crate) const fn moves(&self) -> bool {
        self.traits & MOVES != 0
    }

    /// Whether what goes somewhere goes to an address that an argument says.
    pub(crate) const fn aims(&self) -> bool {
        self.traits & AIMS != 0
    }

    /// Whether how much and at which price make a sum.
    pub(crate) const fn trades(&self) -> bool {
        self.traits & TRADES != 0
    }

    pub(super) fn set(&mut self, one: u32, holds: bool) {
        if holds {
            self.traits |= one;
        }
    }

    /// Whether others will see what it is given.
    pub(crate) const fn sends(&self) -> bool {
        self.traits & SENDS != 0
    }

    /// Whether labels of a page say what it does.
    pub(crate) const fn is_labelled(&self) -> bool {
        self.traits & LABELLED != 0
    }

    /// Whether it presses what has a label.
    pub(crate) const fn presses(&self) -> bool {
        self.traits & PRESSES != 0
    }

    /// Whether it writes into what has a label.
    pub(crate) const fn fills_in(&self) -> bool {
        self.traits & FILLS_IN != 0
    }

    /// Whether its name ends with a method of HTTP, and an argument says where.
    pub(crate) const fn requests(&self) -> bool {
        self.traits & REST != 0
    }

    /// Whether what it is asked stands in plain language.
    pub(crate) const fn is_spoken(&self) -> bool {
        self.traits & SPOKEN != 0
    }

    /// Whether what it is asked goes to the web.
    pub(crate) const fn asks_web(&self) -> bool {
        self.traits & ASKS_WEB != 0
    }
}
