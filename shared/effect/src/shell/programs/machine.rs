//! Rows of programs that look at or administer a machine: processes, services, users, network.

use super::{D, Paths, Program, R, W, X, gnu};

/// The programs.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
        names: "ps top htop btop atop pgrep pidof pstree uptime free vmstat iostat mpstat sar dstat \
                w who whoami id groups users last lastb lastlog finger lscpu lspci lsusb \
                lsmod modinfo dmidecode sensors nvidia-smi pmap lsns lslocks ipcs \
                netstat ss arp traceroute tracepath mtr whois nmap iftop nethogs iperf iperf3 \
                getent locale hostid lsb_release \
                inxi neofetch fastfetch objdump nm readelf ldd size \
                addr2line otool systemd-analyze acpi upower resolvectl \
                getenforce sestatus aa-status ausearch aureport \
                xrandr tcptraceroute speedtest geoiplookup ipcalc arping fping \
                hwinfo lshw glances",
        style: gnu("-p -u -o -n -c"),
        paths: Paths::None,
        rows: &[("", R, 90, "machine.looks")],
    },
    Program {
        names: "kill pkill killall killall5 skill xkill",
        style: gnu("-s -u"),
        paths: Paths::None,
        rows: &[
            ("-l|-L|--list =end", R, 90, "machine.looks"),
            ("-0", R, 85, "machine.looks"),
            ("", D, 88, "process.kills"),
        ],
    },
    Program {
        names: "fuser",
        style: gnu("-s"),
        paths: Paths::None,
        rows: &[
            ("-k|--kill", D, 88, "process.kills"),
            ("", R, 88, "machine.looks"),
        ],
    },
    Program {
        names: "renice taskset chrt numactl prlimit",
        style: gnu("-n -p -u -g"),
        paths: Paths::None,
        rows: &[("", W, 75, "process.priority")],
    },
    Program {
        names: "shutdown reboot halt poweroff init telinit",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            ("-c", W, 75, "machine.cancels_shutdown"),
            ("-r|--reboot", D, 75, "machine.reboots"),
            ("", D, 85, "machine.stops"),
        ],
    },
    Program {
        names: "systemctl",
        style: gnu("-t -n -p -o -H -M -P --type --state --property"),
        paths: Paths::None,
        rows: &[
            (
                "show|show-environment --property=*Environment*|-p=*Environment*|-pEnvironment",
                X,
                75,
                "service.reveals_environment",
            ),
            (
                "status|show|list-*|is-*|cat|get-*|help|--version",
                R,
                92,
                "service.looks",
            ),
            ("stop|kill|isolate", D, 65, "service.stops"),
            (
                "disable|mask firewalld|ufw|auditd|apparmor|fail2ban|iptables|nftables|crowdsec|falco*|*agent|*sensor",
                D,
                85,
                "service.unprotects",
            ),
            ("mask|disable", W, 65, "service.disables"),
            (
                "poweroff|halt|reboot|kexec|emergency|rescue|suspend|hibernate",
                D,
                80,
                "machine.stops",
            ),
            ("revert|reset-failed|clean", W, 60, "service.resets"),
            ("=end", R, 90, "service.looks"),
            ("", W, 85, "service.changes"),
        ],
    },
    Program {
        names: "service rc-service supervisorctl pm2 launchctl sv initctl forever nssm",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            (
                "status|list|ls|show|info|logs|monit|print|describe|jlist|tail|avail|pid",
                R,
                88,
                "service.looks",
            ),
            ("* status", R, 90, "service.looks"),
            ("delete|remove|kill|bootout|flush", D, 75, "service.removes"),
            ("stop", D, 60, "service.stops"),
            ("* stop", D, 60, "service.stops"),
            ("--status-all", R, 90, "service.looks"),
            ("", W, 80, "service.changes"),
        ],
    },
    Program {
        names: "journalctl",
        style: gnu("-u -n -p -o --since --until"),
        paths: Paths::None,
        rows: &[
            ("--vacuum-time=*", D, 80, "log.deletes"),
            (
                "--vacuum-time|--vacuum-size|--vacuum-files|--rotate",
                D,
                75,
                "log.deletes",
            ),
            ("", R, 90, "log.reads"),
        ],
    },
    Program {
        names: "dmesg",
        style: gnu("-l -n"),
        paths: Paths::None,
        rows: &[
            ("-c|-C|--clear", D, 60, "log.deletes"),
            ("", R, 90, "log.reads"),
        ],
    },
    Program {
        names: "history fc",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            ("-c|-d|-w", D, 80, "log.erases_history"),
            ("", R, 60, "log.history"),
        ],
    },
    Program {
        names: "logger wall write notify-send",
        style: gnu("-t -p"),
        paths: Paths::None,
        rows: &[("", W, 80, "machine.tells")],
    },
    Program {
        names: "crontab",
        style: gnu("-u"),
        paths: Paths::None,
        rows: &[
            ("-l", R, 92, "schedule.lists"),
            ("-r", D, 90, "schedule.removes"),
            ("-", D, 55, "schedule.replaces"),
            ("", W, 70, "schedule.changes"),
        ],
    },
    Program {
        names: "at batch atq atrm anacron",
        style: gnu("-f -q -t"),
        paths: Paths::None,
        rows: &[
            ("-l", R, 85, "schedule.lists"),
            ("-d|-r", D, 75, "schedule.removes"),
            ("", W, 70, "schedule.changes"),
        ],
    },
];
