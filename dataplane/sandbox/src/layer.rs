//! The layers of the sandbox, and which of them this machine has. Decides what a missing one means:
//! a refusal, unless another layer stops the same escapes.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use landlock::{ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset};
use landlock::{RulesetAttr as _, Scope};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::launch::PROBE;
use crate::profile::{Namespaces, Network, Profile};

/// ABI of Landlock without which nothing starts (Linux 6.2): under it, files that may only be
/// read could be truncated.
pub(crate) const LANDLOCK_ABI_MIN: u8 = 3;
/// ABI with rights for TCP (Linux 6.7).
pub(crate) const LANDLOCK_ABI_TCP: u8 = 4;
/// ABI that keeps signals and abstract sockets in (Linux 6.12).
pub(crate) const LANDLOCK_ABI_SCOPES: u8 = 6;

/// Every ABI that brought rights which are used here, newest first.
const LANDLOCK_ABIS: &[(u8, ABI)] = &[
    (9, ABI::V9),
    (6, ABI::V6),
    (5, ABI::V5),
    (4, ABI::V4),
    (3, ABI::V3),
];

/// A layer that a kernel may lack. Those that each kernel has are always applied: a new session,
/// no new privileges, no capabilities, limits, closed descriptors, a new environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerName {
    /// Rights to files, TCP, signals and abstract sockets.
    Landlock,
    /// Filter of system calls.
    Seccomp,
    /// Namespaces of users, processes, network, mounts and IPC.
    Namespaces,
    /// A `/proc` with the server's own processes only.
    OwnProc,
    /// A bound of processes, which the kernel's own limit is for everybody but root.
    Limits,
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Landlock => "Landlock",
            Self::Seccomp => "seccomp",
            Self::Namespaces => "namespaces",
            Self::OwnProc => "a /proc of its own",
            Self::Limits => "a bound of processes",
        })
    }
}

impl LayerName {
    /// What an administrator does where it is missing.
    const fn remedy(self) -> &'static str {
        match self {
            Self::Landlock => {
                "run Linux 6.2 or later with `landlock` in the kernel's list of security modules \
                 (boot parameter lsm=)"
            }
            Self::Seccomp => "run a kernel with CONFIG_SECCOMP_FILTER",
            Self::Namespaces => {
                "permit user namespaces to the gateway: user.max_user_namespaces, AppArmor's \
                 kernel.apparmor_restrict_unprivileged_userns, the seccomp profile of the container"
            }
            Self::OwnProc => {
                "permit mounting /proc in a user namespace: containers that mask parts of /proc \
                 don't"
            }
            Self::Limits => "run the gateway as a user of its own, not as root",
        }
    }
}

/// A layer of this machine, as `varictl doctor` and `status` tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Which one.
    pub name: LayerName,
    /// Whether the machine has it.
    pub is_available: bool,
    /// Its version, or what the kernel said.
    pub detail: String,
    /// What to do where it is missing.
    pub remedy: Option<String>,
}

impl Layer {
    fn of(name: LayerName, found: &Result<String, String>) -> Self {
        Self {
            name,
            is_available: found.is_ok(),
            detail: match found {
                Ok(detail) | Err(detail) => detail.clone(),
            },
            remedy: found.is_err().then(|| name.remedy().to_owned()),
        }
    }
}

/// What the launcher found out about this machine, in a process of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    /// Highest ABI of Landlock whose rights are known here; 0 without Landlock.
    pub(crate) landlock_abi: u8,
    /// Whether filters of system calls can be installed, or why not.
    pub(crate) seccomp: Result<(), String>,
    /// Whether namespaces can be made, or why not.
    pub(crate) namespaces: Result<(), String>,
    /// Whether `/proc` can be mounted in them, or why not.
    pub(crate) own_proc: Result<(), String>,
    /// Whether this user's processes can be bounded, or why not.
    pub(crate) processes: Result<(), String>,
}

impl Found {
    /// Asks the launcher.
    pub(crate) fn by(launcher: &Path) -> Result<Self, Error> {
        let output = Command::new(launcher)
            .arg(PROBE)
            .env_clear()
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .map_err(Error::io("the launcher can't be started"))?;
        serde_json::from_slice(&output.stdout).map_err(|error| Error::Io {
            what: "the launcher does not say what this machine has (its main must begin with \
                   launch_if_asked)",
            error: error.into(),
        })
    }

    /// Every layer, for people.
    pub(crate) fn layers(&self) -> Vec<Layer> {
        let landlock = match self.landlock_abi {
            0..LANDLOCK_ABI_MIN => Err(format!("ABI {}", self.landlock_abi)),
            abi => Ok(format!("ABI {abi}")),
        };
        let told = |found: &Result<(), String>| found.clone().map(|()| "permitted".to_owned());
        vec![
            Layer::of(LayerName::Landlock, &landlock),
            Layer::of(LayerName::Seccomp, &told(&self.seccomp)),
            Layer::of(LayerName::Namespaces, &told(&self.namespaces)),
            Layer::of(LayerName::OwnProc, &told(&self.own_proc)),
            Layer::of(LayerName::Limits, &told(&self.processes)),
        ]
    }

