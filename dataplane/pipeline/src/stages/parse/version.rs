//! Which family of protocol versions a request belongs to (*Versioning and Compatibility*).

use varistor_http1::Field;
use varistor_model::{Era, ProtocolVersion, Reason};

use super::Act;
use crate::desk::Desk;
use crate::outside::Client;
use crate::session::Session;

/// Modern when the body carries modern metadata or the header says so; otherwise legacy.
///
/// # Errors
/// [`Reason::HeaderMismatch`] when header and metadata disagree, and
/// [`Reason::ProtocolVersionInvalid`] for a header that no legacy version has.
pub(super) fn era(desk: &Desk, client: &impl Client, act: Act) -> Result<Era, Reason> {
    let (head, bytes) = client.head();
    let header = head
        .field(bytes, Field::McpProtocolVersion)
        .map(<[u8]>::trim_ascii);
    let metadata = desk
        .reader
        .messages()
        .iter()
        .filter(|_| act == Act::Post)
        .find_map(|message| message.meta_version)
        .map(|version| desk.reader.text(version).as_bytes());
    match (header, metadata) {
        (Some(header), Some(metadata)) if header == metadata => Ok(Era::Modern),
        (_, Some(_)) => Err(Reason::HeaderMismatch),
        (None, None) => Ok(Era::Legacy),
        (Some(header), None) => match ProtocolVersion::named(header) {
            Some(version) => Ok(version.era()),
            None => Err(Reason::ProtocolVersionInvalid),
        },
    }
}

/// Whether 2025-03-26 was negotiated: by the session, or said by the header without one.
pub(super) fn may_batch(client: &impl Client, session: Option<&Session>, era: Era) -> bool {
    let (head, bytes) = client.head();
    let header = head
        .field(bytes, Field::McpProtocolVersion)
        .map(<[u8]>::trim_ascii);
    let said = header.and_then(ProtocolVersion::named);
    let negotiated = session.and_then(|session| session.version);
    let version = negotiated.or(said);
    era == Era::Legacy && version.is_some_and(ProtocolVersion::has_batches)
}
