//! Signature algorithms (RFC 7518 section 3.1, RFC 8037, RFC 9864). Those without a public key
//! (`none`, `HS256` and its like) have no name here, so that no policy can ask for them.

/// An algorithm by which a provider may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519, under its older name.
    EdDsa,
}

/// What a key is; every algorithm belongs to one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// RSA.
    Rsa,
    /// The curve P-256.
    P256,
    /// The curve P-384.
    P384,
    /// Ed25519.
    Ed25519,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// Its name in headers, key sets and policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name; `Ed25519` is the newer name of `EdDSA` (RFC 9864).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The algorithm of this number in a snapshot.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The kind of key that it needs.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 => Kind::Rsa,
            Self::Ps256 | Self::Ps384 | Self::Ps512 => Kind::Rsa,
            Self::Es256 => Kind::P256,
            Self::Es384 => Kind::P384,
            Self::EdDsa => Kind::Ed25519,
        }
    }

    /// Its number in a snapshot.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Rs256 => 0,
            Self::Rs384 => 1,
            Self::Rs512 => 2,
            Self::Ps256 => 3,
            Self::Ps384 => 4,
            Self::Ps512 => 5,
            Self::Es256 => 6,
            Self::Es384 => 7,
            Self::EdDsa => 8,
        }
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rsa, Self::P256, Self::P384, Self::Ed25519];

    /// Its number in a snapshot.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Rsa => 0,
            Self::P256 => 1,
            Self::P384 => 2,
            Self::Ed25519 => 3,
        }
    }

    /// The kind of this number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// A set of algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithms(u16);

impl Algorithms {
    /// What providers sign with unless policy says otherwise.
    pub const DEFAULT: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

    /// The bits of a snapshot.
    #[must_use]
    pub const fn of_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The bits for a snapshot.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether it is in the set.
    #[must_use]
    pub fn has(self, algorithm: Algorithm) -> bool {
        self.0 & bit(algorithm) != 0
    }
}

impl FromIterator<Algorithm> for Algorithms {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(all: I) -> Self {
        Self(all.into_iter().fold(0, |bits, one| bits | bit(one)))
    }
}

fn bit(algorithm: Algorithm) -> u16 {
    1_u16.checked_shl(algorithm.number().into()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lead_back_to_their_algorithm() {
        for one in Algorithm::ALL {
            assert_eq!(Algorithm::named(one.name()), Some(one));
            assert_eq!(Algorithm::numbered(one.number()), Some(one));
            assert!(Algorithms::from_iter([one]).has(one));
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::numbered(kind.number()), Some(kind));
        }
        assert_eq!(Algorithm::named("Ed25519"), Some(Algorithm::EdDsa));
    }

    #[test]
    fn what_needs_no_public_key_has_no_name() {
        for name in [
            "none", "None", "NONE", "HS256", "HS384", "HS512", "dir", "A128KW", "rs256", "",
        ] {
            assert_eq!(Algorithm::named(name), None, "{name}");
        }
    }
}
