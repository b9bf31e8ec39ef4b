//! Where every unit is, who looks where, and what changed in a tick. No I/O; the time is told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;

use super::{
    Class,
    wire::{self, MessageKind},
};
use crate::geom::{BBox, Cell, LEVEL_MAX, LonLat, mercator};

/// Handles are never given twice, so that a late removal cannot hit another unit.
pub const UNITS_MAX: usize = 1 << 20;
/// Cells one view may cover: more would only make its messages longer, not its picture finer.
pub const CELLS_MAX: usize = 64;
/// Removals remembered for readers that are behind; one further behind gets a snapshot.
pub const TOMBSTONES_MAX: usize = 100_000;

/// A position as it comes in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fix {
    pub place: LonLat,
    /// 256 steps, 0 = north, clockwise.
    pub heading: u8,
    /// Steps of 0.5 m/s.
    pub speed: u8,
    pub status: u8,
    pub class: Class,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    x: f64,
    y: f64,
    heading: u8,
    speed: u8,
    status: u8,
    class: Class,
    alive: bool,
    rev: u64,
    /// Where and in which class the last tick left it; nowhere before its first.
    told: Option<(f64, f64, Class)>,
    dirty: bool,
}

/// The cells of one reader: positions of his sections in a [`Tick`], in ascending order of cell.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Interest {
    sections: Vec<u32>,
    keys: BTreeSet<(Class, u64)>,
    level: u8,
}

impl Interest {
    pub fn sections(&self) -> &[u32] {
        &self.sections
    }
}

#[derive(Debug)]
struct Section {
    class: Class,
    cell: Cell,
    readers: u32,
    placed: Vec<u32>,
    removed: Vec<u32>,
}

/// The changes of one tick, encoded once. A reader's message is the header and his sections, as they are.
#[derive(Clone, Debug)]
pub struct Tick {
    pub seq: u64,
    pub header: [u8; wire::HEADER_BYTES],
    bytes: Bytes,
    /// By position of the section: range of `bytes` and number of updates.
    ranges: Vec<(u32, u32, u32)>,
}

impl Tick {
    /// The encoded part of a section and how many updates it holds; empty when nothing changed there.
    #[inline]
    pub fn section(&self, at: u32) -> (&[u8], u32) {
        let (from, to, count) = self.ranges.get(at as usize).copied().unwrap_or_default();
        (&self.bytes[from as usize..to as usize], count)
    }

    /// Calls `each` with the reader's bytes, neighbours in memory joined; answers the number of updates.
    pub fn gather<'a>(&'a self, interest: &Interest, mut each: impl FnMut(&'a [u8])) -> u32 {
        let (mut open, mut updates) = ((0, 0), 0);
        for at in &interest.sections {
            let (from, to, count) = self.ranges.get(*at as usize).copied().unwrap_or_default();
            if from == to {
                continue;
            }
            updates += count;
            if from == open.1 {
                open.1 = to;
                continue;
            }
            if open.0 != open.1 {
                each(&self.bytes[open.0 as usize..open.1 as usize]);
            }
            open = (from, to);
        }
        if open.0 != open.1 {
            each(&self.bytes[open.0 as usize..open.1 as usize]);
        }
        updates
    }
}

/// The units and their readers.
#[derive(Debug, Default)]
pub struct Units {
    slots: Vec<Slot>,
    dirty: Vec<u32>,
    oldest_us: u64,
    seq: u64,
    sections: Vec<Section>,
    by_key: HashMap<(Class, u64), u32>,
    free: BTreeSet<u32>,
    /// Readers per level: only these levels are looked at in a tick.
    levels: BTreeMap<u8, u32>,
    tombstones: BTreeMap<(u64, u32), ()>,
    forgotten: u64,
}

impl Units {
    /// The last tick's number.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// A new unit; `None` when there are [`UNITS_MAX`].
    pub fn add(&mut self, fix: Fix, now_us: u64) -> Option<u32> {
        if self.slots.len() >= UNITS_MAX {
            return None;
        }
        let handle = self.slots.len() as u32;
        let (x, y) = mercator(fix.place);
        self.slots.push(Slot {
            x,
            y,
            heading: fix.heading,
            speed: fix.speed,
            status: fix.status,
            class: fix.class,
            alive: true,
            rev: 0,
            told: None,
            dirty: false,
        });
        self.touch(handle, now_us);
        Some(handle)
    }

