//! When repeated failures to sign in close the door, for whom and how long.
//!
//! Three counters run beside each other. *Account at a source* is the rule users meet: five failures
//! close it for half an hour, and somebody at another desk can still sign in, so that nobody is locked
//! out of his office by a stranger. *Account anywhere* and *source, any account* are wider and catch
//! guessing spread over many addresses or many names.

use crate::platform::clock::Millis;

/// How long failures are remembered, and how long a closed door stays closed.
pub const LOCK_MS: i64 = 30 * 60 * 1000;

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    AccountAtSource,
    Account,
    Source,
}

impl Scope {
    pub const ALL: [Scope; 3] = [Scope::AccountAtSource, Scope::Account, Scope::Source];

    /// Failures that close the door.
    pub fn limit(self) -> i64 {
        match self {
            Scope::AccountAtSource => 5,
            Scope::Account => 25,
            Scope::Source => 50,
        }
    }

    /// The key of the counter for one attempt.
    pub fn key(self, login: &str, source: &str) -> String {
        match self {
            Scope::AccountAtSource => format!("both:{login}@{source}"),
            Scope::Account => format!("account:{login}"),
            Scope::Source => format!("source:{source}"),
        }
    }

    /// What a key counts: its scope, and the login and source it is about where it is about one.
    #[must_use]
    pub fn of_key(key: &str) -> Option<(Scope, Option<&str>, Option<&str>)> {
        let (scope, about) = key.split_once(':')?;
        Some(match scope {
            // An address holds no `@`; what was typed as a login may.
            "both" => {
                let (login, source) = about.rsplit_once('@')?;
                (Scope::AccountAtSource, Some(login), Some(source))
            }
            "account" => (Scope::Account, Some(about), None),
            "source" => (Scope::Source, None, Some(about)),
            _ => return None,
        })
    }
}

/// One counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    pub failures: i64,
    pub last_failure_at: i64,
    pub locked_until: i64,
}

impl Counter {
    /// `Some(when it opens)` while closed.
    pub fn locked(&self, now: Millis) -> Option<Millis> {
        (now.0 < self.locked_until).then_some(Millis(self.locked_until))
    }

    /// The counter after one more failure.
    pub fn failed(self, scope: Scope, now: Millis) -> Counter {
        let stale = now.0 - self.last_failure_at >= LOCK_MS
            || (self.locked_until > 0 && now.0 >= self.locked_until);
        let failures = if stale { 1 } else { self.failures + 1 };
        let locked_until = if failures >= scope.limit() {
            now.0 + LOCK_MS
        } else {
            0
        };
        Counter {
            failures,
            last_failure_at: now.0,
            locked_until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(failures: i64, scope: Scope) -> Counter {
        (0..failures).fold(Counter::default(), |counter, at| {
            counter.failed(scope, Millis(1_000_000_000 + at))
        })
    }

    #[test]
    fn the_fifth_failure_locks_for_thirty_minutes() {
        let four = after(4, Scope::AccountAtSource);
        assert_eq!(four.locked(Millis(1_000_000_003)), None);
        let five = after(5, Scope::AccountAtSource);
        let opens = 1_000_000_004 + LOCK_MS;
        assert_eq!(five.locked(Millis(1_000_000_004)), Some(Millis(opens)));
        assert_eq!(five.locked(Millis(opens - 1)), Some(Millis(opens)));
        assert_eq!(five.locked(Millis(opens)), None);
    }

    #[test]
    fn after_the_lock_the_count_begins_anew() {
        let five = after(5, Scope::AccountAtSource);
        let again = five.failed(Scope::AccountAtSource, Millis(five.locked_until));
        assert_eq!((again.failures, again.locked_until), (1, 0));
    }

    #[test]
    fn failures_half_an_hour_apart_do_not_add_up() {
        let mut counter = Counter::default();
        for hour in 0..20 {
            counter = counter.failed(
                Scope::AccountAtSource,
                Millis(1_000_000_000 + hour * LOCK_MS),
            );
        }
        assert_eq!(counter.failures, 1);
    }

    #[test]
    fn a_key_says_what_it_counts() {
        for scope in Scope::ALL {
            let key = scope.key("wang@home", "fe80::1");
            let (read, login, source) = Scope::of_key(&key).expect("a key of ours");
            assert_eq!(read, scope);
            assert_eq!(login, (scope != Scope::Source).then_some("wang@home"));
            assert_eq!(source, (scope != Scope::Account).then_some("fe80::1"));
        }
        assert_eq!(Scope::of_key("nothing"), None);
    }

    #[test]
    fn failures_at_one_desk_do_not_lock_the_person_out_elsewhere() {
        let here = Scope::AccountAtSource.key("wang", "10.0.0.1");
        let there = Scope::AccountAtSource.key("wang", "10.0.0.2");
        assert_ne!(here, there);
        assert_eq!(after(5, Scope::Account).locked(Millis(1_000_000_004)), None);
        assert!(
            after(25, Scope::Account)
                .locked(Millis(1_000_000_024))
                .is_some()
        );
    }
}
