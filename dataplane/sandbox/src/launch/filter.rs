//! seccomp: which system calls are answered. Two filters, of which the kernel takes the stricter:
//! a list of calls that are answered at all (everything else, and whatever later kernels add, does
//! not exist: `ENOSYS`, so that libraries fall back), and refusals by argument (`EPERM`). Programs
//! of another architecture (32 bits) are killed; the numbers of x32 are on no list.
//!
//! A list of what is allowed, not of what is forbidden: io_uring and the new mount calls came
//! after the lists of forbidden calls of their time were written.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use super::syscalls::{self, Call};
use crate::plan::Plan;
use crate::profile::Network;

/// What the kernel looks at of a socket's kind; the rest are flags.
const SOCKET_KIND: u64 = 0xf;
/// `MPTCP` is TCP that Landlock's rights for TCP don't cover; so is everything but these two.
const TCP_PROTOCOLS: [i32; 2] = [0, libc::IPPROTO_TCP];
/// The families of the Internet.
const INET: [i32; 2] = [libc::AF_INET, libc::AF_INET6];
/// `MFD_NOEXEC_SEAL`: a file in memory that can never be executed.
const MEMFD_NOEXEC: i32 = 0x8;
/// The personalities that change nothing: the plain one, and the question which one it is.
const PERSONALITIES: [i32; 2] = [0, -1];
/// Options of `prctl` that concern the caller's name, memory and death only.
const PRCTL: &[i32] = &[
    libc::PR_SET_PDEATHSIG,
    libc::PR_GET_PDEATHSIG,
    libc::PR_GET_DUMPABLE,
    libc::PR_SET_DUMPABLE,
    libc::PR_SET_NAME,
    libc::PR_GET_NAME,
    libc::PR_SET_TIMERSLACK,
    libc::PR_GET_TIMERSLACK,
    libc::PR_SET_NO_NEW_PRIVS,
    libc::PR_GET_NO_NEW_PRIVS,
    libc::PR_SET_THP_DISABLE,
    libc::PR_GET_THP_DISABLE,
    libc::PR_CAPBSET_READ,
    libc::PR_GET_SECCOMP,
    libc::PR_SET_VMA,
];
/// Commands to a terminal that put words into its mouth.
const TERMINAL: [u64; 4] = [
    libc::TIOCSTI,
    libc::TIOCLINUX,
    libc::TIOCCONS,
    libc::TIOCSETD,
];
/// Flags of `clone` that make namespaces. `clone3`, whose flags no filter can see, is on no list.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// One look at an argument: how it is compared, and with what.
#[derive(Clone, Debug)]
struct Look {
    argument: u8,
    comparison: SeccompCmpOp,
    value: u64,
}

/// By system call: cases of which each is enough, each of looks that must all hold. No case at all
/// means every call.
type Rules = BTreeMap<i64, Vec<Vec<Look>>>;

/// Installs both filters in this process. Landlock and everything else must be done by then.
pub(super) fn install(plan: &Plan) -> io::Result<()> {
    let not_known = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    // In this order: of two filters that both refuse, the later one says how; and after the list,
    // `seccomp` itself is gone.
    apply(refusals(plan), SeccompAction::Allow, refused)?;
    apply(known(), not_known, SeccompAction::Allow)
}

/// Installs a filter that refuses next to nothing: whether the kernel takes filters at all.
pub(super) fn try_out() -> io::Result<()> {
    let rules = Rules::from([(libc::SYS_bpf, Vec::new())]);
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    apply(rules, SeccompAction::Allow, refused)
}

fn apply(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> io::Result<()> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    let rules = rules
        .into_iter()
        .map(|(call, cases)| Ok((call, compiled(cases)?)))
        .collect::<Result<_, seccompiler::BackendError>>()
        .map_err(io::Error::other)?;
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(io::Error::other)?;
    let program = BpfProgram::try_from(filter).map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

fn compiled(cases: Vec<Vec<Look>>) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let compiled = |look: Look| {
        SeccompCondition::new(
            look.argument,
            SeccompCmpArgLen::Dword,
            look.comparison,
            look.value,
        )
    };
    let cases = cases.into_iter().map(|case| {
        let conditions: Result<Vec<_>, _> = case.into_iter().map(compiled).collect();
        SeccompRule::new(conditions?)
    });
    cases.collect()
}

/// Every call that is known: answered, or refused by the other filter.
fn known() -> Rules {
    whole(&[
        syscalls::ANSWERED,
        syscalls::ANSWERED_BY_MACHINE,
        syscalls::REFUSED,
        syscalls::REFUSED_BY_MACHINE,
    ])
}

/// Every call of these tables, whatever its arguments.
fn whole(tables: &[&[Call]]) -> Rules {
    let calls = tables.iter().copied().flatten();
    calls.map(|(_, call)| (*call, Vec::new())).collect()
}

/// Every refusal by name and by argument.
fn refusals(plan: &Plan) -> Rules {
    let mut rules = whole(&[syscalls::REFUSED, syscalls::REFUSED_BY_MACHINE]);
    if !plan.namespaces {
        let (metadata, by_machine) = (syscalls::METADATA, syscalls::METADATA_BY_MACHINE);
        rules.extend(whole(&[syscalls::SHARED_MEMORY, metadata, by_machine]));
    }
    let namespaces = NAMESPACES.map(|flag| vec![has(0, flag)]);
    rules.insert(libc::SYS_clone, namespaces.to_vec());
    rules.insert(
        libc::SYS_ioctl,
        TERMINAL.map(|command| vec![is(1, command)]).to_vec(),
    );
    rules.insert(libc::SYS_prctl, vec![none_of(0, PRCTL)]);
    rules.insert(libc::SYS_personality, vec![none_of(0, &PERSONALITIES)]);
    rules.insert(libc::SYS_memfd_create, vec![vec![has_not(1, MEMFD_NOEXEC)]]);
    for (_, call) in syscalls::OF_A_PROCESS {
        rules.insert(*call, vec![none_of(0, &[0])]);
    }
    for (call, kind) in syscalls::OF_A_KIND_AND_A_PROCESS {
        rules.insert(call, vec![none_of(0, &[kind]), none_of(1, &[0])]);
    }
    rules.extend(of_sockets(plan));
    rules
}