    /// The newest position wins; a unit that is gone stays gone.
    pub fn update(&mut self, handle: u32, fix: Fix, now_us: u64) {
        let Some(slot) = self
            .slots
            .get_mut(handle as usize)
            .filter(|slot| slot.alive)
        else {
            return;
        };
        (slot.x, slot.y) = mercator(fix.place);
        (slot.heading, slot.speed, slot.status, slot.class) =
            (fix.heading, fix.speed, fix.status, fix.class);
        self.touch(handle, now_us);
    }

    pub fn remove(&mut self, handle: u32, now_us: u64) {
        if let Some(slot) = self
            .slots
            .get_mut(handle as usize)
            .filter(|slot| slot.alive)
        {
            slot.alive = false;
            self.touch(handle, now_us);
        }
    }

    fn touch(&mut self, handle: u32, now_us: u64) {
        let slot = &mut self.slots[handle as usize];
        if !std::mem::replace(&mut slot.dirty, true) {
            if self.dirty.is_empty() {
                self.oldest_us = now_us;
            }
            self.dirty.push(handle);
        }
    }

    /// Begins to look at a box with these classes. Give the interest back with [`Units::leave`].
    pub fn look(&mut self, bbox: &BBox, classes: &[Class]) -> Interest {
        let cells = Cell::cover(bbox, LEVEL_MAX, CELLS_MAX);
        let level = cells[0].level;
        *self.levels.entry(level).or_default() += 1;
        let mut interest = Interest {
            level,
            ..Interest::default()
        };
        for class in classes {
            for cell in &cells {
                interest.keys.insert((*class, cell.key()));
                interest.sections.push(self.enter(*class, *cell));
            }
        }
        interest.sections.sort_unstable();
        interest
    }

    fn enter(&mut self, class: Class, cell: Cell) -> u32 {
        let at = *self.by_key.entry((class, cell.key())).or_insert_with(|| {
            let section = Section {
                class,
                cell,
                readers: 0,
                placed: Vec::new(),
                removed: Vec::new(),
            };
            match self.free.pop_first() {
                Some(at) => {
                    self.sections[at as usize] = section;
                    at
                }
                None => {
                    self.sections.push(section);
                    self.sections.len() as u32 - 1
                }
            }
        });
        self.sections[at as usize].readers += 1;
        at
    }

    pub fn leave(&mut self, interest: Interest) {
        for at in interest.sections {
            let section = &mut self.sections[at as usize];
            section.readers -= 1;
            if section.readers == 0 {
                self.by_key.remove(&(section.class, section.cell.key()));
                self.free.insert(at);
            }
        }
        if let Some(readers) = self.levels.get_mut(&interest.level) {
            *readers -= 1;
            if *readers == 0 {
                self.levels.remove(&interest.level);
            }
        }
    }

    /// Ends the tick: everything that changed since the last one, each section encoded once.
    pub fn tick(&mut self, now_us: u64) -> Tick {
        self.seq += 1;
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        for handle in &dirty {
            self.group(*handle);
        }
        let oldest_us = if dirty.is_empty() {
            now_us
        } else {
            self.oldest_us
        };
        dirty.clear();
        self.dirty = dirty;
        let mut bytes = Vec::with_capacity(self.sections.len() * 8);
        let mut ranges = Vec::with_capacity(self.sections.len());
        for at in 0..self.sections.len() {
            let from = bytes.len() as u32;
            let section = &mut self.sections[at];
            let count = section.placed.len() + section.removed.len();
            if count > 0 {
                let (placed, removed) = (
                    std::mem::take(&mut section.placed),
                    std::mem::take(&mut section.removed),
                );
                let cell = section.cell;
                put_removals(&mut bytes, cell, &removed);
                self.put_places(&mut bytes, cell, &placed);
                let section = &mut self.sections[at];
                (section.placed, section.removed) = (placed, removed);
                section.placed.clear();
                section.removed.clear();
            }
            ranges.push((from, bytes.len() as u32, count as u32));
        }
        Tick {
            seq: self.seq,
            header: wire::header(MessageKind::Delta, true, self.seq, now_us, oldest_us),
            bytes: bytes.into(),
            ranges,
        }
    }

