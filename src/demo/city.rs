//! Changchun as the demonstration knows it: its divisions, the venues of its meetings, and who works there.

use crate::identity::Role;

/// One venue of the city's video conference.
#[derive(Clone, Copy, Debug)]
pub struct Venue {
    /// Login of its terminal.
    pub login: &'static str,
    pub name: &'static str,
    pub short_name: &'static str,
    pub division: &'static str,
    pub level: &'static str,
}

impl Venue {
    /// The same in every demonstration city, so that seeding twice makes nothing twice.
    pub fn id(&self) -> String {
        let place = VENUES
            .iter()
            .position(|venue| venue.login == self.login)
            .unwrap_or_default();
        format!("0190d000-0000-7000-8000-{place:012}")
    }
}

const fn venue(
    login: &'static str,
    name: &'static str,
    short_name: &'static str,
    division: &'static str,
    level: &'static str,
) -> Venue {
    Venue {
        login,
        name,
        short_name,
        division,
        level,
    }
}

/// 市委 and 市政府 are each other's main venue; the first is active.
pub const VENUES: [Venue; 17] = [
    venue("venue.shiwei", "市委主会场", "市委", "2201", "city"),
    venue("venue.shizhengfu", "市政府主会场", "市政府", "2201", "city"),
    venue(
        "venue.guangdian",
        "市广电局分会场",
        "市广电局",
        "2201",
        "city",
    ),
    venue("venue.nanguan", "南关区分会场", "南关", "220102", "county"),
    venue(
        "venue.kuancheng",
        "宽城区分会场",
        "宽城",
        "220103",
        "county",
    ),
    venue("venue.chaoyang", "朝阳区分会场", "朝阳", "220104", "county"),
    venue("venue.erdao", "二道区分会场", "二道", "220105", "county"),
    venue("venue.luyuan", "绿园区分会场", "绿园", "220106", "county"),
    venue(
        "venue.shuangyang",
        "双阳区分会场",
        "双阳",
        "220112",
        "county",
    ),
    venue("venue.jiutai", "九台区分会场", "九台", "220113", "county"),
    venue("venue.nongan", "农安县分会场", "农安", "220122", "county"),
    venue("venue.yushu", "榆树市分会场", "榆树", "220182", "county"),
    venue("venue.dehui", "德惠市分会场", "德惠", "220183", "county"),
    venue(
        "venue.gongzhuling",
        "公主岭市分会场",
        "公主岭",
        "220184",
        "county",
    ),
    venue(
        "venue.jingkai",
        "经济技术开发区分会场",
        "经开区",
        "220171",
        "county",
    ),
    venue(
        "venue.jingyue",
        "净月高新技术产业开发区分会场",
        "净月区",
        "220172",
        "county",
    ),
    venue(
        "venue.gaoxin",
        "高新技术产业开发区分会场",
        "高新区",
        "220173",
        "county",
    ),
];

/// One person who may sign in.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub login: &'static str,
    pub name: &'static str,
    pub role: Role,
    pub division: &'static str,
}

const fn person(
    login: &'static str,
    name: &'static str,
    role: Role,
    division: &'static str,
) -> Person {
    Person {
        login,
        name,
        role,
        division,
    }
}

/// One account for every role, and a desk in a county to see what jurisdiction does.
pub const PEOPLE: [Person; 10] = [
    person("leader", "市领导（演示）", Role::Leader, "2201"),
    person("duty", "市值班员（演示）", Role::DutyOfficer, "2201"),
    person("dispatch", "市调度员（演示）", Role::Dispatcher, "2201"),
    person("operator", "市会控员（演示）", Role::Operator, "2201"),
    person("planner", "市资源管理员（演示）", Role::Planner, "2201"),
    person(
        "dispatch.yushu",
        "榆树市调度员（演示）",
        Role::Dispatcher,
        "220182",
    ),
    person("leader.yushu", "榆树市领导（演示）", Role::Leader, "220182"),
    person("sysadmin", "系统管理员（演示）", Role::SystemAdmin, "2201"),
    person(
        "secadmin",
        "安全管理员（演示）",
        Role::SecurityAdmin,
        "2201",
    ),
    person("auditadmin", "审计管理员（演示）", Role::AuditAdmin, "2201"),
];

/// Divisions of the city with their towns: code, name, kind, parent.
pub const DIVISIONS_CSV: &str = include_str!("../../demo/divisions_changchun.csv");
/// Synthetic experts.
pub const EXPERTS_CSV: &str = include_str!("../../demo/experts.csv");
/// Synthetic hospitals, shelters, hazards, depots, teams and cameras.
pub const ASSETS_CSV: &str = include_str!("../../demo/assets.csv");
/// Real call records of another country, for the replay.
pub const CALLS_CSV: &str = include_str!("../../demo/calls_911_slice.csv");
/// Rivers, lakes, towns and airports, drawn where no tiles are.
pub const BASE_MAP: &str = include_str!("../../demo/basemap.geojson");
