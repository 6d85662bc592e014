//! Files that a policy names: certificates and keys of TLS. Refuses those that could not be used
//! when the gateway starts, so that it is known now.

use std::path::Path;

use crate::directory::{Access, read_checked};
use crate::problem::{Report, Wrong, quote};
use crate::read::{name, text};
use crate::yaml::Node;

/// The absolute path of a file with PEM certificates; relative ones begin at the directory.
pub(crate) fn certificate(
    node: &Node,
    path: &str,
    dir: &Path,
    report: &mut Report,
) -> Option<String> {
    let wanted = Wanted {
        marker: "-----BEGIN CERTIFICATE-----",
        what: "PEM certificates",
    };
    file(node, path, (dir, Access::Policy), &wanted, report)
}

/// The absolute path of a file with a PEM private key.
pub(crate) fn private_key(
    node: &Node,
    path: &str,
    dir: &Path,
    report: &mut Report,
) -> Option<String> {
    let wanted = Wanted {
        marker: "PRIVATE KEY-----",
        what: "a PEM private key",
    };
    file(node, path, (dir, Access::Private), &wanted, report)
}

struct Wanted {
    marker: &'static str,
    what: &'static str,
}

fn file(
    node: &Node,
    path: &str,
    (dir, access): (&Path, Access),
    wanted: &Wanted,
    report: &mut Report,
) -> Option<String> {
    let shown = text(node, path, report)?;
    let found = |what: &str| format!("the file {} for {}: {what}", quote(shown), name(path));
    let absolute = std::path::absolute(dir.join(shown)).ok()?;
    match read_checked(&absolute, access) {
        Err((what, wrong)) => {
            report.refuse(node.place, found(&what), wrong);
            return None;
        }
        Ok(content) if !content.contains(wanted.marker) => {
            let wrong = Wrong::expected(wanted.what);
            report.refuse(
                node.place,
                found(&format!("it holds no {}", wanted.marker)),
                wrong,
            );
            return None;
        }
        Ok(_) => {}
    }
    absolute.into_os_string().into_string().ok()
}
