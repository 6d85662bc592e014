//! The tables of system calls: which are answered at all, which are refused, and which arguments
//! of others are looked at. By name, so that each architecture has its own numbers.

/// Numbers of system calls by their names.
macro_rules! calls {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}

/// A system call by the name of its constant, and by its number.
pub(super) type Call = (&'static str, i64);

/// The name of a system call that is on one of the lists here, as manual pages write it.
#[must_use]
pub fn call_name(number: i64) -> Option<&'static str> {
    let tables = [ANSWERED, ANSWERED_BY_MACHINE, REFUSED, REFUSED_BY_MACHINE];
    let known = tables.into_iter().flatten();
    let found = known.into_iter().find(|(_, known)| *known == number);
    found.and_then(|(name, _)| name.strip_prefix("SYS_"))
}

/// Calls that are answered.
pub(super) const ANSWERED: &[Call] = calls! {
    // Files and directories; Landlock decides which.
    SYS_openat SYS_openat2 SYS_close SYS_close_range SYS_read SYS_write SYS_readv SYS_writev
    SYS_pread64 SYS_pwrite64 SYS_preadv SYS_pwritev SYS_preadv2 SYS_pwritev2 SYS_lseek
    SYS_newfstatat SYS_fstat SYS_statx SYS_statfs SYS_fstatfs SYS_faccessat SYS_faccessat2
    SYS_readlinkat SYS_getdents64 SYS_getcwd SYS_chdir SYS_fchdir SYS_mkdirat SYS_mknodat
    SYS_unlinkat SYS_renameat SYS_renameat2 SYS_linkat SYS_symlinkat SYS_truncate SYS_ftruncate
    SYS_fallocate SYS_fadvise64 SYS_fsync SYS_fdatasync SYS_sync_file_range SYS_syncfs SYS_fchmod
    SYS_fchmodat SYS_fchmodat2 SYS_fchown SYS_fchownat SYS_umask SYS_utimensat SYS_flock
    SYS_fcntl SYS_ioctl
    SYS_dup SYS_dup3 SYS_pipe2 SYS_copy_file_range SYS_sendfile SYS_splice SYS_tee SYS_readahead
    SYS_getxattr SYS_lgetxattr SYS_fgetxattr SYS_listxattr SYS_llistxattr SYS_flistxattr
    SYS_setxattr SYS_lsetxattr SYS_fsetxattr SYS_removexattr SYS_lremovexattr SYS_fremovexattr
    SYS_inotify_init1 SYS_inotify_add_watch SYS_inotify_rm_watch SYS_memfd_create
    // Memory.
    SYS_mmap SYS_munmap SYS_mprotect SYS_mremap SYS_madvise SYS_brk SYS_msync SYS_mincore
    SYS_mlock SYS_mlock2 SYS_munlock SYS_mlockall SYS_munlockall SYS_membarrier SYS_pkey_alloc
    SYS_pkey_free SYS_pkey_mprotect SYS_mbind SYS_get_mempolicy SYS_set_mempolicy
    // Processes and threads; Landlock and the namespace decide which.
    SYS_clone SYS_execve SYS_exit SYS_exit_group SYS_wait4 SYS_waitid SYS_kill SYS_tkill
    SYS_tgkill SYS_pidfd_open SYS_pidfd_send_signal SYS_rt_sigqueueinfo SYS_rt_tgsigqueueinfo
    SYS_getpid SYS_getppid SYS_gettid SYS_getpgid SYS_setpgid SYS_getsid SYS_setsid SYS_getuid
    SYS_geteuid SYS_getgid SYS_getegid SYS_getresuid SYS_getresgid SYS_getgroups SYS_setuid
    SYS_setgid SYS_setreuid SYS_setregid SYS_setresuid SYS_setresgid SYS_setgroups SYS_capget
    SYS_prctl SYS_personality SYS_set_tid_address SYS_set_robust_list SYS_get_robust_list SYS_rseq
    SYS_futex SYS_sched_yield SYS_sched_getaffinity SYS_sched_setaffinity SYS_sched_getparam
    SYS_sched_setparam SYS_sched_getscheduler SYS_sched_setscheduler SYS_sched_getattr
    SYS_sched_setattr SYS_sched_get_priority_max SYS_sched_get_priority_min
    SYS_sched_rr_get_interval SYS_getpriority SYS_setpriority SYS_ioprio_get SYS_ioprio_set
    SYS_getrlimit SYS_setrlimit SYS_prlimit64 SYS_getrusage SYS_times SYS_getcpu SYS_sysinfo
    SYS_uname SYS_landlock_create_ruleset SYS_landlock_add_rule SYS_landlock_restrict_self
    // Signals, timers, time, waiting, randomness.
    SYS_rt_sigaction SYS_rt_sigprocmask SYS_rt_sigreturn SYS_rt_sigpending SYS_rt_sigsuspend
    SYS_rt_sigtimedwait SYS_sigaltstack SYS_signalfd4 SYS_restart_syscall SYS_clock_gettime
    SYS_clock_getres SYS_clock_nanosleep SYS_nanosleep SYS_gettimeofday SYS_timer_create
    SYS_timer_settime SYS_timer_gettime SYS_timer_getoverrun SYS_timer_delete SYS_timerfd_create
    SYS_timerfd_settime SYS_timerfd_gettime SYS_getitimer SYS_setitimer SYS_eventfd2
    SYS_epoll_create1 SYS_epoll_ctl SYS_epoll_pwait SYS_epoll_pwait2 SYS_ppoll SYS_pselect6
    SYS_getrandom
    // Sockets, if there are any.
    SYS_socket SYS_socketpair SYS_connect SYS_bind SYS_listen SYS_accept SYS_accept4 SYS_shutdown
    SYS_sendto SYS_recvfrom SYS_sendmsg SYS_recvmsg SYS_sendmmsg SYS_recvmmsg SYS_getsockname
    SYS_getpeername SYS_getsockopt SYS_setsockopt
    // Memory and semaphores of System V: of the server's own IPC namespace only.
    SYS_shmget SYS_shmat SYS_shmctl SYS_shmdt SYS_semget SYS_semop SYS_semctl SYS_semtimedop
    SYS_msgget SYS_msgsnd SYS_msgrcv SYS_msgctl
};

