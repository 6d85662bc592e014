//! What the common runtimes need besides what is named: their own libraries, and the package that
//! the script is part of. Never a home directory, nor anything above one.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::plan::{Access, Grant};
use crate::profile::Preset;
use crate::resolve::{Program, look_up};

/// Programs that `npx` starts the package's own with.
const SHELLS: [&str; 2] = ["/bin/sh", "/usr/bin/env"];

/// What a preset adds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Added {
    /// Paths.
    pub(crate) grants: Vec<Grant>,
    /// Variables, unless the profile names them.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Added {
    fn read(&mut self, path: impl Into<PathBuf>) {
        self.grants.push(Grant::where_present(path, Access::Read));
    }

    fn execute(&mut self, path: impl Into<PathBuf>) {
        self.grants
            .push(Grant::where_present(path, Access::Execute));
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }
}

/// What a command line and its surroundings say to a preset.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    /// The preset of the profile.
    pub(crate) preset: Preset,
    /// The program.
    pub(crate) program: &'a Program,
    /// Its arguments, without its name.
    pub(crate) arguments: &'a [String],
    /// The environment as the profile names it.
    pub(crate) environment: &'a BTreeMap<String, String>,
    /// The `PATH` of the server.
    pub(crate) search: &'a str,
    /// The home of the gateway's user, where caches of `npx` and `uvx` are.
    pub(crate) home: Option<&'a Path>,
}

/// What is added to the profile.
pub(crate) fn add(asked: &Asked<'_>) -> Added {
    let mut added = Added::default();
    match kind(asked) {
        Preset::Node => node(asked, &mut added),
        Preset::Python => python(asked, &mut added),
        Preset::Uvx => uvx(asked, &mut added),
        Preset::Auto | Preset::Binary => {}
    }
    added
}

/// The preset that is meant: by the name of the program, then by that of what interprets it.
fn kind(asked: &Asked<'_>) -> Preset {
    if asked.preset != Preset::Auto {
        return asked.preset;
    }
    let names = [asked.program.path.as_path(), asked.program.runtime()];
    let kinds = names
        .iter()
        .filter_map(|path| match path.file_name().and_then(OsStr::to_str)? {
            "node" | "nodejs" | "npx" => Some(Preset::Node),
            "uv" | "uvx" => Some(Preset::Uvx),
            name if name.starts_with("python") => Some(Preset::Python),
            _ => None,
        });
    kinds.into_iter().next().unwrap_or(Preset::Binary)
}

fn node(asked: &Asked<'_>, added: &mut Added) {
    if let Some(prefix) = prefix_of(asked.program.runtime()) {
        added.read(prefix.join("lib"));
    }
    if let Some(script) = script(asked) {
        package_of(&script, asked.home, added);
    }
    if asked.program.path.file_name() == Some(OsStr::new("npx")) {
        SHELLS.into_iter().for_each(|shell| added.execute(shell));
        let cache = asked.environment.get("npm_config_cache").map(PathBuf::from);
        if let Some(cache) = cache.or_else(|| Some(asked.home?.join(".npm"))) {
            // What is in the cache runs: that is what npx is asked to do.
            added.execute(cache.join("_npx"));
            added.read(cache.join("_cacache"));
            added.set("npm_config_cache", cache.to_string_lossy());
        }
        added.set("npm_config_offline", "true");
        added.set("npm_config_logs_max", "0");
        added.set("npm_config_update_notifier", "false");
    }
}

fn python(asked: &Asked<'_>, added: &mut Added) {
    interpreter(asked.program.runtime(), added);
    if let Some(script) = script(asked) {
        // Modules beside a script are part of it.
        if let Some(folder) = script
            .parent()
            .filter(|folder| !is_wide(folder, asked.home))
        {
            added.read(folder);
        }
        added.read(script);
    }
    // Compiled modules could not be written anyway.
    added.set("PYTHONDONTWRITEBYTECODE", "1");
}

/// The libraries of an interpreter of Python, and its virtual environment.
fn interpreter(named: &Path, added: &mut Added) {
    let folders = named.parent().and_then(Path::parent);
    if let Some(environment) = folders.filter(|folder| folder.join("pyvenv.cfg").is_file()) {
        added.read(environment);
    }
    if let Some(prefix) = prefix_of(named) {
        added.read(prefix.join("lib"));
        added.read(prefix.join("lib64"));
    }
    if let Ok(real) = named.canonicalize()
        && let Some(version) = real.file_name()
    {
        added.execute(&real);
        // Debian's sitecustomize.
        added.read(Path::new("/etc").join(version));
    }
}

fn uvx(asked: &Asked<'_>, added: &mut Added) {
    // `uvx` starts the `uv` beside it.
    added.execute(asked.program.path.with_file_name("uv"));
    // It looks at programs of the system to find out which C library there is.
    added.read("/usr/bin");
    added.read("/usr/local/bin");
    let named = asked.environment.get("UV_CACHE_DIR").map(PathBuf::from);
    if let Some(cache) = named.or_else(|| Some(asked.home?.join(".cache/uv"))) {
        added.execute(&cache);
        added.set("UV_CACHE_DIR", cache.to_string_lossy());
    }
    if let Some(home) = asked.home {
        added.execute(home.join(".local/share/uv"));
    }
    if let Some(python) = look_up("python3", asked.search) {
        interpreter(&python, added);
    }
    added.set("UV_OFFLINE", "1");
    added.set("UV_NO_PROGRESS", "1");
    added.set("PYTHONDONTWRITEBYTECODE", "1");
}

