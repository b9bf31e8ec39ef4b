//! The life cycle: scripts, and the properties that hold after any script.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::{
    incident::{
        lifecycle::{Command, Event, Lifecycle, REASON_MAX, Status},
        model::IncidentId,
    },
    platform::Refusal,
};

fn id(n: u8) -> IncidentId {
    IncidentId::parse(&format!("00000000-0000-7000-8000-0000000000{n:02x}")).unwrap()
}

/// The only place that touches the core's interface.
fn check(born: Status, script: Vec<Command>, expected: Expect) {
    let mut life = Lifecycle::born(born);
    let mut log = String::new();
    for command in script {
        match life.decide(&id(0), command) {
            Ok(events) => {
                events.iter().for_each(|event| life.apply(event));
                let kinds: Vec<_> = events
                    .iter()
                    .map(|event| event.kind().trim_start_matches("incident."))
                    .collect();
                writeln!(log, "{} [{}]", life.status.as_str(), kinds.join(", ")).unwrap();
            }
            Err(refusal) => writeln!(
                log,
                "{} refused: {}",
                life.status.as_str(),
                Refusal::from(refusal).code
            )
            .unwrap(),
        }
    }
    expected.assert_eq(&log);
}

fn reason(text: &str) -> String {
    text.to_owned()
}