/// What x86-64 answers besides, for old binaries.
#[cfg(target_arch = "x86_64")]
pub(super) const ANSWERED_BY_MACHINE: &[Call] = calls! {
    SYS_open SYS_creat SYS_stat SYS_lstat SYS_access SYS_readlink SYS_getdents SYS_mkdir SYS_rmdir
    SYS_mknod SYS_unlink SYS_rename SYS_link SYS_symlink SYS_chmod SYS_chown SYS_lchown SYS_utime
    SYS_utimes SYS_futimesat SYS_dup2 SYS_pipe SYS_inotify_init SYS_fork SYS_vfork SYS_getpgrp
    SYS_arch_prctl SYS_time SYS_alarm SYS_pause SYS_signalfd SYS_eventfd SYS_epoll_create
    SYS_epoll_wait SYS_poll SYS_select
};
#[cfg(not(target_arch = "x86_64"))]
pub(super) const ANSWERED_BY_MACHINE: &[Call] = &[];

/// Calls that are refused with `EPERM` whatever they ask, rather than not known: other
/// processes' memory, the kernel's own programs, keys, mounts, namespaces, modules, devices.
/// `execveat` executes files in memory, past Landlock; `clone3` hides its flags.
pub(super) const REFUSED: &[Call] = calls! {
    SYS_ptrace SYS_process_vm_readv SYS_process_vm_writev SYS_process_madvise SYS_process_mrelease
    SYS_pidfd_getfd SYS_kcmp SYS_bpf SYS_perf_event_open SYS_userfaultfd SYS_io_uring_setup
    SYS_io_uring_enter SYS_io_uring_register SYS_add_key SYS_request_key SYS_keyctl SYS_mount
    SYS_umount2 SYS_pivot_root SYS_chroot SYS_move_mount SYS_open_tree SYS_fsopen SYS_fsconfig
    SYS_fsmount SYS_fspick SYS_mount_setattr SYS_unshare SYS_setns SYS_open_by_handle_at
    SYS_name_to_handle_at SYS_kexec_load SYS_kexec_file_load SYS_init_module SYS_finit_module
    SYS_delete_module SYS_reboot SYS_swapon SYS_swapoff SYS_syslog SYS_acct SYS_quotactl
    SYS_quotactl_fd SYS_fanotify_init SYS_fanotify_mark SYS_lookup_dcookie SYS_nfsservctl
    SYS_vhangup SYS_settimeofday SYS_clock_settime SYS_clock_adjtime SYS_adjtimex SYS_sethostname
    SYS_setdomainname SYS_migrate_pages SYS_move_pages SYS_capset SYS_vmsplice
    SYS_execveat SYS_mq_open
};

