//! Tells the language of a text by its first words and the signs behind them.

use super::words::{self, Word};
use crate::shell;

/// A language that a text may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// SQL of any dialect.
    Sql,
    /// Cypher.
    Cypher,
    /// AQL.
    Aql,
    /// Gremlin.
    Gremlin,
    /// Steps behind pipes: Kusto, Splunk, Flux.
    Piped,
    /// SPARQL.
    Sparql,
    /// A filter of LDAP.
    Ldap,
    /// GraphQL.
    Graphql,
    /// Commands and pipelines of MongoDB.
    Mongo,
    /// A command line.
    Shell,
    /// PowerShell.
    PowerShell,
    /// A script in some other language.
    Script,
}

/// Bytes in which a language has to show itself.
const BYTES_MAX: usize = 1024;
/// Words that are looked at.
const WORDS_MAX: usize = 48;

/// The language that this text looks like; `None` for prose, names and values.
#[must_use]
pub fn tongue(text: &str) -> Option<Tongue> {
    let text = behind_comments(front(text));
    let told = text.strip_prefix('\\').unwrap_or_default();
    if begins(told, "copy") || told.starts_with(['d', 'l', 'z']) {
        return Some(Tongue::Sql);
    }
    if text.starts_with(['{', '[']) {
        return of_object(text);
    }
    let mut words = words::bare(text).take(WORDS_MAX);
    let first = words.next()?;
    let second = words.next();
    match text.bytes().next()? {
        b'.' if first.before == b'.' && first.is_in(CONTROL) => return Some(Tongue::Piped),
        b'(' if text.contains('=') && text.ends_with(')') => return of_filter(text),
        _ => {}
    }
    if first.is_in("import from const let var def function class require async local") {
        let found = of_query(text, &first, second.as_ref());
        if found.is_none() && is_script(text) {
            return Some(Tongue::Script);
        }
    }
    let found = of_query(text, &first, second.as_ref());
    found
        .or_else(|| of_sql(text, &first))
        .or_else(|| of_command(text, &first))
        .or_else(|| is_script(text).then_some(Tongue::Script))
}

