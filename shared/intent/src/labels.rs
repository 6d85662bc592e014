//! Which labels a call has: does it read private data, take in what outsiders write, send out.
//!
//! What comes in follows from what the tool is about, and counts for calls that read. What goes out
//! follows from the arguments and from evidence that something leaves. Refuses to call a look-up at
//! a foreign host sending: its query leaves, but carries no data unless the evidence says so.

use varistor_effect::Outside;
use varistor_model::{Intent, Labels};

use crate::definition::Definition;
use crate::facts::{Fact, Facts, Slot};
use crate::ground::Judgement;
use crate::lexicon::about;
use crate::profile::Profile;
use crate::table::Table;
use crate::values;
use crate::words;

/// The web, wherever it is told.
const WEB: u64 = 1;
/// Written by others where a name says it.
const OTHERS: u64 = 1 << 1;
/// Mail and the like: one's own, and written by anybody.
const MAIL: u64 = 1 << 2;
/// One's own.
const OWN: u64 = 1 << 3;
/// Places where all the world reads.
const STAGE: u64 = 1 << 4;

static SOURCES: Table<512> = Table::of(&[
    (
        WEB,
        "web website websites webpage webpages url urls internet browse browser browsing crawl \
         crawler scrape scraper scraping serp google bing brave duckduckgo tavily exa perplexity \
         rss wikipedia arxiv hackernews news online",
    ),
    (
        WEB | STAGE,
        "twitter reddit youtube facebook instagram tiktok mastodon bluesky",
    ),
    (STAGE, "tweet pastebin gist linkedin medium"),
    (
        OTHERS,
        "issue issues pull pulls comment comments review reviews discussion discussions feed \
         feeds article articles submission submissions responses forum tweets",
    ),
    (
        MAIL,
        "mail mails email emails inbox mailbox gmail outlook imap sms whatsapp telegram voicemail \
         ticket tickets",
    ),
    (
        OWN,
        "file files directory folder folders drive dropbox sharepoint onedrive notion confluence \
         wiki jira crm salesforce hubspot deal deals lead leads invoice invoices ledger payroll \
         note notes memory memories calendar calendars database databases sql postgres mysql \
         sqlite table tables customer customers contact contacts employee employees account \
         accounts order orders record records spreadsheet sheet bucket s3 logs repository repo \
         slack chat salary patient patients transaction transactions secret secrets document \
         documents",
    ),
]);

/// Subjects whose data is not public.
const PRIVATE: u64 = about::PEOPLE
    | about::PRIVATE
    | about::CREDENTIAL
    | about::SESSION
    | about::SQL
    | about::MONGO
    | about::REDIS
    | about::ELASTIC
    | about::FILE
    | about::CELL;

/// Bytes of a description that are looked at: its first sentences.
const TOLD_BYTES: usize = 160;

/// What calls of a tool that read take in, by its definition.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Intake {
    pub(crate) labels: Labels,
    /// What it writes, all the world reads.
    is_stage: bool,
}

impl Intake {
    pub(crate) fn of(definition: &Definition, named: u64, subjects: u64) -> Self {
        let sources = |words: words::Words<'_>| {
            words.fold(0, |all, word| {
                let forms = word.forms();
                all | forms
                    .iter()
                    .map(|form| SOURCES.find(*form))
                    .find(|it| *it != 0)
                    .unwrap_or(0)
            })
        };
        let name = sources(words::of_name(definition.name.as_bytes()));
        let text = definition.description.as_bytes();
        let text = text.get(..text.len().min(TOLD_BYTES)).unwrap_or_default();
        let told = sources(words::of_text(text));
        let mail = (name | told) & MAIL != 0;
        let web = (name | told) & WEB != 0;
        let own = name & OWN != 0 || named & PRIVATE != 0;
        let is_told_own = (told & OWN != 0 || subjects & PRIVATE != 0) && !web;
        let mut labels = Labels::NONE;
        if mail || own || is_told_own {
            labels = labels.and(Labels::PRIVATE_READ);
        }
        if mail || web || name & OTHERS != 0 {
            labels = labels.and(Labels::UNTRUSTED_IN);
        }
        Self {
            labels,
            is_stage: name & STAGE != 0,
        }
    }
}

/// The labels of one call.
pub(crate) fn of(
    profile: &Profile,
    facts: &Facts<'_>,
    judgement: &Judgement,
    outside: &dyn Outside,
) -> Labels {
    let leaves = leaves(profile, facts, judgement);
    let out = if leaves {
        Labels::EXTERNAL_OUT
    } else {
        Labels::NONE
    };
    let reads = match judgement.intent {
        Intent::Read => true,
        // Bulk that is handed to the agent is read, and has not left yet.
        Intent::Exfiltrative => !leaves,
        Intent::Write | Intent::Destructive => false,
    };
    if !reads {
        return out;
    }
    let host = facts.slot(Slot::Url).and_then(|(url, _)| values::host(url));
    let labels = match host {
        Some(host) if outside.is_foreign_host(host) => profile
            .intake
            .labels
            .without(Labels::PRIVATE_READ)
            .and(Labels::UNTRUSTED_IN),
        Some(_) => profile
            .intake
            .labels
            .without(Labels::UNTRUSTED_IN)
            .and(Labels::PRIVATE_READ),
        None if profile.is_open() => profile.intake.labels.and(Labels::PRIVATE_READ),
        None => profile.intake.labels,
    };
    labels.and(out)
}

fn leaves(profile: &Profile, facts: &Facts<'_>, judgement: &Judgement) -> bool {
    if facts.has(Fact::Outsider) && profile.sends()
        || facts.has(Fact::ForwardsOut)
        || facts.has(Fact::Hook)
    {
        return judgement.intent != Intent::Read;
    }
    match judgement.intent {
        Intent::Exfiltrative => judgement
            .grounds()
            .any(|ground| ground.intent == Intent::Exfiltrative && carries_out(ground.code)),
        Intent::Write => profile.intake.is_stage,
        Intent::Read | Intent::Destructive => false,
    }
}

/// Whether a ground says that something leaves, rather than that much or secret is read.
fn carries_out(code: &str) -> bool {
    const PLACES: [&str; 4] = ["network.", "transfer.", "mail.", "piped.sends"];
    const DEEDS: [&str; 18] = [
        "elsewhere",
        "description.open",
        "outside",
        "outsider",
        "hook",
        "forward",
        "foreign",
        "public",
        "publishes",
        "sends",
        "shares",
        "in_query",
        "in_url",
        "in_name",
        "migrates",
        "replicates",
        "connection",
        "tunnel",
    ];
    PLACES.iter().any(|place| code.starts_with(place))
        || DEEDS.iter().any(|deed| code.contains(deed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge;

    struct Acme;

    impl Outside for Acme {
        fn is_foreign_host(&self, host: &str) -> bool {
            !host.ends_with("acme.com")
        }

        fn is_foreign_mail(&self, address: &str) -> bool {
            !address.contains("@acme.com")
        }
    }

    fn labels(name: &str, description: &str, arguments: &str) -> String {
        let definition = format!(r#"{{"name":"{name}","description":"{description}"}}"#);
        let judged = judge(&Profile::of_definition(&definition), arguments, &Acme);
        judged.labels.names().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_call_has_its_labels() {
        let cases = include_str!("labels.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'));
        let wrong: Vec<_> = cases
            .filter_map(|line| {
                let cells: Vec<_> = line.split('\t').collect();
                let found = labels(cells[1], cells[2], cells[3]);
                (found != cells[0]).then(|| format!("{line}: {found}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
