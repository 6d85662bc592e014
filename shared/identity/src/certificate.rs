//! Certificates by which clients show who they are (RFC 5280), and the workloads that they name
//! (SPIFFE: X.509-SVID).
//!
//! Says what stands in one; that an authority vouches for it is for whoever shakes hands. Refuses a
//! certificate of several names, where one of them is a SPIFFE ID: two readers could take different
//! ones.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::bounds::UNIX_S_MAX;

/// Longest SPIFFE ID, in bytes (SPIFFE-ID section 2.3).
const SPIFFE_BYTES_MAX: usize = 2_048;
/// Longest trust domain, in bytes.
const DOMAIN_BYTES_MAX: usize = 255;
const SCHEME: &str = "spiffe://";

/// What a client's certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of all of it (RFC 8705 section 3.1).
    pub thumbprint: [u8; 32],
    /// The first second at which it does not hold any more, in seconds since 1970.
    pub ends_unix_s: u64,
    /// The workload that it names, if it names one.
    pub workload: Option<SpiffeId>,
    /// All of this as text, which nothing else has.
    carried: String,
}

/// The name of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpiffeId {
    /// Its trust domain, such as `acme.example`.
    pub domain: String,
    /// Its path in there, with the slash at its beginning.
    pub path: String,
}

impl SpiffeId {
    /// Reads an ID (SPIFFE-ID section 2): one spelling for each.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(SCHEME)?;
        let (domain, path) = rest.split_at_checked(rest.find('/')?)?;
        let fits = text.len() <= SPIFFE_BYTES_MAX && is_domain(domain) && is_path(path);
        fits.then(|| Self {
            domain: domain.to_owned(),
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{SCHEME}{}{}", self.domain, self.path)
    }
}

/// Whether it is a trust domain.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    (1..=DOMAIN_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// Whether it is the path of a workload.
#[must_use]
pub fn is_path(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let sound = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(allowed);
    let rest = text.strip_prefix('/');
    rest.is_some_and(|rest| rest.split('/').all(sound)) && text.len() < SPIFFE_BYTES_MAX
}

impl Certificate {
    /// Reads a certificate (DER).
    ///
    /// # Errors
    /// Why it is of no use, for a person.
    pub fn read(der: &[u8]) -> Result<Self, &'static str> {
        let (rest, read) = X509Certificate::from_der(der).map_err(|_| "it can't be read")?;
        if !rest.is_empty() {
            return Err("something follows it");
        }
        let ends = read.validity().not_after.timestamp();
        let names = read.subject_alternative_name();
        let names = names.map_err(|_| "it names its subjects twice")?;
        let names = names.map_or(&[][..], |names| &names.value.general_names);
        let mut uris = names.iter().filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        });
        let workload = match (uris.next(), uris.next()) {
            (Some(uri), None) if is_spiffe(uri) => {
                let id = SpiffeId::read(uri);
                Some(id.ok_or("its SPIFFE ID is none")?)
            }
            // X509-SVID section 2: exactly one URI.
            (Some(one), Some(two)) if is_spiffe(one) || is_spiffe(two) || uris.any(is_spiffe) => {
                return Err("it has a SPIFFE ID and further URIs");
            }
            _ => None,
        };
        if workload.is_some() && read.is_ca() {
            return Err("it is an authority's, and names a workload");
        }
        let ends_unix_s = u64::try_from(ends).unwrap_or(0).min(UNIX_S_MAX);
        Ok(Self::of(Sha256::digest(der).into(), ends_unix_s, workload))
    }

    fn of(thumbprint: [u8; 32], ends_unix_s: u64, workload: Option<SpiffeId>) -> Self {
        let name = workload
            .as_ref()
            .map_or_else(|| "-".to_owned(), SpiffeId::to_string);
        let carried = format!(
            "{} {ends_unix_s} {name}",
            URL_SAFE_NO_PAD.encode(thumbprint)
        );
        Self {
            thumbprint,
            ends_unix_s,
            workload,
            carried,
        }
    }

    /// As text, for another part of the same gateway.
    #[must_use]
    pub fn carried(&self) -> &str {
        &self.carried
    }

    /// What another part of the same gateway has read.
    #[must_use]
    pub fn of_carried(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (thumbprint, ends, name) = (parts.next()?, parts.next()?, parts.next()?);
        let thumbprint = URL_SAFE_NO_PAD.decode(thumbprint).ok()?.try_into().ok()?;
        let workload = match name {
            "-" => None,
            name => Some(SpiffeId::read(name)?),
        };
        Some(Self::of(thumbprint, ends.parse().ok()?, workload))
    }
}

fn is_spiffe(uri: &str) -> bool {
    let start = uri.get(..SCHEME.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        for good in [
            "spiffe://acme.example/a",
            "spiffe://a-b_c.9/ns/Prod/sa/b.c_d-e",
        ] {
            let id = SpiffeId::read(good).unwrap();
            assert_eq!(id.to_string(), good);
            let certificate = Certificate::of([7; 32], 1_800_000_000, Some(id));
            assert_eq!(
                Certificate::of_carried(certificate.carried()),
                Some(certificate)
            );
        }
        for bad in [
            "spiffe://acme.example",
            "spiffe://acme.example/",
            "spiffe://acme.example/a/",
            "spiffe://acme.example//a",
            "spiffe://acme.example/./a",
            "spiffe://acme.example/a%20b",
            "spiffe://acme.example/a?b",
            "spiffe://acme.example:1/a",
            "spiffe://u@acme.example/a",
            "spiffe://Acme.example/a",
            "SPIFFE://acme.example/a",
            "spiffe:///a",
            "https://acme.example/a",
        ] {
            assert_eq!(SpiffeId::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        assert!(Certificate::read(b"").is_err());
        assert!(Certificate::read(&[0x30; 64]).is_err());
        assert_eq!(Certificate::of_carried("x 1 -"), None);
    }
}