/// Which sockets may be made, and what may be done with them.
fn of_sockets(plan: &Plan) -> Rules {
    let mut rules = Rules::new();
    // Pairs connect only what made them, if they are streams: a datagram socket of a pair could be
    // connected anew, to any socket file.
    let mut pairs = kinds_but(&[libc::SOCK_STREAM, libc::SOCK_SEQPACKET]);
    pairs.push(none_of(0, &[libc::AF_UNIX]));
    rules.insert(libc::SYS_socketpair, pairs);
    let (inet, kinds): (&[i32], &[i32]) = match plan.network {
        Network::None => (&[], &[]),
        Network::Tcp(_) | Network::Hosts(_) => (&INET, &[libc::SOCK_STREAM]),
        Network::Any => (&INET, &[libc::SOCK_STREAM, libc::SOCK_DGRAM]),
    };
    let mut families = inet.to_vec();
    if plan.unix_sockets {
        families.push(libc::AF_UNIX);
    }
    if plan.network == Network::Any {
        families.push(libc::AF_NETLINK);
    }
    if families.is_empty() {
        rules.extend(whole(&[syscalls::OF_SOCKETS]));
        return rules;
    }
    let mut refused = vec![none_of(0, &families)];
    for family in inet {
        let of_family = |case: Vec<Look>| [vec![is(0, unsigned(*family))], case].concat();
        refused.extend(kinds_but(kinds).into_iter().map(of_family));
        if plan.network != Network::Any {
            refused.push(of_family(none_of(2, &TCP_PROTOCOLS)));
        }
    }
    // Addresses and routes are asked of the kernel by look-ups of names; no other protocol.
    let netlink = is(0, unsigned(libc::AF_NETLINK));
    refused.push([vec![netlink], none_of(2, &[libc::NETLINK_ROUTE])].concat());
    rules.insert(libc::SYS_socket, refused);
    if plan.network != Network::Any {
        // Connects and sends at once, which Landlock's right to connect did not always see.
        for (call, argument) in syscalls::SENDING {
            rules.insert(call, vec![vec![has(argument, libc::MSG_FASTOPEN)]]);
        }
    }
    rules
}

/// A case for each kind of socket but these.
fn kinds_but(allowed: &[i32]) -> Vec<Vec<Look>> {
    let kinds = (0..=SOCKET_KIND).filter(|kind| !allowed.iter().any(|one| unsigned(*one) == *kind));
    let look = |kind| Look {
        argument: 1,
        comparison: SeccompCmpOp::MaskedEq(SOCKET_KIND),
        value: kind,
    };
    kinds.map(|kind| vec![look(kind)]).collect()
}

/// The argument is this.
const fn is(argument: u8, value: u64) -> Look {
    Look {
        argument,
        comparison: SeccompCmpOp::Eq,
        value,
    }
}

/// The argument has this flag.
fn has(argument: u8, flag: i32) -> Look {
    Look {
        argument,
        comparison: SeccompCmpOp::MaskedEq(unsigned(flag)),
        value: unsigned(flag),
    }
}

/// The argument lacks this flag.
fn has_not(argument: u8, flag: i32) -> Look {
    Look {
        argument,
        comparison: SeccompCmpOp::MaskedEq(unsigned(flag)),
        value: 0,
    }
}

/// A case that holds where the argument is none of these.
fn none_of(argument: u8, values: &[i32]) -> Vec<Look> {
    let look = |value: &i32| Look {
        argument,
        comparison: SeccompCmpOp::Ne,
        value: unsigned(*value),
    };
    values.iter().map(look).collect()
}

/// The value as it stands in the lower half of an argument, which is all that is compared.
fn unsigned(value: i32) -> u64 {
    u64::from(u32::from_ne_bytes(value.to_ne_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::example;

    #[test]
    fn filters_are_small_enough_for_the_kernel() {
        for network in [
            Network::None,
            Network::Tcp(vec![443]),
            Network::Hosts(vec![]),
            Network::Any,
        ] {
            let mut plan = example();
            plan.network = network;
            for rules in [known(), refusals(&plan)] {
                let rules = rules
                    .into_iter()
                    .map(|(call, cases)| (call, compiled(cases).unwrap()));
                let (allow, deny) = (SeccompAction::Allow, SeccompAction::KillProcess);
                let arch = TargetArch::try_from(std::env::consts::ARCH).unwrap();
                let filter = SeccompFilter::new(rules.collect(), allow, deny, arch).unwrap();
                let program = BpfProgram::try_from(filter).unwrap();
                assert!(program.len() < 4096, "{}", program.len()); // BPF_MAXINSNS
            }
        }
    }

    #[test]
    fn without_network_and_unix_sockets_no_socket_is_made() {
        let rules = refusals(&example());
        assert!(rules[&libc::SYS_socket].is_empty() && rules[&libc::SYS_connect].is_empty());
    }

    #[test]
    fn shared_memory_is_for_namespaces_of_its_own() {
        let mut plan = example();
        assert!(!refusals(&plan).contains_key(&libc::SYS_shmget));
        plan.namespaces = false;
        assert!(refusals(&plan).contains_key(&libc::SYS_shmget));
    }
}
