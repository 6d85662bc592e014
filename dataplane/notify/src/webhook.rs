//! Generic webhooks, as the Standard Webhooks specification says: a JSON body with `type`,
//! `timestamp` and `data`, signed together with its id and the time of the attempt.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::channel::Signing;
use crate::message::{Message, time};

/// The JSON document.
pub(crate) fn body(message: &Message) -> Vec<u8> {
    let mut data = Map::new();
    for (name, fact) in message.facts() {
        data.insert(name.to_owned(), Value::from(fact));
    }
    if let Some(record) = message.record() {
        data.insert("record".to_owned(), Value::from(record));
    }
    data.insert("count".to_owned(), Value::from(message.count));
    data.insert("first".to_owned(), Value::from(time(message.first_unix_ms)));
    data.insert("last".to_owned(), Value::from(time(message.last_unix_ms)));
    data.insert("id".to_owned(), Value::from(message.id.as_str()));
    json!({
        "type": format!("varistor.{}", message.kind),
        "timestamp": time(message.last_unix_ms),
        "data": data,
    })
    .to_string()
    .into_bytes()
}

/// The three header fields.
pub(crate) fn fields(
    signing: &Signing,
    id: &str,
    now_s: u64,
    body: &[u8],
) -> [(&'static str, String); 3] {
    [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now_s.to_string()),
        ("webhook-signature", signature(signing, id, now_s, body)),
    ]
}

fn signature(signing: &Signing, id: &str, now_s: u64, body: &[u8]) -> String {
    // Keys of every length are taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(signing.key()) else {
        return String::new();
    };
    mac.update(format!("{id}.{now_s}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The example of the reference libraries.
        let signing = Signing::read(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert_eq!(
            signature(&signing, id, 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
