//! Filters of LDAP: they only read, and some match everybody.

use varistor_model::Intent;

use crate::{Effect, Effects};

/// What a search with this filter does.
pub(super) fn effects(text: &str) -> Effects {
    let mut effects = Effects::of(Effect::new(Intent::Read, 82, "ldap.reads"));
    let parts = text.split(['(', ')', '&', '|']).map(str::trim);
    let mut parts = parts.filter(|part| !part.is_empty()).peekable();
    let is_everybody = |part: &str| {
        let Some((name, value)) = part.split_once('=') else {
            return false;
        };
        let classes = ["person", "user", "inetorgperson", "posixaccount", "*"];
        let is_class = ["objectclass", "objectcategory"]
            .iter()
            .any(|class| name.eq_ignore_ascii_case(class));
        let is_known = classes
            .iter()
            .any(|class| value.eq_ignore_ascii_case(class));
        (is_class && is_known) || (value == "*" && !is_class)
    };
    if parts.peek().is_some() && parts.all(is_everybody) {
        effects.push(Effect::new(
            Intent::Exfiltrative,
            62,
            "ldap.reads_all_people",
        ));
    }
    effects
}
