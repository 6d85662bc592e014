//! Drives the built `varistor-bench`: its servers answer, its load counts rightly.

mod compare;
mod crm;
mod fixture;
mod http;
mod load;
mod load_agents;
mod load_plan;
mod process;
mod proxy;
mod raw;
mod scale;
mod small_server;
mod upstream;
mod upstream_faults;
mod upstream_links;
mod upstream_script;
mod upstream_stdio;
mod upstream_streams;
mod upstream_wishes;
