//! Who is at the keyboard, for records of decisions. It is a word, not a proof: who may open the
//! admin socket may decide, and its user is recorded by the gateway.

/// The name that was given, else that of the user, else the user's number: containers often name
/// nobody.
pub(crate) fn name(given: Option<&str>) -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .filter_map(std::env::var_os)
        .filter_map(|name| name.into_string().ok())
        .find(|name| !name.is_empty());
    let named = given.map(str::to_owned).or(user);
    named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}
