//! What rules may ask about a call.

use varistor_inspect::dlp::Findings;
use varistor_inspect::glob;
use varistor_intent::Judgement;
use varistor_model::Labels;
use varistor_rules::Facts;
use varistor_rules::ast::Per;
use varistor_rules::vocabulary::{NumberField, SetField, TextField};
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedServer};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::desk::Principal;
use crate::known::KnownTool;
use crate::outside::{Client, Now};
use crate::serving::Local;
use crate::stages::dlp::Scanned;

/// A call of a tool, as rules see it.
pub(super) struct CallFacts<'a> {
    pub(super) policy: &'a ArchivedPolicy,
    pub(super) principal: &'a Principal,
    pub(super) server: &'a ArchivedServer,
    pub(super) tool: &'a str,
    /// What its server said about it, if it listed it.
    pub(super) known: Option<&'a KnownTool>,
    pub(super) judgement: &'a Judgement,
    pub(super) findings: &'a Findings,
    /// JSON text; an object without members when there are none.
    pub(super) arguments: &'a str,
    pub(super) request_bytes: u64,
    pub(super) now: Now,
    /// Hexadecimal digits, as in records.
    pub(super) token: [u8; 32],
    pub(super) session: Option<[u8; 16]>,
    pub(super) protocol: &'a str,
}

impl<'a> CallFacts<'a> {
    /// What is known without the desk: no tool, and nothing found.
    pub(super) fn of(
        local: &'a Local,
        client: &'a impl Client,
        scanned: &'a Scanned,
        server: &'a ArchivedServer,
    ) -> Self {
        const NONE: &Findings = &Findings::new();
        let call = scanned.classified().call();
        let arguments = call.message().map(|message| message.arguments);
        let arguments = arguments.unwrap_or_default().of_bytes(client.body());
        Self {
            policy: local.policy(),
            principal: &call.principal,
            server,
            tool: "",
            known: None,
            judgement: scanned.classified().intent(),
            findings: NONE,
            // What passed the strict gate is text.
            arguments: match core::str::from_utf8(arguments) {
                Ok("") | Err(_) => "{}",
                Ok(text) => text,
            },
            request_bytes: client.body().len() as u64,
            now: client.now(),
            token: hex(call.principal.token().0),
            session: call.session.map(hex),
            protocol: call.protocol.map_or("", |version| version.name()),
        }
    }

    fn team(&self) -> &str {
        let team = self.principal.team.and_then(|at| usize::try_from(at).ok());
        let team = team.and_then(|at| self.policy.teams.get(at));
        team.map_or("", |team| team.name.as_str())
    }

    fn tags(&self) -> impl Iterator<Item = &str> {
        let rows = glob::candidates(&self.server.tools, |row| &*row.name, self.tool);
        let of_tool = rows.filter(|row| glob::matches(&row.name, self.tool));
        let of_tool = of_tool.flat_map(|row| row.tags.iter());
        let tags = self.server.tags.iter().chain(of_tool);
        tags.map(|tag| tag.as_str())
    }

    fn labels(&self) -> Labels {
        super::flow::labels(self.server, self.tool, self.judgement.labels)
    }

    fn roles(&self) -> impl Iterator<Item = &str> {
        let rows = self.principal.roles.iter();
        let rows = rows.filter_map(|at| self.policy.roles.get(usize::try_from(*at).ok()?));
        rows.map(|row| row.name.as_str())
    }
}

impl Facts for CallFacts<'_> {
    fn tool_key(&self) -> Option<u64> {
        let definition = self.known.map_or(0, KnownTool::definition);
        let server = xxh3_64(self.server.name.as_bytes());
        let tool = xxh3_64(self.tool.as_bytes());
        // Rules ask for labels as for tags of a tool, and two calls of it may differ in them.
        let labels = u64::from(self.labels().bits());
        let parts = [server, tool, definition, labels].map(u64::to_le_bytes);
        Some(xxh3_64(parts.as_flattened()))
    }

    fn text(&self, field: TextField) -> Option<&str> {
        let verified = &self.principal.verified;
        Some(match field {
            TextField::ToolServer => &self.server.name,
            TextField::ToolName => self.tool,
            TextField::ToolCategory => &self.server.category,
            TextField::AgentId => &verified.agent,
            TextField::AgentOrganisation => &verified.organisation,
            TextField::AgentTeam => self.team(),
            TextField::TokenId => return core::str::from_utf8(&self.token).ok(),
            TextField::SessionId => match &self.session {
                Some(session) => return core::str::from_utf8(session).ok(),
                None => "",
            },
            TextField::SessionProtocol => self.protocol,
            // Told in `initialize` only, or by the client about itself.
            TextField::SessionClient => return None,
        })
    }

    fn number(&self, field: NumberField) -> Option<u64> {
        match field {
            NumberField::ActionType => Some(self.judgement.intent as u64),
            NumberField::ActionConfidence => Some(u64::from(self.judgement.confidence_percent)),
            NumberField::RequestBytes => Some(self.request_bytes),
            // Tokens do not say when they were issued; sessions are not kept.
            NumberField::TokenAge | NumberField::SessionAge | NumberField::SessionCalls => None,
        }
    }

    fn contains(&self, field: SetField, text: &str) -> Option<bool> {
        Some(match field {
            SetField::ToolTags => {
                self.tags().any(|tag| tag == text) || self.labels().names().any(|one| one == text)
            }
            SetField::AgentRoles => self.roles().any(|role| role == text),
            // No policy gives any.
            SetField::AgentLabels => false,
        })
    }

    fn is_empty(&self, field: SetField) -> Option<bool> {
        Some(match field {
            SetField::ToolTags => self.tags().next().is_none() && self.labels().is_empty(),
            SetField::AgentRoles => self.roles().next().is_none(),
            SetField::AgentLabels => true,
        })
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.known?.annotation(name)
    }

    fn arguments(&self) -> Option<&str> {
        Some(self.arguments)
    }

    fn findings(&self, entity: &str) -> Option<u64> {
        if self.findings.overflowed() {
            return None;
        }
        let rows = &self.policy.dlp.detectors;
        let is_it = |number: u16| {
            let row = rows.get(usize::from(number));
            row.is_some_and(|row| row.entity == entity || row.parent == entity)
        };
        let found = self
            .findings
            .iter()
            .filter(|finding| is_it(finding.detector));
        Some(found.count() as u64)
    }

    fn unix_ms(&self) -> u64 {
        self.now.unix_ns / 1_000_000
    }

    /// A session of MCP belongs to one server, and 2026-07-28 has none: what belongs together is
    /// what one token does.
    fn scope(&self, per: Per) -> Option<u128> {
        Some(match per {
            Per::Session | Per::Token => u128::from_le_bytes(self.principal.token().0),
            Per::Agent => {
                let verified = &self.principal.verified;
                let organisation = xxh3_64(verified.organisation.as_bytes());
                xxh3_128(verified.agent.as_bytes()) ^ u128::from(organisation).rotate_left(64)
            }
        })
    }
}

fn hex<const N: usize, const M: usize>(bytes: [u8; N]) -> [u8; M] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut out = [b'0'; M];
    for (pair, byte) in out.chunks_exact_mut(2).zip(bytes) {
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
        if let [high, low] = pair {
            *high = digit(byte >> 4);
            *low = digit(byte & 0xf);
        }
    }
    out
}
