//! The options of `varistor-bench upstream`.

use std::path::PathBuf;

use super::fault::Fault;
use super::place::Place;
use super::script;
use super::tools::Size;
use crate::driver::Driver;

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
#[command(after_help = HELP, after_long_help = format!("{HELP}\n\n{}", script::HELP))]
pub(crate) struct Options {
    /// Address to listen on, or unix:PATH; port 0 lets the system choose.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(super) listen: Place,
    /// Connections that may wait to be accepted.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub(super) backlog: Option<i32>,
    /// End when the process that started this one ends.
    #[arg(long)]
    pub(super) die_with_parent: bool,
    /// Speak TLS with this certificate chain, in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Speak on standard input and output, one message a line, instead of listening.
    #[arg(long, conflicts_with_all = ["listen", "backlog", "tls_cert", "strict_sessions"])]
    pub(super) stdio: bool,
    /// Size of the text in the answer of a tool.
    #[arg(long, value_name = "BYTES", default_value_t = 400)]
    pub(super) answer_bytes: usize,
    /// Tools in the list; the first is called `echo`.
    #[arg(long, value_name = "N", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub(super) tools: u32,
    /// Median size of a tool in the list.
    #[arg(long, value_name = "BYTES", default_value_t = 350,
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub(super) tool_bytes: u32,
    /// Tools on one page of the list; 0 for all on one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) page_size: usize,
    /// Answer as an event stream of one event.
    #[arg(long)]
    pub(super) sse: bool,
    /// Give the events of legacy streams ids, and the first a time to come back after.
    #[arg(long)]
    pub(super) event_ids: bool,
    /// Send a notification on every open stream this often; 0 for never.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub(super) notify_every_ms: u64,
    /// Send a comment on an open stream after this long without anything else; 0 for never.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 15_000)]
    pub(super) keep_alive_ms: u64,
    /// Give every legacy client a session of its own, and refuse messages without one.
    #[arg(long)]
    pub(super) strict_sessions: bool,
    /// Wait before every answer to a request.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub(super) delay_ms: u64,
    /// Write every received body to this file: four bytes of length, big endian, then the body.
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// Rules for delays, sizes, streams and faults (see the end of --help).
    #[arg(long, value_name = "FILE")]
    pub(super) script: Option<PathBuf>,
    /// Misbehave in this way.
    #[arg(long)]
    pub(super) faults: Option<Fault>,
    /// Misbehave at every n-th tool call.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "faults",
          value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) fault_every: u64,
    /// When SIGTERM or SIGINT ends this, or the end of standard input, print one line of JSON:
    /// calls by method, faults done, connections, bytes. With --stdio it goes to standard error.
    #[arg(long)]
    pub(super) stats: bool,
    /// What to run on.
    #[arg(long, value_enum, default_value_t = Driver::Auto)]
    pub(super) driver: Driver,
}

impl Options {
    /// How many tools the list has, and how large.
    pub(super) fn list(&self) -> Size {
        Size {
            tools: self.tools as usize,
            tool_bytes: self.tool_bytes as usize,
            page_size: self.page_size,
        }
    }
}
