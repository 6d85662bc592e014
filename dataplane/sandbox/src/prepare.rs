//! From a profile to a command: checks that this machine can hold the profile, resolves everything
//! that the launcher will need, and keeps the private temporary directory while the server lives.

use std::collections::BTreeMap;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::egress::{self, Outlet, Tell};
use crate::error::Error;
use crate::launch::LAUNCH;
use crate::layer::{Found, Layer};
use crate::plan::{Access, Grant, Plan};
use crate::preset::{self, Asked};
use crate::profile::{Level, Network, Profile};
use crate::resolve::Program;
use crate::system;
use crate::temporary::Temporary;

/// Where programs are looked for, unless the environment of the profile says otherwise.
const SEARCH: &str = "/usr/local/bin:/usr/bin:/bin";
/// This very program, also where its file was replaced meanwhile.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// How a launcher is called in lists of processes.
const LAUNCHER_NAME: &str = "varistor-sandbox";

/// What this machine has, and the program that puts the layers on.
#[derive(Clone, Debug)]
pub struct Sandbox {
    launcher: PathBuf,
    found: Found,
}

impl Sandbox {
    /// The sandbox whose launcher is the running program; its `main` must begin with
    /// [`crate::launch_if_asked`]. Starts a process that finds out what the machine has, so ask
    /// once and keep it. Fails when that process does.
    pub fn of_this_program() -> Result<Self, Error> {
        Self::with_launcher(Path::new(THIS_PROGRAM))
    }

    /// The same with another program as launcher.
    pub fn with_launcher(launcher: &Path) -> Result<Self, Error> {
        Ok(Self {
            launcher: launcher.to_owned(),
            found: Found::by(launcher)?,
        })
    }

    /// Every layer that a kernel may lack, and whether this one has it.
    #[must_use]
    pub fn available(&self) -> Vec<Layer> {
        self.found.layers()
    }

    /// Gets ready for a server. Refuses a profile for which a layer is missing here, and paths
    /// that are not there.
    pub fn prepare(&self, profile: &Profile) -> Result<Prepared, Error> {
        self.found.check(profile)?;
        check_paths(profile)?;
        check_environment(&profile.environment)?;
        Ok(Prepared {
            launcher: self.launcher.clone(),
            found: self.found.clone(),
            profile: profile.clone(),
            temporary: Temporary::make()?,
            plan: None,
            outlet: None,
            traced: false,
        })
    }
}

/// A place for one server. Its temporary directory is removed when this is dropped, so keep it
/// until the server has ended.
#[derive(Debug)]
pub struct Prepared {
    launcher: PathBuf,
    found: Found,
    profile: Profile,
    temporary: Temporary,
    plan: Option<OwnedFd>,
    outlet: Option<Outlet>,
    traced: bool,
}

impl Prepared {
    /// Has the launcher stop itself before anything else, so that a tracer can seize it.
    #[must_use]
    pub fn traced(mut self) -> Self {
        self.traced = true;
        self
    }

    /// The private temporary directory, as the server finds it in `TMPDIR`. From outside it is
    /// empty where the server has mounts of its own.
    #[must_use]
    pub fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    /// Only what must last as long as the server: the private temporary directory.
    #[must_use]
    pub fn into_temporary(self) -> Temporary {
        self.temporary
    }

    /// A command that starts this program with these arguments, `argv[0]` first, in the sandbox.
    /// The caller sets standard streams and spawns it, from this process and from a thread that
    /// lives as long as the server should: its end ends the server. The command is good for one
    /// server at a time, until the next call of this function.
    ///
    /// The child is a launcher that ends as the server ends, with its exit status or by its
    /// signal, after everything else that the server started; [`crate::LAUNCH_FAILED`] and a line
    /// on standard error mean that it did not start. Refuses programs that are not found.
    pub fn command<S: AsRef<str>>(&mut self, argv: &[S]) -> Result<Command, Error> {
        let argv: Vec<String> = argv.iter().map(|word| word.as_ref().to_owned()).collect();
        let plan = self.plan(argv)?;
        let plan = plan
            .into_memory()
            .map_err(Error::io("the plan can't be written"))?;
        let mut command = Command::new(&self.launcher);
        command
            .arg0(LAUNCHER_NAME)
            .arg(LAUNCH)
            .arg(plan.as_raw_fd().to_string())
            .env_clear()
            .current_dir("/");
        self.plan = Some(plan);
        self.outlet = match &self.profile.network {
            Network::Hosts(hosts) => {
                let outlet = Outlet::new(self.temporary.path(), hosts.clone());
                Some(outlet.map_err(Error::io("no way to the named hosts"))?)
            }
            _ => None,
        };
        Ok(command)
    }

    /// Lets the server out to the hosts that its profile names, by a proxy in threads of this
    /// process; nothing to do for other profiles. To be called once after each command, before or
    /// after it is spawned. What is refused is told of.
    pub fn let_out(&mut self, tell: Arc<Tell>) -> Result<(), Error> {
        match self.outlet.take() {
            Some(outlet) => outlet
                .serve(tell)
                .map_err(Error::io("the proxy to the named hosts can't be started")),
            None => Ok(()),
        }
    }

