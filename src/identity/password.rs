//! What makes a password good enough (等保 level 3 and ASVS 5.0 together).

/// Fewest characters; a phrase of `PHRASE_MIN` or more needs no mixture of kinds.
pub const LENGTH_MIN: usize = 10;
pub const PHRASE_MIN: usize = 16;
/// Most characters: a bound on the work of one hash, far above any real phrase.
pub const LENGTH_MAX: usize = 128;
/// Kinds of characters a short password has to mix (lower, upper, digit, other).
pub const KINDS_MIN: usize = 3;

/// Shorter logins (`wu`) occur in passwords by chance; a Chinese name has two characters.
const LOGIN_TOLD: usize = 4;
const NAME_TOLD: usize = 2;

/// Words that attackers try first; a password is refused when one makes up most of it.
const COMMON: &[&str] = &[
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "qwerty",
    "qwertyuiop",
    "asdfgh",
    "zxcvbn",
    "1qaz2wsx",
    "qazwsx",
    "1q2w3e4r",
    "admin",
    "administrator",
    "root",
    "letmein",
    "welcome",
    "iloveyou",
    "woaini",
    "5201314",
    "88888888",
    "66666666",
    "00000000",
    "11111111",
    "12345678",
    "123456789",
    "1234567890",
    "987654321",
    "abc123",
    "a123456",
    "abcd1234",
    "changeme",
    "default",
    "guest",
    "test",
    "master",
    "dragon",
    "monkey",
    "sunshine",
    "fenghuotai",
    "changchun",
    "zhengfu",
    "yingjiban",
    "yingji",
    "huiyi",
    "beijing",
    "china",
    "jilin",
];

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    TooShort,
    TooLong,
    TooFewKinds,
    /// Contains the login or the name of its owner.
    Personal,
    Common,
    /// One character four times in a row, or a run such as 12345 or abcde.
    Run,
}

/// Checks a new password for its owner.
pub fn check(password: &str, login: &str, name: &str) -> Result<(), Weakness> {
    let length = password.chars().count();
    if length < LENGTH_MIN {
        return Err(Weakness::TooShort);
    }
    if length > LENGTH_MAX {
        return Err(Weakness::TooLong);
    }
    if length < PHRASE_MIN && kinds(password) < KINDS_MIN {
        return Err(Weakness::TooFewKinds);
    }
    let plain = password.to_lowercase();
    let contains = |own: &str, shortest: usize| {
        own.chars().count() >= shortest && plain.contains(&own.to_lowercase())
    };
    if contains(login, LOGIN_TOLD) || contains(name, NAME_TOLD) {
        return Err(Weakness::Personal);
    }
    if has_run(password) {
        return Err(Weakness::Run);
    }
    if COMMON
        .iter()
        .any(|word| plain.contains(word) && word.len() * 2 >= plain.len())
    {
        return Err(Weakness::Common);
    }
    Ok(())
}

fn kinds(password: &str) -> usize {
    let has = |kind: fn(char) -> bool| usize::from(password.chars().any(kind));
    has(char::is_lowercase)
        + has(char::is_uppercase)
        + has(|c| c.is_ascii_digit())
        // Han characters and other letters without case are a kind of their own.
        + has(|c| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase())
        + has(|c| !c.is_alphabetic() && !c.is_ascii_digit())
}

/// Four times the same, or five neighbours up or down (`12345`, `edcba`).
fn has_run(password: &str) -> bool {
    let codes: Vec<i64> = password.chars().map(|c| i64::from(u32::from(c))).collect();
    let stays = |window: &[i64], step: i64| window.windows(2).all(|pair| pair[1] - pair[0] == step);
    codes.windows(4).any(|window| stays(window, 0))
        || codes
            .windows(5)
            .any(|window| stays(window, 1) || stays(window, -1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_passwords_pass() {
        for good in [
            "Mx7#kuaile",
            "烽火照山河-2 更鼓",
            "correct horse battery staple",
            "九台的雪比榆树早来三天又两个小时",
        ] {
            assert_eq!(check(good, "wang", "王伟"), Ok(()), "{good}");
        }
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        for (weak, why) in [
            ("Ab1#", Weakness::TooShort),
            ("abcxyzabcxyz", Weakness::TooFewKinds),
            ("Wangxiao#17x", Weakness::Personal),
            ("我是王伟啊Aa#7x9", Weakness::Personal),
            ("P@ssw0rd#9x", Weakness::Common),
            ("Kx#12345mq7Z", Weakness::Run),
            ("Kx#aaaamq7Z2", Weakness::Run),
        ] {
            assert_eq!(check(weak, "wangxiao", "王伟"), Err(why), "{weak}");
        }
        assert_eq!(check(&"长".repeat(129), "a", "b"), Err(Weakness::TooLong));
    }
}
