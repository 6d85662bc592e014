//! What would become of every file: plans, and the names that go with them. Nothing is changed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use varistor_onboard::{Asked, Document, Known, Lookup, Plan, exposed, plan};
use varistor_snapshot::schema::Policy;
use zeroize::Zeroizing;

use super::{Import, place};
use crate::clients::{self, ClientFile};
use crate::commands::vault;
use crate::detectors::Detectors;
use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::{building, output, programs, terminal};

/// The plans of one run.
pub(super) struct Plans {
    /// Where the gateway is.
    pub(super) gateway: String,
    /// The organisation of the new agents.
    pub(super) organisation: String,
    /// A plan for each file with servers in it.
    pub(super) files: Vec<FilePlan>,
}

/// The plan of one file.
pub(super) struct FilePlan {
    pub(super) file: ClientFile,
    pub(super) bytes: Vec<u8>,
    pub(super) document: Document,
    pub(super) plan: Plan,
    /// The agent that the client becomes.
    pub(super) agent: String,
    /// Where its token is kept.
    pub(super) token_file: PathBuf,
    /// Where credentials stay in the file in plain text, of servers that stay.
    pub(super) exposed: Vec<Vec<String>>,
}

impl FilePlan {
    /// The name of the policy file.
    pub(super) fn policy_file(&self) -> String {
        format!("imported-{}.yaml", self.agent)
    }
}

/// The plans for all files that were asked for.
pub(super) fn gathered(import: &Import, dir: &PolicyDir) -> anyhow::Result<Plans> {
    let policy = building::policy(dir)?;
    let gateway = place::gateway(import.gateway.as_deref(), &policy)?;
    let organisation = organisation(import.organisation.as_deref(), &policy)?;
    let mut detectors = Detectors::ready()?;
    let mut taken = Taken::of(dir, &policy, &organisation)?;
    let mut files = Vec::new();
    for file in wanted(import)? {
        let read = match file.read() {
            Ok(read) => read,
            Err(error) if import.file.is_some() => {
                return Err(wrong(format!("{}: {error}", file.path.display())));
            }
            Err(error) => {
                output::warning(&format!("{}: {error}", file.path.display()));
                continue;
            }
        };
        let mut found = read.servers;
        found.retain(|one| one.at.last().is_some_and(|name| import.wants(name)));
        if found.is_empty() {
            continue;
        }
        let inputs = read.document.inputs();
        let asked = (inputs.as_slice(), import);
        let plan = taken.plan((&file, &found), &gateway, asked, &mut detectors)?;
        let stays = |at: &Vec<String>| plan.left.iter().any(|left| left.at == *at);
        let staying = found.iter().filter(|one| stays(&one.at));
        let exposed = staying
            .flat_map(|one| exposed(one, &mut detectors))
            .collect();
        let (agent, token_file) = taken.agent(dir, file.client.id)?;
        files.push(FilePlan {
            file,
            bytes: read.bytes,
            document: read.document,
            plan,
            agent,
            token_file,
            exposed,
        });
    }
    Ok(Plans {
        gateway,
        organisation,
        files,
    })
}

/// The files that were asked for.
pub(super) fn wanted(import: &Import) -> anyhow::Result<Vec<ClientFile>> {
    let Some(path) = &import.file else {
        let projects = import.project.iter().map(std::path::absolute);
        return clients::files(&import.client, &projects.collect::<Result<Vec<_>, _>>()?);
    };
    let path = std::path::absolute(path)?;
    let client = match import.client.as_slice() {
        [client] => *client,
        [] => varistor_onboard::Client::of_file(&path).ok_or_else(|| {
            let path = path.display();
            wrong(format!(
                "{path} is no name that a client's file has; say --client"
            ))
        })?,
        _ => return Err(wrong("--file is the file of one client; say --client once")),
    };
    // `PROJECT/.vscode/mcp.json`; a file beside the project's others names its folder.
    let home = clients::home()?;
    let is_project = client
        .project_places(Path::new("/"))
        .into_iter()
        .any(|place| {
            let end = place.path.strip_prefix("/").map(Path::to_owned);
            end.is_ok_and(|end| path.ends_with(&end) && path != home.join(&end))
        });
    let project = path.parent().filter(|_| is_project).map(|folder| {
        let is_hidden = |folder: &Path| {
            let name = folder.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with('.'))
        };
        let mut folders = folder.ancestors();
        let outer = folders.find(|folder| is_hidden(folder));
        outer.and_then(Path::parent).unwrap_or(folder).to_owned()
    });
    Ok(vec![ClientFile {
        client,
        path,
        project,
    }])
}

fn organisation(named: Option<&str>, policy: &Policy) -> anyhow::Result<String> {
    let mut all = policy.organisations.iter().map(|one| one.name.as_str());
    match named {
        Some(named) => match all.find(|name| *name == named) {
            Some(name) => Ok(name.to_owned()),
            None => Err(wrong(format!("the policy has no organisation `{named}`"))),
        },
        None => match all.collect::<Vec<_>>().as_slice() {
            [one] => Ok((*one).to_owned()),
            [] => Err(wrong(
                "the policy has no organisation; add one under `organisations`",
            )),
            several => Err(wrong(format!(
                "the policy has several organisations; say which with --organisation: {}",
                several.join(", ")
            ))),
        },
    }
}

