//! A person's consent: where their browser is sent, what comes back, and what is kept of it
//! (RFC 6749 section 4.1, PKCE of RFC 7636, RFC 8707, RFC 9207).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use varistor_identity::Owner;
use zeroize::Zeroizing;

use crate::metadata::Endpoints;
use crate::request::{Client, Form, Terms};

/// Random bytes of a verifier and of a state.
const RANDOM_BYTES: usize = 32;

/// One consent that is asked for.
pub struct Consent {
    /// Where the person's browser is sent.
    pub url: String,
    state: String,
    verifier: Zeroizing<String>,
    redirect: String,
    /// Who must have answered, where it says that it names itself.
    issuer: Option<String>,
    names_itself: bool,
}

/// What the browser brought back.
pub struct Granted {
    /// The code.
    pub code: Zeroizing<String>,
    /// What its challenge was made from.
    pub verifier: Zeroizing<String>,
    /// Where it came.
    pub redirect: String,
}

/// Why there is no consent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// People can't be asked there.
    #[error("the authorization server names no authorization_endpoint")]
    NoEndpoint,
    /// A code could be taken by somebody else.
    #[error(
        "the authorization server does not say that it knows PKCE with S256 \
         (code_challenge_methods_supported), so its codes are not safe"
    )]
    NoPkce,
    /// The system gives no random bytes.
    #[error("there are no random bytes")]
    NoRandom,
    /// It answers something else.
    #[error("the answer belongs to another login (state)")]
    State,
    /// Somebody else answers.
    #[error("the answer is of another authorization server (iss)")]
    Issuer,
    /// The person, or the server, said no.
    #[error("the authorization server refuses: {0}")]
    Refused(String),
    /// There is no code in it.
    #[error("the answer has no code")]
    NoCode,
}

impl Consent {
    /// A consent to be asked for, whose answer comes to `redirect`.
    ///
    /// # Errors
    /// When it can't be asked for safely.
    pub fn begin(
        at: &Endpoints,
        client: &Client,
        terms: &Terms,
        redirect: &str,
    ) -> Result<Self, ConsentError> {
        let endpoint = at.authorization.as_ref().ok_or(ConsentError::NoEndpoint)?;
        if !at.s256 {
            return Err(ConsentError::NoPkce);
        }
        let (state, verifier) = (random()?, Zeroizing::new(random()?));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let mut form = Form(Zeroizing::new(String::new()));
        form.field("response_type", "code");
        form.field("client_id", &client.id);
        form.field("redirect_uri", redirect);
        form.field("state", &state);
        form.field("code_challenge", &challenge);
        form.field("code_challenge_method", "S256");
        if !terms.scopes.is_empty() {
            form.field("scope", &terms.scopes.join(" "));
        }
        if let Some(resource) = &terms.resource {
            form.field("resource", resource);
        }
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(Self {
            url: format!("{endpoint}{joint}{}", form.0.as_str()),
            state,
            verifier,
            redirect: redirect.to_owned(),
            issuer: at.issuer.clone(),
            names_itself: at.names_itself,
        })
    }

    /// Reads the query that the browser came back with.
    ///
    /// # Errors
    /// Why it is no consent.
    pub fn answered(&self, query: &str) -> Result<Granted, ConsentError> {
        let field = |name: &str| {
            let mut found = query.split('&').filter_map(|pair| {
                let (key, value) = pair.split_once('=')?;
                (key == name).then(|| decoded(value))
            });
            let first = found.next().flatten();
            // Twice is for two readers.
            first.filter(|_| found.next().is_none())
        };
        let is_same = |one: &str, other: &str| Sha256::digest(one) == Sha256::digest(other);
        if !field("state").is_some_and(|state| is_same(&state, &self.state)) {
            return Err(ConsentError::State);
        }
        let named = field("iss");
        let is_right = match (&named, &self.issuer) {
            (None, _) => !self.names_itself,
            (Some(named), Some(issuer)) => named == issuer,
            (Some(_), None) => true,
        };
        if !is_right {
            return Err(ConsentError::Issuer);
        }
        if let Some(error) = field("error") {
            let word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
            return Err(ConsentError::Refused(
                error.chars().filter(word).take(64).collect(),
            ));
        }
        let code = field("code").filter(|code| !code.is_empty());
        Ok(Granted {
            code: Zeroizing::new(code.ok_or(ConsentError::NoCode)?),
            verifier: self.verifier.clone(),
            redirect: self.redirect.clone(),
        })
    }
}

