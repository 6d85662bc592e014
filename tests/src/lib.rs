//! Starts the built programs and talks to them over their sockets, as an agent or an attacker.
//!
//! Everything that is started dies with the test that started it. Ports are always free ones.

pub mod agent;
pub mod authority;
pub mod consents;
pub mod form;
pub mod gateway;
pub mod holder;
pub mod host;
pub mod http;
pub mod issuer;
pub mod mesh;
pub mod mock;
pub mod policy;
pub mod process;
pub mod programs;
pub mod receiver;
pub mod sse;
pub mod store;
pub mod upstream;

pub use agent::{Agent, Session};
pub use gateway::{Driver, Gateway};
pub use host::Host;
pub use http::{Answer, Connection};
pub use mock::Mock;
pub use policy::PolicyDir;
pub use upstream::Upstream;

/// Runs one test on both drivers: `on_both_drivers!(name, body)` where `body` takes a `Driver`.
#[macro_export]
macro_rules! on_both_drivers {
    ($($body:ident),* $(,)?) => {$(
        mod $body {
            #[test]
            fn on_io_uring() {
                super::$body($crate::Driver::IoUring);
            }

            #[test]
            fn on_epoll() {
                super::$body($crate::Driver::Epoll);
            }
        }
    )*};
}
