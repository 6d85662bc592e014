//! Reads audit logs for people and other programs. Nothing here writes to a log.
