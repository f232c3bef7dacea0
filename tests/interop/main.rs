//! The client against real servers: Apache httpd and lighttpd.
//!
//! A test whose server is not installed says that it is skipped; with `CI` set it fails.

mod apache;
mod lighttpd;
mod server;
