//! Rows of cmdlets and of the programs of Windows.

use varistor_model::Intent::{Destructive as D, Exfiltrative as X, Read as R, Write as W};

use varistor_model::Intent;

type Row = (&'static str, Intent, u8, &'static str);

/// Verbs of cmdlets.
pub(super) const VERBS: &[(Intent, u8, &[&str])] = &[
    (
        R,
        85,
        &[
            "get",
            "test",
            "select",
            "where",
            "foreach",
            "measure",
            "sort",
            "group",
            "format",
            "convertto",
            "convertfrom",
            "compare",
            "resolve",
            "find",
            "search",
            "read",
            "show",
            "write",
            "out",
            "tee",
            "join",
            "split",
            "trace",
            "wait",
            "debug",
            "ping",
            "confirm",
            "invoke",
            "use",
            "watch",
            "check",
        ],
    ),
    (
        D,
        82,
        &[
            "remove",
            "clear",
            "uninstall",
            "stop",
            "disable",
            "revoke",
            "reset",
            "dismount",
            "unregister",
            "deny",
            "block",
        ],
    ),
    (
        W,
        80,
        &[
            "set",
            "new",
            "add",
            "copy",
            "move",
            "rename",
            "start",
            "restart",
            "enable",
            "import",
            "install",
            "register",
            "update",
            "save",
            "suspend",
            "resume",
            "expand",
            "compress",
            "mount",
            "export",
            "grant",
            "push",
            "pop",
            "enter",
            "exit",
            "send",
            "publish",
            "repair",
            "backup",
            "checkpoint",
            "connect",
            "restore",
            "initialize",
            "approve",
            "edit",
            "merge",
            "limit",
            "open",
            "close",
            "lock",
            "unlock",
            "receive",
        ],
    ),
];

/// Cmdlets whose verb misleads: patterns of verb and noun, joined by `-`.
pub(super) const CMDLETS: &[Row] = &[
    ("format-volume|disk", D, 95, "disk.formats"),
    ("initialize|clear-disk", D, 93, "disk.formats"),
    ("out-file|printer", W, 75, "file.writes"),
    ("tee-object", W, 60, "file.writes"),
    ("clear-host|variable", R, 90, "powershell.verb"),
    (
        "remove-variable|alias|psdrive|pssession|module|job",
        R,
        65,
        "powershell.verb",
    ),
    ("stop-process", D, 88, "process.kills"),
    ("stop-computer", D, 88, "machine.stops"),
    ("restart-computer", D, 75, "machine.reboots"),
    ("stop-service|job|transcript", D, 60, "service.stops"),
    ("set-mppreference", D, 75, "guard.disables"),
    ("set-netfirewallprofile", D, 65, "guard.disables"),
    ("disable-*", D, 75, "powershell.disables"),
    ("set-executionpolicy", D, 60, "guard.disables"),
    ("set-content", W, 75, "file.writes"),
    (
        "get-credential|storedcredential|adreplaccount|secret|keyvaultsecret|azkeyvaultsecret",
        X,
        75,
        "key.reveals",
    ),
    ("convertfrom-securestring", X, 65, "key.reveals"),
    ("export-csv|clixml|alias|formatdata", W, 65, "file.writes"),
    ("export-pfxcertificate|mailbox*", X, 75, "key.reveals"),
    ("new-mailboxexportrequest", X, 85, "mail.exports"),
    (
        "add-mailboxpermission|mailboxfolderpermission|recipientpermission",
        X,
        60,
        "mail.grants_access",
    ),
    ("set-mailbox", W, 60, "mail.changes"),
    ("new-inboxrule", X, 60, "mail.forwards"),
    ("send-*", W, 70, "powershell.sends"),
    (
        "invoke-command|item|wmimethod|cimmethod",
        W,
        45,
        "powershell.invokes",
    ),
    ("invoke-sqlcmd", W, 50, "sql.unknown_code"),
    ("invoke-*", W, 50, "powershell.invokes"),
    ("write-eventlog", W, 75, "log.writes"),
    (
        "clear-eventlog|recyclebin|content|item|history",
        D,
        88,
        "powershell.clears",
    ),
];

