//! Turns the lines of a list of experts into drafts, and names by line what is wrong with them.

use super::model::{Availability, Contact, Draft, Group, State, Subject};
use crate::{
    platform::{
        import::{Line, LineProblem, List},
        tabular::{Row, Table, list},
    },
    region::DivisionCode,
};

/// Where each value stands. Headers in Chinese or English, as lists in the field name them.
struct Columns {
    number: Option<usize>,
    name: Option<usize>,
    sex: Option<usize>,
    born: Option<usize>,
    org: Option<usize>,
    title: Option<usize>,
    groups: Option<usize>,
    codes: Option<usize>,
    subjects: Option<usize>,
    division: Option<usize>,
    phone: Option<usize>,
    email: Option<usize>,
    specialty: Option<usize>,
    available: Option<usize>,
    avoid: Option<usize>,
    lon: Option<usize>,
    lat: Option<usize>,
    video: Option<usize>,
}

impl Columns {
    fn of(table: &Table) -> Self {
        let column = |names: &[&str]| table.column(names);
        Self {
            number: column(&["编号", "序号", "id", "source_id"]),
            name: column(&["姓名", "name"]),
            sex: column(&["性别", "sex"]),
            born: column(&["出生年", "出生年份", "birth_year"]),
            org: column(&["工作单位", "单位", "org"]),
            title: column(&["职称", "title"]),
            groups: column(&["应急类别", "专家组类型", "类别", "groups"]),
            codes: column(&["学科代码", "subject_codes"]),
            subjects: column(&["学科名称", "学科", "subjects"]),
            division: column(&["行政区划", "行政区划代码", "division"]),
            phone: column(&["手机", "电话", "联系电话", "phone"]),
            email: column(&["邮箱", "email"]),
            specialty: column(&["特长", "专长", "specialty"]),
            available: column(&["是否在岗", "available"]),
            avoid: column(&["回避单位", "avoid_orgs"]),
            lon: column(&["经度", "lon", "lng", "longitude"]),
            lat: column(&["纬度", "lat", "latitude"]),
            video: column(&["可视频", "video_capable"]),
        }
    }
}

/// Names of the columns a file must have; the missing ones.
#[must_use]
pub fn missing_columns(table: &Table) -> Vec<&'static str> {
    let columns = Columns::of(table);
    [(columns.name, "姓名"), (columns.division, "行政区划")]
        .into_iter()
        .filter(|(column, _)| column.is_none())
        .map(|(_, name)| name)
        .collect()
}

/// Reads every line; `year` is the present one.
#[must_use]
pub fn read(table: &Table, year: i64) -> List<Draft> {
    let columns = Columns::of(table);
    List::of(table.rows.iter().map(|row| read_row(&columns, row, year)))
}

fn read_row(columns: &Columns, row: &Row, year: i64) -> Result<Line<Draft>, Vec<LineProblem>> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, code: &str, value: &str| {
        problems.push(LineProblem::new(row.line, field, code, value))
    };

    let division = match DivisionCode::parse(row.cell(columns.division)) {
        Ok(division) => Some(division),
        Err(_) => {
            wrong("division", "not_a_division", row.cell(columns.division));
            None
        }
    };
    let born = row.cell(columns.born);
    let birth_year = match born.parse::<i64>() {
        Ok(year) => Some(year),
        Err(_) if born.is_empty() => None,
        Err(_) => {
            wrong("birth_year", "not_a_number", born);
            None
        }
    };
    let mut groups = Vec::new();
    for word in list(row.cell(columns.groups)) {
        match Group::parse(word) {
            Some(group) if !groups.contains(&group) => groups.push(group),
            Some(_) => {}
            None => wrong("groups", "unknown_word", word),
        }
    }
    let codes: Vec<&str> = list(row.cell(columns.codes)).collect();
    let names: Vec<&str> = list(row.cell(columns.subjects)).collect();
    let mut subjects = Vec::new();
    for at in 0..codes.len().max(names.len()) {
        let (code, name) = (
            codes.get(at).copied().unwrap_or(""),
            names.get(at).copied().unwrap_or(""),
        );
        let well_formed =
            matches!(code.len(), 0 | 3 | 5 | 7) && code.bytes().all(|b| b.is_ascii_digit());
        if !well_formed {
            wrong("subjects", "code_malformed", code);
        }
        subjects.push(Subject {
            code: code.to_owned(),
            name: name.to_owned(),
        });
    }
    let place = match (row.cell(columns.lon), row.cell(columns.lat)) {
        ("", "") => None,
        (lon, lat) => match (lon.parse(), lat.parse()) {
            (Ok(lon), Ok(lat)) => Some([lon, lat]),
            _ => {
                wrong("place", "not_a_number", &format!("{lon} {lat}"));
                None
            }
        },
    };
    let contact = |kind: &str, value: &str| {
        (!value.is_empty()).then(|| Contact {
            kind: kind.to_owned(),
            value: value.to_owned(),
            hours: String::new(),
        })
    };
    let contacts = [
        contact("phone", row.cell(columns.phone)),
        contact("email", row.cell(columns.email)),
    ];
    let draft = division.map(|division| Draft {
        name: row.cell(columns.name).to_owned(),
        sex: row.cell(columns.sex).to_owned(),
        birth_year,
        org: row.cell(columns.org).to_owned(),
        title: row.cell(columns.title).to_owned(),
        groups,
        subjects,
        specialty: row.cell(columns.specialty).to_owned(),
        division,
        place,
        contacts: contacts.into_iter().flatten().collect(),
        video_capable: matches!(row.cell(columns.video), "是" | "1" | "true" | "yes"),
        avoid_orgs: list(row.cell(columns.avoid)).map(str::to_owned).collect(),
        state: State::Listed,
        availability: match row.cell(columns.available) {
            "否" | "0" | "false" | "no" => Availability::OnLeave,
            _ => Availability::Available,
        },
    });
    if let Some(draft) = &draft {
        problems.extend(draft.wrongs(year).into_iter().map(|wrong| {
            let value = if wrong.field() == "birth_year" {
                born
            } else {
                ""
            };
            LineProblem::new(row.line, wrong.field(), wrong.code(), value)
        }));
    }
    match draft {
        Some(draft) if problems.is_empty() => {
            let source_id = match row.cell(columns.number) {
                // Without a number the person himself is the key.
                "" => format!("{}|{}|{}", draft.name, draft.org, draft.division.as_str()),
                number => number.to_owned(),
            };
            Ok(Line {
                line: row.line,
                source_id,
                draft,
            })
        }
        _ => Err(problems),
    }
}

#[cfg(test)]
#[path = "tests/imports.rs"]
mod tests;
