//! Which entries of the journal one socket hears, and from where on.

use std::collections::BTreeMap;

use crate::platform::journal::{Cursor, Entry};

use super::frame::{LIMITS, Reason};

/// What a socket listens to. Pure: told of entries in order, answers who hears them.
#[derive(Debug, Default)]
pub struct Subscriptions {
    subs: BTreeMap<u32, Subscription>,
}

#[derive(Debug)]
struct Subscription {
    topics: Vec<String>,
    /// Entries up to here have been told, or were before its time.
    heard: i64,
}

/// How a subscription begins.
#[derive(Debug, PartialEq, Eq)]
pub enum Begin {
    /// Live from `seq` on; entries after `replay_from` up to `seq` are to be told first.
    Replay {
        replay_from: i64,
        seq: i64,
    },
    Reset {
        reason: Reason,
        seq: i64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    TooManySubscriptions,
    TooManyTopics,
    NoTopics,
}

impl Subscriptions {
    /// Adds or replaces a subscription. `at` is how far this socket has read the journal, `head` the journal's end.
    pub fn begin(
        &mut self,
        sub: u32,
        topics: Vec<String>,
        from: Option<&Cursor>,
        epoch: &str,
        at: i64,
        head: i64,
    ) -> Result<Begin, Refusal> {
        if topics.is_empty() {
            return Err(Refusal::NoTopics);
        }
        if topics.len() > LIMITS.topics {
            return Err(Refusal::TooManyTopics);
        }
        if !self.subs.contains_key(&sub) && self.subs.len() >= LIMITS.subscriptions {
            return Err(Refusal::TooManySubscriptions);
        }
        let begin = match from {
            None => Begin::Replay {
                replay_from: at,
                seq: at,
            },
            Some(cursor) if cursor.epoch != epoch || cursor.seq > head || cursor.seq < 0 => {
                Begin::Reset {
                    reason: Reason::Epoch,
                    seq: at,
                }
            }
            Some(cursor) if at - cursor.seq > LIMITS.replay_entries => Begin::Reset {
                reason: Reason::Gap,
                seq: at,
            },
            // The state answer may be newer than what this socket has read: then entries up to it are skipped.
            Some(cursor) => Begin::Replay {
                replay_from: cursor.seq,
                seq: cursor.seq.max(at),
            },
        };
        let heard = match begin {
            Begin::Replay { replay_from, .. } => replay_from,
            Begin::Reset { seq, .. } => seq,
        };
        self.subs.insert(sub, Subscription { topics, heard });
        Ok(begin)
    }

    pub fn end(&mut self, sub: u32) {
        self.subs.remove(&sub);
    }

    /// Who hears this entry. `may` is the permission policy for one topic.
    pub fn hear(&mut self, entry: &Entry, may: impl Fn(&str) -> bool) -> Vec<u32> {
        let mut hearers = Vec::new();
        for (sub, subscription) in &mut self.subs {
            if entry.seq <= subscription.heard {
                continue;
            }
            subscription.heard = entry.seq;
            let mut topics = entry
                .topics
                .iter()
                .filter(|topic| subscription.topics.contains(topic));
            if topics.any(|topic| may(topic)) {
                hearers.push(*sub);
            }
        }
        hearers
    }

    /// Whether one subscription alone hears an entry of its replay.
    pub fn hear_replay(&mut self, sub: u32, entry: &Entry, may: impl Fn(&str) -> bool) -> bool {
        let Some(subscription) = self.subs.get_mut(&sub) else {
            return false;
        };
        if entry.seq <= subscription.heard {
            return false;
        }
        subscription.heard = entry.seq;
        entry
            .topics
            .iter()
            .any(|topic| subscription.topics.contains(topic) && may(topic))
    }

