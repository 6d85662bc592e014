//! The built programs, driven over their sockets. Every test starts its own gateway.

mod byte_identity;
mod disconnect;
mod drain;
mod drivers;
mod forged_flood;
mod hosts;
mod limits;
mod listing;
mod malformed_http;
mod malformed_json;
mod one_port;
mod records;
mod server_stream;
mod sessions;
mod slow_client;
mod snapshots;
mod streaming;
mod tls;
mod tokens;
mod trial;
mod two_clients;
mod upstream_bytes;
mod upstream_faults;
mod upstream_lies;
mod upstream_stale;
mod world;
