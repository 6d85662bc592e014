//! The pages themselves.

use super::approvals::Approval;
use super::gateways::Held;
use super::html::{lines, page, text};
use super::pretty::pretty;
use super::sessions::Session;
use crate::quantities::{duration_text, time_text};

/// Longest note to a decision, in characters.
pub(crate) const NOTE_CHARS_MAX: usize = 200;

/// Where to sign in; `wrong` says why the last attempt failed.
pub(crate) fn sign_in(wrong: Option<&str>) -> String {
    let wrong = wrong.map_or_else(String::new, |why| {
        format!("<p class=\"note bad\" role=\"alert\">{}</p>", text(why))
    });
    page(
        "Sign in",
        None,
        &format!(
            "{wrong}<form method=\"post\" action=\"/sign-in\"><label for=\"name\">Name</label>\
             <input id=\"name\" name=\"name\" type=\"text\" autocomplete=\"username\" \
             autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"64\" required>\
             <label for=\"code\">Access code</label><input id=\"code\" name=\"code\" \
             type=\"password\" autocomplete=\"current-password\" maxlength=\"64\" required>\
             <div class=\"choices\"><button>Sign in</button></div></form>\
             <p class=\"soft\">Codes are made with \
             <code>varictl approvals approver add NAME</code>.</p>"
        ),
    )
}

/// The calls that wait.
pub(crate) fn list(held: &Held, session: &Session, now_ms: u64) -> String {
    let mut main = String::new();
    for trouble in &held.troubles {
        main.push_str(&format!(
            "<p class=\"note bad\" role=\"alert\">Not all is shown. {}</p>",
            text(trouble)
        ));
    }
    if held.approvals.is_empty() {
        main.push_str("<p>No call waits for approval.</p>");
    } else {
        main.push_str("<ul class=\"held\">");
        for one in &held.approvals {
            main.push_str(&format!(
                "<li><a href=\"/approvals/{}\"><strong>{}/{}</strong><br>{} \
                 <span class=\"soft\">· {} · \
                 {} · {}</span></a></li>",
                text(&one.id),
                text(&one.server),
                text(&one.tool),
                text(&whom(one)),
                text(&one.intent),
                left(one, now_ms),
                // The first digits tell calls apart.
                text(one.id.get(..8).unwrap_or_default())
            ));
        }
        main.push_str("</ul>");
    }
    main.push_str("<p><a href=\"/\">Look again</a></p>");
    page(
        "Calls that wait",
        Some((&session.approver, &session.csrf)),
        &main,
    )
}

