//! What a parameter means by the words of its name, where the whole name is unknown.
//!
//! Refuses to guess where a word says that the value is a count, a date or a name.

use super::Meaning;
use crate::table::{Table, hash};
use crate::words;

/// Words of a parameter's name that tell what it means where the whole is unknown.
static PARTS: Table<512> = Table::of(&[
    (
        part::SUM,
        "total sum amount gross net payout payable betrag summe gesamtbetrag importe \
         montant importo \
         valor bedrag totaal brutto netto totale monto summa kwota belopp belob belop tutar \
         osszeg castka suma sumu \
         jumlah jine kingaku geumaek netto importi maara somme",
    ),
    (
        part::CURRENCY,
        "eur usd gbp chf sek nok dkk pln jpy cad aud inr euro euros dollars",
    ),
    (part::MINOR, "cents cent pence minor"),
    (
        part::OTHER,
        "id ids count number days hours pages page items rows records type name date limit rate \
         percent pct status code at min max",
    ),
    (part::HOOK, "webhook callback hook sink destination"),
    (part::ADDRESS, "url uri endpoint host urls uris endpoints"),
    (
        part::FORWARD,
        "forward redirect bcc divert autoforward weiterleitung forwarding blind",
    ),
    (
        part::SEEN,
        "privacy visibility sharing share acl audience access visible viewable",
    ),
    (
        part::GUARD,
        "protected protection bruteforce mfa 2fa firewall encryption encrypted audit ssl tls rls",
    ),
    (
        part::SAFE,
        "security authentication auth antivirus monitoring backup backups alerting logging tls \
         ssl \
         audit auditing firewall",
    ),
    (
        part::AIM,
        "target dest destination remote external downstream peer secondary replica mirror sink \
         outbound egress forward export upstream collector drain",
    ),
    (
        part::SERVER,
        "bootstrap broker brokers host server servers cluster endpoint endpoints url uri address \
         addr registry bucket instance dsn hostname fqdn",
    ),
    (
        part::SINK,
        "collector syslog drain logdrain otlp exporter shipper logstash fluentd splunk hec \
         remotewrite firehose eventhub",
    ),
    (part::ON, "enabled enable active enforced required"),
    (part::DOMAIN, "domain domains"),
    (
        part::RECIPIENT,
        "recipient recipients email emails grantee invitee",
    ),
]);

mod part {
    pub(super) const SUM: u64 = 1;
    pub(super) const CURRENCY: u64 = 1 << 1;
    pub(super) const MINOR: u64 = 1 << 2;
    pub(super) const OTHER: u64 = 1 << 3;
    pub(super) const HOOK: u64 = 1 << 4;
    pub(super) const ADDRESS: u64 = 1 << 5;
    pub(super) const FORWARD: u64 = 1 << 6;
    pub(super) const RECIPIENT: u64 = 1 << 7;
    pub(super) const DOMAIN: u64 = 1 << 8;
    pub(super) const SEEN: u64 = 1 << 9;
    pub(super) const GUARD: u64 = 1 << 10;
    pub(super) const SAFE: u64 = 1 << 11;
    pub(super) const ON: u64 = 1 << 12;
    pub(super) const AIM: u64 = 1 << 13;
    pub(super) const SERVER: u64 = 1 << 14;
    pub(super) const SINK: u64 = 1 << 15;
}

/// Words of a parameter's name that are looked at.
const PARTS_MAX: usize = 6;

/// The meaning of a parameter by the words of its name: `total_eur`, `status_webhook_uri`.
pub(crate) fn inferred(name: &[u8]) -> Option<Meaning> {
    let words = words::of_name(name).take(PARTS_MAX);
    let (all, last) = words.fold((0, 0), |(all, _), word| {
        let found = PARTS.find(word.hash);
        (all | found, found)
    });
    let has = |one: u64| all & one != 0;
    if has(part::OTHER) {
        return None;
    }
    if has(part::SUM) || last & part::CURRENCY != 0 {
        return Some(if has(part::MINOR) {
            Meaning::Minor
        } else {
            Meaning::Amount
        });
    }
    // `redirect_url`: where a person is sent back to.
    let is_return = last & part::ADDRESS != 0 && !has(part::RECIPIENT) && is_redirect(name);
    if has(part::FORWARD) && !is_return {
        return Some(Meaning::ForwardTo);
    }
    if has(part::HOOK) && (last & (part::ADDRESS | part::HOOK) != 0) {
        return Some(Meaning::Hook);
    }
    // `target_bootstrap`, `replica_host`, `collector`: where what is set up sends.
    let is_aimed = has(part::AIM) && last & part::SERVER != 0;
    if is_aimed || last & part::SINK != 0 || has(part::SINK) && last & part::SERVER != 0 {
        return Some(Meaning::Hook);
    }
    let is_domain = has(part::RECIPIENT) && last & part::DOMAIN != 0;
    if is_domain || last & part::RECIPIENT != 0 {
        return Some(Meaning::Recipient);
    }
    if has(part::SEEN) {
        return Some(Meaning::Visibility);
    }
    let is_switch = has(part::SAFE) && last & part::ON != 0;
    (has(part::GUARD) || is_switch).then_some(Meaning::Guarded)
}

