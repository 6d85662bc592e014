//! One URI for a resource of one of many servers: `mcp+server+` before the server's own, which is a
//! scheme by RFC 3986, and a literal to a template (RFC 6570).

/// What leads each of them. Schemes begin with a letter, names of servers need not.
const LEAD: &str = "mcp+";

/// The URI by which clients know this one of this server.
pub(crate) fn joined(server: &str, uri: &str) -> String {
    format!("{LEAD}{server}+{uri}")
}

/// Server, and its own URI; `None` when it was never joined.
pub(crate) fn split(uri: &str) -> Option<(&str, &str)> {
    uri.strip_prefix(LEAD)?.split_once('+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_leads_back_to_its_server() {
        for uri in ["file:///a+b", "test://x/{id}", "mcp+crm+x:y", ""] {
            assert_eq!(split(&joined("7-crm", uri)), Some(("7-crm", uri)));
        }
        assert_eq!(split("file:///a+b"), None);
        assert_eq!(split("mcp+crm"), None);
    }
}
