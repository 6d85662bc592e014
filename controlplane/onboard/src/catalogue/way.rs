//! The ways to have one server: a package that `npx`, `uvx` or `docker` fetches and the gateway
//! starts, or a URL. Ways that the gateway can't go are none.

use super::server::{Argument, Input, Package, Remote, Server};

/// What kind of way it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A package of npm, by `npx`.
    Npm,
    /// A package of PyPI, by `uvx`.
    Pypi,
    /// An image, by `docker`.
    Oci,
    /// It is served somewhere.
    Remote,
}

/// A way to have a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way<'s> {
    /// What kind.
    pub kind: Kind,
    pub(crate) at: At<'s>,
}

/// What a way leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At<'s> {
    Package(&'s Package),
    Remote(&'s Remote),
}

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Argument,
    Variable,
    Header,
    Url,
}

/// The ways to have a server, as its publisher has put them.
#[must_use]
pub fn ways(server: &Server) -> Vec<Way<'_>> {
    let packages = server.packages.iter().filter_map(|package| {
        let kind = match package.registry_type.as_str() {
            "npm" => Kind::Npm,
            "pypi" => Kind::Pypi,
            "oci" | "docker" => Kind::Oci,
            _ => return None,
        };
        let at = At::Package(package);
        (package.transport.kind == "stdio").then_some(Way { kind, at })
    });
    let remotes = server.remotes.iter().map(|remote| Way {
        kind: Kind::Remote,
        at: At::Remote(remote),
    });
    // Those that lead to the same place would be asked for the same.
    let mut ways: Vec<Way<'_>> = Vec::new();
    for way in packages.chain(remotes) {
        if !ways.iter().any(|known| known.kind == way.kind) {
            ways.push(way);
        }
    }
    ways
}

impl Kind {
    /// All of them with their names.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("npm", Self::Npm),
        ("pypi", Self::Pypi),
        ("oci", Self::Oci),
        ("remote", Self::Remote),
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::Oci => "oci",
            Self::Remote => "remote",
        }
    }

    /// The program that fetches and starts it.
    #[must_use]
    pub const fn runner(self) -> Option<&'static str> {
        match self {
            Self::Npm => Some("npx"),
            Self::Pypi => Some("uvx"),
            Self::Oci => Some("docker"),
            Self::Remote => None,
        }
    }
}

impl Way<'_> {
    /// What it leads to: a package with its version, or a URL.
    #[must_use]
    pub fn target(&self) -> String {
        match self.at {
            At::Remote(remote) => remote.url.clone(),
            At::Package(package) => identified(self.kind, package),
        }
    }

    /// Everything that it may be told, with the names by which answers call it. Options that
    /// `docker` is run with are those of the gateway, not of the publisher.
    pub(crate) fn inputs(&self) -> Vec<(Slot, &str, &Input)> {
        let mut inputs = Vec::new();
        match self.at {
            At::Remote(remote) => {
                let of_url = remote.variables.iter();
                inputs.extend(of_url.map(|(name, input)| (Slot::Url, name.as_str(), input)));
                let headers = remote.headers.iter();
                inputs.extend(headers.map(|it| (Slot::Header, it.name.as_str(), &it.input)));
            }
            At::Package(package) => {
                let variables = package.environment_variables.iter();
                inputs.extend(variables.map(|it| (Slot::Variable, it.name.as_str(), &it.input)));
                let runtime: &[Argument] = match self.kind {
                    Kind::Oci => &[],
                    _ => &package.runtime_arguments,
                };
                let arguments = runtime.iter().chain(&package.package_arguments);
                inputs.extend(arguments.map(|it| (Slot::Argument, it.key(), &it.input)));
            }
        }
        inputs
    }
}

/// A package with its version, as its program takes it.
pub(crate) fn identified(kind: Kind, package: &Package) -> String {
    let (name, version) = (&package.identifier, &package.version);
    // A tag or a digest stands behind the last part of an image's name.
    let last = name.rsplit('/').next().unwrap_or_default();
    match kind {
        Kind::Oci if last.contains([':', '@']) || version.is_empty() => name.clone(),
        Kind::Oci => format!("{name}:{version}"),
        _ if version.is_empty() => name.clone(),
        _ => format!("{name}@{version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_with_their_version() {
        let of = |kind, identifier: &str, version: &str| {
            let package = Package {
                identifier: identifier.to_owned(),
                version: version.to_owned(),
                ..Package::default()
            };
            identified(kind, &package)
        };
        assert_eq!(of(Kind::Npm, "@a/b", "1.0.0"), "@a/b@1.0.0");
        assert_eq!(of(Kind::Pypi, "a", ""), "a");
        assert_eq!(of(Kind::Oci, "ghcr.io/a/b", "1"), "ghcr.io/a/b:1");
        assert_eq!(of(Kind::Oci, "host:5000/a", "1"), "host:5000/a:1");
        assert_eq!(of(Kind::Oci, "ghcr.io/a/b:2", "1"), "ghcr.io/a/b:2");
    }
}
