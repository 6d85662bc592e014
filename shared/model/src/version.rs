//! The versions of the Model Context Protocol.

/// A protocol version that the gateway knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ProtocolVersion {
    /// HTTP+SSE and stdio.
    V2024_11_05 = 0,
    /// First Streamable HTTP; the only one with JSON-RPC batches.
    V2025_03_26 = 1,
    /// Batches removed, `MCP-Protocol-Version` required.
    V2025_06_18 = 2,
    /// Last version with sessions.
    V2025_11_25 = 3,
    /// Stateless: metadata in every request, routing headers.
    V2026_07_28 = 4,
}

/// The specification's own words for the two families (*Versioning and Compatibility*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Era {
    /// `initialize` and, over HTTP, sessions.
    Legacy,
    /// Stateless: each request carries its metadata.
    Modern,
}

impl ProtocolVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 5] = [
        Self::V2024_11_05,
        Self::V2025_03_26,
        Self::V2025_06_18,
        Self::V2025_11_25,
        Self::V2026_07_28,
    ];

    /// The version as it stands on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The version with this wire name, if the gateway knows it.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.name().as_bytes() == name)
    }

    /// The version with this number, if there is one.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| *version as u8 == number)
    }

    /// The family it belongs to.
    #[must_use]
    pub const fn era(self) -> Era {
        match self {
            Self::V2026_07_28 => Era::Modern,
            _ => Era::Legacy,
        }
    }

    /// Whether a client may send JSON-RPC batches (2025-03-26 only).
    #[must_use]
    pub const fn has_batches(self) -> bool {
        matches!(self, Self::V2025_03_26)
    }
}
