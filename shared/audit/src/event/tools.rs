//! The records about definitions of tools: what was pinned, what waits for a person, who trusted
//! it.

use super::Details;

/// What happened to definitions.
#[derive(Clone, Copy, Debug)]
pub enum ToolsEvent<'a> {
    /// They were pinned as their server said them first.
    Pinned(ToolsTold<'a>),
    /// Their tools can't be seen or called until a person approves them.
    Quarantined(ToolsTold<'a>),
    /// They returned to what is pinned.
    Released(ToolsTold<'a>),
    /// A person approved one.
    Approved {
        /// The server.
        server: &'a str,
        /// The tool; `sha256` is of what the person was shown.
        tool: ToolTold<'a>,
        /// Who it was.
        by: &'a str,
    },
}

/// Tools of a server.
#[derive(Clone, Copy, Debug)]
pub struct ToolsTold<'a> {
    /// The server.
    pub server: &'a str,
    /// How many tools.
    pub count: u64,
    /// The first of them.
    pub tools: &'a [ToolTold<'a>],
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct ToolTold<'a> {
    /// Its name.
    pub tool: &'a str,
    /// Of its canonical definition.
    pub sha256: &'a [u8; 32],
    /// Why it is quarantined.
    pub cause: Option<&'a str>,
}

impl ToolsEvent<'_> {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Pinned(_) => "tool_pinned",
            Self::Quarantined(_) => "tool_quarantined",
            Self::Released(_) => "tool_released",
            Self::Approved { .. } => "tool_approved",
        }
    }

    pub(super) fn write(&self, details: &mut Details<'_>) {
        match *self {
            Self::Pinned(told) | Self::Quarantined(told) | Self::Released(told) => {
                details.text("server", told.server);
                details.number("count", told.count);
                details.list("tools", told.tools, |tool, out| {
                    out.push(b'{');
                    tool.write(&mut Details { out, first: true });
                    out.push(b'}');
                });
            }
            Self::Approved { server, tool, by } => {
                details.text("server", server);
                tool.write(details);
                details.text("by", by);
            }
        }
    }
}

impl ToolTold<'_> {
    fn write(&self, details: &mut Details<'_>) {
        details.text("tool", self.tool);
        details.hex("sha256", self.sha256);
        if let Some(cause) = self.cause {
            details.text("cause", cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;
    use serde_json::{Value, json};

    fn read(event: ToolsEvent<'_>) -> Value {
        let mut tail = Vec::new();
        Event::Tools(event).write(&mut tail);
        tail.splice(..1, *b"{");
        serde_json::from_slice(&tail).unwrap()
    }

    #[test]
    fn what_happened_to_tools_is_told_by_server() {
        let tools = [ToolTold {
            tool: "a\"",
            sha256: &[0xab; 32],
            cause: Some("changed"),
        }];
        let told = ToolsTold {
            server: "crm",
            count: 7,
            tools: &tools,
        };
        let row = json!({"tool": "a\"", "sha256": "ab".repeat(32), "cause": "changed"});
        let details = json!({"server": "crm", "count": 7, "tools": [row]});
        for (event, kind) in [
            (ToolsEvent::Pinned(told), "tool_pinned"),
            (ToolsEvent::Quarantined(told), "tool_quarantined"),
            (ToolsEvent::Released(told), "tool_released"),
        ] {
            assert_eq!(read(event), json!({"kind": kind, "details": details}));
        }
    }

    #[test]
    fn who_approved_what_is_told() {
        let approved = read(ToolsEvent::Approved {
            server: "crm",
            tool: ToolTold {
                tool: "a",
                sha256: &[1; 32],
                cause: None,
            },
            by: "ann",
        });
        assert_eq!(approved["kind"], "tool_approved");
        let details = json!({"server": "crm", "tool": "a", "sha256": "01".repeat(32), "by": "ann"});
        assert_eq!(approved["details"], details);
    }
}