/// Programs by their names in lower case, with the rows of each; the last pattern is empty.
pub(super) const PROGRAMS: &[(&str, &[Row])] = &[
    (
        "del|erase",
        &[
            ("/?", R, 90, "shell.asks_help"),
            ("", D, 92, "file.deletes"),
        ],
    ),
    (
        "rd",
        &[
            ("/?", R, 90, "shell.asks_help"),
            ("", D, 88, "file.deletes_tree"),
        ],
    ),
    (
        "format|format.com",
        &[
            ("/?", R, 90, "shell.asks_help"),
            ("", D, 90, "disk.formats"),
        ],
    ),
    ("diskpart", &[("", D, 75, "disk.partitions")]),
    (
        "where|ver|vol|systeminfo|ipconfig|tasklist|findstr|fc.exe|driverquery|getmac|nbtstat|pathping|tracert|query|quser|set-location|comp|assoc|ftype|cls|title|rem|pause|gpresult|openfiles|winver|msinfo32|qwinsta",
        &[("", R, 88, "machine.looks")],
    ),
    (
        "copy|xcopy|ren|md|mklink|move|replace|attrib|expand|makecab|setx|label|msiexec|regsvr32|rundll32|start|mstsc|dism|sfc|chkdsk|w32tm|gpupdate|schtasks.exe",
        &[("", W, 72, "file.copies")],
    ),
    (
        "robocopy",
        &[
            ("* * /l", R, 85, "transfer.dry_run"),
            ("* * /mir|/purge|/move|/mov", D, 82, "transfer.deletes"),
            ("* * * /mir|/purge|/move|/mov", D, 82, "transfer.deletes"),
            ("", W, 75, "file.copies"),
        ],
    ),
    (
        "taskkill|tskill|pskill",
        &[
            ("/?", R, 90, "shell.asks_help"),
            ("", D, 88, "process.kills"),
        ],
    ),
    (
        "reg",
        &[
            ("query|compare", R, 90, "registry.reads"),
            ("delete", D, 92, "registry.deletes"),
            (
                "save|export hklm\\sam|hklm\\system|hklm\\security",
                X,
                88,
                "key.reveals",
            ),
            ("export|save", W, 65, "registry.exports"),
            ("", W, 78, "registry.changes"),
        ],
    ),
    (
        "net|net1",
        &[
            ("user * /delete", D, 90, "account.deletes"),
            (
                "user|localgroup|group * * /delete",
                D,
                82,
                "account.deletes",
            ),
            ("user * * /add", W, 80, "account.changes"),
            ("localgroup administrators *", W, 70, "account.changes"),
            ("stop", D, 60, "service.stops"),
            ("share * *", W, 60, "machine.shares"),
            ("use + +", W, 65, "machine.connects"),
            ("start|send|time", W, 65, "service.changes"),
            ("", R, 80, "machine.looks"),
        ],
    ),
    (
        "sc|sc.exe",
        &[
            (
                "query|queryex|qc|getdisplayname|enumdepend",
                R,
                90,
                "service.looks",
            ),
            ("delete", D, 88, "service.removes"),
            ("stop", D, 62, "service.stops"),
            ("", W, 75, "service.changes"),
        ],
    ),
    (
        "schtasks",
        &[
            ("/query", R, 90, "schedule.lists"),
            ("/delete", D, 88, "schedule.removes"),
            ("=end", R, 80, "schedule.lists"),
            ("", W, 72, "schedule.changes"),
        ],
    ),
    (
        "vssadmin|wbadmin",
        &[
            ("list|get", R, 90, "backup.lists"),
            ("delete|resize", D, 95, "backup.deletes"),
            ("", W, 70, "backup.changes"),
        ],
    ),
    (
        "wmic",
        &[
            ("shadowcopy delete", D, 95, "backup.deletes"),
            ("* delete|call", D, 75, "process.kills"),
            ("* * delete|call", D, 72, "process.kills"),
            ("process call", W, 60, "process.starts"),
            ("", R, 75, "machine.looks"),
        ],
    ),
    (
        "bcdedit",
        &[
            ("=end", R, 85, "machine.looks"),
            ("/enum", R, 88, "machine.looks"),
            ("", D, 75, "machine.boot"),
        ],
    ),
    (
        "icacls|cacls|takeown",
        &[
            ("* =end", R, 80, "machine.looks"),
            ("* /grant everyone*|*everyone*", D, 70, "file.opens_tree"),
            ("", W, 75, "file.mode"),
        ],
    ),
    (
        "cipher",
        &[
            ("/w*", D, 85, "file.shreds"),
            ("", W, 60, "file.attributes"),
        ],
    ),
    (
        "certutil",
        &[
            ("-urlcache", W, 60, "windows.downloads"),
            ("-decode|-decodehex", W, 60, "shell.decodes"),
            ("-exportpfx|-exportPFX", X, 80, "key.reveals"),
            ("-hashfile|-dump|-store|-verify", R, 85, "key.lists"),
            ("", W, 60, "key.changes"),
        ],
    ),
    (
        "bitsadmin",
        &[
            ("/list", R, 80, "transfer.lists"),
            ("", W, 65, "windows.downloads"),
        ],
    ),
    (
        "netsh",
        &[
            ("* show", R, 88, "machine.looks"),
            ("* * show", R, 88, "machine.looks"),
            ("advfirewall set * state off", D, 92, "firewall.disables"),
            ("firewall set opmode disable", D, 92, "firewall.disables"),
            ("advfirewall reset", D, 85, "firewall.removes"),
            ("advfirewall firewall delete", D, 80, "firewall.removes"),
            ("wlan export * key=clear", X, 80, "key.reveals"),
            ("interface portproxy add", X, 55, "network.opens_tunnel"),
            ("", W, 70, "machine.network"),
        ],
    ),
    (
        "wevtutil",
        &[
            ("cl|clear-log", D, 92, "log.deletes"),
            ("epl|export-log", W, 65, "log.exports"),
            ("", R, 80, "log.reads"),
        ],
    ),
    (
        "cmdkey",
        &[
            ("/list", R, 70, "key.lists"),
            ("/delete*", D, 70, "key.deletes"),
            ("", W, 70, "key.changes"),
        ],
    ),
];
