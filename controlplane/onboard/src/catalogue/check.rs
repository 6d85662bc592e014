//! The rules of the official schema (2025-12-11) for what is read of a `server.json`, and what a
//! name of a package may be so that no program takes it for an option or an address.

use super::server::{Argument, Input, Package, Remote, Server};

/// Longest name, title and description, in characters.
const NAME_MAX: usize = 200;
const TITLE_MAX: usize = 100;
const DESCRIPTION_MAX: usize = 100;
const VERSION_MAX: usize = 255;
/// Most packages, remotes, arguments and variables of one: more is no description of a server.
const LIST_MAX: usize = 256;
const FORMATS: [&str; 5] = ["", "string", "number", "boolean", "filepath"];

/// What breaks the schema, each in a sentence.
#[must_use]
pub fn faults(server: &Server) -> Vec<String> {
    let mut faults = Vec::new();
    let mut hold = |is_good: bool, fault: String| {
        if !is_good {
            faults.push(fault);
        }
    };
    let name = server.name.split_once('/');
    let is_part = |part: &str, more: &str| {
        let good = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c) || more.contains(c);
        !part.is_empty() && part.chars().all(good)
    };
    let is_name = name.is_some_and(|(space, name)| is_part(space, "") && is_part(name, "_"));
    hold(
        is_name && server.name.len() <= NAME_MAX,
        "its name is none of the form `io.github.owner/name`".to_owned(),
    );
    let length = server.description.chars().count();
    hold(
        (1..=DESCRIPTION_MAX).contains(&length),
        format!("its description has {length} characters, not 1 to {DESCRIPTION_MAX}"),
    );
    let length = server.title.chars().count();
    hold(
        length <= TITLE_MAX,
        format!("its title has {length} characters"),
    );
    hold(
        is_version(&server.version),
        format!("its version {:?} is none", short(&server.version)),
    );
    let lists = [server.packages.len(), server.remotes.len()];
    hold(
        lists.iter().all(|length| *length <= LIST_MAX),
        "it has too many packages or remotes".to_owned(),
    );
    faults.extend(server.packages.iter().flat_map(of_package));
    faults.extend(server.remotes.iter().flat_map(of_remote));
    faults
}

fn of_package(package: &Package) -> Vec<String> {
    let mut faults = Vec::new();
    let shown = short(&package.identifier);
    if package.registry_type.is_empty() || package.identifier.is_empty() {
        faults.push("a package has no registryType or no identifier".to_owned());
    }
    if !package.version.is_empty() && !is_version(&package.version) {
        faults.push(format!("the version of the package {shown} is none"));
    }
    let is_ours = ["npm", "pypi", "oci", "docker"].contains(&package.registry_type.as_str());
    if is_ours && !is_identifier(package) {
        faults.push(format!("{shown:?} is no name of a package"));
    }
    let kinds = ["stdio", "streamable-http", "sse"];
    if !kinds.contains(&package.transport.kind.as_str()) {
        faults.push(format!("the package {shown} has no known transport"));
    }
    let arguments = || {
        package
            .runtime_arguments
            .iter()
            .chain(&package.package_arguments)
    };
    let variables = &package.environment_variables;
    if arguments().count() > LIST_MAX || variables.len() > LIST_MAX {
        faults.push(format!(
            "the package {shown} has too many arguments or variables"
        ));
    }
    faults.extend(arguments().flat_map(of_argument));
    for pair in variables {
        faults.extend(of_input(&pair.name, &pair.input));
    }
    faults
}

fn of_remote(remote: &Remote) -> Vec<String> {
    let mut faults = Vec::new();
    let shown = short(&remote.url);
    if !["streamable-http", "sse"].contains(&remote.kind.as_str()) {
        faults.push(format!("the remote {shown} has no known transport"));
    }
    let is_url = remote.url.starts_with("https://") || remote.url.starts_with("http://");
    if !is_url
        || remote
            .url
            .chars()
            .any(|c| c.is_whitespace() || c.is_control())
    {
        faults.push(format!("{shown:?} is no URL of http or https"));
    }
    for pair in &remote.headers {
        faults.extend(of_input(&pair.name, &pair.input));
    }
    for (name, input) in &remote.variables {
        faults.extend(of_input(name, input));
    }
    faults
}

