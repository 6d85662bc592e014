//! Callers without a token, whose certificate names a workload (SPIFFE) that policy maps to an
//! agent. That an authority of its trust domain vouches for it was seen when hands were shaken.

use std::rc::Rc;

use varistor_identity::SpiffeId;
use varistor_model::Reason;
use varistor_snapshot::schema::ArchivedPolicy;
use varistor_token::Verified;

use super::{follow_flows, rows};
use crate::desk::{Desk, Principal};
use crate::order::Notes;
use crate::outside::Client;
use crate::serving::Local;

/// Who shows the certificate.
///
/// # Errors
/// [`Reason::TokenMissing`]: there is none that names a workload. [`Reason::IdentityUnmapped`]:
/// policy knows no such workload. [`Reason::TokenExpired`]: it held once.
pub(super) fn principal(
    (desk, local): (&mut Desk, &Local),
    client: &impl Client,
    notes: &mut Notes,
) -> Result<Rc<Principal>, Reason> {
    let certificate = client.certificate().ok_or(Reason::TokenMissing)?;
    let workload = certificate.workload.as_ref().ok_or(Reason::TokenMissing)?;
    let name = certificate.carried().as_bytes();
    let known = desk.workloads.principal(name, local.serving().generation());
    let principal = match known {
        Some(principal) => principal,
        None => {
            let agent = mapped(local.policy(), &workload.domain, &workload.path);
            let verified = certificate.verified(agent.ok_or(Reason::IdentityUnmapped)?);
            let verified = Rc::new(verified.ok_or(Reason::TokenMissing)?);
            notes.verified = Some(Rc::clone(&verified));
            let mut principal = rows(local, Rc::clone(&verified))?;
            follow_flows((&*desk, local), client.now(), &mut principal);
            let principal = Rc::new(principal);
            desk.workloads.remember(name, &verified);
            desk.workloads.resolve(name, &principal);
            principal
        }
    };
    notes.verified = Some(Rc::clone(&principal.verified));
    match client.now().unix_s() < principal.verified.expires_unix_s {
        true => Ok(principal),
        false => Err(Reason::TokenExpired),
    }
}

/// Whether a caller came without a token.
pub(super) fn is_one(verified: &Verified) -> bool {
    let outside = verified.outside.as_ref();
    outside.is_some_and(|outside| outside.issuer.starts_with("spiffe://"))
}

/// Whether policy still maps the workload to what it was mapped to.
pub(super) fn honoured(local: &Local, verified: &Verified) -> Result<(), Reason> {
    let outside = verified.outside.as_ref().ok_or(Reason::Internal)?;
    let id = SpiffeId::read(&format!("{}{}", outside.issuer, outside.subject));
    let id = id.ok_or(Reason::IdentityUnmapped)?;
    let now = mapped(local.policy(), &id.domain, &id.path);
    match now == Some((verified.organisation.as_str(), verified.agent.as_str())) {
        true => Ok(()),
        false => Err(Reason::IdentityUnmapped),
    }
}

/// The organisation and the agent that a workload is.
fn mapped<'p>(policy: &'p ArchivedPolicy, domain: &str, path: &str) -> Option<(&'p str, &'p str)> {
    let domains = &policy.workloads;
    let at = domains.binary_search_by(|row| row.name.as_str().cmp(domain));
    let row = domains.get(at.ok()?)?;
    let at = row
        .agents
        .binary_search_by(|agent| agent.0.as_str().cmp(path));
    let agent = row.agents.get(at.ok()?)?;
    Some((row.organisation.as_str(), agent.1.as_str()))
}
