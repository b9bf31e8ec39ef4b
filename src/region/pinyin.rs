//! Place names in pinyin, for search and for sorting: every reading counts, ü is written v.

use pinyin::{ToPinyin as _, ToPinyinMulti as _};

/// Characters whose usual reading in place names is not their first one.
const IN_PLACES: [(char, &str); 8] = [
    ('长', "chang"),
    ('重', "chong"),
    ('朝', "chao"),
    ('厦', "xia"),
    ('都', "du"),
    ('行', "xing"),
    ('乐', "le"),
    ('曾', "zeng"),
];

/// Readings of one name that are kept for search.
const READINGS_MAX: usize = 16;

/// The usual reading, syllables separated by blanks; characters without one stand for themselves.
pub fn usual(name: &str) -> String {
    let syllable = |c: char| match IN_PLACES.iter().find(|(known, _)| *known == c) {
        Some((_, reading)) => (*reading).to_owned(),
        None => c
            .to_pinyin()
            .map_or_else(|| c.to_lowercase().to_string(), |p| plain(p.plain())),
    };
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(syllable)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Search keys of a name: each reading written together (`lvyuan`) and its initials (`ly`).
pub fn keys(name: &str, given: &str) -> Vec<String> {
    let mut readings = vec![
        given
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>(),
    ];
    let mut spelled: Vec<Vec<String>> = vec![Vec::new()];
    for c in name.chars().filter(|c| !c.is_whitespace()) {
        let mut syllables: Vec<String> = match c.to_pinyin_multi() {
            Some(multi) => multi.into_iter().map(|p| plain(p.plain())).collect(),
            None => vec![c.to_lowercase().to_string()],
        };
        syllables.sort_unstable();
        syllables.dedup();
        spelled = spelled
            .iter()
            .flat_map(|head| {
                syllables
                    .iter()
                    .map(|last| [head.as_slice(), std::slice::from_ref(last)].concat())
            })
            .take(READINGS_MAX)
            .collect();
    }
    readings.extend(spelled);
    let mut keys: Vec<String> = readings
        .iter()
        .flat_map(|syllables| {
            let initials = syllables
                .iter()
                .filter_map(|syllable| syllable.chars().next())
                .collect();
            [syllables.concat(), initials]
        })
        .filter(|key: &String| !key.is_empty())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A typed query in the spelling of the keys: `Lǜ Yuan`, `lü'yuan` and `lvyuan` are one.
pub fn query(typed: &str) -> String {
    let letters = typed.to_lowercase();
    plain(&letters)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '-'))
        .collect()
}

fn plain(syllable: &str) -> String {
    syllable
        .replace("u:", "v")
        .chars()
        .map(|c| {
            if matches!(c, 'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ') {
                'v'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_people_read_them() {
        assert_eq!(usual("长春市"), "chang chun shi");
        assert_eq!(usual("朝阳区"), "chao yang qu");
        assert_eq!(usual("绿园区"), "lv yuan qu");
    }

    #[test]
    fn every_reading_and_the_initials_find_a_place() {
        let keys = keys("六安市", "liu an shi");
        assert!(keys.contains(&"luanshi".to_owned()), "{keys:?}");
        assert!(keys.contains(&"liuanshi".to_owned()) && keys.contains(&"las".to_owned()));
        assert_eq!(query("Lü'Yuan "), "lvyuan");
    }
}
