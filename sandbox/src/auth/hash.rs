//! The hashes of digest authentication, and random digits.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};
use sha2::{Sha256, Sha512_256};

/// RFC 4648, section 4.
pub(crate) const BASE64: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// One of the algorithms of RFC 7616, by its name without `-sess`.
#[derive(Clone, Copy)]
pub(crate) struct Algorithm {
    function: fn(&[u8]) -> String,
    /// Whether its name ends with `-sess`.
    pub(crate) session: bool,
}

impl Algorithm {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let upper = name.to_ascii_uppercase();
        let plain = upper.strip_suffix("-SESS");
        let function: fn(&[u8]) -> String = match plain.unwrap_or(&upper) {
            "MD5" => |data| hex(&Md5::digest(data)),
            "SHA-256" => |data| hex(&Sha256::digest(data)),
            "SHA-512-256" => |data| hex(&Sha512_256::digest(data)),
            _ => return None,
        };
        Some(Self {
            function,
            session: plain.is_some(),
        })
    }

    /// The hash of the parts, joined with colons.
    pub(crate) fn hash(self, parts: &[&str]) -> String {
        self.of(parts.join(":").as_bytes())
    }

    pub(crate) fn of(self, data: &[u8]) -> String {
        (self.function)(data)
    }
}

/// A private key of the service's form: a UUID.
pub(crate) fn private_key() -> String {
    let digits = hex(&random::<16>());
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

/// The hexadecimal digits of `BYTES` random bytes.
pub(crate) fn random_hex<const BYTES: usize>() -> String {
    hex(&random::<BYTES>())
}

pub(crate) fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
