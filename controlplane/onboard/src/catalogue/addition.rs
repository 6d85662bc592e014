//! An entry of the catalogue with a person's answers: what a policy says, and what goes into the
//! vault. Refuses credentials where they could be read, and more headers than the gateway sends.

use std::collections::BTreeSet;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::Entry;
use super::ask::{self, Answers, asked, secret_name};
use super::sandbox::{self, Lines};
use super::server::{Argument, Input, Package, Remote};
use super::way::{At, Kind, Slot, Way, identified};
use crate::plan::{NewSecret, is_variable, own_variables};

/// Most headers of one server, as policies take them.
const HEADERS_MAX: usize = 8;

/// What goes with an addition.
pub struct Terms<'t> {
    /// The server's name in the policy.
    pub server: &'t str,
    /// Where servers that install themselves may keep what they load, a folder each.
    pub cache: PathBuf,
    /// Whether there is a file or folder of this path.
    pub is_path: &'t dyn Fn(&str) -> bool,
    /// Hosts that it may reach beside those of the catalogue.
    pub hosts: &'t [String],
}

/// A server to be added. Has no `Debug`: it holds secrets.
pub struct Addition {
    /// Its name in the policy.
    pub server: String,
    /// How it is reached.
    pub reached: Reached,
    /// What kind of system it is.
    pub category: String,
    /// Labels of all of its tools.
    pub tags: Vec<String>,
    /// Tools whose calls are graver than their names may tell, and what they intend.
    pub graver: Vec<(String, &'static str)>,
    /// What goes into the vault.
    pub secrets: Vec<NewSecret>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// The gateway starts it.
    Started(Box<Started>),
    /// It is served somewhere.
    Remote {
        /// Where.
        url: String,
        /// Whether it speaks the older transport, HTTP+SSE.
        is_sse: bool,
        /// The headers that carry its credential.
        headers: Vec<String>,
    },
}

/// A server that the gateway starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Its variables.
    pub env: Vec<(String, String)>,
    /// What it may do.
    pub sandbox: Lines,
    /// The folder that it fills with what it installs.
    pub cache: Option<PathBuf>,
}

/// Why an entry can't be added like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Something is not known.
    #[error("{0} is missing")]
    Missing(String),
    /// A credential as an argument.
    #[error(
        "it wants the credential {0} as an argument, which every process of the machine can read; \
         look for a variable of its environment in its documentation, and write the server into \
         the policy by hand"
    )]
    Argument(String),
    /// Something of which the entry says nothing.
    #[error(
        "{0} wants {{{1}}}, of which its publisher says nothing, so nobody could be asked for it; \
         look into its documentation, and write the server into the policy by hand"
    )]
    Unsaid(String, String),
    /// A credential in a URL.
    #[error("its URL holds the credential {0}, and the gateway sends credentials in headers only")]
    Url(String),
    /// Many headers.
    #[error("it wants {0} headers, and the gateway adds eight at most")]
    Headers(usize),
    /// A name of a variable that policies do not take.
    #[error("its variable {0} has a name that a policy does not take")]
    Variable(String),
}

/// What a policy and the vault need for this way to the entry.
///
/// # Errors
/// Something is missing, or can't be said in a policy.
pub fn addition(
    entry: &Entry,
    way: &Way<'_>,
    answers: &Answers,
    terms: &Terms<'_>,
) -> Result<Addition, Refusal> {
    let mut draft = Draft {
        entry,
        answers,
        terms,
        hidden: ask::secret(way),
        secrets: Vec::new(),
        notes: Vec::new(),
    };
    let reached = match way.at {
        At::Remote(remote) => draft.remote(remote)?,
        At::Package(package) => draft.started(way.kind, package)?,
    };
    let extra = &entry.extra;
    if !extra.notes.is_empty() && way.kind != Kind::Remote {
        draft.notes.push(extra.notes.clone());
    }
    // Only what is graver than calls of such names mostly are: the policy's word is final, and a
    // tool that reads may carry secrets out by its arguments.
    let graver = extra
        .intents
        .named()
        .into_iter()
        .filter(|(intent, _)| ["destructive", "exfiltrative"].contains(intent));
    let graver =
        graver.flat_map(|(intent, tools)| tools.iter().map(move |it| (it.clone(), intent)));
    Ok(Addition {
        server: terms.server.to_owned(),
        reached,
        category: extra.category.clone(),
        tags: extra.tags.clone(),
        graver: graver.collect(),
        secrets: draft.secrets,
        notes: draft.notes,
    })
}

