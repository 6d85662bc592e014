//! The built programs, driven over their sockets.
