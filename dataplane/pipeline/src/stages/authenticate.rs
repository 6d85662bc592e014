//! Says whose token a request carries, whether it is alive, and which rows are theirs.
//!
//! A token's signature is checked once per worker; expiry, revocation and the agent's rows on
//! every request, and so is the kill switch. Roles are those that the token names *and* the agent
//! has: the strictest of both.

mod outside;
mod proof;
mod workload;

use std::rc::Rc;

use varistor_http1::Field;
use varistor_model::limits::{JWT_BYTES_MAX, TOKEN_BYTES_MAX};
use varistor_model::{Reason, Trifecta};
use varistor_snapshot::schema::{ArchivedAgent, ArchivedPolicy};
use varistor_token::Verified;

use super::accept::Request;
use crate::desk::{Desk, Principal};
use crate::identities::KeyRings;
use crate::kill::Mark;
use crate::order::Notes;
use crate::outside::{Client, Now};
use crate::permission;
use crate::serving::{Local, Serving};

/// Who calls which server. Made here only.
#[derive(Clone, Debug)]
pub struct Caller {
    request: Request,
    server: u32,
    principal: Rc<Principal>,
}

impl Caller {
    pub(crate) const fn request(&self) -> Request {
        self.request
    }

    pub(crate) const fn server(&self) -> u32 {
        self.server
    }

    pub(crate) const fn principal(&self) -> &Rc<Principal> {
        &self.principal
    }
}

/// Authenticates the request.
///
/// # Errors
/// What is wrong with the token, that it does not reach the server, or that the operator has
/// stopped it.
pub fn authenticate(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    request: Request,
    notes: &mut Notes,
) -> Result<Caller, Reason> {
    notes.server = request.server();
    let principal = principal(desk, local, client, notes)?;
    let server = request.server().ok_or(Reason::RouteUnknown)?;
    let row = local.serving().server(server).ok_or(Reason::RouteUnknown)?;
    desk.kill.caller(&principal, row.name.as_str())?;
    permission::reach(local.policy(), &principal, server)?;
    Ok(Caller {
        request,
        server,
        principal,
    })
}

/// Says whose token a request for all servers as one carries. Which of them it reaches, and whether
/// they are stopped, is asked for each; here only where the request names one.
///
/// # Errors
/// What is wrong with the token, that it does not reach the server, or that the operator has
/// stopped either.
pub(crate) fn authenticate_together(
    desk: &mut Desk,
    local: &Local,
    (client, server): (&impl Client, Option<u32>),
    notes: &mut Notes,
) -> Result<Rc<Principal>, Reason> {
    notes.server = server;
    let principal = principal(desk, local, client, notes)?;
    let Some(server) = server else {
        desk.kill.principal(&principal)?;
        return Ok(principal);
    };
    let row = local.serving().server(server).ok_or(Reason::RouteUnknown)?;
    desk.kill.caller(&principal, row.name.as_str())?;
    permission::reach(local.policy(), &principal, server)?;
    Ok(principal)
}

/// What stands before the certificate of a client without a token, where the federation asks on its
/// behalf.
pub const CERTIFICATE: &[u8] = b"Certificate ";

/// Whether the federation says who asks, in the place of a token.
fn is_carried(client: &impl Client, value: Option<&[u8]>) -> bool {
    client.is_inner() && value.is_some_and(|value| value.starts_with(CERTIFICATE))
}

fn principal(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    notes: &mut Notes,
) -> Result<Rc<Principal>, Reason> {
    let (head, bytes) = client.head();
    let value = head.field(bytes, Field::Authorization);
    let (scheme, token) = match value.map(presented) {
        Some(Ok(presented)) => presented,
        // From a client it says nothing, whatever certificate that shows.
        Some(Err(reason)) if !is_carried(client, value) => return Err(reason),
        Some(Err(_)) | None => {
            let principal = workload::principal((desk, local), client, notes)?;
            notes.principal = Some(Rc::clone(&principal));
            return Ok(principal);
        }
    };
    let principal = match varistor_identity::looks_like_one(token) {
        true if local.serving().identities().are_there() => {
            outside::principal((desk, local), client.now(), token, notes)?
        }
        // Tokens of ours are narrowed by their holders, not bound to keys.
        _ if scheme == Scheme::Dpop => return Err(Reason::TokenMissing),
        _ => own((desk, local), client, token, notes)?,
    };
    notes.verified = Some(Rc::clone(&principal.verified));
    if client.now().unix_s() >= principal.verified.expires_unix_s {
        return Err(Reason::TokenExpired);
    }
    if let Some(outside) = &principal.verified.outside {
        proof::check((desk, local), client, (scheme, token), outside)?;
    }
    notes.principal = Some(Rc::clone(&principal));
    Ok(principal)
}

