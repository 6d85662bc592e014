//! The programs of the demo: found beside this one, started, ended with it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail, ensure};

/// A program that was started and ends when this is dropped.
pub(super) struct Program(Child);

impl Program {
    /// Starts a server and reads its address from the first line that it prints.
    pub(super) fn serving(program: &Path, arguments: &[&str]) -> anyhow::Result<(Self, String)> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let output = child.stdout.take().context("no standard output")?;
        let this = Self(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ");
        let url = url.with_context(|| format!("{} did not start", program.display()))?;
        Ok((this, url.to_owned()))
    }

    /// Waits for Ctrl-C, which the terminal sends to this program and to the gateway, and then for
    /// the gateway's own end.
    pub(super) fn wait(mut self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let look = std::time::Duration::from_millis(200);
            while self.0.try_wait()?.is_none() {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => break,
                    () = tokio::time::sleep(look) => {}
                }
            }
            anyhow::Ok(())
        })?;
        let status = self.0.wait()?;
        ensure!(status.success(), "the gateway ended with {status}");
        Ok(())
    }

    /// Asks it to drain, and expects it to end in order.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.0.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        let pid = pid.context("no process id")?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let status = self.0.wait()?;
        ensure!(status.success(), "the gateway ended with {status}");
        println!("\nThe gateway was asked to end, drained and ended in order.");
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where this program is; the others are built beside it.
pub(super) fn folder() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("this program is nowhere")?.to_owned();
    for program in ["varistor", "varictl"] {
        ensure!(
            folder.join(program).is_file(),
            "{} is not there; build it with `cargo build --bins`",
            folder.join(program).display()
        );
    }
    Ok(folder)
}

/// Runs a program to its end; its standard output.
pub(super) fn run(program: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} {}: {}",
            program.display(),
            arguments.join(" "),
            said.trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Starts the official reference server of npm over Streamable HTTP.
pub(super) fn everything(file: &Path) -> anyhow::Result<(Program, String)> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    let child = Command::new("node")
        .arg(file)
        .arg("streamableHttp")
        .env("PORT", port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("node cannot be started")?;
    let program = Program(child);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(
            std::time::Instant::now() < deadline,
            "the reference server did not start"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Ok((program, format!("http://127.0.0.1:{port}/mcp")))
}