#[test]
fn an_incident_goes_its_whole_way_and_no_step_is_skipped_in_the_log() {
    use Command::*;
    check(
        Status::Draft,
        vec![
            Report,
            Confirm,
            Respond,
            Control,
            Respond,
            Control,
            Close,
            Archive,
            Reopen {
                reason: reason("复燃"),
            },
        ],
        expect![[r#"
            reported [reported]
            confirmed [verification_started, confirmed]
            responding [response_started]
            controlled [controlled]
            responding [response_started]
            controlled [controlled]
            closed [closed]
            archived [archived]
            responding [reopened]
        "#]],
    );
}

#[test]
fn side_exits_need_a_reason_and_lead_back_to_verification() {
    use Command::*;
    check(
        Status::Reported,
        vec![
            Dismiss {
                reason: reason("  "),
            },
            Dismiss {
                reason: reason("误拨"),
            },
            Respond,
            Reopen { reason: reason("") },
            Reopen {
                reason: reason("又有人报警"),
            },
            Transfer {
                to: reason(" "),
                reason: reason("属邻县"),
            },
            Transfer {
                to: reason("农安县"),
                reason: reason("属邻县"),
            },
            Reopen {
                reason: reason(&"长".repeat(REASON_MAX + 1)),
            },
        ],
        expect![[r#"
            reported refused: incident.reason_missing
            dismissed [dismissed]
            dismissed refused: incident.not_now
            dismissed refused: incident.reason_missing
            verifying [reopened]
            verifying refused: incident.receiver_missing
            transferred [transferred]
            transferred refused: incident.reason_too_long
        "#]],
    );
}

#[test]
fn a_merged_incident_returns_exactly_to_where_it_was() {
    use Command::*;
    check(
        Status::Confirmed,
        vec![
            Merge { into: id(0) },
            Merge { into: id(1) },
            Merge { into: id(2) },
            Respond,
            Unmerge,
            Unmerge,
        ],
        expect![[r#"
            confirmed refused: incident.merged_into_itself
            duplicate [merged]
            duplicate refused: incident.merged_elsewhere
            duplicate refused: incident.not_now
            confirmed [unmerged]
            confirmed refused: incident.not_now
        "#]],
    );
}

fn command() -> impl Strategy<Value = Command> {
    let reasons = prop_oneof![Just(String::new()), Just("原因".to_owned())];
    prop_oneof![
        Just(Command::Report),
        Just(Command::Verify),
        Just(Command::Confirm),
        Just(Command::Respond),
        Just(Command::Control),
        Just(Command::Close),
        Just(Command::Archive),
        reasons
            .clone()
            .prop_map(|reason| Command::Dismiss { reason }),
        (
            prop_oneof![Just(String::new()), Just("县".to_owned())],
            reasons.clone()
        )
            .prop_map(|(to, reason)| Command::Transfer { to, reason }),
        (0_u8..4).prop_map(|n| Command::Merge { into: id(n) }),
        Just(Command::Unmerge),
        reasons.prop_map(|reason| Command::Reopen { reason }),
    ]
}

fn verb(command: &Command) -> &'static str {
    match command {
        Command::Report => "report",
        Command::Verify => "verify",
        Command::Confirm => "confirm",
        Command::Respond => "respond",
        Command::Control => "control",
        Command::Close => "close",
        Command::Archive => "archive",
        Command::Dismiss { .. } => "dismiss",
        Command::Transfer { .. } => "transfer",
        Command::Merge { .. } => "merge",
        Command::Unmerge => "unmerge",
        Command::Reopen { .. } => "reopen",
    }
}

fn whole(life: &Lifecycle) {
    assert_eq!(life.merged.is_some(), life.status == Status::Duplicate);
    assert_eq!(
        life.transferred_to.is_some(),
        status_behind(life) == Status::Transferred
    );
    if let Some(merged) = &life.merged {
        assert_ne!(merged.into, id(0), "never into itself");
        assert_ne!(merged.status_before, Status::Duplicate);
    }
}

fn status_behind(life: &Lifecycle) -> Status {
    life.merged
        .as_ref()
        .map_or(life.status, |merged| merged.status_before)
}

proptest! {
    #[test]
    fn invariants_hold_refusals_change_nothing_and_replay_equals_live(
        born in prop::sample::select(vec![Status::Draft, Status::Reported, Status::Archived]),
        script in prop::collection::vec(command(), 0..40),
    ) {
        let mut live = Lifecycle::born(born);
        let mut history: Vec<Event> = Vec::new();
        for command in script {
            let before = live.clone();
            let offered = live.verbs().contains(&verb(&command));
            match live.decide(&id(0), command.clone()) {
                Err(_) => prop_assert_eq!(&live, &before),
                Ok(events) => {
                    prop_assert!(offered || events.is_empty(), "a verb that works is a button of the page");
                    events.iter().for_each(|event| live.apply(event));
                    history.extend(events);
                    // The same command again changes nothing, whatever it answers.
                    let done = live.clone();
                    if let Ok(again) = live.decide(&id(0), command.clone()) {
                        prop_assert!(again.is_empty() || matches!(command, Command::Reopen { .. }), "{command:?} twice");
                        again.iter().for_each(|event| live.apply(event));
                        prop_assert_eq!(&live, &done);
                    }
                }
            }
            whole(&live);
        }
        let mut replayed = Lifecycle::born(born);
        history.iter().for_each(|event| replayed.apply(event));
        prop_assert_eq!(replayed, live);
    }

    #[test]
    fn every_offered_verb_is_accepted(born in prop::sample::select(Status::ALL.to_vec())) {
        let life = match born {
            Status::Duplicate => {
                let mut life = Lifecycle::born(Status::Confirmed);
                life.apply(&Event::Merged { into: id(1) });
                life
            }
            _ => Lifecycle::born(born),
        };
        for name in life.verbs() {
            let text = || "原因".to_owned();
            let command = match *name {
                "report" => Command::Report,
                "verify" => Command::Verify,
                "confirm" => Command::Confirm,
                "respond" => Command::Respond,
                "control" => Command::Control,
                "close" => Command::Close,
                "archive" => Command::Archive,
                "dismiss" => Command::Dismiss { reason: text() },
                "transfer" => Command::Transfer { to: text(), reason: text() },
                "merge" => Command::Merge { into: id(1) },
                "unmerge" => Command::Unmerge,
                "reopen" => Command::Reopen { reason: text() },
                other => panic!("{other} is no verb"),
            };
            let events = life.decide(&id(0), command);
            prop_assert!(events.as_ref().is_ok_and(|events| !events.is_empty()), "{name} from {born:?}: {events:?}");
        }
    }
}