    fn plan(&self, argv: Vec<String>) -> Result<Plan, Error> {
        let profile = &self.profile;
        let named = profile.environment.get("PATH");
        let search = named.map_or(SEARCH, String::as_str);
        let Some((name, arguments)) = argv.split_first() else {
            return Err(Error::Value("the command is empty".to_owned()));
        };
        if argv.iter().any(|word| word.contains('\0')) {
            let why = "a word of the command holds a zero byte".to_owned();
            return Err(Error::Value(why));
        }
        let program = Program::find(name, search)?;
        let added = preset::add(&Asked {
            preset: profile.preset,
            program: &program,
            arguments,
            environment: &profile.environment,
            search,
            home: std::env::home_dir().as_deref(),
        });
        let mut environment = self.environment(search)?;
        if let Network::Hosts(_) = profile.network {
            environment.extend(egress::environment());
        }
        environment.extend(added.environment);
        environment.extend(profile.environment.clone());
        let mut grants = self.grants(&program);
        grants.extend(added.grants);
        Ok(Plan {
            parent: std::process::id(),
            program: program.path.clone(),
            argv,
            environment,
            directory: match &profile.directory {
                Some(directory) => directory.clone(),
                None => self.temporary.path().to_owned(),
            },
            temporary: self.temporary.path().to_owned(),
            grants,
            network: profile.network.clone(),
            unix_sockets: profile.unix_sockets,
            landlock_abi: self.found.landlock_abi,
            namespaces: self.found.namespaces.is_ok(),
            own_proc: self.found.own_proc.is_ok(),
            limits: profile.limits.clone(),
            traced: self.traced,
        })
    }

    fn environment(&self, search: &str) -> Result<BTreeMap<String, String>, Error> {
        let path = self.temporary.path();
        let temporary = path.to_str().ok_or_else(|| Error::Path {
            key: "TMPDIR",
            path: path.to_owned(),
            why: "which is not UTF-8; set TMPDIR of the gateway".to_owned(),
        })?;
        let values = [
            ("PATH", search),
            ("HOME", temporary),
            ("TMPDIR", temporary),
            ("LANG", "C.UTF-8"),
        ];
        let owned = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(owned.into())
    }

    fn grants(&self, program: &Program) -> Vec<Grant> {
        let profile = &self.profile;
        let network = profile.network != Network::None;
        let mut grants = system::grants(network, self.found.own_proc.is_ok());
        let own = program.executed();
        grants.extend(own.map(|path| Grant::required(path, Access::Execute)));
        if profile.level == Level::Relaxed {
            grants.push(Grant::required("/", Access::Execute));
        }
        for (_, paths, access) in named(profile) {
            grants.extend(paths.iter().map(|path| Grant::required(path, access)));
        }
        grants.push(Grant::required(self.temporary.path(), Access::Write));
        grants
    }
}

/// The keys of a profile that name paths, and what they grant.
fn named(profile: &Profile) -> [(&'static str, &[PathBuf], Access); 3] {
    [
        ("read", &profile.read, Access::Read),
        ("write", &profile.write, Access::Write),
        ("execute", &profile.execute, Access::Execute),
    ]
}

fn check_paths(profile: &Profile) -> Result<(), Error> {
    let directory = profile.directory.iter().map(|path| ("directory", path));
    let granted = named(profile).into_iter();
    let granted = granted.flat_map(|(key, paths, _)| paths.iter().map(move |path| (key, path)));
    for (key, path) in granted.chain(directory) {
        let refuse = |why: &str| Error::Path {
            key,
            path: path.clone(),
            why: why.to_owned(),
        };
        if !path.is_absolute() {
            return Err(refuse("a relative path; name it from / on"));
        }
        if path.to_str().is_none_or(|text| text.contains('\0')) {
            return Err(refuse("which is not UTF-8 text; rename it"));
        }
        match path.metadata() {
            Err(error) => {
                return Err(refuse(&format!(
                    "which can't be found ({error}); make it, or name the directory it will be in"
                )));
            }
            Ok(found) if key == "directory" && !found.is_dir() => {
                return Err(refuse("which is no directory"));
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

fn check_environment(environment: &BTreeMap<String, String>) -> Result<(), Error> {
    for (name, value) in environment {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            let why = format!("`environment` has a name or value that can't be: {name:?}");
            return Err(Error::Value(why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(profile: &Profile) -> String {
        check_paths(profile).unwrap_err().to_string()
    }

    #[test]
    fn paths_that_are_not_there_are_refused_with_the_key() {
        let profile = Profile {
            write: vec!["/no/such/place".into()],
            ..Profile::default()
        };
        let told = refused(&profile);
        assert!(told.contains("`write` names /no/such/place"), "{told}");
    }

    #[test]
    fn relative_paths_and_files_as_directories_are_refused() {
        let relative = Profile {
            read: vec!["docs".into()],
            ..Profile::default()
        };
        assert!(refused(&relative).contains("relative"));
        let file = Profile {
            directory: Some("/etc/passwd".into()),
            ..Profile::default()
        };
        assert!(refused(&file).contains("no directory"));
    }

    #[test]
    fn a_name_of_the_environment_holds_no_sign_of_equality() {
        let bad = BTreeMap::from([("A=B".to_owned(), String::new())]);
        assert!(check_environment(&bad).is_err());
        assert!(check_environment(&BTreeMap::new()).is_ok());
    }
}
