//! Rows of programs that look at or administer a machine: processes, services, users, network.

use super::{D, Paths, Program, R, W, X, gnu, long};

/// The programs.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
        names: "ps top htop btop atop pgrep pidof pstree uptime free vmstat iostat mpstat sar dstat \
                w who whoami id groups users last lastb lastlog finger lscpu lspci lsusb \
                lsmod modinfo dmidecode sensors nvidia-smi pmap lsns lslocks ipcs \
                netstat ss arp traceroute tracepath mtr whois nmap iftop nethogs iperf iperf3 \
                getent locale hostid lsb_release \
                inxi neofetch fastfetch gdb objdump nm readelf ldd size \
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
        style: gnu("-t -n -p -o -H -M --type --state --property"),
        paths: Paths::None,
        rows: &[
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
    Program {
        names: "iptables ip6tables ebtables nft ufw firewall-cmd pfctl iptables-restore",
        style: gnu("-t"),
        paths: Paths::None,
        rows: &[
            (
                "-L|-S|--list|--list-rules|-C|--list-all|--state|--get-default-zone",
                R,
                90,
                "firewall.looks",
            ),
            ("status|show|list|version", R, 90, "firewall.looks"),
            (
                "-F|--flush|-X|-D|--delete|--delete-chain|-Z",
                D,
                88,
                "firewall.removes",
            ),
            (
                "disable|reset|delete|flush|destroy",
                D,
                90,
                "firewall.removes",
            ),
            (
                "--panic-off|--remove-port=*|--remove-service=*|--remove-rich-rule=*",
                W,
                65,
                "firewall.changes",
            ),
            ("-d", D, 75, "firewall.disables"),
            ("default allow", D, 80, "firewall.opens"),
            ("-P|--policy * ACCEPT", D, 80, "firewall.opens"),
            ("-P=ACCEPT", D, 80, "firewall.opens"),
            ("", W, 75, "firewall.changes"),
        ],
    },
    Program {
        names: "setenforce aa-disable aa-teardown aa-complain setsebool csrutil spctl \
                Set-MpPreference tccutil",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            (
                "1|Enforcing|enforcing|enable|status|--status",
                W,
                70,
                "guard.enables",
            ),
            ("", D, 85, "guard.disables"),
        ],
    },
    Program {
        names: "auditctl fail2ban-client",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            ("-l|-s", R, 85, "guard.looks"),
            ("status|ping|get", R, 85, "guard.looks"),
            ("-D|-e", D, 85, "guard.disables"),
            ("stop|unban|delete", D, 75, "guard.disables"),
            ("", W, 70, "guard.changes"),
        ],
    },
    Program {
        names: "sysctl modprobe rmmod insmod depmod update-grub grub-mkconfig ldconfig hostnamectl \
                timedatectl localectl hwclock ntpdate chronyc hostname swaplabel tuned-adm update-initramfs \
                dkms loginctl kmod efibootmgr update-alternatives alternatives netplan nmcli ifup dhclient \
                wg wg-quick openvpn tailscale",
        style: gnu("-p -n"),
        paths: Paths::None,
        rows: &[
            (
                "-a|-l|--list|--all|--show|-q|--query",
                R,
                80,
                "machine.looks",
            ),
            (
                "status|show|list|list-*|show-*|sources|tracking|--display|get|device|ip|netcheck",
                R,
                80,
                "machine.looks",
            ),
            ("terminate-*|kill-*", D, 80, "process.kills"),
            ("=end", R, 80, "machine.looks"),
            ("", W, 75, "machine.configures"),
        ],
    },
    Program {
        names: "ip ifconfig route iw iwconfig brctl tc ethtool bridge ipset arptables",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            ("* show|list|ls|get", R, 90, "machine.looks"),
            ("* =end", R, 80, "machine.looks"),
            ("=end", R, 85, "machine.looks"),
            ("flush|destroy", D, 75, "machine.network_removes"),
            ("* del|delete|flush", D, 75, "machine.network_removes"),
            ("* * down", D, 65, "machine.network_down"),
            ("* down", D, 65, "machine.network_down"),
            ("", W, 70, "machine.network"),
        ],
    },
    Program {
        names: "userdel groupdel deluser delgroup",
        style: gnu(""),
        paths: Paths::None,
        rows: &[("", D, 92, "account.deletes")],
    },
    Program {
        names: "useradd adduser groupadd addgroup usermod groupmod chsh chfn gpasswd vipw newusers \
                chpasswd passwd chage visudo pwck newgrp dscl htpasswd smbpasswd ssh-copy-id",
        style: gnu("-u -g -G -s -d -c"),
        paths: Paths::None,
        rows: &[
            ("-S|--status|-l =end", R, 70, "account.looks"),
            ("-c|--check =end", R, 60, "account.looks"),
            ("-l|--lock|-d|--delete|-L", D, 60, "account.locks"),
            ("", W, 80, "account.changes"),
        ],
    },
    Program {
        names: "ssh-keygen ssh-add gpg gpg2 certbot keytool step mkcert age sops ansible-vault pass vault \
                secret-tool security op bw lpass gopass chamber doppler infisical",
        style: gnu("-f -t -b -C -N"),
        paths: Paths::None,
        rows: &[
            (
                "-l|-L|--list-keys|-k|--fingerprint|-list",
                R,
                80,
                "key.lists",
            ),
            (
                "status|list|ls|certificates|list-keychains|version|whoami|account|token lookup",
                R,
                75,
                "key.lists",
            ),
            (
                "read|get|show|view|lookup|export|reveal|decrypt|edit-secret|env",
                X,
                80,
                "key.reveals",
            ),
            (
                "kv|item|document|secrets|secret get|read|show|download|export",
                X,
                85,
                "key.reveals",
            ),
            ("kv|item|secrets|secret list|ls", R, 75, "key.lists"),
            (
                "kv|item|secrets|secret delete|destroy|rm|disable|metadata",
                D,
                80,
                "key.deletes",
            ),
            (
                "find-generic-password|find-internet-password|dump-keychain|export-*",
                X,
                88,
                "key.reveals",
            ),
            ("-d|--decrypt|--export-secret-keys|-w", X, 70, "key.reveals"),
            ("delete|revoke|rm|remove|-D|delete-*", D, 80, "key.deletes"),
            ("* delete|revoke|rm|remove|disable", D, 75, "key.deletes"),
            ("", W, 70, "key.changes"),
        ],
    },
    Program {
        names: "tcpdump tshark wireshark dumpcap ettercap",
        style: gnu("-i -c -w -s"),
        paths: Paths::None,
        rows: &[
            ("-D|--list-interfaces", R, 85, "machine.looks"),
            ("-w", W, 60, "machine.captures"),
            ("", R, 60, "machine.captures"),
        ],
    },
    Program {
        names: "ngrok cloudflared localtunnel lt bore frpc chisel pagekite inlets serveo zrok",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            (
                "version|update|login|--version|list|info",
                W,
                60,
                "tunnel.administers",
            ),
            ("", X, 80, "tunnel.opens"),
        ],
    },
    Program {
        names: "http-server serve live-server webfsd darkhttpd miniserve updog gotty ttyd websocketd",
        style: gnu("-p -a -l"),
        paths: Paths::None,
        rows: &[("", X, 55, "server.publishes_folder")],
    },
    Program {
        names: "xdg-open open start xclip xsel pbcopy pbpaste wl-copy scrot import screencapture",
        style: gnu(""),
        paths: Paths::None,
        rows: &[("", W, 55, "desktop.touches")],
    },
    Program {
        names: "ansible ansible-playbook puppet chef-client salt salt-call fab cap",
        style: gnu("-i -l -m -a -u -e -t"),
        paths: Paths::None,
        rows: &[
            (
                "--check|-C|--list-hosts|--list-tasks|--syntax-check|--noop|--list-tags",
                R,
                85,
                "deploy.dry_run",
            ),
            ("", W, 65, "deploy.runs"),
        ],
    },
    Program {
        names: "make gmake cmake ninja just task rake bazel buck gradle gradlew mvn mvnw ant sbt meson \
                scons tox nox pytest jest vitest mocha rspec phpunit ctest gcc g++ clang cc ld as rustc \
                javac tsc webpack vite esbuild rollup eslint prettier ruff black mypy flake8 pylint \
                shellcheck clippy-driver isort golangci-lint pre-commit playwright cypress turbo nx lerna",
        style: gnu("-C -f -j -k -m -o"),
        paths: Paths::None,
        rows: &[
            (
                "-n|--dry-run|--just-print|--recon|--list|-l|--collect-only|--check|--summary",
                R,
                85,
                "build.dry_run",
            ),
            (
                "clean|distclean|mrproper|clobber|purge|destroy|nuke|drop*|wipe|reset*|*destroy*|db:drop|db:reset",
                D,
                60,
                "build.cleans",
            ),
            ("publish|deploy|release|upload", W, 65, "build.publishes"),
            (
                "query|info|tasks|dependencies|help:*|dependency:tree|projects|graph",
                R,
                75,
                "build.looks",
            ),
            ("", W, 75, "build.runs"),
        ],
    },
    Program {
        names: "terraform tofu terragrunt cdktf",
        style: long("-chdir -var -var-file -target"),
        paths: Paths::None,
        rows: &[
            ("fmt -check", R, 92, "infrastructure.plans"),
            (
                "plan|validate|show|graph|providers|version|console|metadata",
                R,
                92,
                "infrastructure.plans",
            ),
            ("output", R, 75, "infrastructure.outputs"),
            ("state pull", X, 60, "infrastructure.state"),
            ("state|workspace list|show", R, 90, "infrastructure.plans"),
            ("destroy|--destroy", D, 96, "infrastructure.destroys"),
            (
                "apply|run-all|run -destroy|--destroy",
                D,
                95,
                "infrastructure.destroys",
            ),
            ("run-all destroy", D, 95, "infrastructure.destroys"),
            (
                "state|workspace rm|delete|push",
                D,
                85,
                "infrastructure.state_removes",
            ),
            ("force-unlock|taint", D, 65, "infrastructure.unlocks"),
            ("", W, 85, "infrastructure.applies"),
        ],
    },
    Program {
        names: "pulumi cdk serverless sls sam eb copilot amplify sst",
        style: gnu("-s --stack --stage -C"),
        paths: Paths::None,
        rows: &[
            (
                "preview|diff|synth|ls|list|logs|whoami|version|about|validate|package|info|print|doctor|metrics|status|health|events",
                R,
                88,
                "infrastructure.plans",
            ),
            ("stack rm", D, 92, "infrastructure.destroys"),
            ("stack export", X, 60, "infrastructure.state"),
            (
                "stack|config|plugin|org|state ls|list|output|history|get|select",
                R,
                75,
                "infrastructure.plans",
            ),
            (
                "destroy|remove|delete|terminate|down|rm",
                D,
                94,
                "infrastructure.destroys",
            ),
            (
                "* destroy|remove|delete|rm",
                D,
                85,
                "infrastructure.destroys",
            ),
            ("", W, 82, "infrastructure.applies"),
        ],
    },
];
