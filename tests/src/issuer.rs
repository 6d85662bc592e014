//! An identity provider: publishes metadata and keys on a free port, signs access tokens, changes
//! its keys when it is told to, and counts how often it is asked.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

/// What its tokens are for, unless a test says something else.
pub const AUDIENCE: &str = "https://gateway.test";

/// See the module.
pub struct Issuer {
    address: String,
    state: Arc<State>,
    tokens: AtomicU64,
}

struct State {
    /// Those that it publishes; it signs with the last one.
    keys: Mutex<Vec<(String, SigningKey)>>,
    /// How often its key set was asked for.
    asked: AtomicU64,
}

impl Issuer {
    /// Starts it with one key.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let state = Arc::new(State {
            keys: Mutex::new(vec![key("k1")]),
            asked: AtomicU64::new(0),
        });
        let (of_thread, issuer) = (Arc::clone(&state), format!("http://{address}"));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &of_thread, &issuer);
            }
        });
        Self {
            address,
            state,
            tokens: AtomicU64::new(0),
        }
    }

    /// Its name as an issuer.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often its key set was asked for.
    pub fn asked(&self) -> u64 {
        self.state.asked.load(Ordering::SeqCst)
    }

    /// Signs with a new key of this id from now on; publishes the last `keep` old ones as well.
    pub fn rotate(&self, id: &str, keep: usize) {
        let mut keys = self.state.keys.lock().expect("no panic");
        let old = keys.len().saturating_sub(keep);
        keys.drain(..old);
        keys.push(key(id));
    }

    /// A token that is good for the usual policy, with a `jti` of its own.
    pub fn token(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let keys = self.state.keys.lock().expect("no panic");
        let (id, key) = keys.last().expect("a key");
        let number = self.tokens.fetch_add(1, Ordering::SeqCst);
        let now = now_s();
        let mut header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": id});
        let mut claims = json!({"iss": self.url(), "aud": AUDIENCE, "sub": "user-7",
            "client_id": "portal", "jti": format!("t{number}"), "iat": now, "exp": now + 300,
            "groups": ["everybody"]});
        change(&mut header, &mut claims);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = key.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Its key set.
    pub fn key_set(&self) -> Value {
        self.state.key_set()
    }
}

/// Seconds since 1970.
pub fn now_s() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a clock").as_secs()
}

impl State {
    fn key_set(&self) -> Value {
        let keys = self.keys.lock().expect("no panic");
        let rows = keys.iter().map(|(id, key)| {
            let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": id, "x": x})
        });
        json!({"keys": rows.collect::<Vec<_>>()})
    }
}

/// Another id is another key.
fn key(id: &str) -> (String, SigningKey) {
    let mut seed = [7; 32];
    for (byte, with) in seed.iter_mut().zip(id.bytes()) {
        *byte = with;
    }
    (id.to_owned(), SigningKey::from_bytes(&seed))
}

fn serve(mut stream: TcpStream, state: &State, issuer: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let (status, body) = match head.split(' ').nth(1).unwrap_or_default() {
        // Only the second of the two places where it may be.
        "/.well-known/oauth-authorization-server" => (
            200,
            json!({"issuer": issuer, "jwks_uri": format!("{issuer}/jwks")}),
        ),
        "/jwks" => {
            state.asked.fetch_add(1, Ordering::SeqCst);
            (200, state.key_set())
        }
        _ => (404, json!({})),
    };
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    // Whoever has asked may be gone.
    let _ = stream.write_all(answer.as_bytes());
}
