//! A mock MCP server that answers as fast as HTTP/1.1 allows, for load and for failure tests.
//!
//! It speaks both eras, answers every tool with a text of the same size unless the call asks for
//! another answer, and can keep what it received (`--record`) or misbehave on purpose (`--faults`).
//! It checks nothing.

mod answer;
mod connection;
mod fault;
mod frame;
mod message;
mod plan;
mod record;
mod text;
mod wish;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::driver::{self, Driver};
use crate::listen::{Listen, announce};

use self::answer::Answers;
use self::fault::{Fault, Faults};
use self::plan::Plan;
use self::record::Recorder;
use self::text::Text;

/// What `--help` says after the options.
const HELP: &str = "\
A call of any tool may choose its own answer, with these members of its arguments:
  answer_bytes  size of the text, at most 67108864
  events        answer as a stream of so many events, the result included; 0 for plain JSON
  delay_ms      wait before the answer
  plant         card, email or secret: an invented value of this kind stands in the text
  structured    true: the text is sent twice, in content and in structuredContent";

/// Options of `varistor-bench upstream`.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Options {
    #[command(flatten)]
    listen: Listen,
    /// Size of the text in the answer of a tool.
    #[arg(long, value_name = "BYTES", default_value_t = 400)]
    answer_bytes: usize,
    /// Tools in the list; the first is called `echo`.
    #[arg(long, default_value_t = 10)]
    tools: usize,
    /// Answer as an event stream of one event.
    #[arg(long)]
    sse: bool,
    /// Wait before every answer to a request.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    delay_ms: u64,
    /// Write every received body to this file: four bytes of length, big endian, then the body.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Misbehave in this way.
    #[arg(long)]
    faults: Option<Fault>,
    /// Misbehave at every n-th tool call.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "faults",
          value_parser = clap::value_parser!(u64).range(1..))]
    fault_every: u64,
    /// What to run on.
    #[arg(long, value_enum, default_value_t = Driver::Auto)]
    driver: Driver,
}

/// What all connections share.
struct Upstream {
    answers: Answers,
    /// The answer where nothing says otherwise.
    plan: Plan,
    recorder: Option<Recorder>,
    faults: Faults,
}

/// Serves until the process ends.
///
/// # Errors
/// The address cannot be bound, or the record cannot be created.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let listener = options.listen.bind()?;
    let faults = Faults::new(options.faults, options.fault_every);
    if faults.resets() {
        // Accepted sockets inherit it: closing one then resets the connection.
        rustix::net::sockopt::set_socket_linger(&listener, Some(Duration::ZERO))?;
    }
    let upstream = Rc::new(Upstream {
        answers: Answers::new(options.tools),
        plan: Plan {
            delay: Duration::from_millis(options.delay_ms),
            text: Text {
                bytes: options.answer_bytes,
                ..Text::default()
            },
            events: u32::from(options.sse),
            fault: None,
        },
        recorder: options
            .record
            .as_deref()
            .map(Recorder::create)
            .transpose()?,
        faults,
    });
    driver::run(options.driver, async move {
        let listener = monoio::net::TcpListener::from_std(listener)?;
        announce(listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let upstream = Rc::clone(&upstream);
            monoio::spawn(async move {
                // A client that goes away ends its connection, nothing else.
                drop(connection::serve(stream, &upstream).await);
            });
        }
    })
}
