//! The algorithms of digest authentication (RFC 7616, section 6.1).

use md5::{Digest, Md5};
use sha2::{Sha256, Sha512_256};

/// A hash function. Stronger ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hash {
    Md5,
    Sha256,
    Sha512_256,
}

/// A hash function, and whether it is a session variant (`-sess`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    pub(super) hash: Hash,
    pub(super) session: bool,
}

impl Algorithm {
    /// The algorithm with this name. The case does not matter.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let plain = name.strip_suffix("-sess");
        let hash = match plain.unwrap_or(&name) {
            "md5" => Hash::Md5,
            "sha-256" => Hash::Sha256,
            "sha-512-256" => Hash::Sha512_256,
            _ => return None,
        };
        let session = plain.is_some();
        Some(Self { hash, session })
    }

    /// A rank for comparisons: a stronger hash is greater, then the variant without session.
    pub(super) fn strength(self) -> (Hash, bool) {
        (self.hash, !self.session)
    }
}

impl Hash {
    /// Hashes the parts, joined by colons, to lower-case hexadecimal digits.
    pub(super) fn hex(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => hex(&joined::<Md5>(parts)),
            Self::Sha256 => hex(&joined::<Sha256>(parts)),
            Self::Sha512_256 => hex(&joined::<Sha512_256>(parts)),
        }
    }
}

fn joined<H: Digest>(parts: &[&[u8]]) -> impl AsRef<[u8]> + use<H> {
    let mut hash = H::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hash.update(b":");
        }
        hash.update(part);
    }
    hash.finalize()
}

pub(super) fn hex(bytes: &impl AsRef<[u8]>) -> Vec<u8> {
    // Each call writes a hundred digits or more, and `format!` would cost more than the hashes.
    let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
    let bytes = bytes.as_ref();
    let mut digits = Vec::with_capacity(bytes.len() * 2);
    for byte in bytes {
        digits.extend([digit(byte >> 4), digit(byte & 0xf)]);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_is_known_in_any_case() {
        let known = |name| Algorithm::named(name).map(|found| (found.hash, found.session));
        assert_eq!(known("md5"), Some((Hash::Md5, false)));
        assert_eq!(known("MD5-SESS"), Some((Hash::Md5, true)));
        assert_eq!(known("sha-256"), Some((Hash::Sha256, false)));
        assert_eq!(known("SHA-512-256-sess"), Some((Hash::Sha512_256, true)));
        for name in [
            "",
            "-sess",
            "SHA",
            "SHA-512",
            "MD5-sess-sess",
            "ééé",
            "SHA-256é",
        ] {
            assert_eq!(known(name), None, "{name}");
        }
    }

    #[test]
    fn the_stronger_hash_comes_first_and_then_the_plain_form() {
        let ranked = [
            "MD5-sess",
            "MD5",
            "SHA-256-sess",
            "SHA-256",
            "SHA-512-256-sess",
            "SHA-512-256",
        ];
        let strengths = ranked.map(|name| Algorithm::named(name).unwrap().strength());
        assert!(strengths.is_sorted_by(|weaker, stronger| weaker < stronger));
    }

    #[test]
    fn hashes_are_those_of_their_standards() {
        // "abc": RFC 1321, appendix A.5; FIPS 180-4's examples.
        for (hash, expected) in [
            (Hash::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (
                Hash::Sha256,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                Hash::Sha512_256,
                "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
            ),
        ] {
            assert_eq!(hash.hex(&[b"abc"]), expected.as_bytes());
            assert_eq!(hash.hex(&[b"a", b"b"]), hash.hex(&[b"a:b"]));
        }
    }
}
