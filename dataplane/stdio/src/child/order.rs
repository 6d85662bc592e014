//! What a keeper is told to start: the command, and an environment with nothing of the gateway's.

use std::path::Path;

use zeroize::Zeroizing;

use crate::order::Order;
use crate::spec::Program;

/// The variable that marks what descends from a child.
pub(crate) const MARK: &str = "VARISTOR_CHILD";
/// Where programs are looked for by a child.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Time that a child has after SIGTERM, in milliseconds.
const GRACE_MS: u64 = 2_000;

/// What the keeper is told. `mark` is in the environment of everything that descends from the
/// child, unless it is taken out there.
pub(super) fn order(program: &Program, mark: &str) -> Order {
    let home = program.directory.to_string_lossy().into_owned();
    let executable = program.command.first().map(Path::new);
    let beside = executable.and_then(Path::parent);
    let path = beside.map_or_else(
        || PATH.to_owned(),
        |beside| format!("{}:{PATH}", beside.display()),
    );
    let usual = [
        ("PATH", path),
        ("HOME", home),
        ("LANG", "C.UTF-8".to_owned()),
        (MARK, mark.to_owned()),
    ];
    let given = |name: &str| program.env.iter().any(|(own, _)| own == name);
    let mut env: Vec<_> = usual
        .into_iter()
        .filter(|(name, _)| !given(name))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let own = program.env.iter();
    env.extend(own.map(|(name, value)| (name.clone(), Zeroizing::clone(value).to_string())));
    let directory = program.directory.clone();
    let sandbox = program.sandbox.clone().map(|mut profile| {
        match program.is_own_directory {
            true => profile.write.push(directory.clone()),
            false => profile.read.push(directory.clone()),
        }
        profile
    });
    Order {
        command: program.command.clone(),
        env,
        directory,
        sandbox,
        grace_ms: GRACE_MS,
    }
}
