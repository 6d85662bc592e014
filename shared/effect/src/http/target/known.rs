//! Tokens by how they begin, and what is given again as easily as it is taken back.

/// Whether a value begins as tokens of well-known services do.
pub(super) fn is_token(value: &str) -> bool {
    const FRONTS: [&str; 12] = [
        "AIza",
        "sk-",
        "gho_",
        "npm_",
        "sk_test_",
        "AKIA",
        "ghp_",
        "github_pat_",
        "sk_live_",
        "xoxb-",
        "xoxp-",
        "glpat-",
    ];
    // The same in base64.
    const ENCODED: [&str; 6] = [
        "c2tfbGl2ZV8",
        "QUtJQ",
        "Z2hwX",
        "eG94Yi",
        "LS0tLS1CRUdJTi",
        "QUl6Y",
    ];
    let fronts = FRONTS.iter().chain(&ENCODED);
    fronts.copied().any(|front| value.starts_with(front))
}

/// Whether the last step of a path names what is given again in a moment: a vote, a reaction, that
/// somebody watches.
pub(super) fn is_given_again(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next();
    let last = last.unwrap_or_default().to_ascii_lowercase();
    let light = "approve approval vote votes star starred watch watchers watching \
        reaction reactions like likes follow followers pin mute";
    light.split_ascii_whitespace().any(|one| one == last)
}
