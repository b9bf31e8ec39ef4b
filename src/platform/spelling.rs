//! How people type what they look for: characters, pinyin, initials, any width.

use pinyin::ToPinyin as _;

use super::tabular::tidy;

/// The text a search looks in: the words, their pinyin and their initials, lower case.
///
/// `长春市` becomes `长春市 changchunshi ccs`; a `ü` is written `v`, as on every keyboard.
#[must_use]
pub fn index<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for word in words {
        let word = tidy(word).to_lowercase();
        if word.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word);
        let (mut full, mut initials, mut any) = (String::new(), String::new(), false);
        for c in word.chars() {
            match c.to_pinyin() {
                Some(sound) => {
                    let plain = sound.plain().replace('ü', "v");
                    initials.extend(plain.chars().next());
                    full.push_str(&plain);
                    any = true;
                }
                None => {
                    full.push(c);
                    initials.push(c);
                }
            }
        }
        if any {
            text.push(' ');
            text.push_str(&full);
            text.push(' ');
            text.push_str(&initials);
        }
    }
    text
}

/// `LIKE` patterns, all of which must match an [`index`] text. At most eight; `%`, `_` and `\` are literal.
#[must_use]
pub fn patterns(query: &str) -> Vec<String> {
    tidy(query)
        .to_lowercase()
        .split_whitespace()
        .take(8)
        .map(|word| {
            format!(
                "%{}%",
                word.replace('\\', "\\\\")
                    .replace('%', "\\%")
                    .replace('_', "\\_")
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_pinyin_and_initials_all_find_it() {
        let text = index(["绿园区", "ICU 床位"]);
        assert_eq!(text, "绿园区 lvyuanqu lyq icu 床位 icu chuangwei icu cw");
    }

    #[test]
    fn a_pattern_cannot_match_everything() {
        assert_eq!(patterns(" 长春  ５%_ "), ["%长春%", "%5\\%\\_%"]);
    }
}
