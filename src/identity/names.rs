//! What a login and a person's name may look like.

use super::refusal::No;

const LOGIN_MIN: usize = 2;
const LENGTH_MAX: usize = 64;

/// The normal form of a login: trimmed, lower case.
pub fn login(typed: &str) -> Result<String, No> {
    let login = typed.trim().to_lowercase();
    let fits = (LOGIN_MIN..=LENGTH_MAX).contains(&login.len());
    let begins = login
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let plain = login
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@".contains(&b));
    if fits && begins && plain {
        Ok(login)
    } else {
        Err(No::BadLogin)
    }
}

/// A person's or device's name: trimmed, no control characters.
pub fn name(typed: &str) -> Result<String, No> {
    let name = typed.trim();
    let fits = (1..=LENGTH_MAX).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(No::BadName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_told_apart_by_its_letters_only() {
        assert_eq!(login(" Wang.Wei ").as_deref(), Ok("wang.wei"));
        for bad in ["", "a", ".wang", "王伟", "wang wei", "w%", &"x".repeat(65)] {
            assert_eq!(login(bad), Err(No::BadLogin), "{bad}");
        }
    }

    #[test]
    fn names_may_be_chinese_and_hold_middle_dots() {
        assert_eq!(name(" 阿不都·热合曼 ").as_deref(), Ok("阿不都·热合曼"));
        assert_eq!(name("\u{7}x"), Err(No::BadName));
        assert_eq!(name("  "), Err(No::BadName));
    }
}