    /// Every subscription starts anew at `seq`: what the client knows may no longer be his to know.
    pub fn reset_all(&mut self, seq: i64) -> Vec<u32> {
        for subscription in self.subs.values_mut() {
            subscription.heard = subscription.heard.max(seq);
        }
        self.subs.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::platform::Millis;

    fn entry(seq: i64, topics: &[&str]) -> Entry {
        Entry {
            epoch: "e".into(),
            seq,
            at: Millis(0),
            actor: "system".into(),
            jurisdiction: "2201".into(),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            kind: "test.happened".into(),
            entity: "x".into(),
            entity_version: 1,
            payload: Value::Null,
            prev_hash: String::new(),
            hash: String::new(),
        }
    }

    fn from(epoch: &str, seq: i64) -> Cursor {
        Cursor {
            epoch: epoch.into(),
            seq,
        }
    }

    fn topics(topics: &[&str]) -> Vec<String> {
        topics.iter().map(|topic| (*topic).to_owned()).collect()
    }

    #[test]
    fn a_subscription_without_a_place_begins_at_what_the_socket_has_read() {
        let mut subs = Subscriptions::default();
        let begin = subs.begin(1, topics(&["incident"]), None, "e", 10, 12);
        assert_eq!(
            begin,
            Ok(Begin::Replay {
                replay_from: 10,
                seq: 10
            })
        );
        assert_eq!(
            subs.hear(&entry(11, &["incident", "incident/1"]), |_| true),
            [1]
        );
    }

    #[test]
    fn a_place_ahead_of_the_socket_is_not_told_twice() {
        let mut subs = Subscriptions::default();
        let begin = subs.begin(1, topics(&["incident"]), Some(&from("e", 12)), "e", 10, 12);
        assert_eq!(
            begin,
            Ok(Begin::Replay {
                replay_from: 12,
                seq: 12
            })
        );
        assert!(subs.hear(&entry(11, &["incident"]), |_| true).is_empty());
        assert!(subs.hear(&entry(12, &["incident"]), |_| true).is_empty());
        assert_eq!(subs.hear(&entry(13, &["incident"]), |_| true), [1]);
    }

    #[test]
    fn another_epoch_a_place_beyond_the_end_and_a_long_gap_are_explicit_resets() {
        let mut subs = Subscriptions::default();
        let mut begin =
            |from: Cursor, at, head| subs.begin(1, topics(&["a"]), Some(&from), "e", at, head);
        assert_eq!(
            begin(from("old", 3), 10, 10),
            Ok(Begin::Reset {
                reason: Reason::Epoch,
                seq: 10
            })
        );
        assert_eq!(
            begin(from("e", 11), 10, 10),
            Ok(Begin::Reset {
                reason: Reason::Epoch,
                seq: 10
            })
        );
        assert_eq!(
            begin(from("e", 1), 30_000, 30_000),
            Ok(Begin::Reset {
                reason: Reason::Gap,
                seq: 30_000
            })
        );
    }

    #[test]
    fn replay_then_live_tells_each_entry_once() {
        let mut subs = Subscriptions::default();
        subs.begin(1, topics(&["a"]), Some(&from("e", 2)), "e", 5, 5)
            .unwrap();
        let replayed: Vec<i64> = (3..=5)
            .filter(|seq| subs.hear_replay(1, &entry(*seq, &["a"]), |_| true))
            .collect();
        assert_eq!(replayed, [3, 4, 5]);
        assert!(subs.hear(&entry(5, &["a"]), |_| true).is_empty());
        assert_eq!(subs.hear(&entry(6, &["a"]), |_| true), [1]);
    }

    #[test]
    fn what_policy_withholds_is_not_heard_and_other_topics_neither() {
        let mut subs = Subscriptions::default();
        subs.begin(1, topics(&["a", "b"]), None, "e", 0, 0).unwrap();
        assert!(subs.hear(&entry(1, &["c"]), |_| true).is_empty());
        assert!(subs.hear(&entry(2, &["a"]), |_| false).is_empty());
        assert_eq!(subs.hear(&entry(3, &["a", "b"]), |topic| topic == "b"), [1]);
    }

    #[test]
    fn bounds_are_kept() {
        let mut subs = Subscriptions::default();
        assert_eq!(
            subs.begin(1, Vec::new(), None, "e", 0, 0),
            Err(Refusal::NoTopics)
        );
        let many = vec!["a".to_owned(); LIMITS.topics + 1];
        assert_eq!(
            subs.begin(1, many, None, "e", 0, 0),
            Err(Refusal::TooManyTopics)
        );
        for sub in 0..LIMITS.subscriptions as u32 {
            subs.begin(sub, topics(&["a"]), None, "e", 0, 0).unwrap();
        }
        assert_eq!(
            subs.begin(999, topics(&["a"]), None, "e", 0, 0),
            Err(Refusal::TooManySubscriptions)
        );
        assert!(
            subs.begin(0, topics(&["b"]), None, "e", 0, 0).is_ok(),
            "replacing is not adding"
        );
    }
}
