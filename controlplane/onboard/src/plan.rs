//! What becomes of the servers of one file: which move into a policy, under which names, which
//! values go into the vault; and which stay, and why.

mod http;
mod stdio;

use std::collections::BTreeSet;
use std::path::PathBuf;

use zeroize::Zeroizing;

pub(crate) use http::without_user;
pub(crate) use stdio::{is_name as is_variable, own_variables};

use crate::client::Client;
use crate::credential::Detector;
use crate::document::Found;
use crate::entry::{self, Program, Transport};
use crate::mcp_remote;
use crate::names::{SECRET_BYTES_MAX, free, secret, server_name};
use crate::variables::{self, Lookup};
use http::Sent;

/// What is known beyond the file.
pub struct Known<'a> {
    /// Names of servers that are taken.
    pub servers: BTreeSet<String>,
    /// Names of secrets that are taken.
    pub secrets: BTreeSet<String>,
    /// Where the gateway is, as `http://127.0.0.1:7332`.
    pub gateways: Vec<String>,
    /// Where servers that install themselves may keep what they load, a folder each.
    pub cache: PathBuf,
    /// Whether a program can be started.
    pub is_program: &'a dyn Fn(&str) -> bool,
    /// Whether there is a file or folder of this absolute path that is not a whole home.
    pub is_path: &'a dyn Fn(&str) -> bool,
    /// The text of a file of variables.
    pub env_file: &'a dyn Fn(&str) -> Option<Zeroizing<String>>,
    /// Where variables come from.
    pub lookup: Lookup<'a>,
}

/// What becomes of the servers of one file.
#[derive(Default)]
pub struct Plan {
    /// Those that move.
    pub moves: Vec<Move>,
    /// Those that stay.
    pub left: Vec<Left>,
}

/// A server that moves. Has no `Debug`: it holds secrets.
pub struct Move {
    /// Where it stands in the file.
    pub at: Vec<String>,
    /// Its name in the policy.
    pub server: String,
    /// How the policy says it.
    pub said: Said,
    /// What goes into the vault for it.
    pub secrets: Vec<NewSecret>,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl Move {
    /// The folder that the server fills with what it installs.
    #[must_use]
    pub fn cache(&self) -> Option<&PathBuf> {
        match &self.said {
            Said::Stdio(said) => said.cache.as_ref(),
            Said::Http { .. } => None,
        }
    }
}

/// A server as a policy says it; `${vault:NAME}` where a credential was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The gateway starts it.
    Stdio(Box<Stdio>),
    /// It is somewhere.
    Http {
        /// Where.
        url: String,
        /// Whether it speaks the older transport, HTTP+SSE.
        is_sse: bool,
        /// What is sent along; the headers that carry its credential among it.
        headers: Vec<String>,
    },
}

/// A server that the gateway starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stdio {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Its variables.
    pub env: Vec<(String, String)>,
    /// Where it runs.
    pub directory: Option<String>,
    /// Folder that it may fill with what it installs.
    pub cache: Option<PathBuf>,
    /// What it may read.
    pub read: Vec<String>,
    /// Whether it has to start programs that nobody can name for it.
    pub is_relaxed: bool,
}

/// A value for the vault.
pub struct NewSecret {
    /// Its name there.
    pub name: String,
    /// Where it was: `env GITHUB_TOKEN`.
    pub place: String,
    /// The value.
    pub value: Zeroizing<String>,
}

/// A server that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where it stands in the file.
    pub at: Vec<String>,
    /// Why.
    pub why: Why,
}

/// Why a server stays where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It leads to the gateway.
    #[error("it is behind the gateway already")]
    Behind,
    /// Neither program nor URL.
    #[error("it names neither a command nor a URL that can be read")]
    NoServer,
    /// It is part of an extension of the client.
    #[error("an extension of the client brings it along")]
    Extension,
    /// The client logs in.
    #[error("the client logs in by itself (OAuth), which the gateway can't do for it yet")]
    Login,
    /// A variable without value.
    #[error("the variable {0} has no value here; set it and import again")]
    Variable(String),
    /// A file of variables that can't be read.
    #[error("its file of variables can't be read: {0}")]
    EnvFile(String),
    /// A program that is not there.
    #[error("the program {0} is not there to be started")]
    NoProgram(String),
    /// A relative path.
    #[error("{0} begins nowhere; write an absolute path and import again")]
    Relative(String),
    /// A URL that is a credential.
    #[error("its URL holds a credential, and the gateway sends credentials in headers only")]
    UrlCredential,
    /// A URL whose end stood outside of the file.
    #[error(
        "a variable says more of its URL than the host, which may be a credential; if it is none, \
         write that part out and import again"
    )]
    UrlVariable,
    /// A URL that policies do not take.
    #[error("its URL is none that a policy takes")]
    Url,
    /// Many headers.
    #[error("it sends {0} headers, and the gateway adds eight at most")]
    Headers(usize),
    /// A header that the gateway writes itself, or no header.
    #[error("its header {0} can't be sent by the gateway")]
    Header(String),
    /// A name of a variable that policies do not take.
    #[error("its variable {0} has a name that a policy does not take")]
    VariableName(String),
}

/// Plans the move of these servers. Names of servers and secrets that it gives away are taken.
pub fn plan(
    client: &Client,
    found: &[Found],
    known: &mut Known<'_>,
    detector: &mut dyn Detector,
) -> Plan {
    let mut plan = Plan::default();
    for one in found {
        match moved(client, one, known, detector) {
            Ok(moved) => {
                known.servers.insert(moved.server.clone());
                let names = moved.secrets.iter().map(|secret| secret.name.clone());
                known.secrets.extend(names);
                plan.moves.push(moved);
            }
            Err(why) => plan.left.push(Left {
                at: one.at.clone(),
                why,
            }),
        }
    }
    plan
}