/// An addition on its way.
struct Draft<'d> {
    entry: &'d Entry,
    answers: &'d Answers,
    terms: &'d Terms<'d>,
    /// Keys of answers that nobody should see.
    hidden: BTreeSet<&'d str>,
    secrets: Vec<NewSecret>,
    notes: Vec<String>,
}

/// A value as a policy says it.
struct Said {
    text: String,
    /// The key of the secret in it.
    secret: Option<String>,
}

impl Draft<'_> {
    fn remote(&mut self, remote: &Remote) -> Result<Reached, Refusal> {
        let mut url = remote.url.clone();
        for (name, input) in &remote.variables {
            let place = format!("{{{name}}}");
            if !url.contains(&place) {
                continue;
            }
            let said = self.said(Slot::Url, name, input)?;
            let said = said
                .into_iter()
                .next()
                .ok_or_else(|| Refusal::Missing(name.clone()))?;
            if let Some(secret) = said.secret {
                return Err(Refusal::Url(secret));
            }
            url = url.replace(&place, &said.text);
        }
        if let Some(name) = ask::unsaid(&remote.url, |name| remote.variables.contains_key(name)) {
            return Err(Refusal::Unsaid("its URL".to_owned(), name));
        }
        let mut headers = Vec::new();
        for pair in &remote.headers {
            for said in self.said(Slot::Header, &pair.name, &pair.input)? {
                headers.push(format!("{}: {}", pair.name, said.text));
            }
        }
        if headers.len() > HEADERS_MAX {
            return Err(Refusal::Headers(headers.len()));
        }
        if headers.is_empty() {
            self.notes.push(
                "no credential goes with it; if it wants a login, it answers 401 behind the gateway"
                    .to_owned(),
            );
        }
        Ok(Reached::Remote {
            url,
            is_sse: remote.kind == "sse",
            headers,
        })
    }

    fn started(&mut self, kind: Kind, package: &Package) -> Result<Reached, Refusal> {
        let mut env = Vec::new();
        for pair in &package.environment_variables {
            if !is_variable(&pair.name) {
                return Err(Refusal::Variable(pair.name.clone()));
            }
            let said = self.said(Slot::Variable, &pair.name, &pair.input)?;
            env.extend(said.into_iter().map(|said| (pair.name.clone(), said.text)));
        }
        let runner = kind.runner().unwrap_or_default();
        let mut command = vec![runner.to_owned()];
        match kind {
            Kind::Npm => command.push("-y".to_owned()),
            Kind::Oci => {
                command.extend(["run", "-i", "--rm"].map(str::to_owned));
                // Its value comes from the environment: no argument, no file.
                for (name, _) in &env {
                    command.extend(["-e".to_owned(), name.clone()]);
                }
            }
            _ => {}
        }
        if kind != Kind::Oci {
            self.arguments(&package.runtime_arguments, &mut command)?;
        }
        command.push(identified(kind, package));
        self.arguments(&package.package_arguments, &mut command)?;
        let extra = &self.entry.extra;
        let lines = sandbox::lines(extra, kind, self.answers, self.terms.hosts);
        let mut started = Started {
            command,
            env,
            sandbox: lines,
            cache: None,
        };
        self.install(runner, kind, &mut started);
        Ok(Reached::Started(Box::new(started)))
    }

    /// What a server that installs itself needs besides.
    fn install(&mut self, runner: &str, kind: Kind, started: &mut Started) {
        if kind == Kind::Oci {
            self.notes.push(
                "its container has the network that the engine gives it; what the sandbox bounds \
                 is the engine's client. Who may speak to the engine is root on this machine"
                    .to_owned(),
            );
            return;
        }
        let cache = self.terms.cache.join(self.terms.server);
        let (variables, read) = own_variables(runner, &cache, self.terms.is_path);
        started.env.extend(variables);
        started.sandbox.read.extend(read);
        started.sandbox.write.push(cache.display().to_string());
        started.cache = Some(cache);
        if kind == Kind::Npm && started.sandbox.hosts.is_some() {
            // Without it Node.js asks the name service itself, of which there is none in there.
            let name = "NODE_USE_ENV_PROXY".to_owned();
            started.env.push((name, "1".to_owned()));
            self.notes.push(
                "it reaches the named hosts by a proxy, which Node.js uses from 22.21 and 24.5 on; \
                 with an older one say `network: any`"
                    .to_owned(),
            );
        }
    }

    fn arguments(&mut self, given: &[Argument], command: &mut Vec<String>) -> Result<(), Refusal> {
        for argument in given {
            for said in self.said(Slot::Argument, argument.key(), &argument.input)? {
                if let Some(secret) = said.secret {
                    return Err(Refusal::Argument(secret));
                }
                let is_flag = argument.kind == "named";
                match (is_flag, argument.input.format.as_str(), said.text.as_str()) {
                    (true, "boolean", "false") => {}
                    (true, "boolean", _) => command.push(argument.name.clone()),
                    (true, _, _) => command.extend([argument.name.clone(), said.text]),
                    (false, _, _) => command.push(said.text),
                }
            }
        }
        Ok(())
    }

    /// The values of an input; none where it can do without.
    fn said(&mut self, slot: Slot, key: &str, input: &Input) -> Result<Vec<Said>, Refusal> {
        let Some(template) = &input.value else {
            return self.answered(slot, key, input, input.is_required || slot == Slot::Url);
        };
        let all = asked(key, input);
        let is_said = |name: &str| all.iter().any(|(known, _)| *known == name);
        if let Some(name) = ask::unsaid(template, is_said) {
            return Err(Refusal::Unsaid(place(slot, key), name));
        }
        let mut text = template.clone();
        let mut secret = None;
        for (name, asked) in all {
            let is_required = input.is_required || asked.is_required;
            let Some(said) = self
                .answered(slot, name, asked, is_required)?
                .into_iter()
                .next()
            else {
                return Ok(Vec::new());
            };
            text = text.replace(&format!("{{{name}}}"), &said.text);
            secret = secret.or(said.secret);
        }
        Ok(vec![Said { text, secret }])
    }

    fn answered(
        &mut self,
        slot: Slot,
        key: &str,
        input: &Input,
        is_required: bool,
    ) -> Result<Vec<Said>, Refusal> {
        let name = secret_name(self.terms.server, key);
        if self.answers.is_kept(key) {
            let text = format!("${{vault:{name}}}");
            let secret = Some(key.to_owned());
            return Ok(vec![Said { text, secret }]);
        }
        let mut values = self.answers.of(key).to_vec();
        if values.is_empty() && is_required {
            let default = input
                .default
                .clone()
                .ok_or_else(|| Refusal::Missing(key.to_owned()))?;
            values.push(Zeroizing::new(default));
        }
        let mut said = Vec::with_capacity(values.len());
        for value in values {
            // What looks like a reference would be taken for one.
            if self.hidden.contains(key) || value.contains("${") {
                said.push(Said {
                    text: format!("${{vault:{name}}}"),
                    secret: Some(key.to_owned()),
                });
                if !self.secrets.iter().any(|secret| secret.name == name) {
                    self.secrets.push(NewSecret {
                        name: name.clone(),
                        place: place(slot, key),
                        value,
                    });
                }
            } else {
                let text = value.to_string();
                said.push(Said { text, secret: None });
            }
        }
        Ok(said)
    }
}

fn place(slot: Slot, key: &str) -> String {
    match slot {
        Slot::Argument => format!("argument {key}"),
        Slot::Variable => format!("env {key}"),
        Slot::Header => format!("header {key}"),
        Slot::Url => format!("URL {key}"),
    }
}
