//! Files of age (age-encryption.org/v1) in two steps: the header, which costs two multiplications
//! on the curve for each recipient, is made ahead; the payload costs one pass of the cipher.
//!
//! Any implementation of age opens them. Keys are used once and forgotten.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Recipient;

/// The first line.
const VERSION: &str = "age-encryption.org/v1";
/// Purpose of the key that wraps the file's key.
const WRAP: &[u8] = b"age-encryption.org/v1/X25519";
/// Bytes of a file's key, and of the nonce before its payload.
const FILE_KEY_BYTES: usize = 16;
/// The base point of the curve (RFC 7748, section 4.1).
const BASE: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 9;
    point
};
/// Plain bytes of a chunk.
const CHUNK_BYTES: usize = 64 * 1024;

/// An age file without its payload.
pub struct Envelope {
    /// The header and the payload's nonce.
    head: Vec<u8>,
    /// The payload's key.
    key: Zeroizing<[u8; 32]>,
}

/// Why there is no envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEnvelope {
    /// A recipient's key is a point of small order: everybody could open the file.
    #[error("a recipient's key is none that anybody can have")]
    Recipient,
    /// Nobody is to open it.
    #[error("there is no recipient")]
    Nobody,
    /// A cipher refuses; it never does.
    #[error("the cipher refuses")]
    Cipher,
}

impl Envelope {
    /// Makes the header. `fill` gives random bytes.
    ///
    /// # Errors
    /// When a recipient's key can't be used, or there is no recipient.
    pub fn prepare(
        recipients: &[Recipient],
        fill: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Self, NoEnvelope> {
        if recipients.is_empty() {
            return Err(NoEnvelope::Nobody);
        }
        let mut file_key = Zeroizing::new([0; FILE_KEY_BYTES]);
        fill(&mut *file_key);
        let mut head = format!("{VERSION}\n");
        for recipient in recipients {
            let mut secret = Zeroizing::new([0; 32]);
            fill(&mut *secret);
            let share = x25519_dalek::x25519(*secret, BASE);
            let shared = Zeroizing::new(x25519_dalek::x25519(*secret, recipient.0));
            if *shared == [0; 32] {
                return Err(NoEnvelope::Recipient);
            }
            let salt = [share, recipient.0].concat();
            let key = derived(&*shared, &salt, WRAP)?;
            let cipher = ChaCha20Poly1305::new(&Key::from(*key));
            let wrapped = cipher.encrypt(&Nonce::default(), &file_key[..]);
            let wrapped = wrapped.map_err(|_| NoEnvelope::Cipher)?;
            head.push_str("-> X25519 ");
            STANDARD_NO_PAD.encode_string(share, &mut head);
            head.push('\n');
            // 43 characters, so the line is the last one of its stanza.
            STANDARD_NO_PAD.encode_string(wrapped, &mut head);
            head.push('\n');
        }
        head.push_str("---");
        let key = derived(&*file_key, &[], b"header")?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&*key).map_err(|_| NoEnvelope::Cipher)?;
        mac.update(head.as_bytes());
        head.push(' ');
        STANDARD_NO_PAD.encode_string(mac.finalize().into_bytes(), &mut head);
        head.push('\n');
        let mut nonce = [0; FILE_KEY_BYTES];
        fill(&mut nonce);
        let key = derived(&*file_key, &nonce, b"payload")?;
        let mut head = head.into_bytes();
        head.extend_from_slice(&nonce);
        Ok(Self { head, key })
    }

    /// The file with this payload.
    ///
    /// # Errors
    /// Never, as far as the cipher's bounds go: a payload of 2^104 bytes is out of reach.
    pub fn seal(self, payload: &[u8]) -> Result<Vec<u8>, NoEnvelope> {
        let cipher = ChaCha20Poly1305::new(&Key::from(*self.key));
        let mut file = self.head;
        file.reserve(
            payload
                .len()
                .saturating_add(payload.len() / 2048)
                .saturating_add(64),
        );
        let mut chunks = payload.chunks(CHUNK_BYTES).peekable();
        let mut number = 0_u64;
        loop {
            // An empty payload is one empty chunk, the last.
            let chunk = chunks.next().unwrap_or_default();
            let is_last = chunks.peek().is_none();
            let mut nonce = [0; 12];
            for (to, from) in nonce.iter_mut().skip(3).zip(number.to_be_bytes()) {
                *to = from;
            }
            if let Some(last) = nonce.last_mut() {
                *last = u8::from(is_last);
            }
            let sealed = cipher.encrypt(&Nonce::from(nonce), chunk);
            file.extend_from_slice(&sealed.map_err(|_| NoEnvelope::Cipher)?);
            if is_last {
                return Ok(file);
            }
            number = number.checked_add(1).ok_or(NoEnvelope::Cipher)?;
        }
    }
}

fn derived(secret: &[u8], salt: &[u8], purpose: &[u8]) -> Result<Zeroizing<[u8; 32]>, NoEnvelope> {
    let mut key = Zeroizing::new([0; 32]);
    let keys = Hkdf::<Sha256>::new(Some(salt), secret);
    keys.expand(purpose, &mut *key)
        .map_err(|_| NoEnvelope::Cipher)?;
    Ok(key)
}
