//! The client against real servers: Apache httpd, lighttpd and Jetty.
//!
//! A test whose server is not installed says that it is skipped; with `CI` set it fails.

mod apache;
mod balancer;
mod jetty;
mod lighttpd;
mod server;