/// What x86-64 refuses besides.
#[cfg(target_arch = "x86_64")]
pub(super) const REFUSED_BY_MACHINE: &[Call] = calls! {
    SYS_iopl SYS_ioperm SYS_modify_ldt SYS_ustat SYS_sysfs SYS_uselib
};
#[cfg(not(target_arch = "x86_64"))]
pub(super) const REFUSED_BY_MACHINE: &[Call] = &[];

/// Refused where IPC has no namespace of its own.
pub(super) const SHARED_MEMORY: &[Call] = calls! {
    SYS_shmget SYS_shmat SYS_semget SYS_msgget
};

/// Refused where mounts can't be made read-only: Landlock has no rights for modes, owners, times
/// and attributes, so that any file of the gateway's user could be closed or opened to all.
pub(super) const METADATA: &[Call] = calls! {
    SYS_fchmod SYS_fchmodat SYS_fchmodat2 SYS_fchown SYS_fchownat SYS_utimensat SYS_setxattr
    SYS_lsetxattr SYS_fsetxattr SYS_removexattr SYS_lremovexattr SYS_fremovexattr
};
/// What x86-64 has of them besides.
#[cfg(target_arch = "x86_64")]
pub(super) const METADATA_BY_MACHINE: &[Call] = calls! {
    SYS_chmod SYS_chown SYS_lchown SYS_utime SYS_utimes SYS_futimesat
};
#[cfg(not(target_arch = "x86_64"))]
pub(super) const METADATA_BY_MACHINE: &[Call] = &[];

/// Calls whose first argument names a process: they may name the caller only (0), since those of
/// the gateway's user are not told apart by anything else.
pub(super) const OF_A_PROCESS: &[Call] = calls! {
    SYS_prlimit64 SYS_sched_setaffinity SYS_sched_setparam SYS_sched_setscheduler
    SYS_sched_setattr
};

/// The same of the second argument, where the first has the number that means processes.
pub(super) const OF_A_KIND_AND_A_PROCESS: [(i64, i32); 2] =
    [(libc::SYS_setpriority, 0), (libc::SYS_ioprio_set, 1)];

/// What nobody does without a socket of their own.
pub(super) const OF_SOCKETS: &[Call] = calls! {
    SYS_socket SYS_connect SYS_bind SYS_listen SYS_accept SYS_accept4
};

/// Calls that send, and which argument holds the flags.
pub(super) const SENDING: [(i64, u8); 3] = [
    (libc::SYS_sendto, 3),
    (libc::SYS_sendmsg, 2),
    (libc::SYS_sendmmsg, 3),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_both_answered_and_refused() {
        let answered = [ANSWERED, ANSWERED_BY_MACHINE].concat();
        let refused = [REFUSED, REFUSED_BY_MACHINE].concat();
        assert!(!refused.iter().any(|call| answered.contains(call)));
    }

    #[test]
    fn calls_have_the_names_of_their_manual_pages() {
        assert_eq!(call_name(libc::SYS_ptrace), Some("ptrace"));
        assert_eq!(call_name(libc::SYS_read), Some("read"));
        assert_eq!(call_name(-1), None);
    }

    #[test]
    fn what_hides_its_arguments_from_filters_is_not_answered() {
        let answered = [ANSWERED, ANSWERED_BY_MACHINE].concat();
        for hidden in [libc::SYS_clone3, libc::SYS_io_uring_enter] {
            assert!(!answered.iter().any(|(_, call)| *call == hidden));
        }
    }
}
