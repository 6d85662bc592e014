//! What lists have told of one token: names that were cut, names to suggest.

use core::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::items::{Item, List};
use crate::lists;
use crate::names::{self, Split};
use crate::order::Turn;

/// Something of a server, by its own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) server: String,
    pub(crate) name: String,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Catalogue {
    /// What cut names of tools and prompts stand for.
    cut: RefCell<HashMap<(bool, String), Target>>,
    /// Names of tools, for suggestions.
    names: RefCell<BTreeMap<String, ()>>,
}

/// Most names of each kind that are kept; others are looked up again, or not suggested.
const NAMES_MAX: usize = 65_536;
/// How alike two names must be for one to be meant by the other (Jaro-Winkler).
const ALIKE: f64 = 0.85;
/// Longest name, in characters, that is compared with all that are known: none is longer than half
/// of it.
const ALIKE_CHARS_MAX: usize = 128;

impl Catalogue {
    /// Learns from entries of a list.
    pub(crate) fn learn(&self, list: List, items: &[Item]) {
        if !matches!(list, List::Tools | List::Prompts) {
            return;
        }
        let mut cut = self.cut.borrow_mut();
        let mut names = self.names.borrow_mut();
        for item in items {
            if names::split(&item.name) == Split::Cut && cut.len() < NAMES_MAX {
                let target = Target {
                    server: item.server.clone(),
                    name: item.own.clone(),
                };
                cut.insert((list == List::Prompts, item.name.clone()), target);
            }
            if list == List::Tools && names.len() < NAMES_MAX {
                names.insert(item.name.clone(), ());
            }
        }
    }

    /// The tool that may have been meant.
    pub(crate) fn alike(&self, name: &str) -> Option<String> {
        if name.chars().nth(ALIKE_CHARS_MAX).is_some() {
            return None;
        }
        let names = self.names.borrow();
        let near = names.keys().map(|known| {
            // `github.get_issue` and `get_issue` both mean `github__get_issue`.
            let own = known.split_once("__").map_or(&**known, |(_, own)| own);
            let likeness = strsim::jaro_winkler(known, name).max(strsim::jaro_winkler(own, name));
            (known, likeness)
        });
        let near = near.filter(|(_, likeness)| *likeness >= ALIKE);
        let best = near.max_by(|one, other| one.1.total_cmp(&other.1))?;
        Some(best.0.clone())
    }
}

/// What the name of a tool or prompt stands for; nothing when it is none within reach.
pub(crate) async fn target(turn: &Rc<Turn>, list: List, name: &str) -> Option<Target> {
    if let Some(view) = turn.who.view.as_ref() {
        let chosen = view.named(name).filter(|_| list == List::Tools)?;
        return turn.who.reaches(&chosen.server).then(|| Target {
            server: chosen.server.clone(),
            name: chosen.tool.clone(),
        });
    }
    match names::split(name) {
        Split::Whole(server, own) => turn.who.reaches(server).then(|| Target {
            server: server.to_owned(),
            name: own.to_owned(),
        }),
        Split::Foreign => None,
        Split::Cut => {
            let key = (list == List::Prompts, name.to_owned());
            let known = || turn.member.catalogue.cut.borrow().get(&key).cloned();
            if let Some(target) = known().filter(|it| turn.who.reaches(&it.server)) {
                return Some(target);
            }
            let mut of = turn.who.clone();
            let servers = turn
                .who
                .reach
                .iter()
                .filter(|it| names::may_be_of(name, it));
            of.reach = servers.cloned().collect();
            lists::all(&turn.with(of), list).await;
            known().filter(|it| turn.who.reaches(&it.server))
        }
    }
}

/// Says that there is no such tool or prompt, and which one may be meant.
pub(crate) fn unknown(turn: &Turn, list: List, name: &str) -> String {
    let what = if list == List::Tools {
        "tool"
    } else {
        "prompt"
    };
    let alike = turn
        .member
        .catalogue
        .alike(name)
        .filter(|_| list == List::Tools);
    let shown: String = name.chars().take(names::NAME_CHARS_MAX).collect();
    match (alike, &turn.who.view) {
        (Some(alike), _) => format!("Unknown {what} {shown}; did you mean {alike}?"),
        (None, None) => format!(
            "Unknown {what} {shown}; names begin with the server and two underscores, and the \
             servers within reach are: {}",
            turn.who.reach.join(", ")
        ),
        (None, Some(_)) => format!("Unknown {what} {shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_that_was_meant_is_suggested() {
        let catalogue = Catalogue::default();
        let item = |server: &str, own: &str| Item {
            name: names::joined(server, own),
            server: server.into(),
            own: own.into(),
            text: String::new(),
        };
        let items = [item("github", "get_issue"), item("crm", "find_customer")];
        catalogue.learn(List::Tools, &items);
        for (said, meant) in [
            ("github__get_isue", Some("github__get_issue")),
            ("get_issue", Some("github__get_issue")),
            ("crm_find_customer", Some("crm__find_customer")),
            ("weather", None),
            (&*format!("github__get_issue{}", "x".repeat(128)), None),
        ] {
            assert_eq!(catalogue.alike(said).as_deref(), meant, "{said}");
        }
    }
}
