//! The order of a compilation. Refuses a directory with any problem at all: half a policy would
//! permit what the other half forbids.

use std::path::Path;

use varistor_inspect::glob;
use varistor_snapshot::schema::{Policy, Server};

use crate::context::Context;
use crate::directory::{Access, policy_files, read};
use crate::dlp::Stating;
use crate::gather::Sources;
use crate::lent::Lending;
use crate::patterns::Servers;
use crate::problem::{Problem, Problems, Report};
use crate::read::join;
use crate::rules::{self, RuleFiles};
use crate::secrets::Secrets;
use crate::tenants::Tenants;
use crate::yaml::{self, Node};
use crate::{
    approvals, audit, channels, decisions, federation, flows, identity, keys, pinning, rates,
    runtime, servers, workloads,
};

/// A directory that was compiled.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// The rows of the snapshot.
    pub policy: Policy,
    /// What is allowed but worth a look.
    pub warnings: Vec<Problem>,
}

/// Compiles a policy directory. Generation and time only go into the rows of these names: the same
/// files give the same rows.
///
/// # Errors
/// All problems of the directory, in the order of files and lines.
pub fn compile(dir: &Path, generation: u64, now_unix_ms: u64) -> Result<Compiled, Problems> {
    let mut report = Report::default();
    let names = policy_files(dir, &mut report);
    let roots = trees(dir, &names.policies, &mut report);
    let sources = Sources::of(&roots, &mut report);
    let secrets = Secrets::of(dir);
    let context = Context::of(dir, &secrets);
    let lending = Lending::of(&sources, &context, &mut report);

    let servers = Servers::new(sources.servers.keys());
    let tenants = Tenants::of(&sources, &servers, &mut report);
    let tool_limits = rates::tool_limits(&sources, &servers, &mut report);
    let mut runtime = runtime::runtime(&sources, &context, &mut report);
    let federation = federation::federation(&sources, &mut report);
    let with = (&tenants, &federation);
    let identity_providers = identity::providers(&sources, with, &context, &mut report);
    identity::announce(&identity_providers, &mut runtime);
    let context = context.trusting(&identity_providers);
    let workloads = workloads::workloads(&sources, (&tenants, &runtime), &context, &mut report);
    let keys = keys::keys(dir, &mut report);
    let server_rows = server_rows(&sources, &context, &mut report);
    let revoked = keys::revoked(dir, &mut report);
    let defaults = decisions::defaults(&sources, &mut report);
    let audit = audit::audit(&sources, &servers, &context, &mut report);
    let approvals = approvals::approvals(&sources, &servers, &mut report);
    let channels = channels::channels(&sources, &context, &mut report);
    let pinning = pinning::pinning(&sources, &mut report);
    let flows = flows::flows(&sources, &mut report);
    let stating = Stating::of(&sources, (&servers, &tenants), &mut report);
    let with = (&server_rows[..], &channels);
    let known = rules::known((&sources, &tenants), with, stating.names(), &report);
    let rules = RuleFiles::read(dir, &names.rules, &mut report).compile(&known, &mut report);
    // Last: it takes the longest, and less when something is wrong already.
    let (dlp, actions) = stating.rows(&sources, &rules::entities(&rules), &mut report);
    let mut policy = Policy {
        generation,
        compiled_unix_ms: now_unix_ms,
        runtime,
        keys,
        servers: server_rows,
        organisations: tenants.organisations,
        teams: tenants.teams,
        roles: tenants.roles,
        agents: tenants.agents,
        tool_limits,
        revoked,
        defaults,
        dlp,
        actions,
        rules,
        approvals,
        pinning,
        audit,
        channels,
        flows,
        federation,
        identity_providers,
        workloads,
        secret_stores: lending.stores,
        secrets: lending.secrets,
    };
    let warnings = report.finish()?;
    glob::arrange(&mut policy);
    Ok(Compiled { policy, warnings })
}

/// The tree of each file that holds one.
fn trees(dir: &Path, names: &[String], report: &mut Report) -> Vec<Node> {
    let mut roots = Vec::new();
    for name in names {
        let Some((file, text)) = read(dir, name, Access::Policy, report) else {
            continue;
        };
        roots.extend(yaml::load(&text, file, report));
    }
    roots
}

fn server_rows(sources: &Sources<'_>, context: &Context<'_>, report: &mut Report) -> Vec<Server> {
    let rows = sources.servers.iter().filter_map(|(name, (_, node))| {
        servers::server(name, node, &join("servers", name), context, report)
    });
    rows.collect()
}
