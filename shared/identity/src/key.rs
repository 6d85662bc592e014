//! A provider's public key, and what it has signed.
//!
//! A key belongs to one kind of algorithm, or to one algorithm if its set says so; with any other
//! it verifies nothing (RFC 8725 section 3.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use sha2::{Digest as _, Sha256};

use crate::algorithm::{Algorithm, Kind};
use crate::bounds::{KEY_ID_BYTES_MAX, RSA_BITS_MAX, RSA_BITS_MIN};

/// What a key is recognised by: a hash of all of it.
pub type KeyName = [u8; 16];

/// A key by which a provider signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    id: String,
    only: Option<Algorithm>,
    public: Public,
    name: KeyName,
}

/// The public part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    /// What it is.
    pub kind: Kind,
    /// The modulus of RSA, the uncompressed point of a curve (with its leading 4), the 32 bytes of
    /// Ed25519.
    pub bytes: Vec<u8>,
    /// The exponent of RSA; else empty.
    pub exponent: Vec<u8>,
}

impl Public {
    /// The SHA-256 thumbprint of the key (RFC 7638 section 3).
    pub(crate) fn thumbprint(&self) -> [u8; 32] {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let curve = |name: &str| {
            let both = self.bytes.get(1..).unwrap_or_default();
            let (x, y) = both.split_at(both.len() / 2);
            let (x, y) = (text(x), text(y));
            format!(r#"{{"crv":"{name}","kty":"EC","x":"{x}","y":"{y}"}}"#)
        };
        let members = match self.kind {
            Kind::Rsa => {
                let (e, n) = (text(&self.exponent), text(&self.bytes));
                format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
            }
            Kind::P256 => curve("P-256"),
            Kind::P384 => curve("P-384"),
            Kind::Ed25519 => {
                let x = text(&self.bytes);
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
            }
        };
        Sha256::digest(members).into()
    }
}

impl Key {
    /// A key of this id, for one algorithm or for all of its kind.
    ///
    /// # Errors
    /// Why it is not used, for a person.
    pub fn new(
        id: impl Into<String>,
        only: Option<Algorithm>,
        public: Public,
    ) -> Result<Self, &'static str> {
        let id = id.into();
        if id.is_empty() || id.len() > KEY_ID_BYTES_MAX {
            return Err("its `kid` is missing or longer than 256 bytes");
        }
        if only.is_some_and(|only| only.kind() != public.kind) {
            return Err("its `alg` is not one of its kind");
        }
        check(&public)?;
        let mut hash = Sha256::new();
        hash.update([public.kind.number(), only.map_or(255, Algorithm::number)]);
        for part in [id.as_bytes(), &public.bytes, &public.exponent] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        let hash = hash.finalize();
        let name = hash.first_chunk().copied().unwrap_or_default();
        Ok(Self {
            id,
            only,
            public,
            name,
        })
    }

    /// Its `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The only algorithm that it is for, when its set says so.
    #[must_use]
    pub const fn only(&self) -> Option<Algorithm> {
        self.only
    }

    /// Its public part.
    #[must_use]
    pub const fn public(&self) -> &Public {
        &self.public
    }

    /// What it is recognised by.
    #[must_use]
    pub const fn name(&self) -> KeyName {
        self.name
    }

    /// Whether tokens of this algorithm may be signed by it.
    #[must_use]
    pub fn is_for(&self, algorithm: Algorithm) -> bool {
        self.public.kind == algorithm.kind() && self.only.is_none_or(|only| only == algorithm)
    }

    /// Whether it has signed this.
    pub(crate) fn has_signed(
        &self,
        algorithm: Algorithm,
        (signed, signature): (&[u8], &[u8]),
    ) -> bool {
        if !self.is_for(algorithm) {
            return false;
        }
        let rsa = |with: &RsaParameters| {
            let key = RsaPublicKeyComponents {
                n: &self.public.bytes,
                e: &self.public.exponent,
            };
            key.verify(with, signed, signature).is_ok()
        };
        let point = |with: &'static dyn VerificationAlgorithm| {
            let key = UnparsedPublicKey::new(with, &self.public.bytes);
            key.verify(signed, signature).is_ok()
        };
        match algorithm {
            Algorithm::Rs256 => rsa(&RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => rsa(&RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => rsa(&RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => rsa(&RSA_PSS_2048_8192_SHA256),
            Algorithm::Ps384 => rsa(&RSA_PSS_2048_8192_SHA384),
            Algorithm::Ps512 => rsa(&RSA_PSS_2048_8192_SHA512),
            Algorithm::Es256 => point(&ECDSA_P256_SHA256_FIXED),
            Algorithm::Es384 => point(&ECDSA_P384_SHA384_FIXED),
            Algorithm::EdDsa => point(&ED25519),
        }
    }
}

fn check(public: &Public) -> Result<(), &'static str> {
    let curve = |half: usize| {
        let is_point = public.bytes.first() == Some(&4)
            && public.bytes.len() == half.saturating_mul(2).saturating_add(1);
        (is_point && public.exponent.is_empty()).then_some(())
    };
    match public.kind {
        Kind::Rsa => rsa(public),
        Kind::P256 => curve(32).ok_or("its point is not one of P-256"),
        Kind::P384 => curve(48).ok_or("its point is not one of P-384"),
        Kind::Ed25519 if public.bytes.len() == 32 && public.exponent.is_empty() => Ok(()),
        Kind::Ed25519 => Err("it has not the 32 bytes of Ed25519"),
    }
}

fn rsa(public: &Public) -> Result<(), &'static str> {
    let (Some(first), Some(last)) = (public.bytes.first(), public.bytes.last()) else {
        return Err("its modulus is missing");
    };
    let unused = usize::try_from(first.leading_zeros()).unwrap_or(0);
    let bits = public.bytes.len().saturating_mul(8).saturating_sub(unused);
    if *first == 0 || last & 1 == 0 || !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
        return Err("its modulus is not an odd number of 2048 to 4096 bits");
    }
    let exponent = public.exponent.as_slice();
    let is_odd = exponent.last().is_some_and(|last| last & 1 == 1);
    let is_one = exponent == [1];
    if !is_odd || is_one || exponent.first() == Some(&0) || exponent.len() > 4 {
        return Err("its exponent is not an odd number of 3 to 32 bits");
    }
    Ok(())
}
