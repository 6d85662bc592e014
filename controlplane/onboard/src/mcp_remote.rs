//! `npx mcp-remote URL --header ...`: a program that only carries messages to a URL, as the
//! gateway itself does. Such a server is taken for that URL.

/// What the program was told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Remote {
    pub(crate) url: String,
    pub(crate) is_sse: bool,
    pub(crate) headers: Vec<(String, String)>,
}

/// The URL behind the program, if it says nothing that would be lost.
pub(crate) fn remote(
    program: &str,
    arguments: &[String],
    env: &[(String, String)],
) -> Option<Remote> {
    if program.rsplit('/').next() != Some("npx") {
        return None;
    }
    let mut words = arguments.iter().map(String::as_str);
    let is_flag = |word: &&str| ["-y", "--yes"].contains(word);
    let package = words.find(|word| !is_flag(word))?;
    if package.split('@').next() != Some("mcp-remote") {
        return None;
    }
    let url = words.next().filter(|word| word.starts_with("http"))?;
    let mut headers = Vec::new();
    let mut is_sse = url.trim_end_matches('/').ends_with("/sse");
    while let Some(word) = words.next() {
        match word {
            "--header" => {
                let (name, value) = words.next()?.split_once(':')?;
                headers.push((name.trim().to_owned(), put_in(value.trim(), env)?));
            }
            "--transport" => is_sse = words.next()?.starts_with("sse"),
            "--allow-http" | "--debug" => {}
            _ => return None,
        }
    }
    Some(Remote {
        url: url.to_owned(),
        is_sse,
        headers,
    })
}

/// The program puts variables of its environment into headers: `${NAME}`.
fn put_in(value: &str, env: &[(String, String)]) -> Option<String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once("${") {
        let (name, behind) = behind.split_once('}')?;
        let (_, value) = env.iter().find(|(own, _)| own == name)?;
        out.push_str(before);
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<Remote> {
        let words: Vec<String> = line.split('|').map(str::to_owned).collect();
        let env = [("AUTH".to_owned(), "Bearer abc".to_owned())];
        remote("npx", &words, &env)
    }

    #[test]
    fn a_bridge_to_a_url_is_that_url() {
        let found = of("-y|mcp-remote@0.1.3|https://a.example/mcp|--header|Authorization:${AUTH}");
        let headers = vec![("Authorization".to_owned(), "Bearer abc".to_owned())];
        let url = "https://a.example/mcp".to_owned();
        let is_sse = false;
        let expected = Remote {
            url,
            is_sse,
            headers,
        };
        assert_eq!(found, Some(expected));
        let old = of("mcp-remote|https://a.example/mcp|--transport|sse-only");
        assert!(old.is_some_and(|remote| remote.is_sse));
        assert!(of("mcp-remote|https://a.example/mcp").is_some());
    }

    #[test]
    fn what_would_be_lost_keeps_it_a_program() {
        assert_eq!(of("-y|server|https://a.example/mcp"), None);
        assert_eq!(of("mcp-remote|https://a.example/mcp|3334"), None);
        assert_eq!(
            of("mcp-remote|https://a.example/mcp|--header|X: ${NOPE}"),
            None
        );
    }
}
