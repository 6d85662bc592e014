//! Pages of a registry over HTTP, one after the other, bounded in size, number and time. Refuses
//! plain HTTP beyond this machine (whoever sits on the way would choose what is started),
//! redirects, and a registry that does not come to an end.

use std::cell::Cell;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, HOST, LOCATION};
use hyper::{Request, Uri};
use tokio::task::LocalSet;
use tokio::time::timeout;
use varistor_onboard::catalogue::{Page, page};
use varistor_origin::{Link, LinkError, Place, connector, looked_up};

use crate::exit::wrong;
use crate::output::plain;

/// Longest wait for one page.
const PAGE: Duration = Duration::from_secs(30);
/// Largest page, in bytes: a hundred servers need some hundred kilobytes.
const PAGE_BYTES_MAX: usize = 8 << 20;
/// Most pages: the official registry has some hundreds.
const PAGES_MAX: usize = 2_000;
/// Most servers that are asked for at once; the official registry gives no more.
const AT_ONCE: u32 = 100;

/// A registry.
pub(super) struct Registry {
    place: Place,
    authority: String,
    /// Path of the list, and what is asked of it always.
    path: String,
    query: String,
    is_near: bool,
    /// Authorities (PEM) to trust instead of the machine's.
    ca: Option<PathBuf>,
}

impl Registry {
    /// Reads a URL: of a registry, or of its list of servers.
    pub(super) fn at(url: &str, ca: Option<PathBuf>) -> anyhow::Result<Self> {
        let refused = |why: &str| {
            let shown = url.rsplit_once('@').map_or(url, |(_, rest)| rest);
            wrong(format!("{}: {why}", plain(shown)))
        };
        let uri: Uri = url.parse().map_err(|_| refused("it is no URL"))?;
        let authority = uri.authority().ok_or_else(|| refused("it names no host"))?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(refused("a registry is reached by https")),
        };
        if host.is_empty() || authority.as_str().contains('@') {
            return Err(refused("it names no host, or a user"));
        }
        let is_near = host.eq_ignore_ascii_case("localhost")
            || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        if !tls && !is_near {
            return Err(refused(
                "plain http, over which anybody on the way chooses what is started; use https",
            ));
        }
        let path = uri.path().trim_end_matches('/');
        let path = match path.ends_with("/servers") {
            true => path.to_owned(),
            false => format!("{path}/v0/servers"),
        };
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let own = uri
            .query()
            .map(|query| format!("{query}&"))
            .unwrap_or_default();
        Ok(Self {
            place: Place { host, port, tls },
            authority: authority.as_str().to_owned(),
            path,
            query: format!("{own}version=latest&limit={AT_ONCE}"),
            is_near,
            ca,
        })
    }

    /// All of its pages; `seen` is told after each how many servers there are.
    pub(super) fn pages(&self, seen: &mut dyn FnMut(usize)) -> anyhow::Result<Page> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime can't be started")?;
        LocalSet::new().block_on(&runtime, self.all(seen))
    }

    async fn all(&self, seen: &mut dyn FnMut(usize)) -> anyhow::Result<Page> {
        let link = self.link();
        let mut all = Page::default();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let bytes = timeout(PAGE, self.one(&link, cursor.as_deref())).await;
            let bytes = bytes.context("the registry is silent for too long")??;
            let page = page(&bytes).map_err(|error| anyhow::anyhow!("the registry: {error}"))?;
            all.servers.extend(page.servers);
            all.faulty.extend(page.faulty);
            seen(all.servers.len());
            match page.next {
                None => return Ok(all),
                next if next == cursor => anyhow::bail!("the registry repeats a page"),
                next => cursor = next,
            }
        }
        anyhow::bail!("the registry has more than {PAGES_MAX} pages")
    }

    async fn one(&self, link: &Link, cursor: Option<&str>) -> anyhow::Result<Vec<u8>> {
        let cursor = cursor.map(|it| format!("&cursor={}", encoded(it)));
        let target = format!("{}?{}{}", self.path, self.query, cursor.unwrap_or_default());
        let request = Request::get(target)
            .header(HOST, &self.authority)
            .header(ACCEPT, "application/json")
            .body(Full::new(Bytes::new()))
            .context("the question can't be put")?;
        let sent = Cell::new(false);
        let mut reply = match link.send(request, &sent).await {
            Ok(reply) => reply,
            Err(LinkError::Absent(why) | LinkError::Unfit(why) | LinkError::Broken(why)) => {
                anyhow::bail!("{}: {}", self.authority, plain(&why));
            }
        };
        if reply.status() != 200 {
            let location = reply
                .headers()
                .get(LOCATION)
                .and_then(|it| it.to_str().ok());
            let more =
                location.map(|to| format!(" (to {}; redirects are not followed)", plain(to)));
            let (status, path) = (reply.status(), plain(&self.path));
            anyhow::bail!(
                "{}{path} answers {status}{}",
                self.authority,
                more.unwrap_or_default()
            );
        }
        let mut bytes = Vec::new();
        while let Some(part) = reply.next().await {
            let part = part.map_err(|why| anyhow::anyhow!("{}: {why}", self.authority))?;
            anyhow::ensure!(
                bytes.len().saturating_add(part.len()) <= PAGE_BYTES_MAX,
                "the registry's page is larger than {} MiB",
                PAGE_BYTES_MAX >> 20
            );
            bytes.extend_from_slice(&part);
        }
        link.keep(reply);
        Ok(bytes)
    }

    fn link(&self) -> Link {
        let is_near = self.is_near;
        let resolve = looked_up(move |ip| !is_near || ip.is_loopback());
        let ca = self.ca.clone();
        let trust = move || connector(ca.as_deref());
        Link::new(self.place.clone(), resolve, Box::new(trust))
    }
}

/// Percent signs for everything that means something in a query (RFC 3986 section 2.3).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> anyhow::Result<Registry> {
        Registry::at(url, None)
    }

    #[test]
    fn a_registry_is_found_by_its_url_or_that_of_its_list() {
        let paths = [
            ("https://registry.example", "/v0/servers"),
            ("https://registry.example/", "/v0/servers"),
            ("https://registry.example/mirror/", "/mirror/v0/servers"),
            ("https://registry.example/v0.1/servers?x=1", "/v0.1/servers"),
            ("http://127.0.0.1:8080", "/v0/servers"),
        ];
        for (url, path) in paths {
            assert_eq!(at(url).unwrap().path, path, "{url}");
        }
        let query = at("https://a.example/servers?x=1").unwrap().query;
        assert_eq!(query, "x=1&version=latest&limit=100");
        assert_eq!(encoded("a/b:c d"), "a%2Fb%3Ac%20d");
    }

    #[test]
    fn other_schemes_plain_http_and_users_are_refused() {
        for url in [
            "file:///etc/passwd",
            "ftp://a.example/",
            "http://registry.example/",
            "http://127.0.0.1.example/",
            "https://me:secret@registry.example/",
            "registry.example",
        ] {
            let refused = at(url).err().unwrap().to_string();
            assert!(!refused.contains("secret"), "{refused}");
        }
    }
}
