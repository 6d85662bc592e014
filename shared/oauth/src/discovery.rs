//! Where tokens come from: the token endpoint that policy names, the metadata of the issuer that it
//! names (RFC 8414), or what the server itself says (RFC 9728).
//!
//! A client's secret goes to nobody whom only the server has named: where policy names no issuer,
//! the authorization server must be of the server's own origin. Another one is an error that says
//! what to write into the policy.

use crate::challenge::resource_metadata;
use crate::metadata::{self, Endpoints, Wrong};
use crate::url::{is_secure, origin, path, well_known};

/// Where policy says that tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// From this endpoint.
    Token(String),
    /// From this issuer.
    Issuer(String),
    /// From whom the server at this URL names, when that is its own origin.
    Server(String),
    /// From whom the server at this URL names; a person looks at who that is.
    Anybody(String),
}

/// What to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Post something harmless there, without a token: `WWW-Authenticate` of the answer counts.
    Challenge(String),
    /// Get this document of the server.
    Resource(String),
    /// Get this document of an authorization server.
    Issuer(String),
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask this, and say what comes back.
    Ask(Ask),
    /// Here they are.
    Found(Box<Endpoints>),
}

/// Why nobody knows where tokens come from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// It answered with something else.
    #[error("{url} answered with status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The status.
        status: u16,
    },
    /// What it says can't be used.
    #[error("{url}: {why}")]
    Document {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        why: Wrong,
    },
    /// It is somebody else.
    #[error(
        "the server names the authorization server {0:?}, which is of another origin; if the \
         client is registered there, say `issuer: {0}` in the policy"
    )]
    Foreign(String),
    /// It can't be asked.
    #[error("{0:?} is no https URL")]
    Place(String),
}

/// One search.
#[derive(Clone, Debug)]
pub struct Discovery {
    step: Step,
    /// What is asked at the moment, and where else it may be, the next one last.
    ask: Ask,
    others: Vec<String>,
    /// What the server said.
    resource: Option<String>,
    scopes: Vec<String>,
    takes_anybody: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Challenge { server: String },
    Resource { server: String },
    Issuer { issuer: String },
}

impl Discovery {
    /// Begins.
    ///
    /// # Errors
    /// When what policy names can't be asked.
    pub fn begin(place: &Place) -> Result<(Self, Next), DiscoveryError> {
        let (Place::Token(url) | Place::Issuer(url) | Place::Server(url) | Place::Anybody(url)) =
            place;
        if !is_secure(url) {
            return Err(DiscoveryError::Place(url.clone()));
        }
        let mut this = Self {
            step: Step::Challenge {
                server: url.clone(),
            },
            ask: Ask::Challenge(url.clone()),
            others: Vec::new(),
            resource: None,
            scopes: Vec::new(),
            takes_anybody: matches!(place, Place::Anybody(_)),
        };
        let next = match place {
            Place::Token(url) => Next::Found(Box::new(Endpoints {
                token: url.clone(),
                ..Endpoints::default()
            })),
            Place::Issuer(issuer) => this.issuer(issuer.clone())?,
            Place::Server(_) | Place::Anybody(_) => Next::Ask(this.ask.clone()),
        };
        Ok((this, next))
    }

    /// Takes the answer: its status, its `WWW-Authenticate` and its body.
    ///
    /// # Errors
    /// When there is nothing more to ask.
    pub fn answered(
        &mut self,
        status: u16,
        challenge: Option<&str>,
        body: &[u8],
    ) -> Result<Next, DiscoveryError> {
        match (self.step.clone(), status) {
            (Step::Challenge { server }, _) => {
                let named = (status == 401)
                    .then(|| challenge.and_then(resource_metadata))
                    .flatten()
                    .filter(|url| is_secure(url) && origin(url) == origin(&server));
                let places = match named {
                    Some(url) => vec![url.to_owned()],
                    None => resource_places(&server),
                };
                self.step = Step::Resource { server };
                self.next(places)
            }
            (_, 400..=499) if !self.others.is_empty() => {
                let others = core::mem::take(&mut self.others);
                self.next(others)
            }
            (Step::Resource { server }, 200) => {
                let found = metadata::resource(&server, body).map_err(|why| self.wrong(why))?;
                let own = |issuer: &&String| origin(issuer) == origin(&server);
                let chosen = match self.takes_anybody {
                    true => found.issuers.first(),
                    false => found.issuers.iter().find(own),
                };
                let Some(issuer) = chosen.cloned() else {
                    let foreign = found.issuers.into_iter().next().unwrap_or_default();
                    return Err(DiscoveryError::Foreign(foreign));
                };
                (self.resource, self.scopes) = (Some(found.name), found.scopes);
                self.issuer(issuer)
            }
            (Step::Issuer { issuer }, 200) => {
                let found = metadata::endpoints(&issuer, body).map_err(|why| self.wrong(why))?;
                Ok(Next::Found(Box::new(Endpoints {
                    resource: self.resource.take(),
                    scopes: core::mem::take(&mut self.scopes),
                    ..found
                })))
            }
            _ => Err(DiscoveryError::Status {
                url: self.url().to_owned(),
                status,
            }),
        }
    }

    fn issuer(&mut self, issuer: String) -> Result<Next, DiscoveryError> {
        let places = issuer_places(&issuer);
        self.step = Step::Issuer { issuer };
        self.next(places)
    }

    /// Goes on with the first of these; the others are for when there is nothing.
    fn next(&mut self, mut places: Vec<String>) -> Result<Next, DiscoveryError> {
        let url = self.url().to_owned();
        let first = (!places.is_empty()).then(|| places.remove(0));
        let first = first.ok_or(DiscoveryError::Place(url))?;
        self.ask = match self.step {
            Step::Issuer { .. } => Ask::Issuer(first),
            Step::Challenge { .. } | Step::Resource { .. } => Ask::Resource(first),
        };
        self.others = places;
        Ok(Next::Ask(self.ask.clone()))
    }