/// Who presents a token of ours.
#[inline]
fn own(
    (desk, local): (&mut Desk, &Local),
    client: &impl Client,
    token: &[u8],
    notes: &mut Notes,
) -> Result<Rc<Principal>, Reason> {
    let generation = local.serving().generation();
    desk.tokens.verified_by(local.serving().trust());
    match desk.tokens.principal(token, generation) {
        Some(principal) => Ok(principal),
        None => resolve((desk, local), client, token, notes),
    }
}

/// Whether the key of the token is honoured; ours change with the policy only.
///
/// # Errors
/// The reason for which a new request would be refused.
pub(crate) fn honoured(local: &Local, verified: &Verified, rings: &KeyRings) -> Result<(), Reason> {
    if workload::is_one(verified) {
        return workload::honoured(local, verified);
    }
    match verified.outside.is_none() || outside::is_honoured(local, verified, rings) {
        true => Ok(()),
        false => Err(Reason::KeyUnknown),
    }
}

/// What keeps a stream open: its token and its server, looked at again when the policy changes and
/// when a key is withdrawn.
#[derive(Clone, Debug)]
pub struct Warrant {
    verified: Rc<Verified>,
    /// The token itself, where it is an outside provider's.
    text: Option<Rc<[u8]>>,
    /// Nothing where it is for all servers as one: each has a warrant of its own.
    server: Option<String>,
}

impl Warrant {
    pub(crate) fn new(local: &Local, principal: &Principal, server: u32) -> Self {
        let row = local.serving().server(server);
        Self {
            verified: Rc::clone(&principal.verified),
            text: principal.text.clone(),
            server: Some(row.map_or_else(String::new, |row| row.name.as_str().to_owned())),
        }
    }

    /// What keeps a stream of all servers open.
    pub(crate) fn together(principal: &Principal, serving: &Serving, server: Option<u32>) -> Self {
        let row = server.and_then(|server| serving.server(server));
        Self {
            verified: Rc::clone(&principal.verified),
            text: principal.text.clone(),
            server: row.map(|row| row.name.as_str().into()),
        }
    }

    /// When the token expires, in seconds since 1970.
    #[must_use]
    pub fn expires_unix_s(&self) -> u64 {
        self.verified.expires_unix_s
    }

    /// Whether this snapshot and these keys still give the token the server; who and where it is
    /// there.
    ///
    /// # Errors
    /// The reason for which a new request would be refused.
    pub fn check(
        &self,
        local: &Local,
        rings: &KeyRings,
    ) -> Result<(Rc<Principal>, Option<u32>), Reason> {
        honoured(local, &self.verified, rings)?;
        let verified = match &self.text {
            None => Rc::clone(&self.verified),
            // That it has not expired is looked after elsewhere.
            Some(text) => {
                let valid_s = self.verified.expires_unix_s.saturating_sub(1);
                Rc::new(outside::again(local, text, &self.verified, valid_s)?)
            }
        };
        let mut principal = rows(local, verified)?;
        principal.text.clone_from(&self.text);
        let Some(name) = &self.server else {
            return Ok((Rc::new(principal), None));
        };
        let server = local.serving().server_named(name);
        let server = server.ok_or(Reason::RouteUnknown)?;
        permission::reach(local.policy(), &principal, server)?;
        Ok((Rc::new(principal), Some(server)))
    }
}

/// How a token is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// Whoever has it may use it (RFC 6750 section 2.1).
    Bearer,
    /// Only who holds its key may (RFC 9449 section 7.1).
    Dpop,
}

/// The token of `Authorization: Bearer <token>` or `DPoP <token>`.
#[inline]
fn presented(value: &[u8]) -> Result<(Scheme, &[u8]), Reason> {
    let (scheme, token) = match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => (Scheme::Bearer, token),
        _ => match value.split_at_checked(5) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"dpop ") => (Scheme::Dpop, token),
            _ if value.len() < 7 => return Err(Reason::TokenMalformed),
            _ => return Err(Reason::TokenMissing),
        },
    };
    let token = token.trim_ascii();
    let longest = match varistor_identity::looks_like_one(token) {
        true => JWT_BYTES_MAX,
        false => TOKEN_BYTES_MAX,
    };
    if token.is_empty() || token.len() > longest {
        return Err(Reason::TokenMalformed);
    }
    Ok((scheme, token))
}