fn moved(
    client: &Client,
    found: &Found,
    known: &Known<'_>,
    detector: &mut dyn Detector,
) -> Result<Move, Why> {
    let entry = entry::read(client, &found.value)?;
    if is_behind(&entry.transport, &known.gateways) {
        return Err(Why::Behind);
    }
    let name = found.at.last().map_or("", String::as_str);
    let mut draft = Draft {
        server: server_name(name, &known.servers),
        known,
        client,
        detector,
        secrets: Vec::new(),
        notes: Vec::new(),
    };
    let said = draft.said(entry.transport)?;
    let (secrets, notes, server) = (draft.secrets, draft.notes, draft.server);
    Ok(Move {
        at: found.at.clone(),
        server,
        said,
        secrets,
        notes,
    })
}

/// Whether a server leads to one of these gateways: by its URL, or by `varictl connect`.
#[must_use]
pub fn is_behind(transport: &Transport, gateways: &[String]) -> bool {
    match transport {
        Transport::Stdio(Program {
            program, arguments, ..
        }) => {
            let is_ours = program.rsplit('/').next() == Some("varictl");
            is_ours && arguments.iter().any(|word| word == "connect")
        }
        Transport::Http { url, .. } => gateways.iter().any(|gateway| {
            let rest = url.strip_prefix(gateway.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }),
    }
}

/// Whether a server leads to one of these gateways and to no other: by its URL, or by the one that
/// `varictl connect` is given.
#[must_use]
pub fn leads_to(transport: &Transport, gateways: &[String]) -> bool {
    let is_known = |url: &str| {
        let (url, is_sse) = (url.to_owned(), false);
        let (headers, from_env) = (Vec::new(), Vec::new());
        let transport = Transport::Http {
            url,
            is_sse,
            headers,
            from_env,
        };
        is_behind(&transport, gateways)
    };
    match transport {
        Transport::Http { .. } => is_behind(transport, gateways),
        Transport::Stdio(Program { arguments, .. }) => {
            let mut urls = arguments.iter().filter(|word| word.contains("://"));
            is_behind(transport, gateways) && urls.any(|url| is_known(url))
        }
    }
}

/// A server on its way.
struct Draft<'d, 'k> {
    server: String,
    known: &'d Known<'k>,
    client: &'d Client,
    detector: &'d mut dyn Detector,
    secrets: Vec<NewSecret>,
    notes: Vec<String>,
}

impl Draft<'_, '_> {
    fn said(&mut self, transport: Transport) -> Result<Said, Why> {
        let (url, is_sse, headers, from_env) = match transport {
            Transport::Stdio(given) => return self.started(given),
            Transport::Http {
                url,
                is_sse,
                headers,
                from_env,
            } => (url, is_sse, headers, from_env),
        };
        let mut sent = Vec::with_capacity(headers.len());
        for (name, value) in headers {
            let value = self.expanded(&value)?;
            sent.push(Sent {
                name,
                is_secret: value.kept.is_some(),
                value: value.text.to_string(),
            });
        }
        for (name, prefix, variable) in from_env {
            let is_secret = variables::is_kept(&variable);
            let value = (self.known.lookup.env)(&variable).ok_or(Why::Variable(variable))?;
            sent.push(Sent {
                name,
                is_secret,
                value: format!("{prefix}{}", *value),
            });
        }
        let url = self.expanded(&url)?;
        if let Some(fault) = http::fault(&url) {
            return Err(fault);
        }
        http::said((&url.text, is_sse), sent, self)
    }

    fn started(&mut self, given: Program) -> Result<Said, Why> {
        if let Some(file) = &given.env_file {
            self.notes.push(format!(
                "its variables of {file} are copied; that file keeps them in plain text"
            ));
        }
        let (plain, kept) = stdio::expanded(given, self)?;
        let remote = mcp_remote::remote(&plain.program, &plain.arguments, &plain.env);
        let Some(remote) = remote else {
            return stdio::said(plain, &kept, self);
        };
        let mut words = kept.words.iter();
        if let Some(word) = words.find(|word| *word.text == remote.url)
            && let Some(fault) = http::fault(word)
        {
            return Err(fault);
        }
        let is_kept = !kept.words.is_empty() || !kept.variables.is_empty();
        let headers = remote.headers.into_iter().map(|(name, value)| Sent {
            is_secret: is_kept,
            name,
            value,
        });
        http::said((&remote.url, remote.is_sse), headers.collect(), self)
    }

    fn expand(&self, text: &str) -> Result<Zeroizing<String>, Why> {
        self.expanded(text).map(|expanded| expanded.text)
    }

    fn expanded(&self, text: &str) -> Result<variables::Expanded, Why> {
        let expanded = variables::expand(text, self.client.dialect, &self.known.lookup);
        expanded.map_err(|unknown| Why::Variable(unknown.0))
    }

    /// Puts a value aside for the vault; what stands in its place.
    fn hide(&mut self, place: String, key: &str, value: &str) -> String {
        let same = self.secrets.iter().find(|secret| *secret.value == value);
        if let Some(secret) = same {
            return format!("${{vault:{}}}", secret.name);
        }
        let wanted = secret(&self.server, key);
        let own = |name: &String| self.secrets.iter().any(|secret| secret.name == *name);
        let name = free(&wanted, SECRET_BYTES_MAX, |name| {
            self.known.secrets.contains(name) || own(name)
        });
        let said = format!("${{vault:{name}}}");
        self.secrets.push(NewSecret {
            name,
            place,
            value: Zeroizing::new(value.to_owned()),
        });
        said
    }
}
