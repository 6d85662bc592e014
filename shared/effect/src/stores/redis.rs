//! Redis: commands by name and, where it matters, by their arguments.

use varistor_model::Intent;

use crate::{Effect, Effects};

/// How many lines are judged; beyond, the text counts as a write of unknown kind.
const LINES_MAX: usize = 10_000;

/// What this Redis command, or these commands line by line, would do.
#[must_use]
pub fn redis(command: &str) -> Effects {
    let mut effects = Effects::default();
    let mut rest = command;
    for count in 0..=LINES_MAX {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        if rest.is_empty() {
            break;
        }
        if count >= LINES_MAX {
            effects.push(Effect::new(Intent::Write, 40, "redis.too_long"));
            break;
        }
        let mut words = line
            .split_ascii_whitespace()
            .map(|word| word.trim_matches(['"', '\'']));
        let whole = std::mem::replace(&mut rest, behind);
        let Some(first) = words.next() else {
            continue;
        };
        if ["EVAL", "FCALL"]
            .iter()
            .any(|name| first.eq_ignore_ascii_case(name))
        {
            // A script goes on over as many lines as it likes.
            effects.push(script(&first.to_ascii_uppercase(), whole));
            break;
        }
        let second = words.next().unwrap_or_default().to_ascii_uppercase();
        effects.push(judged(&first.to_ascii_uppercase(), &second, line));
    }
    effects
}

fn judged(name: &str, second: &str, line: &str) -> Effect {
    let effect = |(intent, percent, evidence)| Effect::new(intent, percent, evidence);
    match name {
        "EVAL" | "EVAL_RO" | "FCALL" => return script(name, line),
        "EXPIRE" | "PEXPIRE"
            if line
                .split_ascii_whitespace()
                .nth(2)
                .is_some_and(|ttl| ttl.starts_with('-') || ttl == "0") =>
        {
            return Effect::new(Intent::Destructive, 75, "redis.deletes");
        }
        "REPLICAOF" | "SLAVEOF" if second != "NO" => {
            return Effect::new(Intent::Exfiltrative, 60, "redis.replicates");
        }
        "CONFIG" if second == "GET" && line.to_ascii_lowercase().contains("pass") => {
            return Effect::new(Intent::Exfiltrative, 80, "redis.reveals_password");
        }
        "CONFIG" if second == "SET" && loosens(line) => {
            return Effect::new(Intent::Destructive, 80, "redis.loosens");
        }
        "ACL" if second == "SETUSER" && opens_user(line) => {
            return Effect::new(Intent::Destructive, 75, "redis.opens_user");
        }
        _ => {}
    }
    let joined = format!("{name}.{second}");
    let has =
        |names: &str, wanted: &str| names.split_ascii_whitespace().any(|known| known == wanted);
    let by_two = ROWS.iter().find(|(names, _)| has(names, &joined));
    let row = by_two.or_else(|| ROWS.iter().find(|(names, _)| has(names, name)));
    row.map_or(
        Effect::new(Intent::Write, 40, "redis.unknown"),
        |(_, row)| effect(*row),
    )
}

/// Settings that guard the server or keep its data, with the values that end that, and those that
/// let a client write files of its own choice.
const GUARDS: &[(&str, &str)] = &[
    ("protected-mode", "no"),
    ("requirepass", ""),
    ("masterauth", ""),
    ("appendonly", "no"),
    ("appendfsync", "no"),
    ("save", ""),
    ("aof-load-truncated", "no"),
    ("stop-writes-on-bgsave-error", "no"),
    ("tls-auth-clients", "no"),
    ("tls-replication", "no"),
    ("tls-cluster", "no"),
    ("enable-debug-command", "yes"),
    ("enable-module-command", "yes"),
    ("enable-protected-configs", "yes"),
    ("bind", "*"),
    ("bind", "0.0.0.0"),
    ("bind", "::"),
    ("dir", ANY),
    ("dbfilename", ANY),
    ("aclfile", ANY),
];

/// Stands for any value.
const ANY: &str = "*any*";

/// Whether `CONFIG SET` ends what guards a server.
fn loosens(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let mut words = lower
        .split_ascii_whitespace()
        .skip(2)
        .map(|word| word.trim_matches(['"', '\'']));
    // Several settings may stand in one command.
    while let Some(name) = words.next() {
        let value = words.next().unwrap_or_default();
        let ends = |(guard, off): &&(&str, &str)| *guard == name && (*off == ANY || *off == value);
        if GUARDS.iter().any(|guard| ends(&guard)) {
            return true;
        }
    }
    false
}

/// Whether a rule of a user needs no password, or lets it do everything.
fn opens_user(line: &str) -> bool {
    let rules = line.split_ascii_whitespace().skip(3);
    let mut rules = rules.map(|rule| rule.trim_matches(['"', '\'']).to_ascii_lowercase());
    rules.any(|rule| {
        matches!(
            rule.as_str(),
            "nopass" | "allcommands" | "+@all" | "+@dangerous"
        )
    })
}

