//! How the parameters of a call are kept in its record: whole, with findings masked, as
//! commitments, encrypted, or not at all.
//!
//! Refuses a call when policy wants a salt or an envelope and there is none.

use core::cell::RefCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use varistor_audit::{Hidden as Shown, json};
use varistor_inspect::dlp::{Finding, Hidden, Hides, Keep, Redaction};
use varistor_inspect::json::Message;
use varistor_model::{Keeping, Reason};
use varistor_privacy::commitment;
use varistor_snapshot::schema::ArchivedDlp;

use super::wanted::{Wanted, stricter};
use crate::desk::Desk;
use crate::outside::Client;
use crate::privates::Privates;
use crate::serving::Local;
use crate::stages::dlp::payload;

/// Which parameters the record gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Masked {
    /// The body's.
    AsTheyCame,
    /// Those on the desk.
    OnDesk,
    /// What stands apart on the desk: of findings, or of the whole, kept like this.
    Apart(Keeping),
    /// None: policy does not keep them.
    Unkept,
    /// None: they could not be masked.
    Failed,
}

/// What of parameters the log is held to without telling.
#[derive(Debug, Default)]
pub(crate) struct Apart {
    commitments: Vec<(u64, [u8; 32])>,
    /// In base64.
    sealed: String,
}

impl Apart {
    fn clear(&mut self) {
        self.commitments.clear();
        self.sealed.clear();
    }

    pub(super) fn shown<'a>(&'a self, keeping: Keeping, masked: &'a [u8]) -> Shown<'a> {
        Shown {
            params: (keeping == Keeping::Masked).then_some(masked),
            keeping: keeping.name(),
            commitments: &self.commitments,
            sealed: &self.sealed,
        }
    }
}

/// Whose parameters they are.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) message: Option<&'a Message>,
    pub(super) server: u32,
    pub(super) organisation: &'a str,
}

/// Puts the parameters onto the desk as the record may show them.
pub(super) fn kept_params(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    about: About<'_>,
) -> Result<Masked, Reason> {
    let Some(message) = about.message else {
        return Ok(Masked::AsTheyCame);
    };
    let wanted = Wanted::of(desk, local, message, about.server);
    let params = payload(message);
    if params.is_empty() {
        return Ok(Masked::AsTheyCame);
    }
    let params = params.of_bytes(client.body());
    desk.apart.clear();
    let privates = local.serving().privates().map(|all| &**all);
    match (wanted.whole, privates) {
        (Keeping::Committed, Some(privates)) => {
            let salt = privates.salt()?;
            let hash = commitment(&salt.bytes, params);
            desk.apart.commitments.push((salt.number, hash));
            Ok(Masked::Apart(Keeping::Committed))
        }
        (Keeping::Encrypted, Some(privates)) => {
            seal(privates, params, &mut desk.apart.sealed)?;
            Ok(Masked::Apart(Keeping::Encrypted))
        }
        (Keeping::Omitted | Keeping::Committed | Keeping::Encrypted, _) => Ok(Masked::Unkept),
        (Keeping::Whole | Keeping::Masked, _) if desk.findings.is_empty() => Ok(Masked::AsTheyCame),
        (Keeping::Whole, _) if wanted.classes == [None; 3] => Ok(Masked::AsTheyCame),
        (Keeping::Whole | Keeping::Masked, _) => {
            masked(desk, local, (params, about.organisation), &wanted)
        }
    }
}

