//! Drives the built `varistor-bench`: its servers answer, its load counts rightly.

mod crm;
mod fixture;
mod http;
mod load;
mod process;
mod proxy;
mod upstream;
mod upstream_wishes;
