//! A mock MCP server that answers as fast as HTTP/1.1 allows, for load and for failure tests.
//!
//! It speaks both eras over HTTP, event streams and standard input. A call may choose its own
//! answer, a script may delay it or let it go wrong (`--script`, `--faults`), and what was received
//! can be kept (`--record`). It checks nothing, but for sessions where it is told to.

mod accept;
mod answer;
mod connection;
mod consider;
mod delivery;
mod fault;
mod frame;
mod link;
mod message;
mod options;
mod place;
mod plan;
mod record;
mod respond;
mod script;
mod sessions;
mod spoil;
mod stats;
mod stdio;
mod stream;
mod text;
mod tls;
mod tools;
mod wish;

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::driver;
use crate::listen::die_with_parent;

use self::answer::Answers;
pub(crate) use self::options::Options;
use self::place::{Listener, Place};
use self::plan::Plan;
use self::record::Recorder;
use self::script::Script;
use self::sessions::Sessions;
use self::stats::Stats;
use self::stream::Pulse;
use self::text::{Plant, Text};

/// The value that stands in the text where a call asks for one of this name.
pub(crate) fn planted(name: &str) -> Option<&'static str> {
    let plant = serde_json::from_value::<Plant>(name.into()).ok()?;
    Some(plant.value())
}

/// What all connections share.
struct Upstream {
    answers: Answers,
    /// The answer where nothing says otherwise.
    plan: Plan,
    script: Script,
    sessions: Sessions,
    pulse: Pulse,
    event_ids: bool,
    /// Whether sockets are set up so that closing one resets the connection.
    resets: bool,
    recorder: Option<Recorder>,
    stats: Stats,
}

/// Serves until the process ends.
///
/// # Errors
/// The address cannot be bound, a file cannot be read, or the record cannot be created.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    if options.die_with_parent {
        die_with_parent()?;
    }
    let upstream = Upstream::new(options)?;
    if options.stdio {
        return stdio::run(&upstream, options.stats);
    }
    let listener = options.listen.bind(options.backlog)?;
    if let Listener::Tcp(listener) = &listener
        && upstream.resets
    {
        // Accepted sockets inherit it: closing one then resets the connection.
        rustix::net::sockopt::set_socket_linger(listener, Some(Duration::ZERO))?;
    }
    let tls = match (&options.tls_cert, &options.tls_key) {
        (Some(certificates), Some(key)) => Some(tls::config(certificates, key)?),
        _ => None,
    };
    let signals = options.stats.then(signals).transpose()?;
    let upstream = Rc::new(upstream);
    driver::run(options.driver, async move {
        announce(&listener, &options.listen, tls.is_some())?;
        let accepting = accept::run(listener, tls, Rc::clone(&upstream));
        let Some(signals) = signals else {
            return accepting.await;
        };
        let signals = monoio::net::UnixStream::from_std(signals)?;
        monoio::select! {
            ended = accepting => ended,
            signalled = signals.readable(false) => {
                signalled?;
                println!("{}", upstream.stats.json());
                Ok(())
            }
        }
    })
}

impl Upstream {
    fn new(options: &Options) -> anyhow::Result<Self> {
        let script = Script::read(
            options.script.as_deref(),
            options.faults,
            options.fault_every,
        )?;
        for fault in script.faults() {
            let name = fault.name();
            anyhow::ensure!(
                !options.stdio || fault.is_of_stdio(),
                "the fault {name} cannot be done on standard output: leave it or --stdio away"
            );
            anyhow::ensure!(
                options.stdio || fault.is_of_http(),
                "the fault {name} cannot be done over HTTP: use it with --stdio"
            );
        }
        let resets = script.faults().any(|fault| fault == fault::Fault::Reset);
        let recorder = options.record.as_deref().map(Path::new);
        Ok(Self {
            answers: Answers::new(options.list(), options.event_ids),
            plan: Plan {
                delay: Duration::from_millis(options.delay_ms),
                text: Text {
                    bytes: options.answer_bytes,
                    ..Text::default()
                },
                events: u32::from(options.sse),
                ..Plan::default()
            },
            script,
            sessions: Sessions::new(options.strict_sessions),
            pulse: Pulse {
                notify: Duration::from_millis(options.notify_every_ms),
                keep_alive: Duration::from_millis(options.keep_alive_ms),
            },
            event_ids: options.event_ids,
            resets,
            recorder: recorder.map(Recorder::create).transpose()?,
            stats: Stats::default(),
        })
    }
}

/// A stream that becomes readable when this process is asked to end.
fn signals() -> std::io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(SIGTERM, writer.try_clone()?)?;
    signal_hook::low_level::pipe::register(SIGINT, writer)?;
    Ok(reader)
}

/// Prints the line that callers wait for.
fn announce(listener: &Listener, place: &Place, is_tls: bool) -> std::io::Result<()> {
    let url = match listener {
        Listener::Unix(_) => place.to_string(),
        Listener::Tcp(listener) => {
            let scheme = if is_tls { "https" } else { "http" };
            format!("{scheme}://{}/mcp", listener.local_addr()?)
        }
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    out.flush()
}
