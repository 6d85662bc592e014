//! Tokens of outside identity providers: verified once per worker, then known by their bytes until
//! their key is dropped, policy changes or they expire.

use std::rc::Rc;
use std::sync::Arc;

use varistor_identity::{reread, verify};
use varistor_model::Reason;
use varistor_token::Verified;

use super::rows;
use crate::desk::{Desk, Principal};
use crate::identities::KeyRings;
use crate::order::{Awaited, Notes};
use crate::outside::Now;
use crate::serving::Local;

/// Who presents the token.
///
/// # Errors
/// What is wrong with it. Where only its key is not known, the notes say which.
pub(super) fn principal(
    (desk, local): (&mut Desk, &Local),
    now: Now,
    token: &[u8],
    notes: &mut Notes,
) -> Result<Rc<Principal>, Reason> {
    let generation = local.serving().generation();
    if let Some(principal) = desk.outside.principal(token, generation)
        && is_honoured(local, &principal.verified, &desk.rings)
    {
        return Ok(principal);
    }
    let verified = match known(desk, local, now, token) {
        Some(reread) => reread?,
        None => fresh((&mut *desk, local), now, token, notes)?,
    };
    let verified = Rc::new(verified);
    notes.verified = Some(Rc::clone(&verified));
    desk.outside.remember(token, &verified);
    let mut principal = rows(local, verified).map_err(|reason| match reason {
        // Signing in again would not help.
        Reason::AgentUnknown => Reason::IdentityUnmapped,
        other => other,
    })?;
    principal.text = Some(token.into());
    super::follow_flows((&*desk, local), now, &mut principal);
    let principal = Rc::new(principal);
    desk.outside.resolve(token, &principal);
    Ok(principal)
}

/// What a token means under another policy, when its signature was verified before by a key that
/// is honoured still.
fn known(
    desk: &mut Desk,
    local: &Local,
    now: Now,
    token: &[u8],
) -> Option<Result<Verified, Reason>> {
    let verified = desk.outside.verified(token)?;
    is_honoured(local, &verified, &desk.rings).then(|| again(local, token, &verified, now.unix_s()))
}

/// What a token that was verified means under this policy.
pub(super) fn again(
    local: &Local,
    token: &[u8],
    verified: &Verified,
    now_unix_s: u64,
) -> Result<Verified, Reason> {
    let outside = verified.outside.as_ref().ok_or(Reason::Internal)?;
    let providers = local.serving().identities().providers();
    Ok(reread(token, providers, outside.key, now_unix_s)?)
}

fn fresh(
    (desk, local): (&mut Desk, &Local),
    now: Now,
    token: &[u8],
    notes: &mut Notes,
) -> Result<Verified, Reason> {
    desk.pace.take(now)?;
    let identities = local.serving().identities();
    let rings = Arc::clone(&desk.rings);
    let ring = |at| identities.ring(at, &rings);
    let mut unknown = None;
    let judged = verify(
        token,
        identities.providers(),
        ring,
        (now.unix_s(), &mut unknown),
    );
    notes.awaited = unknown.and_then(|unknown| {
        Some(Awaited {
            origin: identities.origin(unknown.provider)?.clone(),
            key_id: unknown.key_id,
        })
    });
    Ok(judged?)
}

/// Whether the key that the token was verified by is honoured still.
pub(super) fn is_honoured(local: &Local, verified: &Verified, rings: &KeyRings) -> bool {
    let identities = local.serving().identities();
    let outside = verified.outside.as_ref();
    outside.is_some_and(|it| identities.honour(&it.issuer, &it.key, rings))
}
