//! `server.json` of the official registry (schema 2025-12-11), as far as a policy needs it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A server.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Server {
    /// Which schema it follows.
    #[serde(rename = "$schema", skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// Its name in reverse-DNS form: `io.github.owner/name`.
    pub name: String,
    /// Its name for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Where its source is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    /// Where more is said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub website_url: String,
    /// Its version.
    pub version: String,
    /// Packages that are it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// Where it is served.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remotes: Vec<Remote>,
    /// Extensions, by names in reverse-DNS form.
    #[serde(rename = "_meta", skip_serializing_if = "Map::is_empty")]
    pub meta: Map<String, Value>,
}

/// Where a server's source is.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Repository {
    /// The repository.
    pub url: String,
    /// Who keeps it.
    pub source: String,
    /// The folder in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subfolder: String,
}

/// A package that is a server.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Package {
    /// Where it is published: `npm`, `pypi`, `oci`, and others.
    pub registry_type: String,
    /// The registry, unless it is the usual one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registry_base_url: String,
    /// Its name there; of an image with its tag.
    pub identifier: String,
    /// Its version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The program that fetches and starts it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runtime_hint: String,
    /// How it speaks.
    pub transport: Transport,
    /// Arguments of the program that fetches it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtime_arguments: Vec<Argument>,
    /// Its own arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub package_arguments: Vec<Argument>,
    /// Variables of its environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment_variables: Vec<Pair>,
}

/// How a package speaks.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Transport {
    /// `stdio`, `streamable-http` or `sse`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where, of those by HTTP.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// Where a server is served.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Remote {
    /// `streamable-http` or `sse`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where, with variables in braces.
    pub url: String,
    /// What is sent along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Pair>,
    /// Variables of the URL.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Input>,
}

/// A header or a variable of an environment.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(flatten)]
    pub input: Input,
}

/// An argument.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Argument {
    /// `named` or `positional`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The flag of a named one, with its hyphens.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What a positional one is called.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value_hint: String,
    /// Whether it may stand several times.
    #[serde(skip_serializing_if = "is_false")]
    pub is_repeated: bool,
    /// Its value.
    #[serde(flatten)]
    pub input: Input,
}

/// A value, or what to ask a person for it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Input {
    /// What it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether there must be one.
    #[serde(skip_serializing_if = "is_false")]
    pub is_required: bool,
    /// Whether nobody should see it.
    #[serde(skip_serializing_if = "is_false")]
    pub is_secret: bool,
    /// `string`, `number`, `boolean` or `filepath`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// What it is where nobody says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// An example.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub placeholder: String,
    /// What it is; variables in braces are put in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The values that it may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The variables in `value`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Self>,
}

impl Argument {
    /// What answers call it.
    #[must_use]
    pub fn key(&self) -> &str {
        match self.name.is_empty() {
            true => &self.value_hint,
            false => &self.name,
        }
    }
}

const fn is_false(word: &bool) -> bool {
    !*word
}
