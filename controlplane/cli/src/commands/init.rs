//! `varictl init`: a policy directory that works at once. Refuses to overwrite anything.

use std::path::{Path, PathBuf};

use clap::Args;

use super::vault;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::keys::Kind;
use crate::snapshots::Snapshots;
use crate::{building, files, keys, output};

/// The commented policy that a new directory begins with.
const POLICY: &str = include_str!("init/varistor.yaml");
/// Commented rules beside it.
const RULES: &str = include_str!("init/example.rules");
/// What `init` makes; any of it that is there already is a reason to refuse.
const MADE: [&str; 6] = [
    "varistor.yaml",
    "example.rules",
    "varistor.schema.json",
    "vault.json",
    "keys",
    "state",
];

/// Make a policy directory that works at once: keys, empty vault, commented policy.
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// Where to make it [default: --dir, then ./varistor]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(&self, named: Option<&Path>) -> anyhow::Result<Exit> {
        let root = match (&self.directory, named) {
            (Some(a), Some(b)) if a.as_path() != b => {
                return Err(wrong("name the directory once: as DIR or with --dir"));
            }
            (Some(root), _) => root.as_path(),
            (None, Some(root)) => root,
            (None, None) => Path::new("varistor"),
        };
        let dir = PolicyDir::at(root);
        refuse_to_overwrite(&dir)?;
        make(&dir)?;
        let snapshots = Snapshots::lock(&dir)?;
        let sealed = building::next_generation(&dir, &snapshots)?;
        snapshots.make_current(&sealed)?;
        next_steps(&dir)?;
        Ok(Exit::Done)
    }
}

fn refuse_to_overwrite(dir: &PolicyDir) -> anyhow::Result<()> {
    let there = |name: &&str| dir.root().join(name).symlink_metadata().is_ok();
    let found: Vec<&str> = MADE.iter().copied().filter(there).collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(wrong(format!(
        "{} already has {}; nothing was changed: name another directory, or use this one as it is",
        dir.root().display(),
        found.join(", ")
    )))
}

fn make(dir: &PolicyDir) -> anyhow::Result<()> {
    files::private_directory(dir.root())?;
    for name in ["keys", "state", "audit", "run"] {
        files::private_directory(&dir.root().join(name))?;
    }
    keys::make(dir, "snapshot", Kind::Signing)?;
    keys::make(dir, "token", Kind::Signing)?;
    keys::make(dir, "session", Kind::Sealing)?;
    make_evidence(dir)?;
    vault::make(dir)?;
    let schema = varistor_compile::POLICY_SCHEMA.as_bytes();
    files::create(&dir.root().join("varistor.schema.json"), 0o644, schema)?;
    files::create(&dir.root().join("example.rules"), 0o644, RULES.as_bytes())?;
    files::create(&dir.root().join("varistor.yaml"), 0o644, POLICY.as_bytes())
}

/// The first key of the audit log, and its public half for those who check the log.
fn make_evidence(dir: &PolicyDir) -> anyhow::Result<()> {
    let signing = varistor_evidence::Signing {
        key: dir.state("audit.key"),
        head: dir.state("audit-head"),
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
    let empty = (0, varistor_audit::SegmentName(0));
    let book = varistor_evidence::Book::open(&dir.audit(), &signing, empty, now)?;
    let anchor = format!("{}\n", book.anchor());
    files::create(&dir.state("audit.vkey"), 0o644, anchor.as_bytes())
}

fn next_steps(dir: &PolicyDir) -> anyhow::Result<()> {
    let root = dir.root().display();
    let flag = dir.flag();
    let anchor = std::fs::read_to_string(dir.state("audit.vkey"))?;
    let anchor = anchor.trim();
    output::line(&format!(
        "\
{root} is ready: keys, an empty vault, a commented policy, generation 1.

Next:
  1. say in {root}/varistor.yaml where your MCP server is (`servers:`)
  2. varictl check{flag}
  3. varistor --dir {root}
  4. varictl push{flag}
  5. varictl token issue{flag} --agent my-agent
  6. point your MCP client at http://127.0.0.1:7332/mcp/example with that bearer token

The audit log's first public key, for `varictl audit verify --anchor`; keep a copy elsewhere:
  {anchor}"
    ))
}