/// What a page about one call is shown for.
pub(crate) enum Way<'a> {
    /// Signed in.
    Session(&'a Session),
    /// By a link, for this approver.
    Link(&'a str),
}

/// One call, with what can be decided.
pub(crate) fn approval(one: &Approval, way: &Way<'_>, now_ms: u64) -> String {
    let (who, name) = match way {
        Way::Session(session) => (
            Some((session.approver.as_str(), session.csrf.as_str())),
            session.approver.as_str(),
        ),
        Way::Link(approver) => (None, *approver),
    };
    let mut main = facts(one, now_ms);
    main.push_str(&format!(
        "<h2 id=\"args\">Arguments</h2><pre tabindex=\"0\" role=\"region\" \
         aria-labelledby=\"args\">{}</pre>",
        lines(&pretty(&one.arguments))
    ));
    if !one.is_pending() {
        main.push_str(&format!(
            "<p class=\"note\">Nothing is to be decided: {}.</p>",
            text(&one.state)
        ));
    } else if one.approved_by.iter().any(|approver| approver == name) {
        main.push_str(
            "<p class=\"note good\">You have approved this call. Others must approve it, too.</p>",
        );
        main.push_str(&form(one, who, name, true));
    } else {
        main.push_str(&form(one, who, name, false));
    }
    page(&format!("Approve {}/{}?", one.server, one.tool), who, &main)
}

fn facts(one: &Approval, now_ms: u64) -> String {
    let mut rows = String::from("<dl>");
    let quorum = format!(
        "{} of {}{}",
        one.approved_by.len(),
        one.quorum.max(1),
        match one.approved_by.as_slice() {
            [] => String::new(),
            names => format!(" ({})", names.join(", ")),
        }
    );
    let expires = time_text(one.expires_unix_ms / 1000);
    for (name, value) in [
        ("Who asks", whom(one)),
        ("Server", one.server.clone()),
        ("Tool", one.tool.clone()),
        ("Intent", one.intent.clone()),
        ("Why held", one.why.clone()),
        ("Approved", quorum),
        (
            "Time left",
            format!("{} (until {expires})", left(one, now_ms)),
        ),
        ("Token", one.token.clone()),
        ("Policy", format!("generation {}", one.generation)),
        ("Id", one.id.clone()),
    ] {
        if !value.is_empty() {
            rows.push_str(&format!("<dt>{name}</dt><dd>{}</dd>", text(&value)));
        }
    }
    rows.push_str("</dl>");
    rows
}

fn form(one: &Approval, who: Option<(&str, &str)>, name: &str, approved: bool) -> String {
    let csrf = who.map_or_else(String::new, |(_, csrf)| {
        format!(
            "<input type=\"hidden\" name=\"csrf\" value=\"{}\">",
            text(csrf)
        )
    });
    let approve = match approved {
        true => String::new(),
        false => {
            let for_time = match one.window_max_ms {
                0 => String::new(),
                ms => format!(
                    "<button class=\"go\" name=\"decision\" value=\"approve_for\">\
                     Approve this agent and tool for {}</button>",
                    text(&duration_text(ms / 1000))
                ),
            };
            format!(
                "<button class=\"go\" name=\"decision\" value=\"approve\">Approve once\
                 </button>{for_time}"
            )
        }
    };
    let window = match one.window_max_ms {
        0 => String::new(),
        ms => format!(
            " Approved for {}, every call of this tool by this agent passes in that time, \
             whatever its arguments.",
            text(&duration_text(ms / 1000))
        ),
    };
    format!(
        "<h2>Your decision</h2><p>Approved once, this very call passes one time, with these \
         arguments.{window} The decision is recorded with your name, {}.</p>\
         <form method=\"post\">{csrf}<label for=\"note\">Note for the record (optional)</label>\
         <input id=\"note\" name=\"note\" type=\"text\" \
         maxlength=\"{NOTE_CHARS_MAX}\" autocomplete=\"off\">\
         <div class=\"choices\">{approve}<button class=\"stop\" name=\"decision\" \
         value=\"deny\">Deny</button></div></form>",
        text(name)
    )
}

/// What became of a decision.
pub(crate) fn decided(one: &Approval, denied: bool, who: Option<(&str, &str)>) -> String {
    let more = one
        .quorum
        .max(1)
        .saturating_sub(one.approved_by.len() as u64);
    let what = match (denied, one.is_pending()) {
        (true, _) => "The call is denied.".to_owned(),
        (false, true) => format!("Your approval counts. {more} more needed."),
        (false, false) => {
            "The call is approved. It passes when the agent sends it again.".to_owned()
        }
    };
    let back = who.map_or("", |_| "<p><a href=\"/\">Other calls that wait</a></p>");
    let main = format!(
        "<p class=\"note {}\" role=\"status\">{what}</p><p class=\"soft\">{}/{}, {}</p>{back}",
        if denied { "bad" } else { "good" },
        text(&one.server),
        text(&one.tool),
        text(&whom(one))
    );
    page("Decided", who, &main)
}

/// Something went wrong, and what to do.
pub(crate) fn trouble(title: &str, what: &str, who: Option<(&str, &str)>) -> String {
    let main = format!(
        "<p class=\"note bad\" role=\"alert\">{}</p><p><a href=\"/\">Calls that wait</a></p>",
        text(what)
    );
    page(title, who, &main)
}

fn whom(one: &Approval) -> String {
    let parts = [&one.organisation, &one.team, &one.agent];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" / ")
}

fn left(one: &Approval, now_ms: u64) -> String {
    match one.expires_unix_ms.saturating_sub(now_ms) / 1000 {
        0 => "no time left".to_owned(),
        seconds => format!("{} left", duration_text(seconds)),
    }
}
