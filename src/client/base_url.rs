//! The base URL: it must contain no secret, and no secret may leak to it.

use std::net::IpAddr;

use reqwest::Url;

use crate::Error;

/// Appends a path to the root of the service.
pub(crate) fn below(root: &Url, path: &str) -> Url {
    let mut url = root.clone();
    url.set_path(&format!("{}{path}", root.path().trim_end_matches('/')));
    url
}

/// Parses and validates a base URL.
pub(super) fn root(base_url: &str, plain_http: bool) -> Result<Url, Error> {
    if base_url.contains('@') || base_url.contains("%40") {
        // The message omits the URL, which may contain a password.
        return Err(Error::setup(
            "the base URL contains an @: pass credentials to ClientBuilder::credentials alone",
        ));
    }
    // A query may hold a secret too.
    let (shown, _) = base_url.split_once(['?', '#']).unwrap_or((base_url, ""));
    let invalid = |remedy| Error::setting("base URL", shown, remedy);
    let url = Url::parse(base_url)
        .map_err(|error| invalid("use a URL such as https://cloud.mongodb.com").because(error))?;
    match url.scheme() {
        "https" => {}
        "http" if plain_http || is_loopback(&url) => {}
        "http" => {
            return Err(invalid(
                "plain http is for this machine only; use https, or ClientBuilder::allow_plain_http",
            ));
        }
        _ => return Err(invalid("use the scheme https")),
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("leave out query and fragment (not shown)"));
    }
    if url.path().contains("/api/atlas") {
        return Err(invalid(
            "use the root of the service, without /api/atlas and the rest",
        ));
    }
    Ok(url)
}

/// Whether the host is this machine, by name or by IP address.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ApiVersion;

    #[test]
    fn the_api_is_below_the_root_and_below_a_path() {
        for (base_url, address) in [
            (
                "https://cloud.mongodb.com",
                "https://cloud.mongodb.com/api/atlas/v1.0",
            ),
            (
                "https://cloud.mongodb.com/",
                "https://cloud.mongodb.com/api/atlas/v1.0",
            ),
            (
                "https://proxy.example/atlas//",
                "https://proxy.example/atlas/api/atlas/v1.0",
            ),
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080/api/atlas/v1.0",
            ),
            ("http://[::1]:8080", "http://[::1]:8080/api/atlas/v1.0"),
            ("http://localhost", "http://localhost/api/atlas/v1.0"),
        ] {
            let found = root(base_url, false).unwrap();
            assert_eq!(below(&found, ApiVersion::V1.path()).as_str(), address);
        }
    }

    #[test]
    fn base_urls_that_leak_or_are_invalid_are_refused() {
        for (base_url, remedy) in [
            ("http://cloud.mongodb.com", "plain http"),
            ("http://127.0.0.1.example", "plain http"),
            ("http://localhost.example", "plain http"),
            ("ftp://cloud.mongodb.com", "scheme"),
            ("cloud.mongodb.com", "use a URL"),
            ("https://cloud.mongodb.com?x=1", "query"),
            (
                "https://cloud.mongodb.com/api/atlas/v1.0",
                "without /api/atlas",
            ),
        ] {
            let message = root(base_url, false).unwrap_err().to_string();
            assert!(
                message.contains(remedy) && message.contains(base_url.trim_end_matches("?x=1")),
                "{message}"
            );
        }
        assert!(root("http://cloud.mongodb.com", true).is_ok());
    }

    #[test]
    fn a_secret_in_the_base_url_is_refused_and_not_shown() {
        for base_url in [
            "https://me:hunter2@cloud.mongodb.com",
            "https//me:hunter2@x",
            "https://me:hunter2%40cloud.mongodb.com",
            "https://cloud.mongodb.com?key=hunter2",
            "https//cloud.mongodb.com#hunter2",
        ] {
            let error = root(base_url, true).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}
