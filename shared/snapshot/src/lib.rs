//! The policy snapshot: its schema, its sealed envelope, and the verified map of it.

pub mod schema;
