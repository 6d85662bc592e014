//! Which page a request gets. Looking never decides: `GET` changes nothing, so that a chat which
//! fetches links ahead approves nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::{Method, StatusCode};

use super::answer::{Answer, html, see, style, with_cookie, with_tls};
use super::approvals::{Decision, is_id};
use super::approvers::Approvers;
use super::form::Form;
use super::gateways::{Fleet, Trouble};
use super::html::STYLE;
use super::links::{Links, Unfit};
use super::pace::Pace;
use super::sessions::{SESSION_S, Session, Sessions};
use super::views::{self, NOTE_CHARS_MAX, Way};
use crate::directory::PolicyDir;
use crate::quantities::{now_unix_ms, now_unix_s};

/// What the page works with.
pub(crate) struct Desk {
    pub(crate) dir: PolicyDir,
    pub(crate) fleet: Fleet,
    pub(crate) links: Links,
    pub(crate) tls: bool,
    /// Values of the Host header that are served, lower case.
    pub(crate) hosts: Vec<String>,
    pub(crate) sessions: Mutex<Sessions>,
    pub(crate) pace: Mutex<Pace>,
    /// One code is checked at a time: each takes 19 MiB and some ten milliseconds.
    pub(crate) checking: Mutex<()>,
}

/// A request, as far as it matters.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) post: bool,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) origin: Option<String>,
    pub(crate) cookie: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn is_read_only(method: &Method) -> bool {
        matches!(*method, Method::GET | Method::HEAD)
    }
}

impl Desk {
    /// The answer to a request. Blocks while gateways are asked.
    pub(crate) fn answer(&self, asked: &Asked) -> Answer {
        let answer = self.routed(asked);
        if self.tls { with_tls(answer) } else { answer }
    }

    fn routed(&self, asked: &Asked) -> Answer {
        let host = asked.host.to_ascii_lowercase();
        if !self.hosts.contains(&host) {
            let what = "This page is not served under that host name. Start it with --host NAME to \
                        serve another one.";
            return html(
                StatusCode::MISDIRECTED_REQUEST,
                views::trouble("Wrong host", what, None),
            );
        }
        if asked.post && !self.is_from_here(asked, &host) {
            let what = "The form came from another site. Open this page itself and try again.";
            return html(
                StatusCode::FORBIDDEN,
                views::trouble("Not from here", what, None),
            );
        }
        let cookie = session_of(&asked.cookie, self.cookie_name());
        let session = self.sessions().find(cookie, now_unix_s()).cloned();
        match (asked.path.as_str(), asked.post) {
            ("/style.css", false) => style(STYLE),
            ("/sign-in", false) => html(StatusCode::OK, views::sign_in(None)),
            ("/sign-in", true) => self.sign_in(asked),
            (path, post) => {
                if let Some(token) = path.strip_prefix("/l/") {
                    return self.by_link(token, post.then_some(asked.body.as_slice()));
                }
                match session {
                    Some(session) => self.signed_in(asked, &session, cookie),
                    None => see("/sign-in"),
                }
            }
        }
    }

    /// What browsers say about where a form came from; those that say nothing are old, and then
    /// the form's own token decides.
    fn is_from_here(&self, asked: &Asked, host: &str) -> bool {
        let scheme = if self.tls { "https" } else { "http" };
        match asked.origin.as_deref() {
            None => true,
            Some(origin) => {
                let from = origin.to_ascii_lowercase();
                from == format!("{scheme}://{host}") || from == format!("https://{host}")
            }
        }
    }

    fn sign_in(&self, asked: &Asked) -> Answer {
        let form = Form::read(&asked.body).unwrap_or_default();
        let (name, code) = (form.get("name").trim(), form.get("code"));
        let now = now_unix_s();
        {
            let mut pace = lock(&self.pace);
            if !pace.may_try(name, now) {
                let wrong = "Too many attempts. Wait a minute and try again.";
                let page = views::sign_in(Some(wrong));
                return html(StatusCode::TOO_MANY_REQUESTS, page);
            }
            pace.note(name, now);
        }
        let checking = lock(&self.checking);
        let good = match Approvers::open(&self.dir) {
            Ok(approvers) => approvers.is_code(name, code),
            Err(error) => return failed(&format!("{error:#}"), None),
        };
        drop(checking);
        if !good {
            let wrong = "Name and access code do not go together.";
            return html(StatusCode::FORBIDDEN, views::sign_in(Some(wrong)));
        }
        lock(&self.pace).forget(name);
        let Some(id) = self.sessions().begin(name, now) else {
            return failed("the system gives no random numbers", None);
        };
        with_cookie(see("/"), &self.cookie(&id, SESSION_S))
    }

