//! Rows of programs that read, write and remove files.

use super::{D, Paths, Program, R, W, X, gnu};

/// The programs.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
        names: "head tail less more most nl od hexdump strings cut paste join column fold fmt expand \
                unexpand pr comm diff diff3 sdiff colordiff cmp look jq yq xq fx tomlq xmllint \
                csvcut csvlook csvstat mlr pandoc antiword pdftotext exiftool glow hexyl delta \
                zless zmore iconv fzf miller xsv qsv tr ul",
        style: gnu("-n -c -d -f -k -t -s --lines --bytes --arg --argjson"),
        paths: Paths::Read,
        rows: &[
            ("-i|--in-place|--inplace", W, 70, "file.edits"),
            ("", R, 90, "file.reads"),
        ],
    },
    Program {
        names: "uniq",
        style: gnu("-f -s -w"),
        paths: Paths::Read,
        rows: &[("", R, 90, "file.reads")],
    },
    Program {
        names: "sort",
        style: gnu("-k -t -S -T --key"),
        paths: Paths::Read,
        rows: &[
            ("-o|--output|--output=*", W, 75, "file.writes"),
            ("", R, 90, "file.reads"),
        ],
    },
    Program {
        names: "ls dir vdir ll exa eza lsd tree stat file wc du df pwd cd pushd popd dirs basename \
                dirname realpath readlink which whereis type hash test [ [[ true false : sleep \
                wait \
                seq date cal bc dc expr factor md5sum sha1sum sha224sum sha256sum sha512sum b2sum \
                cksum sum md5 shasum locate mlocate namei getfacl lsattr pathchk tput \
                clear stty tty lsof cloc tokei scc mediainfo \
                ffprobe identify nproc arch uname getconf return break continue shift exit read \
                getopts umask ulimit times jobs bg fg disown logout caller mapfile readarray let \
                compgen complete shopt unset unalias help man info apropos whatis tldr cheat \
                numfmt tsort ts pv dialog whiptail figlet cowsay lolcat fortune banner \
                sha384sum xxhsum b3sum crc32 logname",
        style: gnu("-n -d -f -L --depth"),
        paths: Paths::None,
        rows: &[("", R, 92, "shell.reads")],
    },
    Program {
        names: "touch mkdir mkfifo mknod mktemp",
        style: gnu("-m -t -d -r -p"),
        paths: Paths::Write,
        rows: &[("", W, 90, "file.creates")],
    },
    Program {
        names: "truncate",
        style: gnu("-s -r"),
        paths: Paths::None,
        rows: &[("", D, 88, "file.truncates")],
    },
    Program {
        names: "shred srm wipe scrub",
        style: gnu("-n -s"),
        paths: Paths::Delete,
        rows: &[("", D, 95, "file.shreds")],
    },
    Program {
        names: "trash trash-put gio",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            ("info|list|cat|mime|tree", R, 85, "file.reads"),
            ("remove", D, 85, "file.deletes"),
            ("", W, 80, "file.trashes"),
        ],
    },
    Program {
        names: "trash-empty rmtrash",
        style: gnu(""),
        paths: Paths::None,
        rows: &[("", D, 88, "file.deletes")],
    },
    Program {
        names: "chmod",
        style: gnu("--reference"),
        paths: Paths::None,
        rows: &[
            (
                "-R|--recursive 777|a+rwx|0777|000|a+w|o+w|666|ugo+rwx",
                D,
                75,
                "file.opens_tree",
            ),
            ("-R|--recursive +", W, 65, "file.mode_of_tree"),
            ("", W, 88, "file.mode"),
        ],
    },
    Program {
        names: "chown chgrp setfacl chcon restorecon",
        style: gnu("--reference -m -x"),
        paths: Paths::None,
        rows: &[
            ("-R|--recursive + /", D, 80, "file.owner_of_root"),
            ("", W, 80, "file.owner"),
        ],
    },
    Program {
        names: "chattr",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            ("-i|-a", D, 75, "file.unprotects"),
            ("", W, 80, "file.attributes"),
        ],
    },
    Program {
        names: "tar bsdtar gtar",
        style: gnu("-f -C -X -T --file --directory --exclude"),
        paths: Paths::None,
        rows: &[
            ("--remove-files", D, 85, "archive.removes_files"),
            ("-t|--list", R, 90, "archive.lists"),
            ("--delete", D, 70, "archive.deletes"),
            (
                "tf|tvf|tzf|tzvf|tjf|tjvf|tvzf|tJf|ztvf",
                R,
                85,
                "archive.lists",
            ),
            ("--overwrite|--unlink-first", D, 55, "archive.overwrites"),
            ("", W, 80, "archive.packs"),
        ],
    },
    Program {
        names: "zip unzip gzip bzip2 xz zstd 7z 7za 7zr rar unrar cpio ar lz4 brotli pigz pbzip2",
        style: gnu("-d -P"),
        paths: Paths::None,
        rows: &[
            ("-l|-Z|-t|--list|--test|-v =end", R, 60, "archive.lists"),
            ("-l|-t|--list|--test", R, 80, "archive.lists"),
            ("l|t", R, 80, "archive.lists"),
            ("d", D, 60, "archive.deletes"),
            ("-m|--move", D, 60, "archive.removes_files"),
            ("", W, 80, "archive.packs"),
        ],
    },
    Program {
        names: "zipinfo lsar zipgrep ",
        style: gnu(""),
        paths: Paths::None,
        rows: &[("", R, 90, "archive.lists")],
    },
    Program {
        names: "split csplit patch dos2unix unix2dos indent rename prename mmv convert magick mogrify \
                ffmpeg gimp ed ex vi vim nvim nano emacs pico micro code subl kate gedit helix hx \
                wkhtmltopdf latex pdflatex xelatex bibtex",
        style: gnu("-l -b -n -i -p"),
        paths: Paths::None,
        rows: &[
            ("--dry-run", R, 85, "file.dry_run"),
            ("", W, 75, "file.edits"),
        ],
    },
    Program {
        names: "mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkfs.fat mkfs.ntfs \
                mkfs.exfat mke2fs mkswap wipefs blkdiscard badblocks newfs newfs_hfs",
        style: gnu(""),
        paths: Paths::None,
        rows: &[
            ("-n|--no-act", R, 70, "disk.dry_run"),
            ("", D, 97, "disk.formats"),
        ],
    },
    Program {
        names: "fdisk sfdisk gdisk sgdisk parted cfdisk diskutil",
        style: gnu("-s"),
        paths: Paths::None,
        rows: &[
            ("-l|-d|--list|--dump|-p|--print", R, 85, "disk.lists"),
            ("list|info|verifyDisk|verifyVolume", R, 90, "disk.lists"),
            ("* print", R, 90, "disk.lists"),
            ("mount|unmount|eject", W, 80, "disk.mounts"),
            ("", D, 85, "disk.partitions"),
        ],
    },
    Program {
        names: "lsblk blkid findmnt smartctl dumpe2fs",
        style: gnu("-o"),
        paths: Paths::None,
        rows: &[("", R, 90, "disk.lists")],
    },
    Program {
        names: "lvremove vgremove pvremove lvreduce dmsetup mdadm zpool zfs btrfs cryptsetup lvm",
        style: gnu("-o -t"),
        paths: Paths::None,
        rows: &[
            (
                "list|get|status|history|iostat|ls|info|table|luksDump|isLuks",
                R,
                88,
                "disk.lists",
            ),
            (
                "subvolume|filesystem|device list|show|usage|df|stats",
                R,
                88,
                "disk.lists",
            ),
            ("subvolume snapshot|create", W, 85, "disk.snapshots"),
            ("--detail|--examine|--query|-D|-E|-Q", R, 80, "disk.lists"),
            (
                "snapshot|create|set|mount|unmount|scrub|import|luksOpen|open|close|online",
                W,
                75,
                "disk.changes",
            ),
            ("send", X, 60, "disk.sends"),
            ("", D, 88, "disk.removes"),
        ],
    },
    Program {
        names: "mount umount swapon swapoff losetup sync fsck e2fsck xfs_repair resize2fs lvcreate \
                lvextend vgcreate pvcreate fstrim",
        style: gnu("-t -o -L"),
        paths: Paths::None,
        rows: &[("=end", R, 75, "disk.lists"), ("", W, 80, "disk.mounts")],
    },
    Program {
        names: "pg_dump pg_dumpall mysqldump mariadb-dump mongodump mongoexport pg_basebackup \
                mydumper cqldump redis-dump sqldump bcp expdp exp",
        style: gnu("-h -U -p -d -f -t -n -u"),
        paths: Paths::None,
        rows: &[
            ("-s|--schema-only|--no-data", R, 75, "database.dumps_schema"),
            ("", X, 88, "database.dumps"),
        ],
    },
    Program {
        names: "pg_restore mongorestore mongoimport mysqlimport impdp imp",
        style: gnu("-h -U -p -d"),
        paths: Paths::None,
        rows: &[
            ("-l|--list", R, 85, "database.lists"),
            ("--clean|-c|--drop", D, 85, "database.restores_over"),
            ("", D, 60, "database.restores"),
        ],
    },
    Program {
        names: "dropdb dropuser",
        style: gnu("-h -U"),
        paths: Paths::None,
        rows: &[("", D, 95, "database.drops")],
    },
    Program {
        names: "createdb createuser pg_ctl vacuumdb reindexdb clusterdb mysqladmin pg_isready initdb",
        style: gnu("-h -U -D -u -p"),
        paths: Paths::None,
        rows: &[
            (
                "status|ping|processlist|version|variables|extended-status",
                R,
                85,
                "database.status",
            ),
            ("drop", D, 95, "database.drops"),
            ("kill|shutdown|stop", D, 80, "database.stops"),
            ("", W, 75, "database.administers"),
        ],
    },
];
