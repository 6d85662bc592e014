//! Who gets something and where it goes: recipients, hooks, paths, and what is carried there.

use varistor_effect::Access;
use varistor_model::Span;

use super::outer::is_outer;
use super::pass::{Pass, Value};
use super::{Fact, Slot};
use crate::keys::Meaning;
use crate::secrets;
use crate::table::Table;
use crate::values::{self, word};
use crate::words;

impl Pass<'_, '_> {
    pub(super) fn recipient(&mut self, content: &str, span: Span) {
        if memchr::memchr(b'@', content.as_bytes()).is_some() {
            let mut addresses = content.split([',', ';', ' ', '<', '>']);
            if addresses.any(|one| one.contains('@') && self.outside.is_foreign_mail(one)) {
                self.find(Fact::Outsider, span);
            }
            return;
        }
        if values::is_domain(content) && self.outside.is_foreign_host(content) {
            self.find(Fact::Outsider, span);
        }
        let words = values::words(content.as_bytes());
        if words & (word::PUBLIC | word::ANYONE) != 0 || content == "*" {
            self.find(Fact::Public, span);
        }
        if self.profile.shares() {
            // The number of an account of a cloud, bare or in an ARN.
            let bytes = content.as_bytes();
            let is_account = bytes.len() == 12 && bytes.iter().all(u8::is_ascii_digit);
            if is_account || is_outer(content) || content.starts_with("arn:aws:iam::") {
                self.find(Fact::Outsider, span);
            }
        }
    }

    pub(super) fn hook(&mut self, content: &str, span: Span, meaning: Meaning) {
        let is_mail = content.contains('@') && !content.contains("://");
        let is_foreign = if is_mail {
            self.outside.is_foreign_mail(content)
        } else {
            let host = values::host(content).or_else(|| bare_host(content));
            host.is_some_and(|host| self.outside.is_foreign_host(host)) || is_outer_store(content)
        };
        if is_foreign {
            let is_forward = meaning == Meaning::ForwardTo || is_mail;
            let fact = if is_forward {
                Fact::ForwardsOut
            } else {
                Fact::Hook
            };
            self.find(fact, span);
        }
    }

    pub(super) fn path(&mut self, content: &str, span: Span, value: &Value) {
        self.keep(Slot::Path, value);
        let Some(access) = self.profile.access() else {
            return;
        };
        // A bare word is the name of no file that matters.
        if content.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return;
        }
        let is_copied = COPYING.find(self.profile.verb_hash) != 0 && SOURCES.find(value.key) != 0;
        let is_remote = REMOTE.find(value.key) != 0 && SENDING_UP.find(self.profile.verb_hash) != 0;
        let access = match () {
            () if is_copied => Access::Read,
            () if is_remote => Access::Write,
            () => access,
        };
        let Some(effect) = varistor_effect::path(content, access).gravest() else {
            return;
        };
        let weight = |effect: &varistor_effect::Effect| (effect.intent, effect.confidence_percent);
        let graver = self.facts.path.as_ref();
        if graver.is_none_or(|(kept, _)| weight(kept) < weight(&effect)) {
            self.facts.path = Some((effect, span));
        }
    }

    pub(super) fn content(&mut self, content: &str, span: Span) {
        let bytes = content.as_bytes();
        let shape = secrets::shape(bytes);
        if !self.facts.has(Fact::Secret) && secrets::holds_secret(bytes, &shape) {
            self.find(Fact::Secret, span);
        }
        if !self.facts.has(Fact::Records) && secrets::holds_records(bytes, &shape) {
            self.find(Fact::Records, span);
        }
    }
}

/// The host of `broker.example:9092`, or of the first of several.
fn bare_host(content: &str) -> Option<&str> {
    let first = content.split([',', ';', ' ']).next()?;
    let (host, port) = first.split_once(':')?;
    let is_port = (2..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && values::is_domain(host)).then_some(host)
}

/// Schemes of stores that are named by their buckets.
const STORES: [&str; 14] = [
    "s3", "s3a", "s3n", "gs", "gcs", "az", "abfs", "abfss", "wasb", "wasbs", "r2", "b2", "oss",
    "cos",
];

/// Words in the names of buckets that are somebody else's, or everybody's.
static OUTER_STORES: Table<64> = Table::of(&[(
    1,
    "external extern outside outsider partner partners vendor vendors thirdparty public anon \
     anonymous other contractor supplier agency rival competitor personal attacker drop dropzone \
     exfil",
)]);

/// Whether a bucket is that of somebody else, as its name tells: `s3://partner-inbox/`.
fn is_outer_store(content: &str) -> bool {
    let Some((scheme, _)) = content.split_once("://") else {
        return false;
    };
    let host = values::host(content).unwrap_or_default();
    STORES.contains(&scheme)
        && words::of_name(host.as_bytes())
            .take(6)
            .any(|word| OUTER_STORES.find(word.hash) != 0)
}

/// Verbs that copy what stands at a source.
static COPYING: Table<32> =
    Table::of(&[(1, "copy pull sync transfer backup collect grab scp rsync")]);

/// Verbs that send something up.
static SENDING_UP: Table<16> = Table::of(&[(1, "upload put push send write")]);

/// Keys of where something goes that is sent up.
static REMOTE: Table<16> = Table::of(&[(
    1,
    "remotepath remotefile remotefilepath destpath destinationpath",
)]);

/// Keys of what is copied.
static SOURCES: Table<32> = Table::of(&[(
    1,
    "remotepath remotefile remotefilepath source src sourcepath sourcefile frompath \
     containerpath sourcefilepath",
)]);
