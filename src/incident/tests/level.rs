//! Level rules: the boundaries of Decree 493 one by one, and what holds for any facts.

use std::{collections::BTreeMap, fmt::Write as _};

use expect_test::expect;
use proptest::prelude::*;

use crate::incident::{
    category::Category,
    figures::FigureKey,
    level::{Level, Silence, propose},
    model::Sensitivity,
};

fn level_of(slug: &str, facts: &[(FigureKey, i64)]) -> (Option<Level>, Vec<&'static str>) {
    let facts = facts.iter().copied().collect();
    let proposal = propose(Category::parse(slug).unwrap(), &facts, &[]);
    (
        proposal.level,
        proposal.fired.iter().map(|fired| fired.rule.id).collect(),
    )
}

#[test]
fn every_boundary_of_decree_493() {
    let mut table = String::new();
    let boundaries: [(FigureKey, &[i64]); 3] = [
        (FigureKey::Dead, &[0, 2, 3, 9, 10, 29, 30]),
        (FigureKey::Serious, &[9, 10, 49, 50, 99, 100]),
        (
            FigureKey::LossYuan,
            &[
                9_999_999,
                10_000_000,
                49_999_999,
                50_000_000,
                99_999_999,
                100_000_000,
            ],
        ),
    ];
    for (key, values) in boundaries {
        for &value in values {
            let (level, fired) = level_of("accident.work_safety.fire", &[(key, value)]);
            writeln!(
                table,
                "{} {value}: {} by {}",
                key.as_str(),
                level.unwrap().as_str(),
                fired[0]
            )
            .unwrap();
        }
    }
    expect![[r#"
        dead 0: IV by decree-493.IV.dead
        dead 2: IV by decree-493.IV.dead
        dead 3: III by decree-493.III.dead
        dead 9: III by decree-493.III.dead
        dead 10: II by decree-493.II.dead
        dead 29: II by decree-493.II.dead
        dead 30: I by decree-493.I.dead
        serious 9: IV by decree-493.IV.serious
        serious 10: III by decree-493.III.serious
        serious 49: III by decree-493.III.serious
        serious 50: II by decree-493.II.serious
        serious 99: II by decree-493.II.serious
        serious 100: I by decree-493.I.serious
        loss_yuan 9999999: IV by decree-493.IV.loss
        loss_yuan 10000000: III by decree-493.III.loss
        loss_yuan 49999999: III by decree-493.III.loss
        loss_yuan 50000000: II by decree-493.II.loss
        loss_yuan 99999999: II by decree-493.II.loss
        loss_yuan 100000000: I by decree-493.I.loss
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_gravest_of_several_facts_decides_and_stands_first() {
    let facts = [
        (FigureKey::Dead, 2),
        (FigureKey::Serious, 60),
        (FigureKey::LossYuan, 20_000_000),
    ];
    let (level, fired) = level_of("accident.transport.road", &facts);
    assert_eq!(level, Some(Level::II));
    assert_eq!(
        fired,
        [
            "decree-493.II.serious",
            "decree-493.III.loss",
            "decree-493.IV.dead"
        ]
    );
}

#[test]
fn social_security_has_no_level_by_law_and_unknown_facts_propose_none() {
    let silence = |slug, facts| propose(Category::parse(slug).unwrap(), &facts, &[]).silence;
    let many = BTreeMap::from([(FigureKey::Dead, 500)]);
    assert_eq!(
        silence("security.mass", many.clone()),
        Some(Silence::NotDefinedByLaw)
    );
    assert_eq!(
        silence("accident.environment", many),
        Some(Silence::NoRule),
        "article 2 leaves it to other rules"
    );
    assert_eq!(
        silence("accident.transport.road", BTreeMap::new()),
        Some(Silence::NoFigures)
    );
}

#[test]
fn a_sensitive_place_is_reported_whatever_the_level() {
    let category = Category::parse("security.mass").unwrap();
    assert!(propose(category, &BTreeMap::new(), &[Sensitivity::Place]).report_regardless);
    assert!(!propose(category, &BTreeMap::new(), &[]).report_regardless);
}

proptest! {
    #[test]
    fn more_harm_never_makes_it_milder(
        dead in 0_i64..40, serious in 0_i64..120, loss in 0_i64..120_000_000,
        more_dead in 0_i64..10, more_serious in 0_i64..20, more_loss in 0_i64..20_000_000,
    ) {
        let facts = |dead, serious, loss| {
            [(FigureKey::Dead, dead), (FigureKey::Serious, serious), (FigureKey::LossYuan, loss)]
        };
        let (before, _) = level_of("accident.facility.gas", &facts(dead, serious, loss));
        let (after, fired) =
            level_of("accident.facility.gas", &facts(dead + more_dead, serious + more_serious, loss + more_loss));
        prop_assert!(after <= before, "I is the least");
        prop_assert_eq!(fired.len(), 3, "each known figure says which rule it fulfils");
    }
}