    /// Notes a changed unit in the sections somebody reads: placed where it is, removed where it was.
    fn group(&mut self, handle: u32) {
        let slot = &mut self.slots[handle as usize];
        slot.dirty = false;
        slot.rev = self.seq;
        let told = slot.told.take();
        let now = slot.alive.then_some((slot.x, slot.y, slot.class));
        slot.told = now;
        if now.is_none() {
            self.tombstones.insert((self.seq, handle), ());
            if self.tombstones.len() > TOMBSTONES_MAX
                && let Some(((seq, _), ())) = self.tombstones.pop_first()
            {
                self.forgotten = seq;
            }
        }
        for level in self.levels.keys() {
            let key = |(x, y, class): (f64, f64, Class)| (class, Cell::at_unit(*level, x, y).key());
            let (old, new) = (told.map(key), now.map(key));
            if old != new
                && let Some(at) = old.and_then(|key| self.by_key.get(&key))
            {
                self.sections[*at as usize].removed.push(handle);
            }
            if let Some(at) = new.and_then(|key| self.by_key.get(&key)) {
                self.sections[*at as usize].placed.push(handle);
            }
        }
    }

    /// Everything a new reader sees, as one message.
    pub fn snapshot(&self, interest: &Interest, now_us: u64) -> Vec<u8> {
        let header = wire::header(MessageKind::Snapshot, true, self.seq, now_us, now_us);
        self.state(interest, header, |slot| slot.told.is_some(), &[])
    }

    /// What a reader who has everything up to tick `since` is missing, read from the present state; a snapshot when
    /// removals of that time are forgotten.
    pub fn catch_up(&self, interest: &Interest, since: u64, now_us: u64) -> Vec<u8> {
        if since < self.forgotten {
            return self.snapshot(interest, now_us);
        }
        let mut gone: Vec<u32> = self
            .tombstones
            .range((since + 1, 0)..)
            .map(|((_, handle), ())| *handle)
            .collect();
        // Whatever moved and is not in the view now may have been in it; a reader passes over unknown handles.
        for (handle, slot) in self.slots.iter().enumerate() {
            if slot.rev > since
                && slot
                    .told
                    .is_some_and(|told| !interest.keys.contains(&key_of(interest.level, told)))
            {
                gone.push(handle as u32);
            }
        }
        gone.sort_unstable();
        let header = wire::header(MessageKind::CatchUp, true, self.seq, now_us, now_us);
        self.state(interest, header, |slot| slot.rev > since, &gone)
    }

    fn state(
        &self,
        interest: &Interest,
        header: [u8; wire::HEADER_BYTES],
        wanted: impl Fn(&Slot) -> bool,
        gone: &[u32],
    ) -> Vec<u8> {
        let mut by_cell: BTreeMap<(Class, u64), Vec<u32>> = BTreeMap::new();
        for (handle, slot) in self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| wanted(slot))
        {
            if let Some(key) = slot.told.map(|told| key_of(interest.level, told))
                && interest.keys.contains(&key)
            {
                by_cell.entry(key).or_default().push(handle as u32);
            }
        }
        let mut bytes = header.to_vec();
        put_removals(
            &mut bytes,
            Cell {
                level: 0,
                x: 0,
                y: 0,
            },
            gone,
        );
        for (key, handles) in by_cell {
            let cell = self.sections[self.by_key[&key] as usize].cell;
            self.put_places(&mut bytes, cell, &handles);
        }
        bytes
    }

    fn put_places(&self, to: &mut Vec<u8>, cell: Cell, handles: &[u32]) {
        if handles.is_empty() {
            return;
        }
        wire::put_section(to, cell, handles.len(), false);
        let mut before = 0;
        for handle in handles {
            let slot = &self.slots[*handle as usize];
            // What a reader was told is the position of the last tick, not a newer one that is still under way.
            let (x, y, _) = slot.told.expect("a placed unit is alive");
            let (qx, qy) = wire::quantise(cell, x, y);
            wire::put_varint(to, u64::from(handle - before));
            to.extend_from_slice(&qx.to_le_bytes());
            to.extend_from_slice(&qy.to_le_bytes());
            to.extend_from_slice(&[slot.heading, slot.speed, slot.status]);
            before = *handle;
        }
    }
}

fn key_of(level: u8, (x, y, class): (f64, f64, Class)) -> (Class, u64) {
    (class, Cell::at_unit(level, x, y).key())
}

fn put_removals(to: &mut Vec<u8>, cell: Cell, handles: &[u32]) {
    if handles.is_empty() {
        return;
    }
    wire::put_section(to, cell, handles.len(), true);
    let mut before = 0;
    for handle in handles {
        wire::put_varint(to, u64::from(handle - before));
        before = *handle;
    }
}
