//! Binary frames of the moving units, little-endian, and what they mean.
//!
//! Header, 24 bytes: `kind u8 (1 delta, 2 snapshot, 3 catch-up) · flags u8 (bit 0: last piece) · reserved u16 ·
//! seq u32 · tick_us u64 · oldest_us u64`. Then sections: `level u8 · x u16 · y u16 · varint(n << 1 | removals)`
//! and n entries in ascending order of handle: `varint(handle − previous) · qx u16 · qy u16 · heading u8 · speed u8 ·
//! status u8`, or the handle alone where they are removals. A reader takes all removals of a message before its
//! positions: a unit that changes cells is removed from the old one and placed in the new one.

use serde::Serialize;

use crate::geom::Cell;

pub const HEADER_BYTES: usize = 24;
/// Steps across a cell.
pub const STEPS: f64 = 65_536.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum MessageKind {
    /// Changes of one tick.
    Delta = 1,
    /// Everything in the view; what was known before no longer counts.
    Snapshot = 2,
    /// Everything that changed since the reader fell behind.
    CatchUp = 3,
}

/// A message taken apart; its JSON is the twin of the binary frame.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    pub kind: MessageKind,
    pub last: bool,
    /// Low half of the tick's number.
    pub seq: u32,
    /// Server's clock at the tick, µs.
    pub tick_us: u64,
    /// Ingest time of the oldest change in the tick, µs.
    pub oldest_us: u64,
    pub remove: Vec<u32>,
    pub place: Vec<Unit>,
}

/// A unit as a reader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Unit {
    pub handle: u32,
    /// Web-Mercator unit square, y to the south, accurate to 1/65536 of a cell.
    pub x: f64,
    pub y: f64,
    /// 256 steps, 0 = north, clockwise.
    pub heading: u8,
    /// Steps of 0.5 m/s.
    pub speed: u8,
    pub status: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the frame ends or errs at byte {0}")]
pub struct Malformed(pub usize);

pub fn header(
    kind: MessageKind,
    last: bool,
    seq: u64,
    tick_us: u64,
    oldest_us: u64,
) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[0] = kind as u8;
    bytes[1] = u8::from(last);
    bytes[4..8].copy_from_slice(&(seq as u32).to_le_bytes());
    bytes[8..16].copy_from_slice(&tick_us.to_le_bytes());
    bytes[16..24].copy_from_slice(&oldest_us.to_le_bytes());
    bytes
}

pub fn put_section(to: &mut Vec<u8>, cell: Cell, count: usize, removals: bool) {
    to.push(cell.level);
    to.extend_from_slice(&cell.x.to_le_bytes());
    to.extend_from_slice(&cell.y.to_le_bytes());
    put_varint(to, (count as u64) << 1 | u64::from(removals));
}

/// A place within its cell.
pub fn quantise(cell: Cell, x: f64, y: f64) -> (u16, u16) {
    let (west, north, width) = cell.frame();
    let step = |offset: f64| (offset / width * STEPS) as u16;
    (step(x - west), step(y - north))
}

pub fn put_varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

pub fn decode(frame: &[u8]) -> Result<Message, Malformed> {
    let mut reader = Reader { frame, at: 0 };
    let kind = match reader.u8()? {
        1 => MessageKind::Delta,
        2 => MessageKind::Snapshot,
        3 => MessageKind::CatchUp,
        _ => return Err(Malformed(0)),
    };
    let last = reader.u8()? & 1 == 1;
    reader.take::<2>()?;
    let mut message = Message {
        kind,
        last,
        seq: u32::from_le_bytes(reader.take()?),
        tick_us: u64::from_le_bytes(reader.take()?),
        oldest_us: u64::from_le_bytes(reader.take()?),
        remove: Vec::new(),
        place: Vec::new(),
    };
    while reader.at < frame.len() {
        section(&mut reader, &mut message)?;
    }
    Ok(message)
}

fn section(reader: &mut Reader<'_>, message: &mut Message) -> Result<(), Malformed> {
    let cell = Cell {
        level: reader.u8()?,
        x: u16::from_le_bytes(reader.take()?),
        y: u16::from_le_bytes(reader.take()?),
    };
    if cell.level > crate::geom::LEVEL_MAX {
        return Err(Malformed(reader.at));
    }
    let counted = reader.varint()?;
    let mut handle = 0_u32;
    for _ in 0..counted >> 1 {
        let step = u32::try_from(reader.varint()?).map_err(|_| Malformed(reader.at))?;
        handle = handle.checked_add(step).ok_or(Malformed(reader.at))?;
        if counted & 1 == 1 {
            message.remove.push(handle);
            continue;
        }
        let (west, north, width) = cell.frame();
        let mut offset = || Ok(f64::from(u16::from_le_bytes(reader.take()?)) / STEPS * width);
        let (x, y) = (west + offset()?, north + offset()?);
        message.place.push(Unit {
            handle,
            x,
            y,
            heading: reader.u8()?,
            speed: reader.u8()?,
            status: reader.u8()?,
        });
    }
    Ok(())
}

struct Reader<'a> {
    frame: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let bytes = self
            .frame
            .get(self.at..self.at + N)
            .ok_or(Malformed(self.at))?;
        self.at += N;
        Ok(bytes.try_into().expect("N bytes were taken"))
    }

    fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take::<1>()?[0])
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for shift in (0..=35).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed(self.at))
    }
}
