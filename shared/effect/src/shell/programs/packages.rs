//! Rows of package managers: installing changes the machine, publishing shows code to everybody.

use super::{D, Paths, Program, R, W, X, gnu};

/// The programs.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
        names: "apt apt-get apt-cache aptitude dnf yum zypper apk pacman brew port snap flatpak dpkg rpm emerge nix nix-env \
                nix-shell pkg opkg xbps-install winget choco scoop microdnf mas asdf mise sdk \
                rustup nvm pyenv rbenv \
                volta guix add-apt-repository apt-key apt-mark",
        style: gnu("-t -o -c"),
        paths: Paths::None,
        rows: &[
            (
                "--simulate|--dry-run|--just-print|--assumeno",
                R,
                88,
                "package.dry_run",
            ),
            (
                "install|remove|purge|upgrade|*-upgrade|autoremove|update -s",
                R,
                85,
                "package.dry_run",
            ),
            (
                "remove|purge|autoremove|uninstall|erase|del|rm|delete|unset|gc|unregister|implode|collect-garbage",
                D,
                82,
                "package.removes",
            ),
            (
                "-P|--purge|--remove|--erase|-e =end",
                D,
                60,
                "package.removes",
            ),
            (
                "-P|--purge|--remove|--erase|-R|-Rs|-Rns|-e !-q|-S|-i|-U",
                D,
                78,
                "package.removes",
            ),
            (
                "list|search|show|info|policy|depends|rdepends|provides|files|check-update|outdated|deps|leaves|\
              history|repolist|cache|showpkg|changelog|list-*|version|versions|current|which|\
              where|doctor|help|se|if|\
              repoquery|desc|home|config|showmanual|showhold|whatis|eval|flake",
                R,
                86,
                "package.looks",
            ),
            (
                "-q|-l|-L|-Q|-Qi|-Ss|-s|--list|--search|-qa|-qi|-Qs|--status|--listfiles|-Si",
                R,
                82,
                "package.looks",
            ),
            ("", W, 85, "package.installs"),
        ],
    },
    Program {
        names: "npm yarn pnpm",
        style: gnu("--prefix -C --filter -w --workspace --registry"),
        paths: Paths::None,
        rows: &[
            ("publish --dry-run", R, 90, "package.dry_run"),
            ("unpublish|deprecate", D, 92, "package.unpublishes"),
            ("publish", X, 65, "package.publishes"),
            ("npm publish", X, 65, "package.publishes"),
            ("token create|list", X, 60, "package.reveals_token"),
            ("access public|set|grant", X, 70, "package.publishes"),
            ("owner add", X, 65, "package.grants_access"),
            ("config get|list|ls", R, 80, "package.looks"),
            (
                "whoami|ls|list|ll|la|view|info|show|outdated|audit|search|explain|why|help|version =end",
                R,
                88,
                "package.looks",
            ),
            (
                "ls|list|view|info|show|outdated|search|explain|why|help|docs|doctor|fund|query|root|bin|prefix|whoami|licenses",
                R,
                88,
                "package.looks",
            ),
            ("audit fix", W, 82, "package.installs"),
            ("audit|pack --dry-run", R, 85, "package.looks"),
            ("audit", R, 85, "package.looks"),
            (
                "uninstall|remove|rm|un|r|unlink|prune|dedupe",
                D,
                60,
                "package.removes",
            ),
            ("cache clean|rm", D, 55, "package.cleans_cache"),
            ("store prune", D, 55, "package.cleans_cache"),
            ("run|run-script =end", R, 85, "package.looks"),
            (
                "run|run-script|exec|dlx|x|create|init|start|test|t|build",
                W,
                78,
                "package.runs_script",
            ),
            ("", W, 84, "package.installs"),
        ],
    },
    Program {
        names: "pip pip2 pip3 pipx conda mamba micromamba poetry pipenv pdm hatch uv rye easy_install twine flit",
        style: gnu("-r -c -i --index-url -t --target -p -n --python"),
        paths: Paths::None,
        rows: &[
            ("--dry-run", R, 88, "package.dry_run"),
            (
                "uninstall|remove|rm|uninstall-all|clean",
                D,
                75,
                "package.removes",
            ),
            ("env remove", D, 82, "package.removes"),
            ("pip uninstall", D, 75, "package.removes"),
            (
                "cache purge|remove|clear|clean|prune",
                D,
                55,
                "package.cleans_cache",
            ),
            ("publish", X, 65, "package.publishes"),
            ("upload", X, 65, "package.publishes"),
            (
                "list|show|freeze|check|search|index|inspect|debug|info|graph|help|version|tree|config|env|cache|hash|about",
                R,
                86,
                "package.looks",
            ),
            ("pip list|show|freeze|check|tree", R, 88, "package.looks"),
            ("", W, 84, "package.installs"),
        ],
    },
    Program {
        names: "cargo",
        style: gnu("-p --package --features --target --manifest-path -j --bin --example --test"),
        paths: Paths::None,
        rows: &[
            ("publish --dry-run|-n", R, 90, "package.dry_run"),
            ("publish", X, 65, "package.publishes"),
            ("yank", D, 75, "package.unpublishes"),
            ("owner --add|-a", X, 65, "package.grants_access"),
            ("fmt --check", R, 88, "package.looks"),
            ("uninstall|remove|rm", D, 60, "package.removes"),
            ("clean", D, 55, "build.cleans"),
            (
                "tree|metadata|search|locate-project|pkgid|read-manifest|verify-project|info|version|help|audit|deny|\
              outdated|report",
                R,
                88,
                "package.looks",
            ),
            ("=end", R, 75, "package.looks"),
            ("", W, 80, "build.runs"),
        ],
    },
    Program {
        names: "gem bundle bundler composer go dotnet nuget luarocks cpan cpanm mix hex rebar3 stack cabal swift pod \
                dart flutter pub opam nimble zig tlmgr vcpkg conan",
        style: gnu("-v -C -o --version"),
        paths: Paths::None,
        rows: &[
            ("push|publish|release", X, 62, "package.publishes"),
            (
                "trunk|nuget|hex|lib|hex.publish push|publish",
                X,
                62,
                "package.publishes",
            ),
            ("hex.publish", X, 62, "package.publishes"),
            ("yank|unlist", D, 75, "package.unpublishes"),
            (
                "uninstall|remove|cleanup|clean|delete",
                D,
                60,
                "package.removes",
            ),
            (
                "list|search|info|show|outdated|which|environment|env|specification|contents|dependency|check|licenses|\
              why|vet|doc|version|help|audit|validate|status|diagnose|tree|depends|prohibits|\
              about|query|list-*|browse",
                R,
                84,
                "package.looks",
            ),
            ("", W, 78, "build.runs"),
        ],
    },
];