    fn signed_in(&self, asked: &Asked, session: &Session, cookie: &str) -> Answer {
        let who = Some((session.approver.as_str(), session.csrf.as_str()));
        let form = Form::read(&asked.body).unwrap_or_default();
        if asked.post && form.get("csrf") != session.csrf {
            let what = "The form is not of this session. Go back, reload and try again.";
            return html(
                StatusCode::FORBIDDEN,
                views::trouble("Not from here", what, who),
            );
        }
        // Somebody who was taken away decides nothing any more.
        if !self.is_approver(&session.approver) {
            self.sessions().end(cookie);
            return with_cookie(see("/sign-in"), &self.cookie("", 0));
        }
        match (asked.path.as_str(), asked.post) {
            ("/", false) => {
                let held = self.fleet.pending();
                html(StatusCode::OK, views::list(&held, session, now_unix_ms()))
            }
            ("/sign-out", true) => {
                self.sessions().end(cookie);
                with_cookie(see("/sign-in"), &self.cookie("", 0))
            }
            (path, post) => match path.strip_prefix("/approvals/").filter(|id| is_id(id)) {
                Some(id) if post => self.decide(id, &session.approver, &form, who),
                Some(id) => self.show(id, &Way::Session(session), who),
                None => {
                    let what = "There is no such page. Go to the calls that wait.";
                    html(
                        StatusCode::NOT_FOUND,
                        views::trouble("Not found", what, who),
                    )
                }
            },
        }
    }

    fn by_link(&self, token: &str, decided: Option<&[u8]>) -> Answer {
        let now = now_unix_s();
        let link = match self.links.read(token, now) {
            Ok(link) if self.is_approver(&link.approver) => link,
            Ok(_) => return no_link(Unfit::Forged),
            Err(unfit) => return no_link(unfit),
        };
        let Some(body) = decided else {
            return self.show(&link.approval.to_string(), &Way::Link(&link.approver), None);
        };
        let form = Form::read(body).unwrap_or_default();
        if Decision::named(form.get("decision")).is_none() {
            return self.show(&link.approval.to_string(), &Way::Link(&link.approver), None);
        }
        if let Err(unfit) = self.links.take(&link, now) {
            return no_link(unfit);
        }
        let answer = self.decide(&link.approval.to_string(), &link.approver, &form, None);
        // Nothing was decided, and nothing could have been: the link may try again.
        if answer.status() == StatusCode::BAD_GATEWAY || answer.status() == StatusCode::BAD_REQUEST
        {
            self.links.give_back(&link);
        }
        answer
    }

    fn show(&self, id: &str, way: &Way<'_>, who: Option<(&str, &str)>) -> Answer {
        match self.fleet.find(id) {
            Ok((one, _)) => html(StatusCode::OK, views::approval(&one, way, now_unix_ms())),
            Err(trouble) => told(&trouble, who),
        }
    }

    fn decide(&self, id: &str, by: &str, form: &Form, who: Option<(&str, &str)>) -> Answer {
        let note = form.get("note").trim();
        let Some(decision) = Decision::named(form.get("decision")) else {
            let what = "The form says neither to approve nor to deny. Go back and choose.";
            return html(
                StatusCode::BAD_REQUEST,
                views::trouble("No decision", what, who),
            );
        };
        if note.chars().count() > NOTE_CHARS_MAX {
            let what = "The note is too long. Go back and shorten it.";
            return html(
                StatusCode::BAD_REQUEST,
                views::trouble("Too long", what, who),
            );
        }
        match self.fleet.decide(id, decision, by, note) {
            Ok(one) => {
                let denied = decision == Decision::Deny;
                html(StatusCode::OK, views::decided(&one, denied, who))
            }
            Err(trouble) => told(&trouble, who),
        }
    }

    fn is_approver(&self, name: &str) -> bool {
        Approvers::open(&self.dir).is_ok_and(|approvers| approvers.knows(name))
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        lock(&self.sessions)
    }

    const fn cookie_name(&self) -> &'static str {
        if self.tls {
            "__Host-varistor"
        } else {
            "varistor"
        }
    }

    fn cookie(&self, id: &str, seconds: u64) -> String {
        let secure = if self.tls { "; Secure" } else { "" };
        format!(
            "{}={id}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
            self.cookie_name()
        )
    }
}

/// What is under a mutex is whole at any time: no panic leaves half of it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn session_of<'a>(cookies: &'a str, name: &str) -> &'a str {
    let pairs = cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    let mut named = pairs.filter(|(found, _)| *found == name);
    named.next().map_or("", |(_, value)| value)
}

fn told(trouble: &Trouble, who: Option<(&str, &str)>) -> Answer {
    match trouble {
        Trouble::Unknown => {
            let what = "No gateway knows this call. It may have ended; the audit log tells.";
            html(
                StatusCode::NOT_FOUND,
                views::trouble("Not found", what, who),
            )
        }
        Trouble::Late(why) => {
            let what = format!("Nothing was changed: {why}.");
            html(StatusCode::CONFLICT, views::trouble("Too late", &what, who))
        }
        Trouble::Failed(why) => failed(why, who),
    }
}

fn failed(why: &str, who: Option<(&str, &str)>) -> Answer {
    let what = format!("It did not work, nothing may have been decided: {why}. Try again.");
    html(
        StatusCode::BAD_GATEWAY,
        views::trouble("No answer", &what, who),
    )
}

fn no_link(unfit: Unfit) -> Answer {
    let what = match unfit {
        Unfit::Forged => "This link is not valid. Copy it whole, or ask for another one.",
        Unfit::Expired => "This link has expired. Sign in, or ask for another one.",
        Unfit::Used => "This link has been used. Sign in to decide more.",
    };
    html(StatusCode::FORBIDDEN, views::trouble("No use", what, None))
}