/// The first bytes of a text.
fn front(text: &str) -> &str {
    let text = text.trim();
    let mut end = text.len().min(BYTES_MAX);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// What stands behind the comments in front.
fn behind_comments(text: &str) -> &str {
    let mut rest = text.trim_start_matches([';', '(']).trim_start();
    if !text.starts_with('(') {
        rest = text.trim_start_matches(';').trim_start();
    } else if !["select", "with"].iter().any(|word| begins(rest, word)) {
        rest = text;
    }
    loop {
        let behind = if rest.starts_with("--") || rest.starts_with("//") {
            rest.split_once('\n').map(|(_, behind)| behind)
        } else if rest.starts_with("/*") {
            rest.split_once("*/").map(|(_, behind)| behind)
        } else {
            None
        };
        match behind {
            Some(behind) => rest = behind.trim_start(),
            None => return rest,
        }
    }
}

fn begins(text: &str, word: &str) -> bool {
    let is_same = |front: &str| front.eq_ignore_ascii_case(word);
    let is_end = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'_';
    text.get(..word.len()).is_some_and(is_same)
        && text.as_bytes().get(word.len()).is_none_or(is_end)
}

/// A text that begins with a brace or a bracket.
fn of_object(text: &str) -> Option<Tongue> {
    let inside = text.trim_start_matches(['{', '[', ' ', '\n', '\t', '\r']);
    let is_quoted = inside.starts_with(['"', '\'']);
    let key = inside.trim_start_matches(['"', '\'']);
    let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let length = key.bytes().take_while(is_key).count();
    let name = key.get(..length)?;
    let behind = key
        .get(length..)?
        .trim_start_matches(['"', '\''])
        .trim_start();
    if behind.starts_with(':') {
        let mut keys = words::all(text).take(WORDS_MAX);
        let is_step = name.starts_with('$')
            || crate::stores::is_mongo_command(name)
            || keys.any(|word| word.before == b'"' && word.is_in(COMMANDS));
        return is_step.then_some(Tongue::Mongo);
    }
    let is_field = text.starts_with('{') && !is_quoted && !name.is_empty();
    (is_field && behind.starts_with(['{', '(']) && text.matches('{').nth(1).is_some())
        .then_some(Tongue::Graphql)
}

/// Commands of MongoDB that are no words of other objects.
const COMMANDS: &str = "aggregate findAndModify deleteMany createIndexes dropIndexes dropDatabase \
    listCollections find insert delete";

fn of_filter(text: &str) -> Option<Tongue> {
    let inside = text.trim_start_matches(['(', '&', '|', '!', ' ']);
    let name = inside.split(['=', '~', '<', '>']).next()?;
    let is_name = !name.is_empty()
        && name.len() < 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_call = text.contains(['"', ';', '{']) || text.contains("==");
    (is_name && !is_call).then_some(Tongue::Ldap)
}

/// Languages of queries other than SQL.
fn of_query(text: &str, first: &Word<'_>, second: Option<&Word<'_>>) -> Option<Tongue> {
    let follows = |wanted: &[&str]| second.is_some_and(|second| second.is_one_of(wanted));
    let rest = text.get(first.end..).unwrap_or_default().trim_start();
    let has = |wanted: &str| {
        words::bare(text)
            .take(WORDS_MAX)
            .any(|word| word.is(wanted))
    };
    if first.is("g") && rest.starts_with('.') {
        let is_step = [
            "V", "E", "addV", "addE", "with", "inject", "io", "mergeV", "tx",
        ];
        return follows(&is_step).then_some(Tongue::Gremlin);
    }
    if first.is_one_of(&["db", "rs", "sh"]) && rest.starts_with('.') && text.contains('(') {
        return Some(Tongue::Mongo);
    }
    if first.is("from") && rest.starts_with('(') && text.contains("|>") {
        return Some(Tongue::Piped);
    }
    if first.is_one_of(&["query", "mutation", "subscription", "fragment"]) && rest.contains('{') {
        return Some(Tongue::Graphql);
    }
    if first.is("for") && has("in") {
        let ends = ["return", "remove", "insert", "update", "replace", "upsert"];
        return ends.iter().any(|end| has(end)).then_some(Tongue::Aql);
    }
    let is_pattern = rest.starts_with('(') || rest.starts_with("p=") || rest.contains("=(");
    let is_graph = match () {
        () if first.is("match") => is_pattern || rest.contains("= ("),
        () if first.is_one_of(&["create", "merge"]) => {
            rest.starts_with('(') && (rest.contains(':') || rest.len() < 8)
        }
        () if first.is("optional") => follows(&["match"]),
        () if first.is("detach") => follows(&["delete"]),
        () if first.is("load") => follows(&["csv"]),
        () if first.is("unwind") => has("as"),
        () if first.is("call") => {
            rest.starts_with('{') || follows(&["db", "apoc", "dbms", "gds", "algo", "mg"])
        }
        () if first.is("with") => rest.contains("MATCH (") || rest.contains("match ("),
        () if first.is_one_of(&["explain", "profile"]) => follows(&["match"]),
        () if first.is("drop") => false,
        () => false,
    };
    if is_graph {
        return Some(Tongue::Cypher);
    }
    let is_triple = match () {
        () if first.is("prefix") => rest.contains(":") && rest.contains('<'),
        () if first.is("base") => rest.starts_with('<'),
        () if first.is("select") => {
            rest.starts_with(['?']) || (rest.contains("?") && rest.contains('{'))
        }
        () if first.is_one_of(&["ask", "construct"]) => rest.contains('{') && rest.contains('?'),
        () if first.is_one_of(&["insert", "delete"]) => {
            rest.starts_with('{') || (follows(&["data", "where"]) && rest.contains('{'))
        }
        () if first.is_one_of(&["clear", "drop"]) => {
            follows(&["graph", "default", "named", "silent"]) && !rest.contains(';')
        }
        () => false,
    };
    if is_triple {
        return Some(Tongue::Sparql);
    }
    of_pipe(text, first, rest)
}

/// `Table | where ..`, `index=main .. | stats ..`.
fn of_pipe(text: &str, first: &Word<'_>, rest: &str) -> Option<Tongue> {
    if first.is_one_of(&["index", "sourcetype"]) && rest.starts_with('=') {
        return Some(Tongue::Piped);
    }
    let mut steps = words::bare(text)
        .take(WORDS_MAX)
        .filter(|word| word.before == b'|');
    let is_let = first.is("let") && rest.contains('=') && rest.contains(';');
    let is_table = first.before == 0 || first.before == b'|';
    ((is_table || is_let) && steps.any(|step| step.is_in(STEPS))).then_some(Tongue::Piped)
}

/// Steps that no program for command lines is named like.
const STEPS: &str = "where summarize project extend take limit mv stats eval timechart \
         tstats outputlookup \
    collect inputlookup render getschema lookup fields rex sendemail distinct evaluate table \
    rename transaction delete";

/// Words behind a full stop that command Kusto.
const CONTROL: &str = "dump schema tables databases indexes restore import show drop create \
         alter set append ingest delete purge clear export move rename replace \
    add remove cancel enable disable execute attach detach undo";

fn of_sql(text: &str, first: &Word<'_>) -> Option<Tongue> {
    if !first.is_in(LEADING) || first.after == b':' || first.after == b'=' {
        return None;
    }
    let rest = text.get(first.end..).unwrap_or_default();
    let is_alone = rest.trim().is_empty() || rest.trim() == ";";
    let is_shout = first.text.bytes().all(|byte| byte.is_ascii_uppercase());
    let mut behind = words::bare(rest).take(WORDS_MAX);
    let fits = match () {
        () if is_alone => first.is_one_of(&["vacuum", "commit", "checkpoint", "rollback"]),
        () if first.is("select") => {
            let is_value = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'@' | b'\'');
            let at = rest.trim_start().bytes().next();
            at.is_some_and(is_value)
                || rest.contains('(')
                || is_shout
                || behind.any(|word| word.is("from"))
        }
        () if first.is("evaluate") => is_shout,
        () if is_shout => behind.next().is_some(),
        () => behind.take(6).any(|word| word.is_in(FOLLOWING)),
    };
    fits.then_some(Tongue::Sql)
}

