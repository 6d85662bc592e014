//! `varictl token revoke`: a token, and all that were narrowed from it, are dead.
//!
//! The revocation is added to the policy that serves now, not to the files of the directory as
//! they are at the moment: unfinished edits are neither in its way nor pushed with it.

use clap::Args;
use varistor_model::TokenId;
use varistor_token::Verifier;
use zeroize::Zeroizing;

use crate::arguments::Gateways;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::quantities::now_unix_s;
use crate::snapshots::{self, Snapshots};
use crate::{building, delivery, output, registry, terminal};

/// Revoke a token and all that were narrowed from it.
#[derive(Args, Debug)]
pub(crate) struct Revoke {
    /// The id (32 hex digits, see `varictl token list`) or the token itself [default: standard
    /// input]
    #[arg(value_name = "ID|TOKEN")]
    token: Option<String>,
    #[command(flatten)]
    gateways: Gateways,
}

impl Revoke {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let gateways = self.gateways.resolve(Some(dir))?;
        let id = identify(&terminal::token(self.token.as_deref())?)?;
        let lock = Snapshots::lock(dir)?;
        if !registry::revoke(dir, id, now_unix_s())? {
            output::note(&format!("{id} was revoked before; sending that again"));
        } else if !registry::issued(dir)?
            .iter()
            .any(|token| token.id == id.to_string())
        {
            output::note(&format!(
                "{id} was not issued from this directory; revoked all the same"
            ));
        }
        let Some(current) = snapshots::current(dir)? else {
            output::line(&format!(
                "revoked {id}; it takes effect with the first `varictl push`"
            ))?;
            return Ok(Exit::Done);
        };
        let policy = snapshots::policy_of(&current)?;
        let sealed = building::reseal(dir, &lock, policy, None)?;
        let deliveries = delivery::deliver(&lock, &sealed, &gateways)?;
        if deliveries.iter().all(|delivery| delivery.serving) {
            let generation = sealed.generation;
            output::line(&format!(
                "revoked {id}; in effect (generation {generation})"
            ))?;
            return Ok(Exit::Done);
        }
        if !self.gateways.named() && deliveries.iter().all(|delivery| !delivery.running) {
            output::line(&format!(
                "revoked {id}; no gateway runs here, it takes effect when one starts"
            ))?;
            return Ok(Exit::Done);
        }
        delivery::show(&deliveries, false)?;
        delivery::explain(dir, &sealed, &deliveries);
        Ok(Exit::Failed)
    }
}

fn identify(text: &Zeroizing<String>) -> anyhow::Result<TokenId> {
    if let Some(id) = TokenId::from_hex(text) {
        return Ok(id);
    }
    let refuse = |why: &str| {
        wrong(format!(
            "this is neither a token id (32 hex digits) nor a token: {why}"
        ))
    };
    if varistor_identity::looks_like_one(text.as_bytes()) {
        let said = varistor_identity::said(text.as_bytes());
        return Ok(said.map_err(|refused| refuse(refused.why))?.id);
    }
    let said = Verifier::inspect(text).map_err(|error| refuse(&error.to_string()))?;
    said.ids
        .last()
        .copied()
        .ok_or_else(|| refuse("it has no id"))
}
