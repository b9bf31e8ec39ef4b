//! Lists as they come: every wrong line by number and reason, the good ones whole.

use expect_test::expect;

use super::*;

const LIST: &str = "编号,姓名,性别,出生年,工作单位,职称,应急类别,学科代码,学科名称,行政区划,手机,邮箱,特长,是否在岗,备注\r\n\
    ZJ1,薛　勇,男,1959,示例大学（虚构）,教授,综合管理、自然灾害,62021;33061,安全社会科学;劳动卫生学,220183000000,10048743364,a@expert.invalid,防洪,否,合成\r\n\
    ZJ2,,男,1959,示例大学（虚构）,,自然灾害,570,水利工程,220183,,,,是,\r\n\
    ZJ3,甲,男,19七八,示例大学（虚构）,,自然灾害,57O,水利工程,220183,,,,是,\r\n\
    ZJ4,乙,男,1970,示例大学（虚构）,,奇怪的类别,570,水利工程,99,,,,是,\r\n\
    ZJ1,薛　勇,男,1959,示例大学（虚构）,教授,自然灾害,570,水利工程,220183,,,,是,\r\n";

fn told(problems: &[LineProblem]) -> Vec<String> {
    problems
        .iter()
        .map(|p| format!("{} {} {} {:?}", p.line, p.field, p.code, p.value))
        .collect()
}

#[test]
fn each_wrong_line_is_named_with_its_reason() {
    let (lines, problems) = read(&Table::read(LIST.as_bytes()).unwrap(), 2026).parts();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].draft.groups, [Group::General, Group::Natural]);
    assert_eq!(lines[0].draft.division.as_str(), "220183");
    assert_eq!(lines[0].draft.availability, Availability::OnLeave);
    expect![[r#"
        [
            "3 name missing \"\"",
            "4 birth_year not_a_number \"19七八\"",
            "4 subjects code_malformed \"57O\"",
            "5 division not_a_division \"99\"",
            "5 groups unknown_word \"奇怪的类别\"",
            "6 source_id repeated \"ZJ1\"",
        ]
    "#]]
    .assert_debug_eq(&told(&problems));
}

#[test]
fn a_file_without_the_columns_that_matter_says_which() {
    let table = Table::read("编号,单位\n1,x\n".as_bytes()).unwrap();
    assert_eq!(missing_columns(&table), ["姓名", "行政区划"]);
}