fn resolve(
    (desk, local): (&mut Desk, &Local),
    client: &impl Client,
    token: &[u8],
    notes: &mut Notes,
) -> Result<Rc<Principal>, Reason> {
    let verified = match desk.tokens.verified(token) {
        Some(verified) => verified,
        None => {
            desk.pace.take(client.now())?;
            let verified = Rc::new(local.serving().verifier().verify(token)?);
            desk.tokens.remember(token, &verified);
            verified
        }
    };
    notes.verified = Some(Rc::clone(&verified));
    let mut principal = rows(local, verified)?;
    follow_flows((&*desk, local), client.now(), &mut principal);
    let principal = Rc::new(principal);
    desk.tokens.resolve(token, &principal);
    Ok(principal)
}

/// Finds out what flowed where in the session of the token.
fn follow_flows((desk, local): (&Desk, &Local), now: Now, principal: &mut Principal) {
    if Trifecta::numbered(local.policy().flows.trifecta) != Trifecta::Off {
        let first = *principal.verified.ids.first().unwrap_or(&principal.token);
        let until_s = principal.verified.expires_unix_s;
        principal.legs = desk.memory.flows.of(first, until_s, now.unix_s());
    }
}

/// The rows of this generation that the token speaks of.
fn rows(local: &Local, verified: Rc<Verified>) -> Result<Principal, Reason> {
    let policy = local.policy();
    let revoked = |id: &varistor_model::TokenId| policy.revoked.binary_search(&id.0).is_ok();
    if verified.ids.iter().any(revoked) {
        return Err(Reason::TokenRevoked);
    }
    let token = verified.bound_to().ok_or(Reason::TokenMalformed)?;
    let organisation = position(
        policy
            .organisations
            .binary_search_by(|row| row.name.as_str().cmp(&verified.organisation)),
    )?;
    let key = (organisation, verified.agent.as_str());
    let agent = position(
        policy
            .agents
            .binary_search_by(|row| (row.organisation.to_native(), row.name.as_str()).cmp(&key)),
    )?;
    let row = usize::try_from(agent)
        .ok()
        .and_then(|index| policy.agents.get(index));
    let row = row.ok_or(Reason::AgentUnknown)?;
    let team = row.team.as_ref().map(|team| team.to_native());
    let named = team.and_then(|index| policy.teams.get(usize::try_from(index).ok()?));
    // An outside provider may say nothing of teams.
    let is_said = verified.outside.is_none() || verified.team.is_some();
    if is_said && verified.team.as_deref() != named.map(|team| team.name.as_str()) {
        return Err(Reason::AgentUnknown);
    }
    Ok(Principal {
        roles: roles(policy, row, &verified),
        generation: local.serving().generation(),
        mark: Mark::of(&verified),
        verified,
        token,
        organisation,
        team,
        agent,
        legs: None,
        text: None,
        reach: core::cell::OnceCell::new(),
        owner: core::cell::OnceCell::new(),
    })
}

fn roles(policy: &ArchivedPolicy, agent: &ArchivedAgent, verified: &Verified) -> Vec<u32> {
    let has_all = verified.outside.as_ref().is_some_and(|it| it.has_all_roles);
    let named = |index: &u32| {
        if has_all {
            return true;
        }
        usize::try_from(*index)
            .ok()
            .and_then(|index| policy.roles.get(index))
            .is_some_and(|role| verified.roles.iter().any(|name| name == role.name.as_str()))
    };
    agent
        .roles
        .iter()
        .map(|index| index.to_native())
        .filter(named)
        .collect()
}

fn position(found: Result<usize, usize>) -> Result<u32, Reason> {
    found
        .ok()
        .and_then(|index| u32::try_from(index).ok())
        .ok_or(Reason::AgentUnknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_schemes_carry_a_token() {
        for (value, expected) in [
            ("Bearer abc", Ok((Scheme::Bearer, "abc"))),
            ("bearer  abc ", Ok((Scheme::Bearer, "abc"))),
            ("DPoP abc", Ok((Scheme::Dpop, "abc"))),
            ("Basic abcdef", Err(Reason::TokenMissing)),
            ("Bearer", Err(Reason::TokenMalformed)),
            ("Bearer  ", Err(Reason::TokenMalformed)),
            ("DPoP  ", Err(Reason::TokenMalformed)),
        ] {
            let expected = expected.map(|(scheme, token): (_, &str)| (scheme, token.as_bytes()));
            assert_eq!(presented(value.as_bytes()), expected, "{value}");
        }
        let long = [b"Bearer ".as_slice(), &[b'x'; TOKEN_BYTES_MAX + 1]].concat();
        assert_eq!(presented(&long), Err(Reason::TokenMalformed));
    }
}
