//! Calls that speak to the net or give away credentials.

use varistor_model::Intent;

use super::acts;
use super::arguments::Arguments;
use super::calls::Judge;
use super::tokens::Token;
use crate::{HttpRequest, Language, http, words};

impl Judge<'_> {
    pub(super) fn request(&mut self, method: &str, arguments: &Arguments<'_, '_>) {
        let stated = option(arguments.tokens, &["method", "type"]);
        let has_body = has_option(
            arguments.tokens,
            &["body", "data", "json", "files", "content", "form"],
        );
        let mut texts = arguments.tokens.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let url = arguments
            .first
            .as_deref()
            .filter(|first| first.contains("://") || first.starts_with('/'))
            .or_else(|| texts.find(|text| text.contains("://")))
            .unwrap_or_default();
        let is_second = arguments.tokens.contains(&Token::Sign(b','));
        let method = match method {
            "" => stated.unwrap_or(if has_body && self.language == Language::Python {
                "POST"
            } else {
                "GET"
            }),
            method => method,
        };
        let request = HttpRequest {
            method,
            url,
            headers: &[],
            has_body: has_body || (is_second && matches!(method, "POST" | "PUT")),
            body: None,
        };
        self.effects.extend(&http(&request, self.outside));
        let host = http::host(url).unwrap_or_default();
        let is_foreign = !host.is_empty() && self.outside.is_foreign_host(host);
        // What was read is joined to the query: `get('https://host/?q=' + text)`.
        let reads = self.effects.iter().any(|one| one.evidence == "path.read");
        if is_foreign && reads && arguments.is_joined && url.ends_with('=') {
            self.find(Intent::Exfiltrative, 68, "script.sends_file_in_query");
        }
        if !host.is_empty() && self.outside.is_foreign_host(host) && tells_secret(arguments.tokens)
        {
            self.find(Intent::Exfiltrative, 85, "script.sends_secret");
        }
    }

    /// A connection of its own: what goes over it is not known.
    pub(super) fn connects(&mut self, arguments: &Arguments<'_, '_>) {
        let host = arguments.tokens.iter().find_map(|token| match token {
            Token::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let host = host.or(arguments.first.as_deref()).unwrap_or_default();
        let host = http::host(host).unwrap_or_default();
        if host.contains('.') && self.outside.is_foreign_host(host) {
            self.find(Intent::Exfiltrative, 65, "script.opens_connection");
        } else if !arguments.is_empty {
            self.find(Intent::Write, 45, "script.opens_connection_inside");
        }
    }

    pub(super) fn reveal(&mut self, first: Option<&str>, percent: u8) {
        let is_secret = first.is_some_and(words::is_secret_variable);
        // In a browser a stored value is shown to whoever asked; elsewhere it is used.
        let in_browser = self.language == Language::JavaScript || self.is_printed;
        match is_secret && in_browser {
            true => self.find(Intent::Exfiltrative, 65, "script.reads_secret"),
            false => self.find(Intent::Read, percent, "script.reads_variable"),
        }
    }
}

/// The literal behind `name:` or `name=`.
fn option<'t>(tokens: &'t [Token<'_>], names: &[&str]) -> Option<&'t str> {
    tokens.windows(3).find_map(|window| match window {
        [
            Token::Word(name),
            Token::Sign(b':' | b'='),
            Token::Text(text),
        ] if names.contains(name) => Some(text.as_str()),
        [Token::Text(name), Token::Sign(b':'), Token::Text(text)]
            if names.contains(&name.as_str()) =>
        {
            Some(text.as_str())
        }
        _ => None,
    })
}

fn has_option(tokens: &[Token<'_>], names: &[&str]) -> bool {
    tokens.windows(2).any(|window| match window {
        [Token::Word(name), Token::Sign(b':' | b'=')] => names.contains(name),
        [Token::Text(name), Token::Sign(b':')] => names.contains(&name.as_str()),
        _ => false,
    })
}

/// Whether arguments hold something that is a credential by its name.
fn tells_secret(tokens: &[Token<'_>]) -> bool {
    tokens.iter().any(|token| match token {
        Token::Word(name) => {
            let (_, last) = acts::split_last(name);
            name.contains("cookie")
                || name.contains("environ")
                || name.starts_with("localStorage")
                || name.starts_with("sessionStorage")
                || matches!(last, "innerText" | "outerHTML")
        }
        _ => false,
    })
}
