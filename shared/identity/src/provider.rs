//! What policy says about a provider: what its tokens must be like, and whose they are here.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::algorithm::Algorithms;
use crate::bounds::PATH_DEPTH_MAX;

/// An identity provider whose access tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the policy.
    pub name: String,
    /// What `iss` must be, byte for byte.
    pub issuer: String,
    /// What `aud` must name one of.
    pub audiences: Vec<Audience>,
    /// How it may sign.
    pub algorithms: Algorithms,
    /// Whether a `typ` of `JWT`, or none, is taken beside `at+jwt`.
    pub takes_plain: bool,
    /// Whether every token must be bound to a key (RFC 9449).
    pub needs_proof: bool,
    /// By how much clocks may disagree, in seconds.
    pub skew_s: u64,
    /// Scopes that every token must have.
    pub scopes: Vec<String>,
    /// The organisation.
    pub organisation: Source,
    /// The team; it must be that of the agent.
    pub team: Option<Source>,
    /// The agent.
    pub agent: Source,
    /// Roles, from all of these together; where there are none, all roles that the agent has.
    pub roles: Vec<Source>,
}

/// What a token may be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// A value of `aud`.
    pub name: String,
    /// The only server that it reaches, when it is the route of one.
    pub server: Option<String>,
}

/// Where a name of the policy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is the same for all tokens.
    Fixed(String),
    /// A claim says it.
    Claim {
        /// Names of members, from the outermost.
        path: Vec<String>,
        /// What its values mean; without, they are the names themselves.
        map: Option<BTreeMap<String, String>>,
    },
}

/// The members that a claim's name leads through: a name as it stands, or a JSON Pointer (RFC 6901)
/// where it begins with a slash. `None`: it leads nowhere, or too deep.
#[must_use]
pub fn path_of(claim: &str) -> Option<Vec<String>> {
    let path: Vec<String> = match claim.strip_prefix('/') {
        None => vec![claim.to_owned()],
        Some(rest) => rest.split('/').map(unescaped).collect::<Option<_>>()?,
    };
    let fits = path.len() <= PATH_DEPTH_MAX && path.iter().all(|name| !name.is_empty());
    fits.then_some(path)
}

fn unescaped(name: &str) -> Option<String> {
    let mut text = String::with_capacity(name.len());
    let mut rest = name.chars();
    while let Some(next) = rest.next() {
        match (next, next == '~') {
            (_, false) => text.push(next),
            _ => text.push(match rest.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            }),
        }
    }
    Some(text)
}

/// The claim at the end of a path.
pub(crate) fn claim<'c>(claims: &'c Map<String, Value>, path: &[String]) -> Option<&'c Value> {
    let (first, rest) = path.split_first()?;
    let mut value = claims.get(first)?;
    for name in rest {
        value = value.as_object()?.get(name)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_named_plainly_or_by_a_pointer() {
        let of = |text: &str| path_of(text).map(|path| path.join("|"));
        assert_eq!(of("groups").as_deref(), Some("groups"));
        assert_eq!(
            of("https://acme.example/roles").as_deref(),
            Some("https://acme.example/roles")
        );
        assert_eq!(
            of("/realm_access/roles").as_deref(),
            Some("realm_access|roles")
        );
        assert_eq!(of("/a~1b/c~0d").as_deref(), Some("a/b|c~d"));
        for bad in ["", "/", "/a//b", "/a~2", "/a~", "/1/2/3/4/5/6/7/8/9"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