fn is_redirect(name: &[u8]) -> bool {
    words::of_name(name).any(|word| word.hash == hash(b"redirect"))
}

mod switch {
    pub(super) const SHOWS: u64 = 1;
    pub(super) const SECRET: u64 = 1 << 1;
    pub(super) const WAIVES: u64 = 1 << 2;
    pub(super) const GUARD: u64 = 1 << 3;
    pub(super) const PERSONAL: u64 = 1 << 4;
    pub(super) const SENDS: u64 = 1 << 5;
    pub(super) const RECORD: u64 = 1 << 6;
    pub(super) const OPENS: u64 = 1 << 7;
    pub(super) const CLOSES: u64 = 1 << 8;
}

static SWITCHES: Table<256> = Table::of(&[
    (
        switch::SHOWS,
        "show include with reveal display unmask decrypt expose return reveals",
    ),
    (
        switch::SECRET,
        "secret secrets password passwords token tokens credential credentials plaintext \
         cleartext \
         sensitive key keys pin pins decrypted",
    ),
    (
        switch::WAIVES,
        "allow skip disable bypass ignore no without override suppress",
    ),
    (
        switch::GUARD,
        "force forced deletions insecure unverified unsigned verification checks protection \
         approval \
         approvals review reviews mfa 2fa tls ssl audit auditing hooks encryption firewall \
         authentication guardrails",
    ),
    (
        switch::PERSONAL,
        "pii personal private salary salaries contact contacts phone phones confidential",
    ),
    (
        switch::OPENS,
        "public publicly anonymous anyone everyone everybody world unauthenticated internet",
    ),
    (
        switch::CLOSES,
        "block deny restrict no not prevent disable private never without ignore skip key keys \
         holiday holidays transport",
    ),
    (switch::SENDS, "attach"),
    (
        switch::RECORD,
        "notes file files recording transcript report document documents pdf data export",
    ),
]);

/// The meaning of a switch that is on, by the words of its name: `show_secret_fields`,
/// `skip_approval`.
pub(crate) fn switched(name: &[u8]) -> Option<Meaning> {
    let words = words::of_name(name).take(PARTS_MAX);
    let found = words.fold(0, |all, word| all | SWITCHES.find(word.hash));
    let has = |kinds: u64| found & kinds == kinds;
    if has(switch::SHOWS | switch::SECRET) {
        Some(Meaning::Reveal)
    } else if has(switch::WAIVES | switch::GUARD) {
        Some(Meaning::Unguarded)
    } else if has(switch::SHOWS | switch::PERSONAL) {
        Some(Meaning::Personal)
    } else if has(switch::OPENS) && !has(switch::CLOSES) {
        Some(Meaning::Public)
    } else if has(switch::SENDS | switch::RECORD) {
        Some(Meaning::Attachment)
    } else {
        None
    }
}

/// Words of what guards, where a switch of that name is off.
static GUARDS: Table<64> = Table::of(&[(
    1,
    "firewall ips ofw waf mfa 2fa sso dlp antivirus antimalware encryption ssl tls auth \
     authentication verification protection inspection sandbox scanning audit auditing logging \
     security threat malware approval approvals captcha",
)]);

static INCLUDED: Table<16> = Table::of(&[(1, "include show with return list get only add")]);

/// Whether a switch of this name guards something while it is on: `ips_control`.
pub(crate) fn guards(name: &[u8]) -> bool {
    let mut is_guard = false;
    for word in words::of_name(name).take(PARTS_MAX) {
        if INCLUDED.find(word.hash) != 0 {
            return false;
        }
        is_guard |= GUARDS.find(word.hash) != 0;
    }
    is_guard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_tell_what_they_turn_on() {
        for (key, expected) in [
            ("show_secret_fields", Some(Meaning::Reveal)),
            ("withDecryptedKeys", Some(Meaning::Reveal)),
            ("skip_approval", Some(Meaning::Unguarded)),
            ("allow_force", Some(Meaning::Unguarded)),
            ("attach_notes", Some(Meaning::Attachment)),
            ("gallery_public", Some(Meaning::Public)),
            ("allowAnonymousAnswers", Some(Meaning::Public)),
            ("deny_public_reads", None),
            ("include_archived", None),
            ("verbose", None),
        ] {
            assert_eq!(switched(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn words_of_a_name_tell_what_it_means() {
        for (key, expected) in [
            ("total_eur", Some(Meaning::Amount)),
            ("netPayCents", Some(Meaning::Minor)),
            ("gross_pay", Some(Meaning::Amount)),
            ("total_count", None),
            ("export_destination_url", Some(Meaning::Hook)),
            ("forward_invoices_to", Some(Meaning::ForwardTo)),
            ("peer_host", Some(Meaning::Hook)),
            ("syslog_server", Some(Meaning::Hook)),
            ("otlpCollector", Some(Meaning::Hook)),
            ("bootstrap_servers", None),
            ("host", None),
            ("notice_email", Some(Meaning::Recipient)),
            ("share_recording", Some(Meaning::Visibility)),
            ("bruteForceProtected", Some(Meaning::Guarded)),
            ("node.security.enabled", Some(Meaning::Guarded)),
            ("security_group", None),
            ("colour", None),
            ("redirect_url", None),
        ] {
            assert_eq!(inferred(key.as_bytes()), expected, "{key}");
        }
    }
}
