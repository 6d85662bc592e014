//! Requests to a token endpoint (RFC 6749 sections 2.3.1, 4.1.3, 4.4 and 6; RFC 8707; RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// What kind of token is exchanged, and for which (RFC 8693 section 3).
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The gateway, as an authorization server knows it.
#[derive(Clone)]
pub struct Client {
    /// Its name there.
    pub id: String,
    /// What only the two know.
    pub secret: Option<Zeroizing<String>>,
    /// How it says so.
    pub auth: Auth,
}

/// How a client shows who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Basic`, unless metadata says that only the other way is known.
    Any,
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
}

/// What a token is asked for with.
#[derive(Clone, Copy)]
pub enum Grant<'a> {
    /// The client's own right.
    ClientCredentials,
    /// What a token of before came with.
    RefreshToken(&'a str),
    /// A token of whoever calls (RFC 8693 section 2.1).
    TokenExchange(&'a str),
    /// What a person's consent came with.
    Code {
        /// The code itself.
        code: &'a str,
        /// What its challenge was made from.
        verifier: &'a str,
        /// Where it came.
        redirect: &'a str,
    },
}

/// What a token is to be for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What it may do; empty: what the authorization server thinks right.
    pub scopes: Vec<String>,
    /// The server that it is for.
    pub resource: Option<String>,
    /// The server by the name that the authorization server knows it by (RFC 8693 section 2.1).
    pub audience: Option<String>,
}

/// A request, to be posted as `application/x-www-form-urlencoded`.
pub struct Request {
    /// The value of `Authorization`.
    pub authorization: Option<Zeroizing<String>>,
    /// The body.
    pub body: Zeroizing<String>,
}

/// A request for a token. `methods` is what the authorization server says that it knows.
#[must_use]
pub fn request(client: &Client, methods: &[String], grant: Grant<'_>, terms: &Terms) -> Request {
    // Room for all of it: what grows leaves copies behind. An escape is three bytes.
    let secret = client.secret.as_deref().map_or("", String::as_str);
    let named = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let (resource, audience) = (named(&terms.resource), named(&terms.audience));
    let texts = [secret, &client.id, &resource, &audience];
    let known = texts
        .into_iter()
        .chain(terms.scopes.iter().map(String::as_str));
    let known = known.chain(grant.texts());
    let room = known.fold(512_usize, |sum, text| {
        sum.saturating_add(text.len().saturating_mul(3))
    });
    let mut form = Form(Zeroizing::new(String::with_capacity(room)));
    form.field("grant_type", grant.name());
    match grant {
        Grant::ClientCredentials => {}
        Grant::RefreshToken(token) => form.field("refresh_token", token),
        Grant::TokenExchange(token) => {
            form.field("subject_token", token);
            form.field("subject_token_type", ACCESS_TOKEN);
            form.field("requested_token_type", ACCESS_TOKEN);
        }
        Grant::Code {
            code,
            verifier,
            redirect,
        } => {
            form.field("code", code);
            form.field("code_verifier", verifier);
            form.field("redirect_uri", redirect);
        }
    }
    // The scopes of a code were said when it was asked for.
    if !terms.scopes.is_empty() && !matches!(grant, Grant::Code { .. }) {
        form.field("scope", &terms.scopes.join(" "));
    }
    if let Some(resource) = &terms.resource {
        form.field("resource", resource);
    }
    if let Some(audience) = &terms.audience {
        form.field("audience", audience);
    }
    let authorization = match &client.secret {
        Some(secret) if client.auth.is_basic(methods) => {
            let mut pair = Form(Zeroizing::new(String::with_capacity(room)));
            pair.escaped(&client.id);
            pair.0.push(':');
            pair.escaped(secret);
            let encoded = Zeroizing::new(STANDARD.encode(pair.0.as_bytes()));
            Some(Zeroizing::new(["Basic ", encoded.as_str()].concat()))
        }
        Some(secret) => {
            form.field("client_id", &client.id);
            form.field("client_secret", secret);
            None
        }
        None => {
            form.field("client_id", &client.id);
            None
        }
    };
    Request {
        authorization,
        body: form.0,
    }
}

