//! A provider that signs, well or badly, and the policy that trusts it.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use varistor_identity::{
    Algorithm, Algorithms, Audience, KeyRing, KeySet, Provider, Refused, Source, verify,
};
use varistor_token::Verified;

/// The time at which tokens are looked at.
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://id.acme.example";
pub(crate) const AUDIENCE: &str = "https://mcp.acme.example";

/// Made for these tests with `openssl genpkey`; it guards nothing.
const RSA: &[u8] = include_bytes!("rsa.pk8");

/// Something that signs.
pub(crate) enum Signer {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::from_pkcs8(RSA).unwrap())
    }

    pub(crate) fn p256() -> Self {
        let random = SystemRandom::new();
        let with = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(with, &random).unwrap();
        Self::P256(EcdsaKeyPair::from_pkcs8(with, made.as_ref(), &random).unwrap())
    }

    pub(crate) fn ed25519(seed: u8) -> Self {
        Self::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    pub(crate) fn alg(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::P256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    pub(crate) fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(key) => {
                let parts: PublicKeyComponents<Vec<u8>> = key.public_key().into();
                json!({"kty": "RSA", "kid": kid, "use": "sig", "n": text(&parts.n),
                    "e": text(&parts.e)})
            }
            Self::P256(key) => {
                let point = key.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": text(&point[1..33]),
                    "y": text(&point[33..])})
            }
            Self::Ed25519(key) => {
                let x = text(key.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x})
            }
        }
    }

    /// The signature; of RSA by PSS where `alg` says so.
    pub(crate) fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let done = match alg {
                    "PS256" => key.sign(&RSA_PSS_SHA256, &random, message, &mut signature),
                    _ => key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature),
                };
                done.unwrap();
                signature
            }
            Self::P256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with this header and these claims, as texts.
    pub(crate) fn token_of(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", text(header.as_bytes()), text(claims.as_bytes()));
        let alg = serde_json::from_str::<Value>(header).unwrap_or_default();
        let alg = alg["alg"].as_str().unwrap_or_default().to_owned();
        let signature = text(&self.sign(&alg, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// A good token, changed.
    pub(crate) fn token(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = json!({"alg": self.alg(), "typ": "at+jwt", "kid": "k1"});
        let mut claims = claims();
        change(&mut header, &mut claims);
        self.token_of(&header.to_string(), &claims.to_string())
    }
}

pub(crate) fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "user-7", "client_id": "ci-bot",
        "jti": "t-1", "iat": NOW - 10, "exp": NOW + 300})
}

pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn provider() -> Provider {
    Provider {
        name: "corp".into(),
        issuer: ISSUER.into(),
        audiences: vec![Audience {
            name: AUDIENCE.into(),
            server: None,
        }],
        algorithms: Algorithms::from_iter(Algorithms::DEFAULT),
        takes_plain: false,
        needs_proof: false,
        skew_s: 60,
        scopes: Vec::new(),
        organisation: Source::Fixed("acme".into()),
        team: None,
        agent: claim("client_id", None),
        roles: Vec::new(),
    }
}

pub(crate) fn claim(path: &str, map: Option<&[(&str, &str)]>) -> Source {
    Source::Claim {
        path: varistor_identity::path_of(path).unwrap(),
        map: map.map(|rows| {
            let rows = rows.iter();
            rows.map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
                .collect::<BTreeMap<_, _>>()
        }),
    }
}

pub(crate) fn ring(keys: &[Value]) -> KeyRing {
    let set = json!({"keys": keys}).to_string();
    KeyRing::of(KeySet::read(set.as_bytes()).unwrap().keys)
}

/// What becomes of a token before this provider with these keys.
pub(crate) fn judge(token: &str, provider: &Provider, keys: &[Value]) -> Result<Verified, Refused> {
    let ring = Arc::new(ring(keys));
    let all = std::slice::from_ref(provider);
    let of = |_| Some(Arc::clone(&ring));
    verify(token.as_bytes(), all, of, (NOW, &mut None))
}

/// The same with `k1` as the only key, of the usual provider.
pub(crate) fn usual(token: &str, signer: &Signer) -> Result<Verified, Refused> {
    judge(token, &provider(), &[signer.jwk("k1")])
}

/// With all algorithms that there are.
pub(crate) fn lenient() -> Provider {
    Provider {
        algorithms: Algorithms::from_iter(Algorithm::ALL),
        ..provider()
    }
}