fn random() -> Result<String, ConsentError> {
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
    getrandom::fill(&mut *bytes).map_err(|_| ConsentError::NoRandom)?;
    Ok(URL_SAFE_NO_PAD.encode(*bytes))
}

/// A value of a form; nothing where its escapes are none, or it is no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digits = core::str::from_utf8(&digits).ok()?;
                u8::from_str_radix(digits, 16).ok()?
            }
            other => other,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

/// What is kept of a login, sealed: whose it is, and how tokens are asked for without them.
#[derive(Clone)]
pub struct Login {
    /// The server that it is for.
    pub server: String,
    /// Whose account it is.
    pub owner: Owner,
    /// When they logged in, in seconds since 1970: another login is another one.
    pub since_unix_s: u64,
    /// Who gives the tokens.
    pub issuer: Option<String>,
    /// Where.
    pub token: String,
    /// How clients may show there who they are.
    pub auth_methods: Vec<String>,
    /// As whom they are asked for.
    pub client: Client,
    /// For what.
    pub terms: Terms,
    /// With what.
    pub refresh: Zeroizing<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Auth;

    fn begun(names_itself: bool) -> Consent {
        let at = Endpoints {
            issuer: Some("https://as.example".into()),
            authorization: Some("https://as.example/ask?a=1".into()),
            s256: true,
            names_itself,
            ..Endpoints::default()
        };
        let client = Client {
            id: "gate way".into(),
            secret: None,
            auth: Auth::Any,
        };
        let terms = Terms {
            scopes: vec!["a".into(), "b".into()],
            resource: Some("https://crm.example/mcp".into()),
            audience: None,
        };
        Consent::begin(&at, &client, &terms, "http://127.0.0.1:7/cb").unwrap()
    }

    #[test]
    fn a_browser_is_sent_with_a_challenge_and_never_with_what_it_is_made_from() {
        let consent = begun(false);
        for part in [
            "https://as.example/ask?a=1&response_type=code&client_id=gate%20way&",
            "&redirect_uri=http%3A%2F%2F127.0.0.1%3A7%2Fcb&",
            "&code_challenge_method=S256&scope=a%20b&resource=https%3A%2F%2Fcrm.example%2Fmcp",
        ] {
            assert!(consent.url.contains(part), "{}", consent.url);
        }
        assert!(!consent.url.contains(consent.verifier.as_str()));
        assert!(consent.verifier.len() >= 43 && consent.state != begun(false).state);
    }

    #[test]
    fn only_the_answer_to_this_consent_is_taken() {
        let consent = begun(true);
        let state = &consent.state;
        let issuer = "iss=https%3A%2F%2Fas.example";
        let good = consent.answered(&format!("code=a%2Bb&state={state}&{issuer}"));
        assert_eq!(&**good.ok().unwrap().code, "a+b");
        for (query, error) in [
            (format!("code=a&{issuer}"), ConsentError::State),
            (format!("code=a&state=x&{issuer}"), ConsentError::State),
            (
                format!("code=a&state={state}&state={state}&{issuer}"),
                ConsentError::State,
            ),
            (format!("code=a&state={state}"), ConsentError::Issuer),
            (
                format!("code=a&state={state}&iss=https%3A%2F%2Fother.example"),
                ConsentError::Issuer,
            ),
            (
                format!("error=access_denied&code=a&state={state}&{issuer}"),
                ConsentError::Refused("access_denied".into()),
            ),
            (
                format!("code=&state={state}&{issuer}"),
                ConsentError::NoCode,
            ),
            (
                format!("code=%zz&state={state}&{issuer}"),
                ConsentError::NoCode,
            ),
        ] {
            assert_eq!(consent.answered(&query).err(), Some(error), "{query}");
        }
        // A code without PKCE could be taken by whoever sees it.
        let plain = Endpoints {
            authorization: Some("https://as.example/ask".into()),
            ..Endpoints::default()
        };
        let client = Client {
            id: "a".into(),
            secret: None,
            auth: Auth::Any,
        };
        let refused = Consent::begin(&plain, &client, &Terms::default(), "http://127.0.0.1/");
        assert_eq!(refused.err(), Some(ConsentError::NoPkce));
    }
}
