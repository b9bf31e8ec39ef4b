//! The session cookie: how it is written and how it is found again.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::platform::config::Config;

/// Over TLS the browser itself guarantees that only this host set it.
const SECURE: &str = "__Host-fenghuotai";
/// Plain HTTP happens on loopback only.
const PLAIN: &str = "fenghuotai";

fn is_secure(config: &Config) -> bool {
    config.tls() || config.http.behind_tls_proxy
}

/// `Set-Cookie` for a token; `max_age_s` keeps it over a restart of the browser.
pub fn set(config: &Config, token: &str, max_age_s: Option<i64>) -> HeaderValue {
    let (name, secure) = if is_secure(config) {
        (SECURE, "; Secure")
    } else {
        (PLAIN, "")
    };
    let age = max_age_s
        .map(|age| format!("; Max-Age={age}"))
        .unwrap_or_default();
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    HeaderValue::from_str(&text).expect("tokens are plain ASCII")
}

/// `Set-Cookie` that makes the browser forget.
pub fn clear(config: &Config) -> HeaderValue {
    set(config, "", Some(0))
}

/// The token a request carries.
pub fn token<'a>(config: &Config, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = if is_secure(config) { SECURE } else { PLAIN };
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let mut config = Config::default();
        assert_eq!(
            set(&config, "t", None),
            "fenghuotai=t; Path=/; HttpOnly; SameSite=Strict"
        );
        config.http.behind_tls_proxy = true;
        assert_eq!(
            set(&config, "t", Some(9)),
            "__Host-fenghuotai=t; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=9"
        );
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=b; fenghuotai=plain; __Host-fenghuotai=safe"),
        );
        assert_eq!(token(&config, &headers), Some("safe"));
        config.http.behind_tls_proxy = false;
        assert_eq!(token(&config, &headers), Some("plain"));
    }
}
