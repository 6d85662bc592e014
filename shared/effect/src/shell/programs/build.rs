//! Rows of programs that build, deploy and create infrastructure.

use super::{D, Paths, Program, R, W, X, gnu, long};

/// The programs.
pub(super) const PROGRAMS: &[Program] = &[
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
                scons tox nox pytest jest vitest mocha rspec phpunit ctest gcc g++ clang cc ld \
                as rustc \
                javac tsc webpack vite esbuild rollup eslint prettier ruff black mypy flake8 \
                pylint \
                shellcheck clippy-driver isort golangci-lint pre-commit playwright cypress turbo \
                nx lerna",
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
        names: "terraform tofu terragrunt cdktf tf",
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