/// Where a runtime is installed: `/opt/node` for `/opt/node/bin/node`. Nothing for the system's
/// own, whose libraries everybody may read.
fn prefix_of(runtime: &Path) -> Option<PathBuf> {
    let real = runtime.canonicalize().ok()?;
    let prefix = real.parent()?.parent()?;
    let is_system = [Path::new("/"), Path::new("/usr")].contains(&prefix);
    (!is_system).then(|| prefix.to_owned())
}

/// The script that is run, without symbolic links: the program itself, or the first argument that
/// is a file.
fn script(asked: &Asked<'_>) -> Option<PathBuf> {
    if asked.program.is_script() {
        return asked.program.path.canonicalize().ok();
    }
    let named = asked.arguments.iter().map(Path::new);
    let mut files = named.filter(|path| path.is_absolute() && path.is_file());
    files.next()?.canonicalize().ok()
}

/// The package of a script of Node.js with its dependencies: the outermost `node_modules` that it
/// is in, or the folder of its `package.json`. Only the script where that would be a home.
fn package_of(script: &Path, home: Option<&Path>, added: &mut Added) {
    added.read(script);
    let is_modules = |folder: &&Path| folder.file_name() == Some(OsStr::new("node_modules"));
    let modules = script.ancestors().filter(is_modules).last();
    if let Some(modules) = modules {
        added.read(modules);
        added.read(modules.with_file_name("package.json"));
        return;
    }
    let mut folders = script.ancestors().skip(1);
    let package = folders.find(|folder| folder.join("package.json").is_file());
    if let Some(package) = package.filter(|folder| !is_wide(folder, home)) {
        added.read(package);
    }
}

/// Whether a folder holds more than one program: a home, what is above one, or a folder that
/// everybody writes to.
fn is_wide(folder: &Path, home: Option<&Path>) -> bool {
    let is_shared = [Path::new("/tmp"), Path::new("/var/tmp")].contains(&folder);
    let is_home = folder.parent() == Some(Path::new("/home"));
    is_shared
        || is_home
        || folder.parent().is_none()
        || home.is_some_and(|home| home.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn added(preset: Preset, program: &Program, arguments: &[String], home: &Path) -> Added {
        add(&Asked {
            preset,
            program,
            arguments,
            environment: &BTreeMap::new(),
            search: "/usr/bin:/bin",
            home: Some(home),
        })
    }

    fn paths(added: &Added) -> Vec<&Path> {
        added
            .grants
            .iter()
            .map(|grant| grant.path.as_path())
            .collect()
    }

    fn program(path: &str, interpreters: &[&str]) -> Program {
        Program {
            path: path.into(),
            interpreters: interpreters.iter().map(PathBuf::from).collect(),
        }
    }

    #[test]
    fn a_script_of_a_package_reads_all_modules_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let inner = root.join("app/node_modules/a/node_modules/b");
        fs::create_dir_all(&inner).unwrap();
        let script = inner.join("index.js");
        fs::write(&script, "").unwrap();
        let arguments = [script.to_str().unwrap().to_owned()];
        let found = added(
            Preset::Auto,
            &program("/opt/bin/node", &[]),
            &arguments,
            &root,
        );
        assert!(paths(&found).contains(&root.join("app/node_modules").as_path()));
        assert!(!paths(&found).contains(&root.join("app").as_path()));
    }

    #[test]
    fn a_package_json_at_home_does_not_open_the_home() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::write(root.join("package.json"), "{}").unwrap();
        let script = root.join("server.js");
        fs::write(&script, "").unwrap();
        let arguments = [script.to_str().unwrap().to_owned()];
        let node = program("/opt/bin/node", &[]);
        let at_home = added(Preset::Node, &node, &arguments, &root);
        assert_eq!(paths(&at_home), [script.as_path()]);
        let elsewhere = added(Preset::Node, &node, &arguments, Path::new("/home/somebody"));
        assert!(paths(&elsewhere).contains(&root.as_path()));
    }

    #[test]
    fn modules_beside_a_script_of_python_are_read_unless_it_is_at_home() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let script = root.join("server.py");
        fs::write(&script, "").unwrap();
        let arguments = [script.to_str().unwrap().to_owned()];
        let python = program("/usr/bin/python3", &[]);
        let at_home = added(Preset::Auto, &python, &arguments, &root);
        assert!(!paths(&at_home).contains(&root.as_path()));
        let elsewhere = added(
            Preset::Auto,
            &python,
            &arguments,
            Path::new("/home/somebody"),
        );
        assert!(paths(&elsewhere).contains(&root.as_path()));
    }

    #[test]
    fn a_virtual_environment_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("bin")).unwrap();
        fs::write(root.join("pyvenv.cfg"), "home = /usr/bin\n").unwrap();
        let python = root.join("bin/python");
        let script = root.join("bin/server");
        fs::write(&script, "").unwrap();
        let named = program(script.to_str().unwrap(), &[python.to_str().unwrap()]);
        let found = added(Preset::Auto, &named, &[], Path::new("/home/somebody"));
        assert!(paths(&found).contains(&root));
        assert_eq!(found.environment["PYTHONDONTWRITEBYTECODE"], "1");
    }

    #[test]
    fn a_binary_gets_nothing() {
        let found = added(
            Preset::Auto,
            &program("/bin/true", &[]),
            &[],
            Path::new("/home/x"),
        );
        assert_eq!(found, Added::default());
    }

    #[test]
    fn npx_is_offline_and_reads_its_cache() {
        let npx = program("/usr/bin/npx", &["/usr/bin/env", "/usr/bin/node"]);
        let found = added(Preset::Auto, &npx, &[], Path::new("/home/x"));
        assert_eq!(found.environment["npm_config_offline"], "true");
        assert!(paths(&found).contains(&Path::new("/home/x/.npm/_npx")));
        let writes = |grant: &Grant| grant.access == Access::Write;
        assert!(!found.grants.iter().any(writes));
    }
}
