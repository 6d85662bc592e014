//! `workload_identities`: whose a call is by the client's certificate, where that is an X.509-SVID
//! (SPIFFE).
//!
//! Refuses trust domains and paths that are none, agents that the policy does not have, and a
//! listener without TLS, to which nobody shows a certificate.

use std::collections::{BTreeMap, BTreeSet};

use varistor_identity::{bounds, is_domain, is_path};
use varistor_snapshot::schema::{Runtime, TrustDomain};

use crate::context::Context;
use crate::files;
use crate::gather::Sources;
use crate::problem::{Report, Wrong, nearest, quote};
use crate::read::{Fields, entries, join, parsed};
use crate::tenants::Tenants;
use crate::yaml::Node;

const KEYS: &[&str] = &["ca", "organisation", "agents"];
/// Most trust domains of a policy, and most workloads of one.
const DOMAINS_MAX: usize = 64;
const WORKLOADS_MAX: usize = 10_000;

/// `Policy::workloads`, in the order of their names.
pub(crate) fn workloads(
    sources: &Sources<'_>,
    (tenants, runtime): (&Tenants, &Runtime),
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<TrustDomain> {
    let Some(node) = sources.setting("workload_identities") else {
        return Vec::new();
    };
    if runtime.tls.is_none() && sources.setting("tls").is_none() {
        let wrong = Wrong::expected("`tls`, so that clients can show their certificates");
        let found = "workload_identities without `tls`".to_owned();
        report.refuse(node.place, found, wrong);
    }
    let mut rows = BTreeMap::new();
    for (key, node) in entries(node, "workload_identities", report) {
        if !is_domain(&key.text) || rows.len() >= DOMAINS_MAX {
            let found = format!("the trust domain {}", quote(&key.text));
            let wrong = Wrong::expected(format!(
                "at most {DOMAINS_MAX} names of small letters, digits, dots, hyphens and underscores, \
                 such as acme.example"
            ));
            report.refuse(key.place, found, wrong);
            continue;
        }
        let row = domain(node, &key.text, (tenants, context), report);
        rows.extend(row.map(|row| (key.text, row)));
    }
    rows.into_values().collect()
}

fn domain(
    node: &Node,
    name: &str,
    (tenants, context): (&Tenants, &Context<'_>),
    report: &mut Report,
) -> Option<TrustDomain> {
    let path = join("workload_identities", name);
    let fields = Fields::of(node, &path, KEYS, report);
    let ca = fields.required("ca", report);
    let ca = ca.and_then(|node| files::certificate(node, &fields.path("ca"), context.dir, report));
    let organisation = fields.required("organisation", report);
    let organisation = organisation.and_then(|node| {
        parsed(node, &fields.path("organisation"), report, |text| {
            let names = tenants.organisations.iter().map(|row| row.name.as_str());
            one_of(text, names, "an organisation of the policy")
        })
    });
    let agents = fields.required("agents", report)?;
    let agents = agents_of(
        agents,
        &fields.path("agents"),
        (tenants, organisation.as_deref()),
        report,
    );
    Some(TrustDomain {
        name: name.to_owned(),
        ca: ca?,
        organisation: organisation?,
        agents,
    })
}

fn agents_of(
    node: &Node,
    path: &str,
    (tenants, organisation): (&Tenants, Option<&str>),
    report: &mut Report,
) -> Vec<(String, String)> {
    let own = (0_u32..).zip(&tenants.organisations);
    let own = own.filter(|(_, row)| organisation.is_none_or(|name| name == row.name));
    let own: BTreeSet<u32> = own.map(|(number, _)| number).collect();
    let agents = tenants.agents.iter();
    let agents = agents.filter(|row| own.contains(&row.organisation));
    let names: BTreeSet<&str> = agents.map(|row| row.name.as_str()).collect();
    let mut rows = BTreeMap::new();
    for (key, node) in entries(node, path, report) {
        let is_known = is_path(&key.text) && key.text.len() <= bounds::SUBJECT_BYTES_MAX;
        if !is_known || rows.len() >= WORKLOADS_MAX {
            let found = format!("the workload {} in {path}", quote(&key.text));
            let wrong = Wrong::expected(format!(
                "at most {WORKLOADS_MAX} paths of SPIFFE IDs, each of at most {} bytes, such as \
                 /ns/prod/sa/billing",
                bounds::SUBJECT_BYTES_MAX
            ));
            report.refuse(key.place, found, wrong);
            continue;
        }
        let agent = parsed(node, &join(path, &key.text), report, |text| {
            one_of(text, names.iter().copied(), "an agent of the policy")
        });
        rows.extend(agent.map(|agent| (key.text, agent)));
    }
    rows.into_iter().collect()
}

fn one_of<'n>(
    text: &str,
    names: impl Iterator<Item = &'n str> + Clone,
    what: &str,
) -> Result<String, Wrong> {
    if names.clone().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    let wrong = Wrong::expected(what);
    Err(match nearest(text, names) {
        Some(help) => wrong.help(help),
        None => wrong,
    })
}
