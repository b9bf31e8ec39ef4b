//! What an import of a division list would do.

use expect_test::{Expect, expect};
use jiff::civil::date;

use super::*;
use crate::region::list;

fn known(list: &str, edition: Edition) -> BTreeMap<DivisionCode, Division> {
    let rows = list::read(list.as_bytes()).expect("a list");
    let plan = plan(&rows, &BTreeMap::new(), edition);
    plan.save
        .into_iter()
        .map(|one| (one.code.clone(), one))
        .collect()
}

fn check(
    list: &str,
    known: &BTreeMap<DivisionCode, Division>,
    edition: Edition,
    expected: &Expect,
) -> Plan {
    let rows = list::read(list.as_bytes()).expect("a list");
    let plan = plan(&rows, known, edition);
    let r = &plan.report;
    let mut told = format!(
        "added {} changed {} unchanged {} ended {} skipped {} refused {}\n",
        r.added, r.changed, r.unchanged, r.ended, r.skipped, r.refused
    );
    for line in &r.lines {
        told += &format!(
            "{} {} {} {:?} {}\n",
            line.line, line.code, line.name, line.outcome, line.reason
        );
    }
    expected.assert_eq(&told);
    plan
}

#[test]
fn every_trap_of_the_public_lists_is_named_by_its_line() {
    let list = "id,pid,name,ext_id,ext_name\n\
        44,0,广东,440000000000,广东省\n\
        4419,44,东莞,441900000000,东莞市\n\
        441900,4419,东莞,441900000000,东莞市\n\
        441900003,441900,东城,441900003000,东城街道\n\
        9100,91,国外,0,国外\n\
        22010,22,短,220100000000,短\n\
        2202,22,吉林,220300000000,吉林市\n\
        220303,2202,铁东,220303000000,铁东区\n\
        100000_JD,0,,100000,\n\
        44,0,广西,440000000000,广西\n\
        44,0,广东,440000000000,广东省\n";
    check(
        list,
        &BTreeMap::new(),
        Edition::default(),
        &expect![[r#"
        added 3 changed 0 unchanged 0 ended 0 skipped 3 refused 5
        7 22010 短 Refused code_length
        8 2202 吉林市 Refused codes_disagree
        9 220303 铁东区 Refused parent_disagrees
        10 100000_JD  Refused code_digits
        11 44 广西 Refused code_taken
        4 441900 东莞市 Skipped same_as_above
        6 9100 国外 Skipped placeholder
        12 44 广东省 Skipped twice
    "#]],
    );
}

#[test]
fn zones_and_groupings_are_told_from_counties_and_cities() {
    let known = known(
        "code,name\n11,北京市\n1101,市辖区\n110105,朝阳区\n22,吉林省\n2201,长春市\n220173,长春高新技术产业开发区\n220102001,自强街道\n",
        Edition::default(),
    );
    let kinds: Vec<_> = known
        .values()
        .map(|one| (one.code.as_str(), one.kind.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("11", "province"),
            ("1101", "grouping"),
            ("110105", "county"),
            ("22", "province"),
            ("2201", "city"),
            ("220102001", "township"),
            ("220173", "zone"),
        ]
    );
}

#[test]
fn the_same_list_again_changes_nothing() {
    let list = "code,name\n22,吉林省\n2201,长春市\n";
    let known = known(list, Edition::default());
    let plan = check(
        list,
        &known,
        Edition::default(),
        &expect![[r#"
        added 0 changed 0 unchanged 2 ended 0 skipped 0 refused 0
    "#]],
    );
    assert!(plan.save.is_empty());
}

#[test]
fn a_complete_new_edition_ends_what_it_no_longer_names() {
    let before = known(
        "code,name\n22,吉林省\n2203,四平市\n220381,公主岭市\n220382,双辽市\n37,山东省\n370112,历城区\n",
        Edition::default(),
    );
    let edition = Edition {
        from: Some(date(2020, 6, 19)),
        is_complete: true,
    };
    let plan = check(
        "code,name\n22,吉林省\n2203,四平市\n2201,长春市\n220184,公主岭市\n220382,双辽市\n",
        &before,
        edition,
        &expect![[r#"
        added 2 changed 0 unchanged 3 ended 1 skipped 0 refused 0
        0 220381 公主岭市 Ended not_in_edition
    "#]],
    );
    let day = Some(date(2020, 6, 19));
    let told: Vec<_> = plan
        .save
        .iter()
        .map(|one| (one.code.as_str(), one.valid.from, one.valid.until))
        .collect();
    assert_eq!(
        told,
        [
            ("2201", day, None),
            ("220184", day, None),
            ("220381", None, day)
        ]
    );
}

#[test]
fn a_renamed_division_keeps_its_code_and_says_its_old_name() {
    let before = known("code,name\n150202,东河\n", Edition::default());
    let plan = check(
        "code,name\n150202,东河区\n",
        &before,
        Edition::default(),
        &expect![[r#"
        added 0 changed 1 unchanged 0 ended 0 skipped 0 refused 0
        2 150202 东河区 Changed renamed
    "#]],
    );
    assert_eq!(plan.save[0].version, 2);
}
