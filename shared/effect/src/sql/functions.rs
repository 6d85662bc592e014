//! Functions that do more than compute, by their names.

use varistor_model::Intent;

use super::tokens::{Kind, Token};
use crate::{Effect, Effects};

/// Adds what the functions and packages named in a statement do.
pub(super) fn called(statement: &[Token<'_>], effects: &mut Effects) {
    for (at, token) in statement.iter().enumerate() {
        if !matches!(token.kind, Kind::Word | Kind::Name) {
            continue;
        }
        let next = statement.get(at.saturating_add(1));
        let found = match next {
            Some(next) if next.is_sign("(") => effect(token.text),
            Some(next) if next.is_sign(".") => package(token.text),
            _ if token.is("xp_cmdshell") => effect(token.text),
            _ => None,
        };
        if let Some(effect) = found {
            effects.push(effect);
        }
    }
}

/// What the functions of a package of Oracle do.
fn package(name: &str) -> Option<Effect> {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "utl_http" | "utl_tcp" | "utl_smtp" | "utl_mail" | "aws_s3" => {
            Some(Effect::new(Intent::Exfiltrative, 75, "sql.reaches_outside"))
        }
        "utl_file" | "dbms_lob" => Some(Effect::new(Intent::Write, 60, "sql.server_file")),
        "dbms_scheduler" | "dbms_job" => Some(Effect::new(Intent::Write, 70, "sql.schedules")),
        _ => None,
    }
}

/// What calling this function does, if it does more than compute.
pub(super) fn effect(name: &str) -> Option<Effect> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let lower = last.to_ascii_lowercase();
    let listed = |names: &str| names.split_ascii_whitespace().any(|known| known == lower);
    ROWS.iter()
        .find(|(names, ..)| listed(names))
        .map(|(_, intent, percent, evidence)| Effect::new(*intent, *percent, evidence))
}

const ROWS: &[(&str, Intent, u8, &str)] = &[
    (
        "pg_terminate_backend pg_cancel_backend",
        Intent::Destructive,
        85,
        "sql.kill",
    ),
    (
        "lo_unlink pg_drop_replication_slot pg_rotate_logfile pg_stat_reset pg_stat_reset_shared pg_stat_statements_reset \
         drop_chunks pg_file_unlink pg_promote",
        Intent::Destructive,
        78,
        "sql.destructive_function",
    ),
    (
        "pg_read_file pg_read_binary_file load_file pg_ls_dir lo_import readfile openrowset opendatasource bfilename \
         pg_hba_file_rules read_text read_blob",
        Intent::Exfiltrative,
        80,
        "sql.reads_server_file",
    ),
    (
        "lo_export dblink dblink_exec dblink_connect dblink_send_query http_post http_get http_put  \
         httpuritype query_export_to_s3 query_export_to_s3 sys_eval writefile \
         load_extension query_to_xml database_to_xml table_to_xml openquery pg_file_write",
        Intent::Exfiltrative,
        70,
        "sql.reaches_outside",
    ),
    (
        "sys_exec xp_cmdshell",
        Intent::Destructive,
        90,
        "sql.runs_command",
    ),
    (
        "nextval setval set_config pg_notify pg_advisory_lock pg_try_advisory_lock get_lock release_lock pg_reload_conf \
         pg_switch_wal pg_create_restore_point lo_create lo_put pg_logical_emit_message \
         pg_create_logical_replication_slot \
         create_hypertable add_job refresh_continuous_aggregate pg_backup_start",
        Intent::Write,
        72,
        "sql.writing_function",
    ),
    (
        "pg_sleep sleep benchmark pg_sleep_for",
        Intent::Write,
        45,
        "sql.stalls",
    ),
];
