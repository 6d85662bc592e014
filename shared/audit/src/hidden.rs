//! Parameters of a call whose values the log does not tell, but can be held to.
//!
//! ```text
//! "params":{"to":"[REDACTED:email:salt=17]"},"params_masked":true,
//!     "commitments":[{"salt":17,"sha256":"..."}]
//! "params_omitted":"encrypted","sealed":"YWdlLWVuY3J5cHRpb24ub3Jn..."
//! ```
//!
//! A commitment is SHA-256 over the salt's 32 bytes and the value: a finding's text as a reader of
//! the parameters sees it, or the parameters as they came. What is sealed is a file of age in
//! base64: the parameters as they came, or a JSON array of findings' texts.

use crate::call::{splice_params, text};
use crate::json;

/// Parameters with values kept apart.
#[derive(Clone, Copy, Debug)]
pub struct Hidden<'a> {
    /// What is left of them, raw JSON; `None` when they are hidden as a whole.
    pub params: Option<&'a [u8]>,
    /// How they are hidden then: the name of a `Keeping`.
    pub keeping: &'static str,
    /// The salts' numbers, and the commitments.
    pub commitments: &'a [(u64, [u8; 32])],
    /// What is sealed, in base64; empty when nothing is.
    pub sealed: &'a str,
}

impl Hidden<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self.params {
            Some(params) => splice_params(params, b",\"params_masked\":true", out),
            None => text(b",\"params_omitted\":", self.keeping, out),
        }
        for (place, (salt, hash)) in self.commitments.iter().enumerate() {
            out.extend_from_slice(if place == 0 {
                b",\"commitments\":[{\"salt\":".as_slice()
            } else {
                b",{\"salt\":"
            });
            json::number(*salt, out);
            out.extend_from_slice(b",\"sha256\":\"");
            json::hex(hash, out);
            out.extend_from_slice(b"\"}");
        }
        if !self.commitments.is_empty() {
            out.push(b']');
        }
        if !self.sealed.is_empty() {
            out.extend_from_slice(b",\"sealed\":");
            json::string(self.sealed.as_bytes(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(hidden: Hidden<'_>) -> Value {
        let mut line = b"{\"kind\":\"call\"".to_vec();
        hidden.write(&mut line);
        line.push(b'}');
        serde_json::from_slice(&line).unwrap()
    }

    #[test]
    fn what_is_hidden_is_named_and_not_told() {
        let params = br#"{"to":"[REDACTED:email:salt=17]","cc":"[REDACTED:email:salt=18]"}"#;
        let some = read(Hidden {
            params: Some(params),
            keeping: "",
            commitments: &[(17, [0xab; 32]), (18, [0xcd; 32])],
            sealed: "",
        });
        let commitments = json!([{"salt": 17, "sha256": "ab".repeat(32)},
            {"salt": 18, "sha256": "cd".repeat(32)}]);
        assert_eq!(
            (&some["params_masked"], &some["commitments"]),
            (&json!(true), &commitments)
        );
        assert_eq!(some.get("sealed"), None);
        let all = read(Hidden {
            params: None,
            keeping: "encrypted",
            commitments: &[],
            sealed: "YWdl",
        });
        let expected = json!({"kind": "call", "params_omitted": "encrypted", "sealed": "YWdl"});
        assert_eq!(all, expected);
    }
}