fn of_argument(argument: &Argument) -> Vec<String> {
    let is_good = match argument.kind.as_str() {
        "named" => argument.name.starts_with('-'),
        "positional" => argument.input.value.is_some() || !argument.value_hint.is_empty(),
        _ => false,
    };
    let mut faults = of_input(argument.key(), &argument.input);
    if !is_good {
        let shown = short(argument.key());
        faults.push(format!(
            "the argument {shown:?} is neither named nor positional"
        ));
    }
    faults
}

fn of_input(name: &str, input: &Input) -> Vec<String> {
    let mut faults = Vec::new();
    let shown = short(name);
    if !FORMATS.contains(&input.format.as_str()) {
        faults.push(format!("{shown:?} has an unknown format"));
    }
    let texts = [&input.value, &input.default];
    let mut texts = texts.into_iter().flatten().chain(&input.choices);
    if name
        .chars()
        .chain(input.description.chars())
        .any(char::is_control)
        || texts.any(|text| text.chars().any(char::is_control))
    {
        faults.push(format!("{shown:?} has control characters"));
    }
    for (name, input) in &input.variables {
        faults.extend(of_input(name, input));
    }
    faults
}

/// A version, no range of versions and no tag that moves.
fn is_version(text: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    let is_range = text == "latest" || text.split('.').any(|part| part == "x" || part == "*");
    (1..=VERSION_MAX).contains(&text.len())
        && text.chars().all(good)
        && !text.starts_with('-')
        && !is_range
}

/// A name, where `npx`, `uvx` and `docker` would take options, folders and addresses, too.
fn is_identifier(package: &Package) -> bool {
    let of = |text: &str, more: &str| {
        let good = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(good)
    };
    let text = package.identifier.as_str();
    match package.registry_type.as_str() {
        "npm" => match text.strip_prefix('@').map(|text| text.split_once('/')) {
            None => of(text, "-._~"),
            Some(scoped) => scoped.is_some_and(|(one, two)| of(one, "-._~") && of(two, "-._~")),
        },
        "pypi" => of(text, "-._"),
        _ => of(text, "-._/:@") && !text.contains("//"),
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(registry: &str, identifier: &str) -> Package {
        Package {
            registry_type: registry.to_owned(),
            identifier: identifier.to_owned(),
            ..Package::default()
        }
    }

    #[test]
    fn what_a_fetching_program_could_take_for_something_else_is_no_package() {
        let good = [
            ("npm", "@playwright/mcp"),
            ("npm", "mcp-remote"),
            ("pypi", "awslabs.aws-documentation-mcp-server"),
            ("oci", "ghcr.io/github/github-mcp-server:v0.10.0"),
            ("oci", "docker.io/a/b@sha256:00ff"),
        ];
        for (registry, identifier) in good {
            assert!(
                is_identifier(&package(registry, identifier)),
                "{identifier}"
            );
        }
        let bad = [
            ("npm", "--call=sh"),
            ("npm", "github:evil/x"),
            ("npm", "https://evil.example/x.tgz"),
            ("npm", "../x"),
            ("npm", "@x"),
            ("pypi", "git+https://evil.example/x"),
            ("pypi", "-e"),
            ("oci", "-v"),
            ("oci", "--privileged"),
            ("oci", "https://evil.example/x"),
        ];
        for (registry, identifier) in bad {
            assert!(
                !is_identifier(&package(registry, identifier)),
                "{identifier}"
            );
        }
    }

    #[test]
    fn versions_are_no_ranges() {
        for good in ["1.0.0", "2026.8.31", "v0.10.0", "1.0.0-beta.1", "0.0.1a8"] {
            assert!(is_version(good), "{good}");
        }
        for bad in ["", "latest", "^1.2.3", "1.x", "1.*", ">=1", "-1", "1 2"] {
            assert!(!is_version(bad), "{bad}");
        }
    }
}