    fn url(&self) -> &str {
        let (Ask::Challenge(url) | Ask::Resource(url) | Ask::Issuer(url)) = &self.ask;
        url
    }

    fn wrong(&self, why: Wrong) -> DiscoveryError {
        DiscoveryError::Document {
            url: self.url().to_owned(),
            why,
        }
    }
}

/// Where a resource's metadata may be: RFC 9728 section 3.1, then that of the whole origin.
fn resource_places(server: &str) -> Vec<String> {
    const KIND: &str = "oauth-protected-resource";
    let path = path(server).unwrap_or_default().trim_end_matches('/');
    let mut places: Vec<_> = well_known(server, KIND, path).into_iter().collect();
    if !path.is_empty() {
        places.extend(well_known(server, KIND, ""));
    }
    places
}

/// Where an issuer's metadata may be, in the order that MCP (2025-11-25, Authorization) says: RFC
/// 8414, then OpenID Connect Discovery in both of its forms.
fn issuer_places(issuer: &str) -> Vec<String> {
    let path = path(issuer).unwrap_or_default().trim_end_matches('/');
    let oauth = well_known(issuer, "oauth-authorization-server", path);
    let inserted = well_known(issuer, "openid-configuration", path);
    let mut places: Vec<_> = oauth.into_iter().chain(inserted).collect();
    if !path.is_empty() {
        let issuer = issuer.trim_end_matches('/');
        places.push(format!("{issuer}/.well-known/openid-configuration"));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "https://a.example/v1/mcp";

    fn asked(next: Next) -> String {
        match next {
            Next::Ask(Ask::Challenge(url)) => format!("challenge {url}"),
            Next::Ask(Ask::Resource(url) | Ask::Issuer(url)) => url,
            Next::Found(found) => format!("found {}", found.token),
        }
    }

    fn resource(issuer: &str) -> String {
        format!(r#"{{"resource":"{SERVER}","authorization_servers":["{issuer}"]}}"#)
    }

    fn issuer(name: &str) -> String {
        format!(r#"{{"issuer":"{name}","token_endpoint":"{name}/token"}}"#)
    }

    #[test]
    fn the_server_says_who_gives_tokens_for_it() {
        let place = Place::Server(SERVER.into());
        let (mut search, next) = Discovery::begin(&place).unwrap();
        assert_eq!(asked(next), format!("challenge {SERVER}"));
        let next = search.answered(401, None, b"").unwrap();
        let base = "https://a.example/.well-known";
        assert_eq!(
            asked(next),
            format!("{base}/oauth-protected-resource/v1/mcp")
        );
        let next = search.answered(404, None, b"").unwrap();
        assert_eq!(asked(next), format!("{base}/oauth-protected-resource"));
        let own = "https://a.example/as";
        let next = search
            .answered(200, None, resource(own).as_bytes())
            .unwrap();
        assert_eq!(asked(next), format!("{base}/oauth-authorization-server/as"));
        let next = search.answered(404, None, b"").unwrap();
        assert_eq!(asked(next), format!("{base}/openid-configuration/as"));
        let next = search.answered(404, None, b"").unwrap();
        assert_eq!(
            asked(next),
            format!("{own}/.well-known/openid-configuration")
        );
        let Next::Found(found) = search.answered(200, None, issuer(own).as_bytes()).unwrap() else {
            panic!("not found");
        };
        assert_eq!(found.resource.as_deref(), Some(SERVER));
        assert_eq!(found.token, "https://a.example/as/token");
    }

    #[test]
    fn a_challenge_leads_to_the_servers_own_origin_only() {
        let begin = || Discovery::begin(&Place::Server(SERVER.into())).unwrap().0;
        let named = |url: &str| format!("Bearer resource_metadata=\"{url}\"");
        let own = "https://a.example/meta";
        let next = begin().answered(401, Some(&named(own)), b"").unwrap();
        assert_eq!(asked(next), own);
        for other in ["https://evil.example/meta", "http://a.example/meta"] {
            let next = begin().answered(401, Some(&named(other)), b"").unwrap();
            assert!(asked(next).starts_with("https://a.example/.well-known/"));
        }
    }

    #[test]
    fn an_issuer_of_another_origin_is_believed_only_when_somebody_vouches_for_it() {
        let foreign = "https://id.example";
        for (place, good) in [
            (Place::Server(SERVER.into()), false),
            (Place::Anybody(SERVER.into()), true),
        ] {
            let (mut search, _) = Discovery::begin(&place).unwrap();
            search.answered(401, None, b"").unwrap();
            let next = search.answered(200, None, resource(foreign).as_bytes());
            match good {
                true => assert!(asked(next.unwrap()).starts_with(foreign)),
                false => assert_eq!(next, Err(DiscoveryError::Foreign(foreign.into()))),
            }
        }
        let (mut search, next) = Discovery::begin(&Place::Issuer(foreign.into())).unwrap();
        assert_eq!(
            asked(next),
            "https://id.example/.well-known/oauth-authorization-server"
        );
        let other = search.answered(200, None, issuer("https://evil.example").as_bytes());
        assert!(matches!(other, Err(DiscoveryError::Document { .. })));
    }

    #[test]
    fn what_policy_names_is_not_searched_for_and_needs_tls() {
        let (_, next) = Discovery::begin(&Place::Token("https://x.example/t".into())).unwrap();
        assert_eq!(asked(next), "found https://x.example/t");
        assert!(Discovery::begin(&Place::Token("http://x.example/t".into())).is_err());
    }
}
