//! From the policy directory to a sealed generation; refuses a directory with problems, all of
//! which are shown in one run.

use varistor_compile::{Compiled, Problem, Problems};
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::Policy;

use crate::directory::PolicyDir;
use crate::exit::BadPolicy;
use crate::identity;
use crate::keys::{self, Flaw};
use crate::output;
use crate::quantities::now_unix_ms;
use crate::registry;
use crate::snapshots::{Sealed, Snapshots};

/// Compiles the directory in memory, as no generation yet. Keys that only the control plane holds,
/// and the compiler never opens, are looked at as well.
pub(crate) fn compile(dir: &PolicyDir) -> Result<Compiled, Problems> {
    let compiled = varistor_compile::compile(dir.root(), 0, now_unix_ms());
    let flaws = key_problems(dir);
    if flaws.is_empty() {
        return compiled;
    }
    let mut found = match compiled {
        Ok(compiled) => Problems {
            problems: Vec::new(),
            warnings: compiled.warnings,
        },
        Err(problems) => problems,
    };
    for flaw in flaws {
        // The compiler opens the vault when the policy names a secret.
        if !found
            .problems
            .iter()
            .any(|problem| problem.file == flaw.file)
        {
            found.problems.push(flaw);
        }
    }
    Err(found)
}

fn key_problems(dir: &PolicyDir) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, required) in [
        ("snapshot.key", true),
        ("token.key", false),
        ("vault.key", false),
    ] {
        let path = dir.key(name);
        if !required && path.symlink_metadata().is_err() {
            continue;
        }
        // The vault's may be somewhere else, which its file then says.
        let is_elsewhere = |lock: varistor_vault::Lock| !lock.is_plain();
        if name == "vault.key" && varistor_vault::Key::lock_of(&path).is_ok_and(is_elsewhere) {
            continue;
        }
        if let Err(Flaw {
            found,
            expected,
            help,
        }) = keys::look(&path)
        {
            problems.push(Problem {
                file: format!("keys/{name}"),
                line: 0,
                column: 0,
                found,
                expected: expected.to_owned(),
                help: Some(help),
                excerpt: None,
            });
        }
    }
    problems
}

/// Compiles the directory in memory; shows warnings, and all problems when there are any.
pub(crate) fn policy(dir: &PolicyDir) -> anyhow::Result<Policy> {
    match compile(dir) {
        Ok(compiled) => {
            warn(&compiled.warnings);
            Ok(compiled.policy)
        }
        Err(problems) => {
            show(&problems);
            Err(BadPolicy.into())
        }
    }
}

/// Shows what is worth a look on standard error.
pub(crate) fn warn(warnings: &[Problem]) {
    for warning in warnings {
        output::warning(&output::plain_lines(&warning.to_string()));
    }
}

/// Shows every problem on standard error, and how many there are.
pub(crate) fn show(problems: &Problems) {
    warn(&problems.warnings);
    for problem in &problems.problems {
        output::error(&output::plain_lines(&problem.to_string()));
    }
    let number = output::count(problems.problems.len(), "problem");
    output::note(&format!("{number} in the policy directory"));
}

/// Compiles and seals the next generation. It is kept, and current once the caller says so.
pub(crate) fn next_generation(
    dir: &PolicyDir,
    snapshots: &Snapshots<'_>,
) -> anyhow::Result<Sealed> {
    let mut policy = policy(dir)?;
    for looked in identity::renew(dir, &mut policy)? {
        let Some(error) = looked.error else { continue };
        let kept = match looked.keys.len() {
            0 => "it has no keys until the gateway has looked itself".to_owned(),
            keys => format!("it keeps the {} of before", output::count(keys, "key")),
        };
        output::warning(&output::plain_lines(&format!(
            "identity_providers.{}: {error}; {kept}",
            looked.name
        )));
    }
    policy.generation = snapshots.take_generation()?;
    snapshots.seal(&policy)
}

/// Seals rows that were sealed before as the next generation. What is revoked now, by the
/// registry or by `current`, stays revoked.
pub(crate) fn reseal(
    dir: &PolicyDir,
    snapshots: &Snapshots<'_>,
    mut policy: Policy,
    current: Option<&Snapshot>,
) -> anyhow::Result<Sealed> {
    policy
        .revoked
        .extend(registry::revoked(dir)?.iter().map(|id| id.0));
    if let Some(current) = current {
        policy
            .revoked
            .extend(crate::snapshots::policy_of(current)?.revoked);
    }
    policy.revoked.sort_unstable();
    policy.revoked.dedup();
    policy.compiled_unix_ms = now_unix_ms();
    policy.generation = snapshots.take_generation()?;
    snapshots.seal(&policy)
}