/// Words that a statement of SQL begins with.
const LEADING: &str = "remove select with insert update delete drop alter create truncate \
         grant revoke deny copy merge \
    replace upsert call exec execute declare begin set use explain describe show vacuum \
    pragma unload export backup restore load attach detach kill dbcc purge optimize \
    flashback analyze commit rollback checkpoint shutdown if bulk msck refresh undrop \
    evaluate rename put list comment reindex start";

/// Words that stand early in a statement of SQL.
const FOLLOWING: &str = "from into table set where database schema index view on to values \
         user role as tables \
    databases procedure function column transaction full partition collection keyspace \
    measurement nocount trigger policy warehouse stage login grants columns indexes";

/// A line for a shell that begins with a program.
fn of_command(text: &str, first: &Word<'_>) -> Option<Tongue> {
    let line = text.strip_prefix("sudo ").unwrap_or(text).trim_start();
    let line = line.strip_prefix("#!").map_or(line, |_| "sh -");
    let end = line.find(|letter: char| letter.is_whitespace() || matches!(letter, ';' | '|'));
    let (program, rest) = line.split_at_checked(end.unwrap_or(line.len()))?;
    if let Some((verb, noun)) = program.split_once('-')
        && verb.starts_with(|letter: char| letter.is_ascii_uppercase())
        && noun.starts_with(|letter: char| letter.is_ascii_uppercase())
        && words::is_listed(CMDLETS, verb)
    {
        return Some(Tongue::PowerShell);
    }
    let name = program.rsplit('/').next().unwrap_or(program);
    if is_of_metrics(text) {
        return None;
    }
    let is_path = program.starts_with('/') || program.starts_with("./");
    if rest.is_empty() && program.contains('/') && !is_path {
        return None;
    }
    if !(shell::is_program(name) || (is_path && shell::is_program(name))) || first.after == b'(' {
        return None;
    }
    let signs = [" -", "/", "|", "&&", "; ", ">", "$", " --", "*"];
    let has_sign = signs.iter().any(|sign| rest.contains(sign));
    let is_word = words::is_listed(PLAIN, name);
    let is_short = rest.split_ascii_whitespace().take(6).count() < 6;
    let is_small = name.bytes().all(|byte| !byte.is_ascii_uppercase());
    (is_small && (has_sign || (!is_word && is_short))).then_some(Tongue::Shell)
}