/// As [`kept_params`], of a refused message that was for no server yet: as the strictest of all
/// rows says. Nothing is committed to or encrypted for what nobody did.
pub(super) fn kept_unplaced(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    (message, organisation): (&Message, &str),
) -> Result<Masked, Reason> {
    let audit = &local.policy().audit;
    let rows = audit.privacy.iter().map(|row| row.keeping);
    let rows = rows.chain([audit.params]).map(Keeping::numbered);
    match rows.fold(Keeping::Whole, stricter) {
        Keeping::Whole => Ok(Masked::AsTheyCame),
        Keeping::Masked => {
            let dlp = &local.policy().dlp;
            let params = payload(message).of_bytes(client.body());
            let scanned = {
                let mut scanner = local.scanner().borrow_mut();
                scanner.scan(dlp, params, &mut desk.findings)
            };
            scanned.map_err(|_| Reason::DlpFailed)?;
            if desk.findings.is_empty() && !desk.findings.overflowed() {
                return Ok(Masked::AsTheyCame);
            }
            let wanted = Wanted {
                whole: Keeping::Masked,
                classes: [None; 3],
            };
            masked(desk, local, (params, organisation), &wanted)
        }
        Keeping::Omitted | Keeping::Committed | Keeping::Encrypted => Ok(Masked::Unkept),
    }
}

fn masked(
    desk: &mut Desk,
    local: &Local,
    (params, organisation): (&[u8], &str),
    wanted: &Wanted,
) -> Result<Masked, Reason> {
    let dlp = &local.policy().dlp;
    let privates = local.serving().privates().map(|all| &**all);
    let hiding = Hiding {
        dlp,
        wanted,
        privates,
        told: RefCell::default(),
    };
    let keep = local.serving().keep(organisation);
    let redaction = Redaction {
        dlp,
        findings: &desk.findings,
        keep: Keep::Apart(&hiding, &keep),
    };
    desk.masked.clear();
    let mut hides = |finding: &Finding| wanted.of_finding(dlp, finding) != Keeping::Whole;
    redaction
        .write(params, &mut hides, &mut desk.masked)
        .map_err(|_| Reason::DlpFailed)?;
    let told = hiding.told.into_inner();
    if let Some(reason) = told.failed {
        return Err(reason);
    }
    if told.commitments.is_empty() && told.count == 0 {
        return Ok(Masked::OnDesk);
    }
    desk.apart.commitments = told.commitments;
    if let (1.., Some(privates)) = (told.count, privates) {
        let values = [b"[", &told.values[..], b"]"].concat();
        seal(privates, &values, &mut desk.apart.sealed)?;
    }
    Ok(Masked::Apart(Keeping::Masked))
}

fn seal(privates: &Privates, payload: &[u8], out: &mut String) -> Result<(), Reason> {
    let sealed = privates.envelope()?.seal(payload);
    let sealed = sealed.map_err(|_| Reason::Internal)?;
    STANDARD.encode_string(sealed, out);
    Ok(())
}

/// Keeps the values of findings apart as policy wants it.
struct Hiding<'a> {
    dlp: &'a ArchivedDlp,
    wanted: &'a Wanted,
    privates: Option<&'a Privates>,
    told: RefCell<Told>,
}

#[derive(Default)]
struct Told {
    commitments: Vec<(u64, [u8; 32])>,
    /// JSON strings with commas between, and how many.
    values: Vec<u8>,
    count: u32,
    failed: Option<Reason>,
}

impl Hides for Hiding<'_> {
    fn hide(&self, finding: &Finding, value: &dyn Fn() -> Vec<u8>) -> Hidden {
        let told = &mut *self.told.borrow_mut();
        let keeping = self.wanted.of_finding(self.dlp, finding);
        match (keeping, self.privates) {
            (Keeping::Committed, Some(privates)) => match privates.salt() {
                Ok(salt) => {
                    let hash = commitment(&salt.bytes, &value());
                    told.commitments.push((salt.number, hash));
                    Hidden::Committed(salt.number)
                }
                Err(reason) => {
                    told.failed = Some(reason);
                    Hidden::Gone
                }
            },
            (Keeping::Encrypted, Some(_)) => {
                if told.count > 0 {
                    told.values.push(b',');
                }
                json::string(&value(), &mut told.values);
                let at = told.count;
                told.count = at.saturating_add(1);
                Hidden::Sealed(at)
            }
            _ => Hidden::Gone,
        }
    }
}
