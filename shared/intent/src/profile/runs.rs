//! Whether a tool runs what it is given, as its name and the front of its description tell.

use super::programs::PROGRAMS;
use crate::definition::Definition;
use crate::lexicon::Verb;
use crate::table::{Table, hash};
use crate::words;

/// What is told of what a tool runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Runs {
    /// Something that it is given is run.
    pub(super) code: bool,
    /// The name tells nothing else.
    pub(super) alone: bool,
    /// What it is given only selects.
    pub(super) only_selects: bool,
    /// The name has no verb that tells what is done.
    pub(super) is_open_name: bool,
    /// Code is only looked at.
    pub(super) only_looks: bool,
}

/// Words in the names of tools that run what they are given, and languages that only select.
static RUNNING: Table<512> = Table::of(&[
    (
        1,
        "exec execute executor run runs runner query queries eval evaluate cmd command commands \
         console shell sql cli repl script scripts invoke terminal statement statements stmt bash \
         sh zsh powershell pwsh raw adhoc batch call do tsql plsql psql pgsql postgres postgresql \
         pg mysql mariadb sqlite oracle ora mssql sqlserver mongo mongodb mongosh redis valkey \
         cassandra cql scylla neo4j cypher memgraph gremlin janusgraph neptune graph graphdb \
         kusto kql adx influx influxdb influxql flux snowflake bigquery bq redshift athena presto \
         trino hive impala clickhouse duckdb databricks spark sparksql dynamo dynamodb partiql \
         cosmos cosmosdb couchbase n1ql arangodb aql surrealdb surrealql sparql soql sosl \
         dax ldap ldapsearch \
         js javascript node nodejs python python3 py ruby php perl lua ssh remote graphql gql hql \
         ksql db database warehouse dwh lake interpreter sandbox code jshell deno bun process \
         subprocess spawn ps eventhouse teradata vertica sap hana db2 informix firebird",
    ),
    (
        2,
        "promql logql lucene jq xpath jsonpath jmespath regex regexp jql xquery yq \
         traceql metricsql nrql datalog",
    ),
]);

/// Words that begin a description of what is run.
static EXECUTING: Table<32> = Table::of(&[(
    1,
    "run runs execute executes evaluate evaluates eval perform performs issue issues",
)]);

/// Verbs of names that only look for something.
static SEARCHING: Table<16> = Table::of(&[(1, "search find list lookup browse")]);

/// Verbs that hand over what is to be run.
static SUBMITTING: Table<32> = Table::of(&[(
    1,
    "submit send issue post dispatch type enter apply query evaluate",
)]);

/// Languages and databases whose name in a description tells what is run.
static TONGUES: Table<128> = Table::of(&[(
    1,
    "sql tsql plsql cypher gremlin kql kusto sparql spl promql logql flux influxql cql partiql \
     soql graphql javascript python ruby perl php powershell bash redis valkey mongodb neo4j \
     clickhouse snowflake bigquery redshift postgres postgresql mysql oracle sqlite ldap splunk \
     shell terminal console tmux pty tty repl",
)]);

/// What is told of code without running it.
static ABOUT_CODE: Table<32> = Table::of(&[(
    1,
    "explain plan lint validate estimate format preview highlight beautify",
)]);

/// Bytes of a description whose words are looked at.
const FRONT: usize = 120;

/// Whether one of the words of a text is in a table.
fn names<const N: usize>(table: &Table<N>, text: &str) -> bool {
    words::of_name(text.as_bytes()).any(|word| table.find(word.hash) != 0)
}

impl Runs {
    /// What a definition tells whose name has this verb.
    pub(super) fn of(definition: &Definition, verb: Option<Verb>, verb_hash: u64) -> Self {
        let is_open_name = matches!(verb, None | Some(Verb::Generic));
        let mut runs = Self {
            alone: true,
            is_open_name,
            only_looks: verb == Some(Verb::Read) && names(&ABOUT_CODE, &definition.name),
            ..Self::default()
        };
        for word in words::of_name(definition.name.as_bytes()).filter(|word| !word.is_number()) {
            let is_program = || PROGRAMS.iter().any(|one| hash(one.as_bytes()) == word.hash);
            match RUNNING.find(word.hash) {
                0 => runs.alone &= is_program(),
                kind => {
                    runs.code = true;
                    runs.only_selects |= kind == 2;
                }
            }
        }
        // Beside a verb of its own a name has to name a language: `get_script` runs none.
        let is_handed_over = is_open_name || runs.alone || SUBMITTING.find(verb_hash) != 0;
        runs.code &= is_handed_over || names(&TONGUES, &definition.name);
        // `ask_db`, that runs a query.
        let mut told = words::of_text(definition.description.as_bytes());
        let leads = told
            .next()
            .is_some_and(|word| EXECUTING.find(word.hash) != 0);
        let is_code = || told.take(6).any(|word| RUNNING.find(word.hash) != 0);
        let is_told = leads && is_code() && !runs.only_looks;
        runs.code |= is_told && SEARCHING.find(verb_hash) == 0;
        let whole = &definition.description;
        let front = whole.get(..FRONT).unwrap_or(whole);
        runs.code |= is_handed_over && names(&TONGUES, front);
        runs
    }
}