/// Whether a text selects metrics or logs: `rate(x[5m])`, `sum by (pod) (..)`.
fn is_of_metrics(text: &str) -> bool {
    let is_span = |inside: &str| {
        let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
        let unit = inside.as_bytes().get(digits..).unwrap_or_default();
        digits > 0 && matches!(unit, [b's' | b'm' | b'h' | b'd' | b'w', b']', ..])
    };
    text.split('[').skip(1).any(is_span) || text.contains(" by (")
}

/// Verbs that commands of PowerShell begin with.
const CMDLETS: &str = "get set new remove add clear stop start restart invoke out copy move \
         rename test import \
    export select write disable enable send update install uninstall reset format convertto \
    search measure";

/// Programs whose names are words of everyday language.
const PLAIN: &str = "sum find cat make test which time watch install sort cut date who go \
         at sleep kill host head \
    tail more less split join file top look mail write set export source history command \
    service fold yes true false last link help locate tree touch node type dig free screen \
    cancel batch trap eval exec read echo convert import compare open say start update paste \
    code";

/// Whether this is code of a general language: calls, assignments, or words that define.
fn is_script(text: &str) -> bool {
    let mut before = "";
    let mut is_called = false;
    let mut is_given = false;
    for word in words::bare(text).take(WORDS_MAX) {
        let is_joined = text.as_bytes().get(word.end) == Some(&b'(');
        let is_head = word.is_one_of(&["print", "require", "eval", "exec", "open"]);
        is_called |= is_joined && (word.before == b'.' || is_head || before.is_empty());
        is_given |= word.before != b'=' && word.after == b'=' && !before.is_empty();
        let defines = matches!(
            before,
            "const" | "let" | "var" | "def" | "import" | "function"
        );
        if defines && matches!(word.after, b'=' | b'(' | b'{' | b'\n' | b';' | b'.' | b',') {
            return true;
        }
        if matches!((before, word.after), ("import", b'i' | b'f' | b'o')) {
            return true;
        }
        before = word.text;
    }
    is_called || (is_given && text.contains(';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_of_the_language_that_it_looks_like() {
        use Tongue::{
            Cypher, Graphql, Gremlin, Ldap, Mongo, Piped, PowerShell, Script, Shell, Sparql, Sql,
        };
        for (text, expected) in [
            ("SELECT 1", Some(Sql)),
            ("-- a note\nselect a from b", Some(Sql)),
            ("SET NOCOUNT ON; DECLARE @x int", Some(Sql)),
            ("(SELECT a FROM b) UNION (SELECT 1)", Some(Sql)),
            ("MATCH (n:Person) RETURN n", Some(Cypher)),
            ("MERGE (a:City {name: 'Ulm'})", Some(Cypher)),
            ("CALL db.labels()", Some(Cypher)),
            ("g.V().count()", Some(Gremlin)),
            (".show tables", Some(Piped)),
            ("Events | where x > 1 | take 5", Some(Piped)),
            ("index=web 500 | stats count by host", Some(Piped)),
            ("from(bucket: \"b\") |> range(start: -1h)", Some(Piped)),
            ("SELECT ?s WHERE { ?s ?p ?o } LIMIT 5", Some(Sparql)),
            ("PREFIX f: <http://x/> ASK { ?a f:b ?c }", Some(Sparql)),
            ("(&(objectClass=user)(cn=b*))", Some(Ldap)),
            ("{ shop { name } }", Some(Graphql)),
            ("mutation { a(id: 1) { id } }", Some(Graphql)),
            ("{\"find\": \"a\"}", Some(Mongo)),
            ("[{\"$match\": {}}]", Some(Mongo)),
            ("db.a.find({})", Some(Mongo)),
            ("ls -la /srv", Some(Shell)),
            ("kubectl get pods", Some(Shell)),
            ("sudo systemctl restart nginx", Some(Shell)),
            ("Get-Process | Sort-Object CPU", Some(PowerShell)),
            ("const a = [1]; console.log(a)", Some(Script)),
            ("import os\nprint(os.getcwd())", Some(Script)),
            ("select a nice present for her", None),
            ("find the customer who called", None),
            ("Please delete the old files from the table", None),
            ("make it so", None),
            ("{\"name\": \"x\"}", None),
            ("hello", None),
            ("db01", None),
            ("", None),
        ] {
            assert_eq!(tongue(text), expected, "{text}");
        }
    }
}
