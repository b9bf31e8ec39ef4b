//! Who is proposed, who never is, and that the reasons add up.

use proptest::prelude::*;

use super::*;
use crate::{
    expert::model::{ExpertId, Subject},
    platform::Millis,
};

fn expert(n: u8) -> Expert {
    Expert {
        id: ExpertId::parse(&format!("00000000-0000-7000-8000-0000000000{n:02x}")).unwrap(),
        name: format!("专家{n}"),
        sex: String::new(),
        birth_year: None,
        org: "示例大学（虚构）".into(),
        title: String::new(),
        groups: vec![Group::Natural],
        subjects: Vec::new(),
        specialty: String::new(),
        division: DivisionCode::parse("220102").unwrap(),
        place: None,
        contacts: Vec::new(),
        video_capable: false,
        avoid_orgs: Vec::new(),
        state: State::Listed,
        availability: Availability::Available,
        source: String::new(),
        source_id: String::new(),
        updated_at: Millis(0),
        version: 1,
    }
}

fn subject(code: &str, name: &str) -> Subject {
    Subject {
        code: code.into(),
        name: name.into(),
    }
}

fn dam() -> Need {
    Need {
        category: "natural.flood.dam".into(),
        division: DivisionCode::parse("220182").unwrap(),
        place: None,
        orgs: vec!["某水库管理处".into()],
    }
}

fn names(need: &Need, experts: &[Expert]) -> Vec<String> {
    rank(need, experts)
        .into_iter()
        .map(|found| found.expert.name.clone())
        .collect()
}

#[test]
fn the_right_subject_beats_the_right_group_and_a_stranger_is_not_proposed() {
    let hydraulic = Expert {
        subjects: vec![subject("57025", "水工结构")],
        ..expert(1)
    };
    let group_only = expert(2);
    let stranger = Expert {
        groups: vec![Group::Security],
        ..expert(3)
    };
    assert_eq!(
        names(&dam(), &[stranger, group_only, hydraulic]),
        ["专家1", "专家2"]
    );
}

#[test]
fn a_wider_subject_counts_less_than_the_narrow_one() {
    let narrow = Expert {
        subjects: vec![subject("57025", "水工结构")],
        ..expert(1)
    };
    let wide = Expert {
        subjects: vec![subject("57010", "水利工程基础学科")],
        ..expert(2)
    };
    let ranked = [wide, narrow];
    let ranked = rank(&dam(), &ranked);
    assert_eq!(ranked[0].expert.name, "专家1");
    assert!(ranked[0].score > ranked[1].score);
}

#[test]
fn busy_people_sink_and_unlisted_or_partial_people_never_appear() {
    let best = Expert {
        specialty: "大坝安全与防洪调度".into(),
        ..expert(1)
    };
    let busy = Expert {
        availability: Availability::OnLeave,
        ..Expert {
            specialty: "大坝安全与防洪调度".into(),
            ..expert(2)
        }
    };
    let suspended = Expert {
        state: State::Suspended,
        ..Expert {
            specialty: "大坝".into(),
            ..expert(3)
        }
    };
    let avoids = Expert {
        avoid_orgs: vec!["某水库管理处".into()],
        ..Expert {
            specialty: "大坝".into(),
            ..expert(4)
        }
    };
    let plain = expert(5);
    assert_eq!(
        names(&dam(), &[busy, avoids, suspended, plain, best]),
        ["专家1", "专家5", "专家2"]
    );
}

#[test]
fn distance_is_told_when_both_places_are_known() {
    let here = Expert {
        place: Some([125.32, 43.88]),
        ..expert(1)
    };
    let need = Need {
        place: Some([125.32, 43.97]),
        ..dam()
    };
    let ranked_one = [here];
    let ranked = rank(&need, &ranked_one);
    let near = ranked[0].parts.iter().find_map(|part| match part {
        Part::Near { distance_m, .. } => *distance_m,
        _ => None,
    });
    assert!((near.unwrap() - 10_007.6).abs() < 1.0, "{near:?}");
}

proptest! {
    #[test]
    fn the_score_is_the_sum_of_its_parts_and_the_order_does_not_depend_on_the_input(
        picks in prop::collection::vec((0_u8..5, 0_u8..4, any::<bool>()), 1..30),
    ) {
        let subjects = ["57025", "620", "33021", "17015"];
        let experts: Vec<Expert> = picks.iter().enumerate().map(|(n, (group, code, video))| Expert {
            groups: vec![Group::ALL[*group as usize]],
            subjects: vec![subject(subjects[*code as usize], "")],
            video_capable: *video,
            ..expert(n as u8)
        }).collect();
        let forward = rank(&dam(), &experts);
        for found in &forward {
            let sum: f64 = found.parts.iter().map(Part::points).sum();
            prop_assert!((found.score - sum).abs() < 1e-9);
        }
        let backward: Vec<_> = rank(&dam(), experts.iter().rev()).iter().map(|found| found.expert.id.clone()).collect();
        prop_assert_eq!(forward.iter().map(|found| found.expert.id.clone()).collect::<Vec<_>>(), backward);
    }
}
