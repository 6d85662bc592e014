//! Near misses: what a person probably meant by a name that does not exist.

/// Names this alike (Jaro-Winkler, 0 to 1) are offered; clap uses 0.7 for its own.
const ALIKE: f64 = 0.75;
/// Most names offered.
const OFFERED_MAX: usize = 3;

/// A sentence naming the closest names, or all of a few, or nothing.
pub(crate) fn hint<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut alike: Vec<(f64, &str)> = names
        .iter()
        .map(|name| (strsim::jaro_winkler(wanted, name), *name))
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    let offered: Vec<&str> = alike
        .into_iter()
        .take(OFFERED_MAX)
        .map(|(_, name)| name)
        .collect();
    if !offered.is_empty() {
        format!("; did you mean {}?", offered.join(" or "))
    } else if names.is_empty() {
        "; there is none at all".to_owned()
    } else if names.len() <= 8 {
        format!("; there is {}", names.join(", "))
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_names_are_offered_first() {
        assert_eq!(
            hint("ci-bto", ["ci-bot", "support"]),
            "; did you mean ci-bot?"
        );
    }

    #[test]
    fn without_a_near_miss_a_few_names_are_listed() {
        assert_eq!(
            hint("zzz", ["ci-bot", "support"]),
            "; there is ci-bot, support"
        );
        assert_eq!(hint("zzz", []), "; there is none at all");
    }
}
