//! What stands in lists and results: which names and URIs in them are a server's own, and how
//! clients know them.

use varistor_model::Method;
use varistor_model::limits::NAME_BYTES_MAX;

use crate::door::Who;
use crate::json::{Changes, Object, elements, quoted};
use crate::uris;

/// A list that is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Tools,
    Prompts,
    Resources,
    Templates,
}

/// One entry of a list, as clients see it.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Name or URI, as clients know it.
    pub(crate) name: String,
    /// Its server, and its own name there.
    pub(crate) server: String,
    pub(crate) own: String,
    pub(crate) text: String,
}

impl List {
    /// The list that a method asks for.
    pub(crate) const fn of(method: Method) -> Self {
        match method {
            Method::PromptsList => Self::Prompts,
            Method::ResourcesList => Self::Resources,
            Method::ResourcesTemplatesList => Self::Templates,
            _ => Self::Tools,
        }
    }

    /// The method that asks for it.
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Tools => "tools/list",
            Self::Prompts => "prompts/list",
            Self::Resources => "resources/list",
            Self::Templates => "resources/templates/list",
        }
    }

    /// The member of the result that it is.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
        }
    }

    /// The member of an entry by which clients call for it.
    const fn member(self) -> &'static str {
        match self {
            Self::Tools | Self::Prompts => "name",
            Self::Resources => "uri",
            Self::Templates => "uriTemplate",
        }
    }

    /// An entry of this server, once for each name that clients know it by; nothing when it has
    /// none, or is no entry.
    pub(crate) fn items(self, who: &Who, server: &str, text: &str) -> Vec<Item> {
        let Some(entry) = Object::read(text) else {
            return Vec::new();
        };
        let (Some(own), Some(place)) = (entry.text(self.member()), entry.get(self.member())) else {
            return Vec::new();
        };
        if own.len() > NAME_BYTES_MAX {
            // No policy decides about such a one.
            return Vec::new();
        }
        let known: Vec<String> = match (&who.view, self) {
            (Some(view), Self::Tools) => view.names_of(server, &own).map(str::to_owned).collect(),
            (Some(_), _) => Vec::new(),
            (None, Self::Tools | Self::Prompts) => vec![who.naming.name(server, &own)],
            (None, Self::Resources | Self::Templates) => vec![who.naming.uri(server, &own)],
        };
        let item = |name: String| {
            let mut changes = Changes::default();
            changes.replace(text, place, quoted(&name));
            Item {
                name,
                server: server.to_owned(),
                own: own.to_string(),
                text: changes.apply(text),
            }
        };
        known.into_iter().map(item).collect()
    }
}

/// Joins the URIs of resources in a result, so that the client can read them.
pub(crate) fn join_uris(
    (method, server): (Method, &str),
    (text, result): (&str, &Object<'_>),
    changes: &mut Changes,
) {
    let mut join = |holder: &Object<'_>| {
        if let (Some(place), Some(uri)) = (holder.get("uri"), holder.text("uri")) {
            changes.replace(text, place, quoted(&uris::joined(server, &uri)));
        }
    };
    let mut block = |block: &str| {
        let Some(block) = Object::read(block) else {
            return;
        };
        match block.text("type").as_deref() {
            Some("resource_link") => join(&block),
            Some("resource") => {
                if let Some(resource) = block.object("resource") {
                    join(&resource);
                }
            }
            _ => {}
        }
    };
    let all = |key: &str| result.get(key).and_then(elements).unwrap_or_default();
    match method {
        Method::ToolsCall => all("content").into_iter().for_each(block),
        Method::PromptsGet => {
            for message in all("messages") {
                let content = Object::read(message).and_then(|message| message.get("content"));
                let content = content.unwrap_or_default();
                match elements(content) {
                    Some(blocks) => blocks.into_iter().for_each(&mut block),
                    None => block(content),
                }
            }
        }
        Method::ResourcesRead => {
            let contents = all("contents").into_iter().filter_map(Object::read);
            contents.for_each(|content| join(&content));
        }
        _ => {}
    }
}