    /// Refuses a profile that this machine can't hold.
    pub(crate) fn check(&self, profile: &Profile) -> Result<(), Error> {
        let abi = self.landlock_abi;
        if abi < LANDLOCK_ABI_MIN {
            let why = format!("the kernel has ABI {abi} of at least {LANDLOCK_ABI_MIN}");
            return Err(missing(LayerName::Landlock, why));
        }
        if let Err(why) = &self.seccomp {
            return Err(missing(LayerName::Seccomp, why.clone()));
        }
        if let Err(why) = &self.processes {
            return Err(missing(LayerName::Limits, why.clone()));
        }
        if matches!(profile.network, Network::Tcp(_)) && abi < LANDLOCK_ABI_TCP {
            let why = format!("ports need ABI {LANDLOCK_ABI_TCP} (Linux 6.7), this is {abi}");
            return Err(missing(LayerName::Landlock, why));
        }
        let Err(why) = &self.namespaces else {
            return match (&self.own_proc, profile.namespaces) {
                (Err(why), Namespaces::Required) => Err(missing(LayerName::OwnProc, why.clone())),
                _ => Ok(()),
            };
        };
        if let Network::Hosts(_) = profile.network {
            let why = format!("{why}, and a network of named hosts needs one of its own");
            return Err(missing(LayerName::Namespaces, why));
        }
        if profile.namespaces == Namespaces::Required {
            return Err(missing(LayerName::Namespaces, why.clone()));
        }
        if abi < LANDLOCK_ABI_SCOPES {
            let why = format!("{why}, and Landlock's ABI {abi} can't keep signals in");
            return Err(missing(LayerName::Namespaces, why));
        }
        Ok(())
    }
}

fn missing(layer: LayerName, why: String) -> Error {
    Error::Missing {
        layer,
        why,
        remedy: layer.remedy(),
    }
}

/// The highest ABI of which the kernel has every right that is known here; 0 without Landlock.
pub(crate) fn landlock_abi() -> u8 {
    let known = LANDLOCK_ABIS.iter().find(|(_, abi)| is_supported(*abi));
    known.map_or(0, |(number, _)| *number)
}

/// The ABI by its number; the lowest for numbers unknown.
pub(crate) fn abi_of(number: u8) -> ABI {
    let known = LANDLOCK_ABIS.iter().find(|(known, _)| *known <= number);
    known.map_or(ABI::V3, |(_, abi)| *abi)
}

fn is_supported(abi: ABI) -> bool {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(abi));
    let ruleset = match AccessNet::from_all(abi) {
        none if none.is_empty() => ruleset,
        tcp => ruleset.and_then(|ruleset| ruleset.handle_access(tcp)),
    };
    let ruleset = match Scope::from_all(abi) {
        none if none.is_empty() => ruleset,
        scopes => ruleset.and_then(|ruleset| ruleset.scope(scopes)),
    };
    ruleset.and_then(Ruleset::create).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Found {
        Found {
            landlock_abi: 6,
            seccomp: Ok(()),
            namespaces: Ok(()),
            own_proc: Ok(()),
            processes: Ok(()),
        }
    }

    fn refused(found: &Found, profile: &Profile) -> LayerName {
        match found.check(profile) {
            Err(Error::Missing { layer, remedy, .. }) => {
                assert!(!remedy.is_empty());
                layer
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_machine_with_everything_is_fit() {
        whole().check(&Profile::default()).unwrap();
        assert!(whole().layers().iter().all(|layer| layer.is_available));
    }

    #[test]
    fn nothing_starts_without_landlock_or_seccomp() {
        let relaxed = Profile {
            level: crate::profile::Level::Relaxed,
            ..Profile::default()
        };
        for profile in [Profile::default(), relaxed] {
            let mut found = whole();
            found.landlock_abi = 2;
            assert_eq!(refused(&found, &profile), LayerName::Landlock);
            let mut found = whole();
            found.seccomp = Err("EINVAL".to_owned());
            assert_eq!(refused(&found, &profile), LayerName::Seccomp);
        }
    }

    #[test]
    fn namespaces_may_be_missing_only_where_landlock_keeps_signals_in() {
        let mut found = whole();
        found.namespaces = Err("EPERM".to_owned());
        found.check(&Profile::default()).unwrap();
        found.landlock_abi = 5;
        assert_eq!(refused(&found, &Profile::default()), LayerName::Namespaces);
    }

    #[test]
    fn required_namespaces_are_never_left_out() {
        let profile = Profile {
            namespaces: Namespaces::Required,
            ..Profile::default()
        };
        let mut found = whole();
        found.own_proc = Err("EPERM".to_owned());
        assert_eq!(refused(&found, &profile), LayerName::OwnProc);
        found.namespaces = Err("EPERM".to_owned());
        assert_eq!(refused(&found, &profile), LayerName::Namespaces);
    }

    #[test]
    fn nobody_starts_processes_without_a_bound() {
        let mut found = whole();
        found.processes = Err("EACCES".to_owned());
        assert_eq!(refused(&found, &Profile::default()), LayerName::Limits);
    }

    #[test]
    fn ports_need_rights_for_tcp() {
        let profile = Profile {
            network: Network::Tcp(vec![443]),
            ..Profile::default()
        };
        let mut found = whole();
        found.landlock_abi = 3;
        assert_eq!(refused(&found, &profile), LayerName::Landlock);
    }
}
