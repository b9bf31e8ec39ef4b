//! A viewer who believes every delta sees exactly what a walk over the board shows, and nothing he may not.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::geom::{LonLat, Shape};

#[derive(Clone, Debug)]
enum Step {
    Put {
        layer: u8,
        id: u8,
        class: u8,
        at: (i8, i8),
        note: u8,
    },
    Take {
        layer: u8,
        id: u8,
    },
    Replace {
        layer: u8,
        ids: Vec<u8>,
    },
    Look {
        layers: Vec<u8>,
        west: i8,
        south: i8,
        side: u8,
    },
    Tell,
}

fn step() -> impl Strategy<Value = Step> {
    let (layer, id) = (0..2_u8, 0..6_u8);
    prop_oneof![
        4 => (layer.clone(), id.clone(), 0..3_u8, (-5..5_i8, -5..5_i8), 0..3_u8)
            .prop_map(|(layer, id, class, at, note)| Step::Put { layer, id, class, at, note }),
        2 => (layer.clone(), id.clone()).prop_map(|(layer, id)| Step::Take { layer, id }),
        1 => (layer.clone(), proptest::collection::vec(id, 0..4)).prop_map(|(layer, ids)| Step::Replace { layer, ids }),
        2 => (proptest::collection::vec(layer, 0..3), -5..5_i8, -5..5_i8, 0..8_u8)
            .prop_map(|(layers, west, south, side)| Step::Look { layers, west, south, side }),
        3 => Just(Step::Tell),
    ]
}

fn feature(layer: u8, id: u8, class: u8, (lon, lat): (i8, i8), note: u8) -> Feature {
    let place = LonLat::new(f64::from(lon), f64::from(lat)).unwrap();
    let properties = json!({ "note": note }).as_object().unwrap().clone();
    Feature {
        layer: format!("layer{layer}"),
        id: id.to_string(),
        class: class.to_string(),
        shape: Shape::Point(place),
        properties,
    }
}

/// Classes 0 and 1 may be seen, 2 may not.
fn viewer() -> Viewer {
    Viewer::new(|_, class| class != "2")
}

fn believe(shown: &mut BTreeMap<String, String>, delta: &Delta) {
    for placed in &delta.upsert {
        assert_ne!(placed.class, "2", "a forbidden class was shown");
        shown.insert(placed.name.clone(), placed.json.clone());
    }
    for name in &delta.remove {
        assert!(shown.remove(name).is_some(), "{name} was never shown");
    }
}

proptest! {
    #[test]
    fn believing_every_delta_shows_the_truth(steps in proptest::collection::vec(step(), 1..60)) {
        let (mut board, mut viewer) = (Board::default(), viewer());
        let mut shown = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put { layer, id, class, at, note } => { board.upsert(feature(layer, id, class, at, note)); },
                Step::Take { layer, id } => { board.remove(&format!("layer{layer}"), &id.to_string()); },
                Step::Replace { layer, ids } => {
                    let features = ids.iter().map(|id| feature(layer, *id, 0, (0, 0), 9)).collect();
                    board.replace_layer(&format!("layer{layer}"), features);
                }
                Step::Look { layers, west, south, side } => {
                    let (west, south, side) = (f64::from(west), f64::from(south), f64::from(side));
                    viewer.look_at(View {
                        layers: layers.iter().map(|layer| format!("layer{layer}")).collect(),
                        bbox: BBox::new(west, south, west + side, south + side).unwrap(),
                    });
                }
                Step::Tell => {
                    believe(&mut shown, &board.tell(&mut viewer));
                    let truth: BTreeMap<String, String> = board
                        .look(&viewer, 1_000)
                        .0
                        .iter()
                        .map(|placed| (placed.name.clone(), placed.json.clone()))
                        .collect();
                    prop_assert_eq!(&shown, &truth);
                    prop_assert!(board.tell(&mut viewer).is_empty(), "nothing is told twice");
                }
            }
        }
    }
}

fn everything() -> View {
    View {
        layers: ["layer0".to_owned()].into(),
        bbox: BBox::WORLD,
    }
}

#[test]
fn a_large_answer_comes_in_pieces_and_completely() {
    let (mut board, mut viewer) = (Board::default(), viewer());
    for id in 0..40_u8 {
        let mut large = feature(0, id, 0, (1, 1), 0);
        large
            .properties
            .insert("text".into(), "x".repeat(10_000).into());
        board.upsert(large);
    }
    viewer.look_at(everything());
    let (mut pieces, mut shown) = (0, BTreeMap::new());
    loop {
        let delta = board.tell(&mut viewer);
        believe(&mut shown, &delta);
        pieces += 1;
        // Something goes while the answer is under way.
        board.remove("layer0", &format!("{pieces}"));
        if !delta.more {
            break;
        }
    }
    believe(&mut shown, &board.tell(&mut viewer));
    assert!(pieces > 3, "{pieces}");
    assert_eq!(shown.len(), board.len());
}

#[test]
fn a_viewer_behind_the_remembered_removals_keeps_no_ghost() {
    let (mut board, mut viewer) = (Board::default(), viewer());
    board.upsert(feature(0, 1, 0, (1, 1), 0));
    viewer.look_at(everything());
    let mut shown = BTreeMap::new();
    believe(&mut shown, &board.tell(&mut viewer));
    board.remove("layer0", "1");
    for _ in 0..=TOMBSTONES_MAX {
        board.upsert(feature(1, 2, 0, (1, 1), 0));
        board.remove("layer1", "2");
    }
    believe(&mut shown, &board.tell(&mut viewer));
    assert!(shown.is_empty());
}

#[test]
fn a_feature_that_is_the_same_again_is_not_told() {
    let mut board = Board::default();
    assert!(board.upsert(feature(0, 1, 0, (1, 1), 0)));
    assert!(!board.upsert(feature(0, 1, 0, (1, 1), 0)));
    assert!(
        board.upsert(feature(0, 1, 2, (1, 1), 0)),
        "a change of class is a change"
    );
}
