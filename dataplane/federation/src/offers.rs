//! What a server says that it is and can do, when it is met.

use crate::door::Who;
use crate::names::Naming;
use crate::said::Said;

/// What a server says of itself, as it stands there; only where somebody will be told.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub(crate) info: Option<String>,
    pub(crate) instructions: Option<String>,
    pub(crate) capabilities: Option<String>,
}

/// What a server offers, by its own word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offers {
    pub(crate) tools: bool,
    pub(crate) prompts: bool,
    pub(crate) resources: bool,
    pub(crate) subscribe: bool,
    pub(crate) completions: bool,
    pub(crate) logging: bool,
}

/// Longest text that is kept of what a server says of itself: each session keeps it.
const ABOUT_BYTES_MAX: usize = 64 * 1024;
impl Offers {
    /// What the result of `initialize` or `server/discover` says.
    pub(crate) fn read(text: &str) -> Self {
        let said = Said::read(text);
        let capabilities = said.and_then(|said| said.result().object("capabilities"));
        let capabilities = capabilities.unwrap_or_default();
        let has = |name| capabilities.get(name).is_some_and(|it| it != "null");
        let resources = capabilities.object("resources").unwrap_or_default();
        Self {
            tools: has("tools"),
            prompts: has("prompts"),
            resources: has("resources"),
            subscribe: resources.get("subscribe") == Some("true"),
            completions: has("completions"),
            logging: has("logging"),
        }
    }

    /// What either offers.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self {
            tools: self.tools || other.tools,
            prompts: self.prompts || other.prompts,
            resources: self.resources || other.resources,
            subscribe: self.subscribe || other.subscribe,
            completions: self.completions || other.completions,
            logging: self.logging || other.logging,
        }
    }
}

impl About {
    /// Of a server that a client asked for by itself.
    pub(crate) fn read(who: &Who, text: &str) -> Self {
        let Some(said) = Said::read(text).filter(|_| who.naming == Naming::Own) else {
            return Self::default();
        };
        let result = said.result();
        let meta = result.object("_meta").unwrap_or_default();
        let info = result.get("serverInfo");
        let info = info.or_else(|| meta.get("io.modelcontextprotocol/serverInfo"));
        let kept = |text: Option<&str>| {
            let text = text.filter(|text| text.len() <= ABOUT_BYTES_MAX);
            text.map(str::to_owned)
        };
        Self {
            info: kept(info),
            instructions: kept(result.get("instructions")),
            capabilities: kept(result.get("capabilities")),
        }
    }
}
