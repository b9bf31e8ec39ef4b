//! The whole policy table, role by role, at home and abroad.

use super::*;
use crate::identity::model::{AccountId, SessionId, VenueId};
use crate::platform::clock::Millis;

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).expect("a code")
}

fn actor(role: Role, division: &str) -> Actor {
    let now = Millis(1_700_000_000_000);
    Actor {
        account_id: AccountId::new(now),
        session_id: SessionId::new(now),
        name: "王伟".to_owned(),
        roles: vec![role],
        division: code(division),
        venue_id: None,
    }
}

#[test]
fn a_rule_is_found_by_its_action() {
    for rule in RULES {
        assert_eq!(rule.action.rule().action, rule.action);
    }
    assert!(
        RULES.is_sorted_by_key(|rule| rule.action.name()),
        "keep the lines in alphabetical order"
    );
}

#[test]
fn a_route_has_one_line_only() {
    let mut routes: Vec<&str> = RULES.iter().flat_map(|rule| rule.routes).copied().collect();
    routes.extend(PUBLIC_ROUTES);
    routes.extend(OWN_ROUTES);
    let all = routes.len();
    routes.sort_unstable();
    routes.dedup();
    assert_eq!(all, routes.len(), "a route is listed twice");
}

#[test]
fn administrators_see_no_business_data_and_have_no_common_power() {
    for rule in RULES {
        let touches_business = matches!(rule.class, DataClass::Business | DataClass::Personal);
        for role in rule.roles.iter().filter(|role| role.is_administrator()) {
            assert!(!touches_business, "{role:?} may {:?}", rule.action);
        }
    }
    let only = |action: Action, role: Role| assert_eq!(action.rule().roles, [role], "{action:?}");
    only(Action::EditAccounts, Role::SystemAdmin);
    only(Action::GrantRoles, Role::SecurityAdmin);
    only(Action::ReadAudit, Role::AuditAdmin);
}

#[test]
fn every_action_by_every_role_at_home_above_below_and_abroad() {
    let (city, home, town, abroad) = (
        code("2201"),
        code("220102"),
        code("220102001"),
        code("220182"),
    );
    for rule in RULES {
        for role in Role::ALL {
            let who = actor(role, "220102");
            let allowed = rule.roles.contains(&role);
            let answers =
                [&city, &home, &town, &abroad].map(|place| may(&who, rule.action, place).is_ok());
            let expected = match rule.reach {
                _ if !allowed => [false, false, false, false],
                Reach::Subtree => [false, true, true, false],
                Reach::Lineage => [true, true, true, false],
                Reach::Anywhere => [true, true, true, true],
            };
            assert_eq!(answers, expected, "{role:?} {:?}", rule.action);
        }
    }
}

#[test]
fn the_refusal_says_whether_the_role_or_the_place_is_wrong() {
    let duty = actor(Role::DutyOfficer, "220102");
    assert_eq!(
        may(&duty, Action::VerifyIncident, &code("220182")),
        Err(Denied::Jurisdiction(Action::VerifyIncident))
    );
    assert_eq!(
        may(&duty, Action::ReadAudit, &code("220102")),
        Err(Denied::Role(Action::ReadAudit))
    );
}

#[test]
fn topics_follow_the_same_table() {
    let (home, abroad, city) = (code("220102"), code("220182"), code("2201"));
    let duty = actor(Role::DutyOfficer, "220102");
    assert!(may_read_topic(&duty, "incident", &home));
    assert!(may_read_topic(&duty, "incident/0190", &home));
    assert!(!may_read_topic(&duty, "incident", &abroad));
    assert!(!may_read_topic(&duty, "incident", &city));
    assert!(may_read_topic(&duty, "conference", &city));
    assert!(!may_read_topic(&duty, "audit", &home));
    assert!(!may_read_topic(&duty, "account", &home));
    assert!(!may_read_topic(&duty, "secrets", &home));
    assert!(!may_read_topic(
        &actor(Role::SystemAdmin, "2201"),
        "incident",
        &city
    ));
    assert!(may_read_topic(
        &actor(Role::AuditAdmin, "2201"),
        "audit",
        &city
    ));
}

#[test]
fn a_venue_terminal_hears_its_own_venue_only() {
    let mut terminal = actor(Role::Venue, "220102");
    let (own, other) = (VenueId::new(Millis(1)), VenueId::new(Millis(1)));
    terminal.venue_id = Some(own.clone());
    assert!(may_read_topic(
        &terminal,
        &format!("venue/{own}"),
        &code("220102")
    ));
    assert!(!may_read_topic(
        &terminal,
        &format!("venue/{other}"),
        &code("220102")
    ));
    assert!(!may_read_topic(&terminal, "venue", &code("220102")));
    assert!(may_read_topic(&terminal, "conference/0190", &code("2201")));
    assert!(!may_read_topic(&terminal, "incident", &code("220102")));
}
