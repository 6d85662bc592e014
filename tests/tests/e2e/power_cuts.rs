//! Power cuts: a file system that loses whatever it had not brought to the device, under load.
//!
//! ext4 and XFS on images, mounted over loop devices, are shut down as a crash of the machine would
//! leave them (`xfs_io -x -c shutdown`), mounted again and gone on with. Where images can't be
//! mounted the test says so and looks at nothing, unless `VARISTOR_POWER_CUTS` asks for it.

use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use varistor_tests::{Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

use crate::crash_world::{Load, check};
use crate::world::{Extra, policy_text};

on_both_drivers!(
    no_call_is_lost_by_power_cuts_on_ext4,
    no_call_is_lost_by_power_cuts_on_xfs,
);

/// How many cuts each test makes; set by `make soak-crash`.
const CUTS: &str = "VARISTOR_POWER_CUTS";
const CUTS_AT_LEAST: u64 = 5;
/// XFS wants 300 MB.
const IMAGE_BYTES: u64 = 320 << 20;

/// A file system on an image.
struct Disk {
    folder: TempDir,
    mounted: bool,
}

impl Disk {
    /// Makes and mounts one; `Err`: what this machine lacks.
    fn make(kind: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut disk = Self {
            folder,
            mounted: false,
        };
        let image = std::fs::File::create(disk.image()).expect("an image");
        image.set_len(IMAGE_BYTES).expect("an image");
        std::fs::create_dir(disk.path()).expect("a folder");
        let force = if kind == "xfs" { "-f" } else { "-F" };
        let image = disk.image();
        run(Command::new(format!("mkfs.{kind}"))
            .args(["-q", force])
            .arg(image))?;
        run(Command::new("xfs_io").arg("-V"))?;
        disk.mount()?;
        Ok(disk)
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    fn mount(&mut self) -> Result<(), String> {
        let (image, path) = (self.image(), self.path());
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(image)
            .arg(path))?;
        self.mounted = true;
        Ok(())
    }

    /// The kernel closes what a killed process had in its ring a moment after the process is gone.
    fn unmount(&mut self) {
        let until = Instant::now() + Duration::from_secs(20);
        while let Err(busy) = run(Command::new("umount").arg(self.path())) {
            assert!(Instant::now() < until, "{busy}");
            thread::sleep(Duration::from_millis(5));
        }
        self.mounted = false;
    }

    /// The power is gone: nothing that is not on the device gets there.
    fn cut(&self) {
        run(Command::new("xfs_io")
            .args(["-x", "-c", "shutdown"])
            .arg(self.path()))
        .expect("a shutdown");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            // A test that failed leaves a gateway behind that holds files.
            let _ = run(Command::new("umount").arg("-l").arg(self.path()));
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    // Some of them are where only root looks.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    let output = command.output();
    let output = output.map_err(|error| format!("{:?}: {error}", command.get_program()))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn no_call_is_lost_by_power_cuts_on_ext4(driver: Driver) {
    cut_again_and_again("ext4", driver);
}

fn no_call_is_lost_by_power_cuts_on_xfs(driver: Driver) {
    cut_again_and_again("xfs", driver);
}

fn cut_again_and_again(kind: &str, driver: Driver) {
    let asked = std::env::var(CUTS).ok();
    let mut disk = match Disk::make(kind) {
        Ok(disk) => disk,
        Err(lacking) if asked.is_none() => {
            eprintln!("nothing was cut: {lacking}");
            return;
        }
        Err(lacking) => panic!("{lacking}"),
    };
    let cuts = asked.map_or(CUTS_AT_LEAST, |text| {
        text.parse().expect("a number of cuts")
    });
    let upstream = Upstream::start();
    let top = "audit: { durable: [read, write, destructive, exfiltrative], segment: 64KiB }";
    let text = policy_text(
        &upstream,
        Extra {
            top,
            ..Extra::default()
        },
    );
    let policy = PolicyDir::inside(&disk.path(), &text);
    let token = policy.token("tester");
    run(Command::new("sync").arg("-f").arg(disk.path())).expect("sync");
    let (mut answered, mut seen, mut ahead) = (Vec::new(), Vec::new(), 0);
    for cut in 0..cuts {
        let gateway = Gateway::start(&policy, driver);
        let earlier = upstream.seen().len();
        let load = Load::start(gateway.address(), &token, &cut.to_string());
        // Spread over a sync's time and a segment's end.
        thread::sleep(Duration::from_millis(60 + (cut * 37) % 190));
        // What a machine without power says is heard by nobody: ext4 may still call a sync done
        // that it was shut down in.
        let (before, so_far) = (Instant::now(), upstream.seen());
        disk.cut();
        let told = load.end();
        let in_time = told.into_iter().filter(|answer| answer.at < before);
        answered.extend(in_time);
        seen.extend(so_far.into_iter().skip(earlier));
        end(gateway);
        disk.unmount();
        disk.mount().expect("a mount");
        ahead += u64::from(policy.path().join("audit/ahead").exists());
        // What was written ahead is in no segment before a start.
        Gateway::start(&policy, driver).stop();
        check(&policy, cut, (&answered, &seen));
    }
    let gateway = Gateway::start(&policy, driver);
    gateway.stop();
    policy.verify_audit();
    assert!(
        answered.len() as u64 > 5 * cuts,
        "only {} calls",
        answered.len()
    );
    assert!(ahead > 0, "nothing was ever written ahead");
    drop(policy);
    disk.unmount();
}

fn end(mut gateway: Gateway) {
    gateway.signal(Signal::KILL);
    gateway.wait();
}
