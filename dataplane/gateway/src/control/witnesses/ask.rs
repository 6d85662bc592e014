//! One exchange with a witness (C2SP tlog-witness, and `add-keys` of ours).

use std::path::PathBuf;

use hyper::Method;
use varistor_evidence::witness::{Asking, Next, Refused, Request};
use varistor_evidence::{Note, VerifierKey};

use super::super::Control;
use super::{Standing, Witness};

/// What came of it.
pub(super) enum Asked {
    /// Nothing is signed yet.
    Nothing,
    /// It has cosigned.
    Cosigned {
        /// How many records.
        records: u64,
        /// The time, in seconds since 1970.
        unix_s: u64,
    },
    /// It has not.
    Failed(Standing, String),
}

/// Has it cosign the newest head; it is thought to remember `old` records.
pub(super) async fn ask(control: &Control, witness: &Witness, old: u64) -> Asked {
    let places = (
        control.dir.join("audit"),
        control.dir.join("state/audit-head"),
    );
    let key = witness.key.clone();
    let begun = tokio::task::spawn_blocking(move || begin(places, &key, old)).await;
    let (mut asking, mut request) = match begun {
        Ok(Ok(begun)) => begun,
        Ok(Err(Refused::Nothing)) => return Asked::Nothing,
        Ok(Err(error)) => return Asked::Failed(Standing::Refuses, error.to_string()),
        Err(error) => return Asked::Failed(Standing::Refuses, error.to_string()),
    };
    loop {
        let (status, body) = match send(witness, request).await {
            Ok(answer) => answer,
            Err(failure) => return Asked::Failed(Standing::Unreachable, failure.to_string()),
        };
        let heard = tokio::task::spawn_blocking(move || {
            let next = asking.answered(status, &body);
            (asking, next)
        });
        let next = match heard.await {
            Ok((again, next)) => {
                asking = again;
                next
            }
            Err(error) => return Asked::Failed(Standing::Refuses, error.to_string()),
        };
        match next {
            Ok(Next::Send(next)) => request = next,
            Ok(Next::Cosigned(records)) => {
                let unix_s = control.clock.now().unix_s();
                return Asked::Cosigned { records, unix_s };
            }
            Err(error) if error.is_conflict() => {
                return Asked::Failed(Standing::Conflicts, error.to_string());
            }
            Err(error) => return Asked::Failed(Standing::Refuses, error.to_string()),
        }
    }
}

/// Reads the newest head; the signing thread keeps a copy of it.
fn begin(
    (dir, head): (PathBuf, PathBuf),
    key: &VerifierKey,
    old: u64,
) -> Result<(Asking, Request), Refused> {
    let text = match std::fs::read_to_string(head) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Refused::Nothing),
        Err(error) => return Err(error.into()),
    };
    let note = Note::parse(&text).ok_or(Refused::Nothing)?;
    Asking::about(&dir, key, note, old)
}

async fn send(
    witness: &Witness,
    request: Request,
) -> Result<(u16, String), varistor_notify::Failure> {
    let asked = varistor_notify::Asked {
        method: Method::POST,
        suffix: &format!("/{}", request.path),
        media: "text/plain",
        fields: &[],
        body: request.body.into_bytes(),
    };
    let (status, body) = varistor_notify::ask(&witness.target, &witness.trust, asked).await?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
