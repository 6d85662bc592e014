//! Rows of programs that guard or configure a machine: firewall, accounts, keys, network.

use super::{D, Paths, Program, R, W, X, gnu, long};

/// The programs.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
        names: "etcdctl",
        style: gnu("--endpoints --cacert --cert --key --user"),
        paths: Paths::None,
        rows: &[
            ("del|compact|defrag", D, 88, "cluster.deletes"),
            (
                "user|role|member|auth remove|delete|revoke|disable",
                D,
                80,
                "cluster.deletes",
            ),
            ("get|watch|endpoint|version|check", R, 88, "cluster.reads"),
            ("member|user|role|alarm list|get", R, 85, "cluster.reads"),
            ("snapshot restore", D, 70, "cluster.deletes"),
            ("", W, 75, "cluster.changes"),
        ],
    },
    Program {
        names: "kafka-topics kafka-topics.sh kafka-consumer-groups kafka-consumer-groups.sh \
                kafka-configs kafka-configs.sh kafka-acls kafka-acls.sh",
        style: long(""),
        paths: Paths::None,
        rows: &[
            (
                "--delete|--delete-offsets|--remove|--delete-config",
                D,
                88,
                "queue.deletes",
            ),
            ("--reset-offsets --dry-run", R, 80, "queue.reads"),
            ("--reset-offsets", D, 72, "queue.deletes"),
            ("--list|--describe", R, 90, "queue.reads"),
            ("", W, 70, "queue.changes"),
        ],
    },
    Program {
        names: "rabbitmqctl rabbitmqadmin rabbitmq-diagnostics",
        style: gnu("-n -p -H -u"),
        paths: Paths::None,
        rows: &[
            (
                "list*|status|cluster_status|ping|report|show|environment",
                R,
                88,
                "queue.reads",
            ),
            (
                "purge*|delete*|reset|force_reset|forget*|clear*",
                D,
                86,
                "queue.deletes",
            ),
            ("stop*|shutdown|close*", D, 78, "queue.stops"),
            ("", W, 72, "queue.changes"),
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
        names: "setenforce aa-disable aa-teardown aa-complain setsebool csrutil spctl tccutil",
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
                timedatectl localectl hwclock ntpdate chronyc hostname swaplabel tuned-adm \
                update-initramfs \
                dkms loginctl kmod efibootmgr update-alternatives alternatives netplan nmcli \
                ifup dhclient \
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
            ("* * * down", D, 65, "machine.network_down"),
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
        names: "ssh-keygen ssh-add gpg gpg2 certbot keytool step mkcert age sops ansible-vault pass \
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
        names: "vault bao",
        style: long("-field -format -mount -address -namespace -ttl -version -key"),
        paths: Paths::None,
        rows: &[
            (
                "status|version|audit|policy|auth|plugin|namespace =end",
                R,
                75,
                "key.lists",
            ),
            ("status|version|list", R, 80, "key.lists"),
            ("kv metadata|list", R, 70, "key.lists"),
            ("* list|ls|lookup|capabilities|help", R, 75, "key.lists"),
            ("read|unwrap", X, 80, "key.reveals"),
            ("kv get", X, 88, "key.reveals"),
            ("token|operator create|generate-root", X, 70, "key.reveals"),
            ("delete", D, 85, "key.deletes"),
            (
                "* delete|destroy|disable|revoke|seal|undelete|rekey",
                D,
                78,
                "key.deletes",
            ),
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
];
