//! The protection space of a challenge (RFC 7616, section 3.3, `domain`).

use reqwest::Url;

use crate::auth::is_same_origin;

/// A protection space within the origin of the client.
pub(super) struct Space {
    /// The prefixes of its paths.
    roots: Vec<String>,
}

impl Space {
    /// The protection space of a `domain`. It omits URIs of other origins, for which the client never
    /// signs a request.
    pub(super) fn of(domain: &[u8], origin: &Url) -> Self {
        let uris = match domain.trim_ascii() {
            [] => "/".into(),
            uris => String::from_utf8_lossy(uris),
        };
        let own = |uri| {
            let root = origin.join(uri).ok()?;
            is_same_origin(&root, origin).then(|| root.path().to_owned())
        };
        let roots = uris.split_ascii_whitespace().filter_map(own).collect();
        Self { roots }
    }

    pub(super) fn covers(&self, url: &Url) -> bool {
        self.roots.iter().any(|root| url.path().starts_with(root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_list_of_prefixes_in_the_own_origin() {
        let covers = |domain: &str, path: &str| {
            let origin = "https://cloud.example:8443/api".parse().unwrap();
            let url = format!("https://cloud.example:8443{path}").parse();
            Space::of(domain.as_bytes(), &origin).covers(&url.unwrap())
        };
        for (domain, path) in [
            ("", "/x"),
            ("  ", "/x"),
            ("/", "/x"),
            ("/a /b", "/b/c?d"),
            ("https://cloud.example:8443/a", "/a"),
            ("https://other.example/ /a", "/a/b"),
        ] {
            assert!(covers(domain, path), "{domain} {path}");
        }
        for (domain, path) in [
            ("/a", "/"),
            ("/a/b", "/a"),
            ("https://cloud.example/", "/"),
            ("http://cloud.example:8443/", "/"),
            ("https://other.example/", "/"),
            ("https://[", "/"),
        ] {
            assert!(!covers(domain, path), "{domain} {path}");
        }
    }
}
