//! A reader who believes every frame knows exactly the units in his cells and classes, however he lags.

use std::{cell::RefCell, collections::BTreeMap, io, rc::Rc};

use proptest::prelude::*;

use super::*;
use crate::geom::{BBox, Cell, LEVEL_MAX, LonLat, mercator};

const CLASSES: [Class; 2] = [0, 1];

fn place(x: u8, y: u8) -> LonLat {
    LonLat::new(125.0 + f64::from(x) / 100.0, 43.0 + f64::from(y) / 100.0).unwrap()
}

fn fix(x: u8, y: u8, class: Class, status: u8) -> Fix {
    Fix {
        place: place(x, y),
        heading: x,
        speed: y,
        status,
        class,
    }
}

fn half() -> BBox {
    BBox::new(125.0, 43.0, 125.5, 43.9).unwrap()
}

/// A socket that takes `room` bytes and then is full.
#[derive(Clone, Default)]
struct Line(Rc<RefCell<(Vec<u8>, usize)>>);

impl Line {
    fn give_room(&self, room: usize) {
        self.0.borrow_mut().1 = room;
    }

    /// Whole websocket messages that arrived; a partial one stays.
    fn messages(&self) -> Vec<Message> {
        let mut line = self.0.borrow_mut();
        let mut messages = Vec::new();
        while line.0.len() >= 2 {
            let (header, length) = match line.0[1] {
                126 if line.0.len() >= 4 => {
                    (4, usize::from(u16::from_be_bytes([line.0[2], line.0[3]])))
                }
                short if short < 126 => (2, usize::from(short)),
                _ => break,
            };
            if line.0.len() < header + length {
                break;
            }
            messages.push(decode(&line.0[header..header + length]).unwrap());
            line.0.drain(..header + length);
        }
        messages
    }
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut line = self.0.borrow_mut();
        let taken = bytes.len().min(line.1);
        if taken == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        line.1 -= taken;
        line.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn believe(known: &mut BTreeMap<u32, Unit>, message: &Message) {
    if message.kind == MessageKind::Snapshot {
        known.clear();
    }
    for handle in &message.remove {
        known.remove(handle);
    }
    for unit in &message.place {
        known.insert(unit.handle, *unit);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Add {
        x: u8,
        y: u8,
        class: Class,
    },
    Move {
        unit: u8,
        x: u8,
        y: u8,
        class: Class,
    },
    Remove {
        unit: u8,
    },
    Tick {
        room: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..100_u8, 0..90_u8, 0..3_u8).prop_map(|(x, y, class)| Step::Add { x, y, class }),
        4 => (0..12_u8, 0..100_u8, 0..90_u8, 0..3_u8).prop_map(|(unit, x, y, class)| Step::Move { unit, x, y, class }),
        1 => (0..12_u8).prop_map(|unit| Step::Remove { unit }),
        4 => prop_oneof![Just(0_usize), 1..120_usize, Just(100_000)].prop_map(|room| Step::Tick { room }),
    ]
}

proptest! {
    #[test]
    fn believing_every_frame_shows_the_truth_however_slow_the_line(steps in proptest::collection::vec(step(), 1..80)) {
        let mut units = Units::default();
        let mut truth: Vec<Option<Fix>> = Vec::new();
        let (mut shard, line) = (Shard::default(), Line::default());
        line.give_room(100_000);
        let interest = units.look(&half(), &CLASSES);
        let cells = Cell::cover(&half(), LEVEL_MAX, 64);
        shard.join(line.clone(), interest, &units, 0);
        let mut known = BTreeMap::new();
        // The last two ticks with room bring a reader who lagged to the present.
        for step in steps.into_iter().chain([Step::Tick { room: 100_000 }, Step::Tick { room: 100_000 }]) {
            match step {
                Step::Add { x, y, class } => {
                    units.add(fix(x, y, class, 0), 0);
                    truth.push(Some(fix(x, y, class, 0)));
                }
                Step::Move { unit, x, y, class } => {
                    if let Some(slot) = truth.get_mut(usize::from(unit)) {
                        units.update(u32::from(unit), fix(x, y, class, 1), 0);
                        *slot = slot.map(|_| fix(x, y, class, 1));
                    }
                }
                Step::Remove { unit } => {
                    units.remove(u32::from(unit), 0);
                    if let Some(slot) = truth.get_mut(usize::from(unit)) {
                        *slot = None;
                    }
                }
                Step::Tick { room } => {
                    line.give_room(room);
                    let tick = units.tick(0);
                    shard.write(&tick, &mut units, 0);
                    for message in line.messages() {
                        believe(&mut known, &message);
                    }
                }
            }
        }
        let seen: Vec<(u32, u8)> = known.values().map(|unit| (unit.handle, unit.status)).collect();
        let expected: Vec<(u32, u8)> = truth
            .iter()
            .enumerate()
            .filter_map(|(handle, fix)| Some((handle as u32, (*fix)?)))
            .filter(|(_, fix)| CLASSES.contains(&fix.class) && cells.contains(&Cell::at(cells[0].level, fix.place)))
            .map(|(handle, fix)| (handle, fix.status))
            .collect();
        prop_assert_eq!(seen, expected);
        let width = cells[0].frame().2;
        for unit in known.values() {
            let (x, y) = mercator(truth[unit.handle as usize].unwrap().place);
            prop_assert!((unit.x - x).abs() <= width / 65_536.0 && (unit.y - y).abs() <= width / 65_536.0);
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
    }
}

#[test]
fn a_frame_and_its_json_twin_say_the_same() {
    let mut units = Units::default();
    let interest = units.look(&half(), &[0]);
    units.add(fix(10, 10, 0, 7), 5);
    let gone = units.add(fix(11, 10, 0, 7), 6).unwrap();
    let mut message = units.tick(9).header.to_vec();
    units.remove(gone, 10);
    let tick = units.tick(11);
    assert_eq!(
        tick.gather(&interest, |bytes| message.extend_from_slice(bytes)),
        1
    );
    let message = decode(&message).unwrap();
    let json = serde_json::to_value(&message).unwrap();
    assert_eq!(json["kind"], "delta");
    assert_eq!(json["tick_us"], 9);
    assert_eq!(json["oldest_us"], 5);
    assert_eq!(json["remove"], serde_json::json!([1]));
}

#[test]
fn a_view_that_is_left_costs_nothing_more() {
    let mut units = Units::default();
    let interest = units.look(&half(), &CLASSES);
    let twin = units.look(&half(), &CLASSES);
    assert_eq!(
        interest.sections(),
        twin.sections(),
        "equal views share their sections"
    );
    units.leave(interest);
    units.leave(twin);
    units.add(fix(10, 10, 0, 0), 0);
    assert_eq!(units.tick(0).section(0).1, 0);
}
