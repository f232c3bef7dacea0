//! The rate limit in a response.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::types::{ApiError, ErrorCode};

/// The rate limit of the service, from the headers `RateLimit-Limit` and `RateLimit-Remaining` of a
/// response. Version 2 of the API documents both. They are optional in each version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// The number of calls that an unused limit allows.
    pub limit: Option<u64>,
    /// The number of calls that are left.
    pub remaining: Option<u64>,
}

impl RateLimit {
    /// Reads the headers. `None` if both are missing.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let number = |name| text(headers, name)?.parse().ok();
        let found = Self {
            limit: number("ratelimit-limit"),
            remaining: number("ratelimit-remaining"),
        };
        (found.limit.is_some() || found.remaining.is_some()).then_some(found)
    }
}

/// The delay that the service requests, from one of these:
///
/// - `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3);
/// - the second parameter of the error for an empty token bucket, in seconds.
pub(crate) fn retry_after(headers: &HeaderMap, error: Option<&ApiError>) -> Option<Duration> {
    let delay = text(headers, "retry-after").and_then(|text| {
        let seconds = text.parse().map(Duration::from_secs).ok();
        seconds.or_else(|| until(text, headers))
    });
    delay.or_else(|| number(error?, &ErrorCode::RateLimitedTokenBucket, 1, 1.0))
}

/// The period of a rate limit without a token bucket: the third parameter of the error, in minutes.
pub(crate) fn period(error: &ApiError) -> Option<Duration> {
    number(error, &ErrorCode::RateLimited, 2, 60.0).filter(|period| !period.is_zero())
}

/// The parameter at an index of an error with this code. Its unit has this many seconds.
fn number(error: &ApiError, code: &ErrorCode, at: usize, unit: f64) -> Option<Duration> {
    let is_it = error.error_code.as_ref() == Some(code);
    let parameter = error.parameters.as_ref().filter(|_| is_it)?.get(at)?;
    let text = || parameter.as_str()?.trim().parse().ok();
    let number = parameter.as_f64().or_else(text)?;
    Duration::try_from_secs_f64(number * unit).ok()
}

/// The time until a date, by the clock of the service if the response has a `Date`.
fn until(date: &str, headers: &HeaderMap) -> Option<Duration> {
    let parse = |text| httpdate::parse_http_date(text).ok();
    let now = text(headers, "date").and_then(parse);
    let now = now.unwrap_or_else(SystemTime::now);
    Some(parse(date)?.duration_since(now).unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_in_minutes() {
        let error = serde_json::json!({
            "error": 429, "errorCode": "RATE_LIMITED", "parameters": ["/api/oauth/token", 200, 5],
        });
        let error: ApiError = serde_json::from_value(error).unwrap();
        assert_eq!(period(&error), Some(Duration::from_secs(300)));
    }
}
