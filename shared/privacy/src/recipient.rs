//! Public keys of auditors: recipients of age, `age1` and 58 more characters (Bech32, BIP 173).

use core::fmt;
use core::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};

/// What a recipient of the kind X25519 begins with.
const PREFIX: &str = "age";

/// An X25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient(pub [u8; 32]);

/// Why a text is no recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no recipient of age of the kind X25519: expected age1 and 58 more characters")]
pub struct NoRecipient;

impl FromStr for Recipient {
    type Err = NoRecipient;

    fn from_str(text: &str) -> Result<Self, NoRecipient> {
        let checked = CheckedHrpstring::new::<Bech32>(text.trim()).map_err(|_| NoRecipient)?;
        if checked.hrp().as_str() != PREFIX {
            return Err(NoRecipient);
        }
        let mut key = [0; 32];
        let mut bytes = checked.byte_iter();
        for byte in &mut key {
            *byte = bytes.next().ok_or(NoRecipient)?;
        }
        match bytes.next() {
            None => Ok(Self(key)),
            Some(_) => Err(NoRecipient),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = bech32::encode::<Bech32>(Hrp::parse_unchecked(PREFIX), &self.0);
        f.write_str(&text.map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of age's README.
    const KEY: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    #[test]
    fn a_recipient_is_read_as_it_is_written() {
        let key: Recipient = format!(" {KEY}\n").parse().unwrap();
        assert_eq!(key.to_string(), KEY);
    }

    #[test]
    fn other_texts_are_none() {
        let longer = bech32::encode::<Bech32>(Hrp::parse_unchecked("age"), &[1; 33]).unwrap();
        let other = bech32::encode::<Bech32>(Hrp::parse_unchecked("agf"), &[1; 32]).unwrap();
        let changed = KEY.replace("ql3z", "ql3y");
        let secret = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";
        for text in [
            "",
            "age1",
            secret,
            &longer,
            &other,
            &changed,
            "ssh-ed25519 AAAA",
        ] {
            assert_eq!(text.parse::<Recipient>(), Err(NoRecipient), "{text}");
        }
    }
}
