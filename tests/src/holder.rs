//! A client with a key of its own, which proves with each request that it holds it (RFC 9449).

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Agent;
use crate::issuer::now_s;

/// See the module.
pub struct Holder {
    key: SigningKey,
    proofs: AtomicU64,
}

impl Holder {
    /// One whose key comes from this seed.
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_bytes(&[seed; 32]),
            proofs: AtomicU64::new(0),
        }
    }

    /// What a token is bound to it by.
    pub fn confirmation(&self) -> Value {
        let jwk = self.jwk();
        let text = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":{}}}"#, jwk["x"]);
        json!({"jkt": URL_SAFE_NO_PAD.encode(Sha256::digest(text))})
    }

    fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "x": x})
    }

    /// A proof for a POST of this agent, changed.
    pub fn proof(&self, agent: &Agent, change: impl FnOnce(&mut Value)) -> String {
        let number = self.proofs.fetch_add(1, Ordering::SeqCst);
        let header = json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": self.jwk()});
        let mut claims = json!({"jti": format!("p{number}"), "htm": "POST", "iat": now_s(),
            "htu": format!("http://{}{}", agent.address, agent.path),
            "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(&agent.token))});
        change(&mut claims);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.key.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The bytes of a request, with its token presented as one that is bound to a key.
pub fn bound(request: &[u8], proof: Option<&str>) -> Vec<u8> {
    let text = String::from_utf8(request.to_vec()).expect("text");
    let shown = proof.map_or_else(String::new, |proof| format!("DPoP: {proof}\r\n"));
    let text = text.replacen("Authorization: Bearer ", "Authorization: DPoP ", 1);
    text.replacen("Accept: ", &format!("{shown}Accept: "), 1)
        .into_bytes()
}
