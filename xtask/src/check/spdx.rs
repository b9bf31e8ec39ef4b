//! Reads licence expressions (`MIT OR Apache-2.0`) and judges them by a list of allowed names.

/// Whether `expression` can be satisfied with names for which `allowed` is true.
///
/// Understands `AND`, `OR`, `WITH`, parentheses, and the old `/` for `OR`. Anything else is not satisfied.
pub fn satisfied(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader {
        words: &words,
        allowed,
    };
    let verdict = reader.any_of();
    reader.words.is_empty() && verdict == Some(true)
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self
            .words
            .first()
            .is_some_and(|first| first.eq_ignore_ascii_case(word));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn any_of(&mut self) -> Option<bool> {
        let mut verdict = self.all_of()?;
        while self.take("OR") {
            verdict |= self.all_of()?;
        }
        Some(verdict)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut verdict = self.one()?;
        while self.take("AND") {
            verdict &= self.one()?;
        }
        Some(verdict)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let verdict = self.any_of()?;
            return self.take(")").then_some(verdict);
        }
        let (name, rest) = self.words.split_first()?;
        self.words = rest;
        if self.take("WITH") {
            // An exception only adds permissions, so the licence itself decides.
            let (_exception, rest) = self.words.split_first()?;
            self.words = rest;
        }
        Some((self.allowed)(name))
    }
}

#[cfg(test)]
mod tests {
    use super::satisfied;

    fn check(expression: &str, expected: bool) {
        let allowed = |name: &str| ["MIT", "Apache-2.0", "Unicode-3.0"].contains(&name);
        assert_eq!(satisfied(expression, &allowed), expected, "{expression}");
    }

    #[test]
    fn one_allowed_side_of_or_is_enough() {
        check("GPL-3.0 OR MIT", true);
        check("MIT/Apache-2.0", true);
    }

    #[test]
    fn both_sides_of_and_are_needed() {
        check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
        check("(MIT OR Apache-2.0) AND GPL-3.0", false);
    }

    #[test]
    fn an_exception_leaves_the_licence_to_decide() {
        check("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true);
        check("GPL-2.0 WITH Classpath-exception-2.0", false);
    }

    #[test]
    fn broken_expressions_are_not_satisfied() {
        for broken in ["", "MIT OR", "(MIT", "MIT Apache-2.0", ")"] {
            check(broken, false);
        }
    }
}
