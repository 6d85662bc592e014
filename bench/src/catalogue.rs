//! What a server offers, read from the JSON files beside its code.
//!
//! The files are in the shape of the protocol, so that a list on the wire can be compared with
//! them by eye. Refused: a file that is not in that shape, at start.

use anyhow::Context;
use rmcp::model::{Prompt, Resource, ResourceTemplate, ServerCapabilities, Tool};
use serde::Deserialize;

/// Everything that the `*/list` methods of one server answer.
pub(crate) struct Catalogue {
    pub(crate) tools: Vec<Tool>,
    pub(crate) lists: Lists,
}

/// The lists other than the tools, and what the server declares it can do.
#[derive(Deserialize)]
pub(crate) struct Lists {
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) templates: Vec<ResourceTemplate>,
    pub(crate) capabilities: ServerCapabilities,
}

impl Catalogue {
    /// Reads both files of a server.
    ///
    /// # Errors
    /// One of them does not have the protocol's shape.
    pub(crate) fn read(tools: &str, lists: &str) -> anyhow::Result<Self> {
        Ok(Self {
            tools: serde_json::from_str(tools).context("tools.json")?,
            lists: serde_json::from_str(lists).context("lists.json")?,
        })
    }

    /// The definition of one tool.
    pub(crate) fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}
