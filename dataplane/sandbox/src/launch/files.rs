//! Landlock: which files, which TCP ports; signals and abstract sockets stay inside. Every right
//! that the kernel knows is handled, and none is granted but those named: a hard requirement.

use std::io;
use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, NetPort,
    PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetStatus, Scope, make_bitflags,
};

use crate::egress::PORT;
use crate::layer::{LANDLOCK_ABI_SCOPES, LANDLOCK_ABI_TCP, abi_of};
use crate::plan::{Access, Grant, Plan};
use crate::profile::Network;

/// Restricts this process, and all that come from it.
pub(super) fn restrict(plan: &Plan) -> io::Result<()> {
    let abi = abi_of(plan.landlock_abi);
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(abi))
        .map_err(io::Error::other)?;
    if plan.landlock_abi >= LANDLOCK_ABI_TCP && plan.network != Network::Any {
        ruleset = ruleset
            .handle_access(AccessNet::from_all(abi))
            .map_err(io::Error::other)?;
    }
    if plan.landlock_abi >= LANDLOCK_ABI_SCOPES {
        ruleset = ruleset
            .scope(Scope::from_all(abi))
            .map_err(io::Error::other)?;
    }
    let mut created = ruleset.create().map_err(io::Error::other)?;
    for grant in &plan.grants {
        created = add(created, grant, abi, plan.unix_sockets)?;
    }
    let ports: &[u16] = match &plan.network {
        Network::Tcp(ports) => ports,
        // Without this right for TCP the network holds nothing else anyway.
        Network::Hosts(_) if plan.landlock_abi >= LANDLOCK_ABI_TCP => &[PORT],
        _ => &[],
    };
    for port in ports {
        created = created
            .add_rule(NetPort::new(*port, AccessNet::ConnectTcp))
            .map_err(io::Error::other)?;
    }
    let status = created.restrict_self().map_err(io::Error::other)?;
    match status.ruleset {
        RulesetStatus::FullyEnforced => Ok(()),
        other => Err(io::Error::other(format!("{other:?}"))),
    }
}

fn add(
    created: RulesetCreated,
    grant: &Grant,
    abi: ABI,
    sockets: bool,
) -> io::Result<RulesetCreated> {
    let path = &grant.path;
    let opened = match PathFd::new(path) {
        Ok(opened) => opened,
        Err(_) if !grant.is_required => return Ok(created),
        Err(error) => return Err(io::Error::other(format!("{}: {error}", path.display()))),
    };
    let rights = rights(grant.access, abi, sockets, is_directory(path)?);
    created
        .add_rule(PathBeneath::new(opened, rights))
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}

fn is_directory(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.is_dir())
}

/// The rights that a grant stands for. Devices, sockets and their control are never made.
fn rights(access: Access, abi: ABI, sockets: bool, is_directory: bool) -> BitFlags<AccessFs> {
    let read = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    let mut rights = match access {
        Access::Read => read,
        Access::Execute => read | AccessFs::Execute,
        Access::Write => {
            read | make_bitflags!(AccessFs::{
                WriteFile | RemoveDir | RemoveFile | MakeDir | MakeReg | MakeFifo | MakeSym
                    | Refer | Truncate
            })
        }
        Access::Device => make_bitflags!(AccessFs::{ReadFile | WriteFile}),
    };
    if sockets {
        rights |= AccessFs::ResolveUnix;
    }
    rights &= AccessFs::from_all(abi);
    match is_directory {
        true => rights,
        false => rights & AccessFs::from_file(abi),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Access; 4] = [Access::Read, Access::Execute, Access::Write, Access::Device];

    #[test]
    fn no_grant_makes_devices_or_sockets_or_controls_devices() {
        let never = make_bitflags!(AccessFs::{MakeChar | MakeBlock | MakeSock | IoctlDev});
        for access in ALL {
            assert!(!rights(access, ABI::V9, true, true).intersects(never));
        }
    }

    #[test]
    fn only_write_writes_to_files_and_only_execute_executes() {
        for access in ALL {
            let rights = rights(access, ABI::V6, false, true);
            let writes = matches!(access, Access::Write | Access::Device);
            assert_eq!(rights.contains(AccessFs::WriteFile), writes);
            assert_eq!(rights.contains(AccessFs::Truncate), access == Access::Write);
            assert_eq!(
                rights.contains(AccessFs::Execute),
                access == Access::Execute
            );
        }
    }

    #[test]
    fn socket_files_are_reached_where_they_are_named_and_the_kernel_can_tell() {
        let reaches =
            |abi, sockets| rights(Access::Read, abi, sockets, true).contains(AccessFs::ResolveUnix);
        assert!(reaches(ABI::V9, true));
        assert!(!reaches(ABI::V9, false));
        assert!(!reaches(ABI::V6, true)); // no such right yet
    }

    #[test]
    fn a_file_gets_no_rights_of_directories() {
        let rights = rights(Access::Write, ABI::V6, false, false);
        assert!(!rights.contains(AccessFs::MakeReg) && rights.contains(AccessFs::WriteFile));
    }
}
