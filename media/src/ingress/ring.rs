//! The packets of one layer that may still be wanted, kept once for all receivers.

use crate::rtp::{Header, vp8};

/// Packets kept of a video layer: about five seconds at 1.5 Mbit/s, more than any receiver asks back.
pub(super) const VIDEO_PACKETS: usize = 1024;
/// Five seconds of audio in frames of 20 ms.
pub(super) const AUDIO_PACKETS: usize = 256;

/// One decrypted packet with what was learned from it on arrival.
pub(crate) struct Stored {
    /// Extended sequence number of the layer; meaningless in an empty cell.
    pub(crate) index: u64,
    pub(crate) header: Header,
    pub(crate) vp8: vp8::Descriptor,
    /// A receiver may begin here.
    pub(crate) keyframe: bool,
    /// The plain packet; keeps its capacity when the cell is used again.
    pub(crate) packet: Vec<u8>,
}

impl Stored {
    pub(crate) fn payload(&self) -> &[u8] {
        self.header.payload(&self.packet)
    }
}

pub(crate) struct Ring {
    cells: Vec<Stored>,
}

impl Ring {
    pub(super) fn new(packets: usize) -> Self {
        let vacant = || Stored {
            index: u64::MAX,
            header: Header::default(),
            vp8: vp8::Descriptor::default(),
            keyframe: false,
            packet: Vec::new(),
        };
        Self {
            cells: std::iter::repeat_with(vacant).take(packets).collect(),
        }
    }

    pub(crate) fn get(&self, index: u64) -> Option<&Stored> {
        Some(&self.cells[self.cell(index)]).filter(|stored| stored.index == index)
    }

    /// The cell for `index`, whatever older packet it held.
    pub(super) fn claim(&mut self, index: u64) -> &mut Stored {
        let at = self.cell(index);
        &mut self.cells[at]
    }

    /// Forgets every packet but keeps the memory.
    pub(super) fn clear(&mut self) {
        for cell in &mut self.cells {
            cell.index = u64::MAX;
        }
    }

    pub(super) fn capacity(&self) -> u64 {
        self.cells.len() as u64
    }

    fn cell(&self, index: u64) -> usize {
        (index % self.cells.len() as u64) as usize
    }
}
