//! How the pins of one server are kept: JSON, with the whole definitions. Refuses a file whose
//! definitions are not those that its digests name.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::names;
use crate::pin::{Form, Pin};
use crate::server::ServerPins;

/// The number of this layout.
const FORMAT: u32 = 1;

/// Why a file can't be taken.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is no JSON of this layout.
    #[error("it can't be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It is of another layout.
    #[error("it has format {0}, expected {FORMAT}")]
    Format(u32),
    /// A definition is not the one that its digest names.
    #[error("the definition of {0} is not the one that its digest names")]
    Digest(String),
}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    first_listed_unix_s: u64,
    distrusted: bool,
    tools: BTreeMap<&'a str, &'a Pin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    format: u32,
    first_listed_unix_s: u64,
    distrusted: bool,
    tools: BTreeMap<String, Pin>,
}

impl ServerPins {
    /// The content of its file.
    ///
    /// # Errors
    /// When it can't be put into JSON, which no content of pins makes happen.
    pub fn to_file(&self) -> Result<String, FileError> {
        Ok(serde_json::to_string(&Written {
            format: FORMAT,
            first_listed_unix_s: self.first_listed_unix_s,
            distrusted: self.is_distrusted,
            tools: self.iter().collect(),
        })?)
    }

    /// What a file says.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn of_file(text: &str) -> Result<Self, FileError> {
        let read: Read = serde_json::from_str(text)?;
        if read.format != FORMAT {
            return Err(FileError::Format(read.format));
        }
        let mut pins = BTreeMap::new();
        for (name, mut pin) in read.tools {
            let pinned = pin.pinned.iter().map(|pinned| &pinned.form);
            let offered = pin.offered.iter().map(|offered| &offered.form);
            if !pinned.chain(offered).all(is_sound) {
                return Err(FileError::Digest(name));
            }
            pin.skeleton = names::skeleton(&name).into();
            pins.insert(name.into(), Arc::new(pin));
        }
        Ok(Self {
            pins,
            first_listed_unix_s: read.first_listed_unix_s,
            is_distrusted: read.distrusted,
        })
    }
}

fn is_sound(form: &Form) -> bool {
    let text = form.definition.as_deref();
    text.is_none_or(|text| Digest::of(text) == form.sha256)
}
