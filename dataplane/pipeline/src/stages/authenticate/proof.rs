//! Whether whoever presents a token that is bound to a key holds that key (RFC 9449 section 7).

use varistor_http1::Field;
use varistor_identity::{Asked, prove};
use varistor_model::Reason;
use varistor_token::Outside;

use super::Scheme;
use crate::desk::Desk;
use crate::outside::Client;
use crate::refusal::bases;
use crate::serving::Local;

/// Checks the proof that goes with the request, where its token needs one.
///
/// # Errors
/// [`Reason::CertificateMissing`]: it is bound to another one than the connection has.
/// [`Reason::ProofMissing`], also for a token that is bound to no key and is said to be;
/// [`Reason::ProofInvalid`], [`Reason::ProofUsed`]; [`Reason::VerificationBusy`] where there is no
/// room to remember it.
#[inline]
pub(super) fn check(
    (desk, local): (&Desk, &Local),
    client: &impl Client,
    (scheme, token): (Scheme, &[u8]),
    outside: &Outside,
) -> Result<(), Reason> {
    let bound = outside.bound.certificate;
    if let Some(bound) = bound.filter(|_| !client.is_proven()) {
        let shown = client.certificate().map(|it| it.thumbprint);
        if shown != Some(bound) {
            return Err(Reason::CertificateMissing);
        }
    }
    match (outside.bound.key, scheme) {
        (None, Scheme::Bearer) => Ok(()),
        (Some(_), Scheme::Dpop) if client.is_proven() => Ok(()),
        (Some(key), Scheme::Dpop) => {
            shown((desk, local), client, (key, token), &outside.issuer)?;
            client.proven();
            Ok(())
        }
        (None, Scheme::Dpop) => Err(Reason::ProofInvalid),
        (Some(_), Scheme::Bearer) => Err(Reason::ProofMissing),
    }
}

fn shown(
    (desk, local): (&Desk, &Local),
    client: &impl Client,
    (key, token): ([u8; 32], &[u8]),
    issuer: &str,
) -> Result<(), Reason> {
    let (head, bytes) = client.head();
    let proof = head.field(bytes, Field::Dpop).ok_or(Reason::ProofMissing)?;
    let target = head.target(bytes);
    let path = target.split(|byte| *byte == b'?').next();
    let path = core::str::from_utf8(path.unwrap_or_default());
    let asked = Asked {
        method: head.method().name(),
        bases: &bases(local.serving(), client),
        path: path.map_err(|_| Reason::ProofInvalid)?,
        token,
        key,
    };
    let provider = local.serving().identities().of_issuer(issuer);
    let skew_s = provider.map_or(0, |row| row.skew_s);
    let now_s = client.now().unix_s();
    let proof = prove(proof, &asked, (now_s, skew_s))?;
    desk.proofs.take(proof, now_s)
}