impl Auth {
    fn is_basic(self, methods: &[String]) -> bool {
        let knows = |name: &str| methods.iter().any(|method| method == name);
        match self {
            Self::Basic => true,
            Self::Post => false,
            Self::Any => knows("client_secret_basic") || !knows("client_secret_post"),
        }
    }
}

impl<'a> Grant<'a> {
    const fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken(_) => "refresh_token",
            Self::TokenExchange(_) => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::Code { .. } => "authorization_code",
        }
    }

    fn texts(&self) -> [&'a str; 3] {
        match *self {
            Self::ClientCredentials => ["", "", ""],
            Self::RefreshToken(token) | Self::TokenExchange(token) => [token, "", ""],
            Self::Code {
                code,
                verifier,
                redirect,
            } => [code, verifier, redirect],
        }
    }
}

/// A form, as it is written.
pub(crate) struct Form(pub(crate) Zeroizing<String>);

impl Form {
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        self.escaped(value);
    }

    /// As RFC 6749 appendix B says; a blank as `%20`, which every reader takes for one.
    fn escaped(&mut self, text: &str) {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
        ];
        let digit = |number: u8| DIGITS.get(usize::from(number)).copied().unwrap_or('0');
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                self.0.push('%');
                self.0.push(digit(byte >> 4));
                self.0.push(digit(byte & 15));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(auth: Auth) -> Client {
        Client {
            id: "gate way".into(),
            secret: Some(Zeroizing::new("a:b&c=ü".into())),
            auth,
        }
    }

    #[test]
    fn a_client_shows_who_it_is_in_the_way_that_is_known() {
        let terms = Terms {
            scopes: vec!["mcp:read".into(), "x".into()],
            resource: Some("https://a.example/mcp".into()),
            audience: None,
        };
        let common = "grant_type=client_credentials&scope=mcp%3Aread%20x\
                      &resource=https%3A%2F%2Fa.example%2Fmcp";
        let post = ["client_secret_post".to_owned()];
        for (auth, methods, basic) in [
            (Auth::Any, &[][..], true),
            (Auth::Any, &post[..], false),
            (Auth::Basic, &post[..], true),
            (Auth::Post, &[][..], false),
        ] {
            let sent = request(&client(auth), methods, Grant::ClientCredentials, &terms);
            let authorization = sent.authorization.as_deref().map(String::as_str);
            let encoded = STANDARD.encode("gate%20way:a%3Ab%26c%3D%C3%BC");
            let expected = format!("Basic {encoded}");
            let secret = "&client_id=gate%20way&client_secret=a%3Ab%26c%3D%C3%BC";
            match basic {
                true => assert_eq!(authorization, Some(expected.as_str())),
                false => assert_eq!(authorization, None),
            }
            let behind = if basic { "" } else { secret };
            assert_eq!(*sent.body, format!("{common}{behind}"));
        }
    }

    /// The parameters of RFC 8693 section 2.1.
    #[test]
    fn a_token_of_a_caller_is_exchanged_for_one_that_is_for_a_server() {
        let terms = Terms {
            audience: Some("crm".into()),
            ..Terms::default()
        };
        let grant = Grant::TokenExchange("e30.e30.c2ln");
        let sent = request(&client(Auth::Basic), &[], grant, &terms);
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token";
        let expected = [
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange",
            "&subject_token=e30.e30.c2ln&subject_token_type=",
            kind,
            "&requested_token_type=",
            kind,
            "&audience=crm",
        ];
        assert_eq!(*sent.body, expected.concat());
    }

    #[test]
    fn a_client_without_a_secret_only_says_its_name() {
        let public = Client {
            secret: None,
            ..client(Auth::Any)
        };
        let sent = request(&public, &[], Grant::RefreshToken("r/1"), &Terms::default());
        assert!(sent.authorization.is_none());
        assert_eq!(
            *sent.body,
            "grant_type=refresh_token&refresh_token=r%2F1&client_id=gate%20way"
        );
    }
}
