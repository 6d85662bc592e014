//! What is looked for in payloads and what follows: actions by class and direction, and the
//! operator's own patterns. Refuses patterns that the scanner cannot compile, each by itself.

use varistor_inspect::dlp::{CatalogueError, Custom, CustomProblem, Settings, compile};
use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::Dlp;

use crate::gather::Sources;
use crate::problem::{Place, Report, Wrong, quote};
use crate::read::{Fields, index, list, text, word};
use crate::yaml::Node;

const CLASSES: [(&str, Class); 3] = [
    ("secrets", Class::Secret),
    ("financial", Class::Financial),
    ("pii", Class::Pii),
];
const CLASS_KEYS: &[&str] = &["secrets", "financial", "pii"];
/// Most patterns of an operator.
const CUSTOM_MAX: usize = 1000;

/// `Policy::dlp`.
pub(crate) fn dlp(sources: &Sources<'_>, report: &mut Report) -> Dlp {
    let mut request = [DlpAction::Log; 3];
    let mut response = request;
    let mut customs = Vec::new();
    if let Some(node) = sources.setting("dlp") {
        let fields = Fields::of(node, "dlp", &["request", "response", "custom"], report);
        for (key, actions) in [("request", &mut request), ("response", &mut response)] {
            if let Some(node) = fields.get(key) {
                classes(node, &fields.path(key), actions, report);
            }
        }
        if let Some(node) = fields.get("custom") {
            customs = custom_list(node, &fields.path("custom"), report);
        }
    }
    let rows: Vec<_> = customs.iter().map(Own::row).collect();
    match compile(&Settings {
        request,
        response,
        wanted: &[],
        custom: &rows,
    }) {
        Ok(dlp) => return dlp,
        Err(CatalogueError::Custom(problems)) => {
            for CustomProblem {
                index,
                in_name,
                message,
            } in problems
            {
                if let Some(own) = customs.get(index) {
                    own.refuse(in_name, &message, report);
                }
            }
        }
        Err(CatalogueError::Database(message)) => {
            let place = sources.setting("dlp").map(|node| node.place);
            let place = place.unwrap_or_else(|| report.file("dlp"));
            let wrong = Wrong::expected("patterns that the scanner can compile together");
            report.refuse(
                place,
                format!("the patterns of dlp.custom ({message})"),
                wrong,
            );
        }
    }
    Dlp {
        request: [0; 3],
        response: [0; 3],
        database: Vec::new(),
        detectors: Vec::new(),
        lexicon: Vec::new(),
    }
}

fn classes(node: &Node, path: &str, actions: &mut [DlpAction; 3], report: &mut Report) {
    let fields = Fields::of(node, path, CLASS_KEYS, report);
    for (key, class) in CLASSES {
        let action = fields.read(key, report, action_of);
        if let (Some(action), Some(place)) = (action, actions.get_mut(class as usize)) {
            *place = action;
        }
    }
}

fn action_of(node: &Node, path: &str, report: &mut Report) -> Option<DlpAction> {
    word(
        node,
        path,
        &DlpAction::ALL.map(|action| (action.name(), action)),
        report,
    )
}

/// One pattern of the operator, with where it stands.
struct Own {
    path: String,
    name: (String, Place),
    pattern: (String, Place),
    action: DlpAction,
}

impl Own {
    fn row(&self) -> Custom<'_> {
        Custom {
            name: &self.name.0,
            pattern: &self.pattern.0,
            action: self.action,
        }
    }

    fn refuse(&self, in_name: bool, message: &str, report: &mut Report) {
        // Engines draw their messages over several lines.
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let ((text, place), what, expected) = match in_name {
            true => (&self.name, "name", "a name of its own"),
            false => (
                &self.pattern,
                "pattern",
                "a regular expression that matches some text, without look-around and \
                 back-references",
            ),
        };
        let found = format!("{} for {}.{what} ({message})", quote(text), self.path);
        report.refuse(*place, found, Wrong::expected(expected));
    }
}

fn custom_list(node: &Node, path: &str, report: &mut Report) -> Vec<Own> {
    let members = list(node, path, report);
    if members.len() > CUSTOM_MAX {
        let wrong = Wrong::expected(format!("at most {CUSTOM_MAX} patterns"));
        report.refuse(
            node.place,
            format!("{} patterns for {path}", members.len()),
            wrong,
        );
        return Vec::new();
    }
    let read = members.iter().enumerate();
    read.filter_map(|(at, member)| own(member, index(path, at), report))
        .collect()
}

fn own(node: &Node, path: String, report: &mut Report) -> Option<Own> {
    let fields = Fields::of(node, &path, &["name", "pattern", "action"], report);
    let mut required = |key: &str| {
        let node = fields.required(key, report)?;
        Some((
            text(node, &fields.path(key), report)?.to_owned(),
            node.place,
        ))
    };
    let (name, pattern) = (required("name"), required("pattern"));
    let action = fields.required("action", report);
    let action = action.and_then(|node| action_of(node, &fields.path("action"), report))?;
    Some(Own {
        name: name?,
        pattern: pattern?,
        action,
        path,
    })
}
