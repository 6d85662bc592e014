//! Languages of scripts, and the names that callers and interpreters give them.

/// The language of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript and TypeScript, in a browser or on a server.
    JavaScript,
    /// Ruby.
    Ruby,
    /// Perl.
    Perl,
    /// PHP.
    Php,
    /// A POSIX shell or bash.
    Shell,
    /// PowerShell.
    PowerShell,
    /// Any other language: quotes and calls are read as most languages write them.
    Unknown,
}

impl Language {
    /// The language with this name, file ending or interpreter, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
            .map(|(language, _)| *language)
    }
}

const NAMES: &[(Language, &[&str])] = &[
    (
        Language::Python,
        &[
            "python", "python2", "python3", "py", "pypy", "pypy3", "ipython", "uvpython",
        ],
    ),
    (
        Language::JavaScript,
        &[
            "javascript",
            "js",
            "node",
            "nodejs",
            "deno",
            "bun",
            "typescript",
            "ts",
            "mjs",
            "tsx",
            "jsx",
            "cjs",
            "ts-node",
        ],
    ),
    (Language::Ruby, &["ruby", "rb", "irb"]),
    (Language::Perl, &["perl", "pl"]),
    (Language::Php, &["php"]),
    (
        Language::Shell,
        &["shell", "sh", "bash", "zsh", "dash", "ksh", "ash", "fish"],
    ),
    (Language::PowerShell, &["powershell", "pwsh", "ps1", "ps"]),
];