/// A Lua script: the commands that it names.
fn script(name: &str, line: &str) -> Effect {
    if name == "EVAL_RO" {
        return Effect::new(Intent::Read, 85, "redis.reads");
    }
    let upper = line.to_ascii_uppercase();
    let mut words = upper.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    let deletes = |(names, row): &(&str, Row), word: &str| {
        row.0 == Intent::Destructive && names.split_ascii_whitespace().any(|name| name == word)
    };
    let is_grave = |word: &str| ROWS.iter().any(|row| deletes(row, word));
    if words.any(|word| !word.is_empty() && is_grave(word)) {
        return Effect::new(Intent::Destructive, 80, "redis.deletes");
    }
    // The command of a call is made up while the script runs: `redis.call('FLUSH' .. 'ALL')`.
    let is_computed = |called: &str| {
        let Some(first) = called.trim_start().strip_prefix('(') else {
            return false;
        };
        let first = first.trim_start().trim_start_matches('\\');
        let Some(literal) = first.strip_prefix(['\'', '"']) else {
            return true;
        };
        let behind =
            literal.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "._ ".contains(c));
        let behind = behind.trim_start_matches(['\\', '\'', '"', ' ']);
        !behind.starts_with([',', ')'])
    };
    if upper.split("CALL").skip(1).any(is_computed) {
        return Effect::new(Intent::Destructive, 55, "redis.computed_command");
    }
    Effect::new(Intent::Write, 55, "redis.runs_script")
}

type Row = (Intent, u8, &'static str);

const ROWS: &[(&str, Row)] = &[
    (
        "GET MGET STRLEN GETRANGE EXISTS TTL PTTL TYPE KEYS SCAN RANDOMKEY DBSIZE INFO PING ECHO TIME LLEN LRANGE \
         LINDEX LPOS SCARD SMEMBERS SISMEMBER SMISMEMBER SRANDMEMBER SSCAN SINTER SUNION SDIFF \
         SINTERCARD HGET HMGET \
         HGETALL HKEYS HVALS HLEN HEXISTS HSCAN HSTRLEN HRANDFIELD ZCARD ZCOUNT ZRANGE ZREVRANGE \
         ZRANGEBYSCORE \
         ZREVRANGEBYSCORE ZRANGEBYLEX ZSCORE ZMSCORE ZRANK ZREVRANK ZSCAN ZLEXCOUNT ZRANDMEMBER \
         XLEN XRANGE XREVRANGE \
         XREAD XINFO XPENDING PFCOUNT GEODIST GEOHASH GEOPOS GEORADIUS_RO GEOSEARCH BITCOUNT \
         BITPOS GETBIT OBJECT \
         MEMORY LASTSAVE ROLE COMMAND AUTH HELLO SELECT QUIT MULTI EXEC DISCARD WATCH UNWATCH \
         SUBSCRIBE PSUBSCRIBE \
         UNSUBSCRIBE MONITOR DUMP EXPIRETIME LOLWUT SORT_RO TOUCH WAIT READONLY READWRITE ASKING \
         CONFIG.GET CLIENT.LIST \
         CLIENT.INFO CLIENT.ID CLIENT.GETNAME CLIENT.SETNAME CLUSTER.INFO CLUSTER.NODES \
         CLUSTER.SLOTS CLUSTER.SHARDS \
         CLUSTER.KEYSLOT SLOWLOG.GET SLOWLOG.LEN LATENCY ACL.LIST ACL.WHOAMI ACL.CAT ACL.USERS \
         ACL.GETUSER SCRIPT.EXISTS \
         FUNCTION.LIST FUNCTION.STATS MODULE.LIST PUBSUB FT.SEARCH FT.AGGREGATE FT.INFO FT._LIST \
         JSON.GET JSON.MGET \
         JSON.TYPE TS.GET TS.RANGE MEMORY.USAGE OBJECT.ENCODING BF.EXISTS",
        (Intent::Read, 92, "redis.reads"),
    ),
    (
        "DEL UNLINK GETDEL HDEL SREM ZREM LREM XDEL XTRIM LTRIM ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX \
         JSON.DEL JSON.FORGET FT.DROPINDEX XGROUP.DESTROY",
        (Intent::Destructive, 86, "redis.deletes"),
    ),
    (
        "FLUSHALL FLUSHDB",
        (Intent::Destructive, 98, "redis.deletes_all"),
    ),
    (
        "SHUTDOWN DEBUG SWAPDB MODULE.LOAD MODULE.UNLOAD SCRIPT.FLUSH SCRIPT.KILL FUNCTION.FLUSH FUNCTION.DELETE \
         ACL.DELUSER CLIENT.KILL CLUSTER.RESET CLUSTER.FORGET CLUSTER.FLUSHSLOTS SLOWLOG.RESET \
         CLUSTER.DELSLOTS",
        (Intent::Destructive, 85, "redis.administers"),
    ),
    ("MIGRATE", (Intent::Exfiltrative, 55, "redis.migrates")),
    (
        "SET SETEX PSETEX SETNX MSET MSETNX APPEND INCR INCRBY INCRBYFLOAT DECR DECRBY GETSET GETEX SETRANGE SETBIT \
         BITOP BITFIELD LPUSH RPUSH LPUSHX RPUSHX LINSERT LSET LMOVE RPOPLPUSH LPOP RPOP BLPOP \
         BRPOP SADD SMOVE SPOP \
         SINTERSTORE SUNIONSTORE SDIFFSTORE HSET HMSET HSETNX HINCRBY HINCRBYFLOAT ZADD ZINCRBY \
         ZPOPMIN ZPOPMAX \
         ZUNIONSTORE ZINTERSTORE ZRANGESTORE XADD XACK XCLAIM XAUTOCLAIM XGROUP XREADGROUP \
         XSETID PFADD PFMERGE GEOADD \
         GEOSEARCHSTORE EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST RENAME RENAMENX COPY MOVE \
         RESTORE SORT PUBLISH SPUBLISH \
         SAVE BGSAVE BGREWRITEAOF CONFIG CLIENT CLUSTER ACL SCRIPT FUNCTION REPLICAOF SLAVEOF \
         FAILOVER EVALSHA MODULE \
         JSON.SET FT.CREATE TS.ADD SLOWLOG BF.ADD FT.ADD JSON.MERGE",
        (Intent::Write, 88, "redis.writes"),
    ),
];
