//! The client against real servers: Apache httpd, lighttpd, Jetty and OpenSSL's.
//!
//! A test whose server is not installed prints that it is skipped. If `CI` is set, it fails.

mod apache;
mod balancer;
mod certificates;
mod jetty;
mod lighttpd;
mod server;
mod tls;
