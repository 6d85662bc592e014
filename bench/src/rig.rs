//! What measurements stand on: programs on cores of their own, load, memory, medians.
//!
//! Everything that is started here ends with the value that holds it, with this process, and on
//! Ctrl-C.

pub(crate) mod gateway;
pub(crate) mod interrupt;
pub(crate) mod load;
pub(crate) mod machine;
pub(crate) mod memory;
pub(crate) mod probe;
pub(crate) mod program;
pub(crate) mod spread;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use self::program::{Cores, Program};

/// The place of one measurement: programs, a temporary folder, cores.
pub(crate) struct Rig {
    folder: tempfile::TempDir,
    programs: PathBuf,
    /// Where gateways run.
    pub(crate) gateway_cores: Cores,
    /// Where upstream and load run.
    pub(crate) load_cores: Cores,
}

/// Which cores a measurement takes.
#[derive(clap::Args)]
pub(crate) struct Placement {
    /// Cores of the gateways, as taskset takes them.
    #[arg(long, value_name = "LIST", default_value = "0")]
    pub(crate) gateway_cores: String,
    /// Cores of the upstream and of the load.
    #[arg(long, value_name = "LIST", default_value = "1")]
    pub(crate) load_cores: String,
}

impl Rig {
    /// Looks for the programs and makes the folder.
    ///
    /// # Errors
    /// A program or a core is not there.
    pub(crate) fn new(options: &Placement) -> anyhow::Result<Self> {
        interrupt::watch()?;
        for tool in ["setpriv", "taskset"] {
            program::find(tool, "util-linux")?;
        }
        let own = std::env::current_exe()?;
        let programs = own.parent().context("this program is nowhere")?.to_owned();
        for name in ["varistor", "varictl"] {
            let path = programs.join(name);
            ensure!(
                path.is_file(),
                "{} is not there; build it with `cargo build --release --bins`",
                path.display()
            );
        }
        Ok(Self {
            folder: tempfile::Builder::new().prefix("varistor-").tempdir()?,
            programs,
            gateway_cores: Cores::new(&options.gateway_cores)?,
            load_cores: Cores::new(&options.load_cores)?,
        })
    }

    /// A folder that ends with this value.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// One of our programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// Starts a server of `varistor-bench` on these cores; its URL.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn server(
        &self,
        cores: &Cores,
        arguments: &[&str],
    ) -> anyhow::Result<(Program, String)> {
        let mut program = Program::start(cores, &self.program("varistor-bench"), arguments)?;
        let url = program.announced()?;
        Ok((program, url))
    }
}

/// `HOST:PORT` of a URL.
///
/// # Errors
/// Not an http URL.
pub(crate) fn authority(url: &str) -> anyhow::Result<&str> {
    let rest = url.strip_prefix("http://");
    let rest = rest.with_context(|| format!("{url:?} does not begin with http://"))?;
    Ok(rest.split('/').next().unwrap_or(rest))
}

/// A port on loopback that nobody listens on at the moment.
///
/// # Errors
/// There is none.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}
