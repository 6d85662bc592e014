//! Runs a command in the sandbox, by a profile in JSON: `run '{"read": ["/srv"]}' cat /srv/file`.

use std::error::Error;
use std::process::exit;

use varistor_sandbox::{Profile, Sandbox, launch_if_asked};

fn main() -> Result<(), Box<dyn Error>> {
    launch_if_asked();
    let mut words = std::env::args().skip(1);
    let Some(profile) = words.next() else {
        println!("{:#?}", Sandbox::of_this_program()?.available());
        return Ok(());
    };
    let profile: Profile = serde_json::from_str(&profile)?;
    let command: Vec<String> = words.collect();
    let mut prepared = Sandbox::of_this_program()?.prepare(&profile)?;
    let status = prepared.command(&command)?.spawn()?.wait()?;
    println!("{status}");
    drop(prepared);
    exit(status.code().unwrap_or(1))
}