/// Names that are given away.
struct Taken {
    servers: BTreeSet<String>,
    secrets: BTreeSet<String>,
    agents: BTreeSet<String>,
    cache: PathBuf,
    home: PathBuf,
    /// What a person answered to the client's own questions.
    answers: RefCell<BTreeMap<String, Option<Zeroizing<String>>>>,
}

impl Taken {
    fn of(dir: &PolicyDir, policy: &Policy, organisation: &str) -> anyhow::Result<Self> {
        let secrets = match dir.vault().exists() {
            true => vault::open(dir)?
                .names()
                .map(|entry| entry.name.to_owned())
                .collect(),
            false => BTreeSet::new(),
        };
        let number = policy
            .organisations
            .iter()
            .position(|row| row.name == organisation)
            .unwrap_or_default();
        let is_own = |row: u32| usize::try_from(row).is_ok_and(|row| row == number);
        let agents = policy.agents.iter().filter(|row| is_own(row.organisation));
        let roles = policy.roles.iter().filter(|row| is_own(row.organisation));
        let of_roles = roles.filter_map(|row| row.name.strip_prefix("imported-"));
        Ok(Self {
            servers: policy.servers.iter().map(|row| row.name.clone()).collect(),
            secrets,
            agents: agents
                .map(|row| row.name.clone())
                .chain(of_roles.map(str::to_owned))
                .collect(),
            cache: std::path::absolute(dir.root())?.join("cache"),
            home: clients::home()?,
            answers: RefCell::default(),
        })
    }

    fn plan(
        &mut self,
        (file, found): (&ClientFile, &[varistor_onboard::Found]),
        gateway: &str,
        (inputs, import): (&[Asked], &Import),
        detectors: &mut Detectors,
    ) -> anyhow::Result<Plan> {
        let asks = !import.yes && !import.dry_run;
        let declared = |id: &str| inputs.iter().find(|input| input.id == id);
        let input = |id: &str| {
            let mut answers = self.answers.borrow_mut();
            let answer = answers.entry(id.to_owned()).or_insert_with(|| {
                let answer = asks.then(|| answer(id, declared(id))).flatten();
                let default = declared(id).and_then(|input| input.default.clone());
                answer.or(default.map(Zeroizing::new))
            });
            answer.clone()
        };
        let env = |name: &str| std::env::var(name).ok().map(Zeroizing::new);
        let home = self.home.clone();
        let is_path = |path: &str| is_path(Path::new(path), &home);
        let mut known = Known {
            servers: std::mem::take(&mut self.servers),
            secrets: std::mem::take(&mut self.secrets),
            gateways: vec![gateway.to_owned()],
            cache: self.cache.clone(),
            is_program: &programs::is_there,
            is_path: &is_path,
            env_file: &|path| std::fs::read_to_string(path).ok().map(Zeroizing::new),
            lookup: Lookup {
                env: &env,
                input: &input,
                is_plain_input: &|id| declared(id).is_some_and(|input| !input.is_password),
                home: self.home.clone(),
                project: file.project.clone(),
            },
        };
        let plan = plan(file.client, found, &mut known, detectors);
        let (servers, secrets) = (known.servers, known.secrets);
        (self.servers, self.secrets) = (servers, secrets);
        Ok(plan)
    }

    /// A name for the agent of a client, and the file for its token.
    fn agent(&mut self, dir: &PolicyDir, client: &str) -> anyhow::Result<(String, PathBuf)> {
        let config = clients::config().unwrap_or_else(|| self.home.join(".config"));
        let mut number = 1_u32;
        loop {
            let agent = match number {
                1 => client.to_owned(),
                _ => format!("{client}-{number}"),
            };
            let token_file = config.join("varistor").join(format!("{agent}.token"));
            let policy_file = dir.root().join(format!("imported-{agent}.yaml"));
            let is_there = |path: &Path| path.symlink_metadata().is_ok();
            if !self.agents.contains(&agent) && !is_there(&token_file) && !is_there(&policy_file) {
                self.agents.insert(agent.clone());
                return Ok((agent, token_file));
            }
            number = number.saturating_add(1);
            anyhow::ensure!(number < 10_000, "no name is left for the agent of {client}");
        }
    }
}

/// What a person answers to a question of the client's; nothing leaves the server where it is.
fn answer(id: &str, input: Option<&Asked>) -> Option<Zeroizing<String>> {
    let shown = output::plain(id).into_owned();
    let what = input.map_or("", |input| input.description.as_str());
    let what = output::plain(what).into_owned();
    let default = input.and_then(|input| input.default.as_deref());
    let empty = default.map_or("leave the server", |_| "as the file says");
    let prompt = format!("Value of the input {shown} {what} (empty: {empty}): ");
    match input {
        Some(input) if !input.is_password => terminal::is_there()
            .then(|| terminal::asked(&prompt).ok().flatten())
            .flatten(),
        _ => terminal::hidden(&prompt),
    }
}

/// Whether there is such a file or folder, and it is not a whole home or more.
fn is_path(path: &Path, home: &Path) -> bool {
    path.is_absolute() && path.components().count() > 2 && !home.starts_with(path) && path.exists()
}
