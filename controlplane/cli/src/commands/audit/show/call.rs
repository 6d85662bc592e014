//! A call in lines, a name and a value each.

use serde_json::Value;
use varistor_records::{Finding, Record};

use crate::commands::audit::hidden::Hidden;
use crate::commands::audit::row;
use crate::output::{self, Tone, plain, tinted};

/// Lines of a name and a value.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<(&'static str, String, Option<Tone>)>);

impl Lines {
    /// Adds a line; none for an empty value.
    pub(super) fn add(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.0.push((name, value.to_owned(), None));
        }
    }

    pub(super) fn head(&mut self, record: &Record<'_>) {
        self.add("record", &record.seq.to_string());
        self.add("time", &record.time);
    }

    pub(super) fn event(&mut self, record: &Record<'_>) {
        self.add("kind", &record.kind);
        if record.is_result() {
            self.result(record);
            self.add(
                "call",
                &format!("record {}", record.call.unwrap_or_default()),
            );
        }
    }

    pub(super) fn call(&mut self, call: &Record<'_>) {
        let id = call
            .id
            .map_or_else(String::new, |id| format!(", id {}", id.get()));
        self.add("call", &format!("{} {}{id}", call.method, call.target()));
        self.add("agent", &call.who());
        self.add("token", &call.token);
        self.add("issuer", &call.issuer);
        self.add("holder", &call.holder);
        self.add("session", &call.session);
        self.add("client", &call.client);
        if let Some(intent) = &call.intent {
            let evidence = intent.evidence.join(", ");
            self.add(
                "intent",
                &format!("{}, {} %: {evidence}", intent.name, intent.confidence),
            );
        }
        self.findings("found", &call.findings);
        for restored in &call.restored {
            self.add(
                "put back",
                &format!("{} times {}", restored.count, restored.entity),
            );
        }
        self.decision(call);
        self.rules(call);
        if call.params_masked {
            self.add("parameters", "findings in them are masked");
        }
        if !call.params_omitted.is_empty() {
            self.add(
                "parameters",
                &format!("not recorded: {}", call.params_omitted),
            );
        }
    }

    /// What the record is held to without telling it.
    pub(super) fn hidden(&mut self, hidden: &Hidden, seq: u64) -> anyhow::Result<()> {
        for one in &hidden.commitments {
            let told = format!("salt {}, {}", one.salt, one.sha256);
            self.add("committed", &told);
        }
        if let Some(sealed) = hidden.sealed()? {
            let bytes = sealed.len();
            let how = format!("{bytes} bytes for the auditors: varictl audit sealed {seq}");
            self.add("encrypted", &how);
        }
        Ok(())
    }

    fn decision(&mut self, call: &Record<'_>) {
        let mut told = call.decision.to_string();
        if !call.reason.is_empty() {
            told.push_str(&format!(", {} (stage {})", call.reason, call.stage));
        }
        self.0
            .push(("decision", told, Some(row::tone(&call.decision))));
        let generation = call
            .generation
            .map_or_else(String::new, |number| format!("generation {number}"));
        self.add("rule", &call.rule);
        self.add("policy", &generation);
    }

    fn rules(&mut self, call: &Record<'_>) {
        self.add("rules", &call.rules.join(", "));
        if let Some(shadow) = &call.shadow {
            self.add("shadow", &format!("{} by {}", shadow.decision, shadow.rule));
        }
        self.add("level", &call.level);
        self.add("flow", &call.flow.join(", "));
        if call.flagged {
            self.add("flagged", "a human is to look at it");
        }
        if call.session_ended {
            self.add("session", "ended by a rule");
        }
        let channel = |channel: &varistor_records::ChannelTold<'_>| {
            format!("{}/{}", channel.kind, channel.name)
        };
        let told: Vec<String> = call.notify.iter().map(channel).collect();
        self.add("told", &told.join(", "));
        self.add("approval", &call.approval);
    }

    pub(super) fn result(&mut self, result: &Record<'_>) {
        let http = result
            .http_status
            .map_or_else(String::new, |code| format!(", HTTP {code}"));
        let told = format!(
            "{}{http}, {} (record {}, {})",
            result.status,
            row::measures(result),
            result.seq,
            row::time(result)
        );
        let good = matches!(&*result.status, "ok" | "closed");
        let tone = if good { Tone::Good } else { Tone::Warning };
        self.0.push(("result", told, Some(tone)));
        self.findings("in answer", &result.findings);
    }

    fn findings(&mut self, name: &'static str, findings: &[Finding<'_>]) {
        for found in findings {
            let message = found
                .message
                .map_or_else(String::new, |at| format!(" of message {at}"));
            self.add(
                name,
                &format!(
                    "{} at bytes {}{message}, {}, {} %",
                    found.entity, found.place, found.action, found.confidence
                ),
            );
        }
    }

    /// Writes them to standard output.
    pub(super) fn print(&self) -> anyhow::Result<()> {
        for (name, value, tone) in &self.0 {
            let value = plain(value);
            let value = match tone {
                Some(tone) => tinted(&value, *tone),
                None => value.into_owned(),
            };
            output::line(&format!("{name:<11} {value}"))?;
        }
        Ok(())
    }
}

/// What somebody decided about a held call.
pub(super) fn decided(event: &Record<'_>) -> String {
    let detail = |name: &str| event.detail(name).unwrap_or_default();
    let mut told = detail("decision");
    for (word, name) in [(" by ", "by"), (": ", "note")] {
        let text = detail(name);
        if !text.is_empty() {
            told.push_str(word);
            told.push_str(&text);
        }
    }
    told
}

/// JSON over several lines, or as it is when it can't be read.
pub(super) fn pretty(text: &str) -> String {
    let value: Option<Value> = serde_json::from_str(text).ok();
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    pretty.unwrap_or_else(|| text.to_owned())
}
