//! What the routers that share one port tell each other about sources.

use std::sync::Arc;

use crate::rtcp::SenderInfo;

use super::SourceId;

/// One of the routers, each with its own worker, that serve one port together; the first is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(pub usize);

/// News for another router. Packets may get lost on the way when the other is starved, the rest may not.
#[derive(Clone, Debug)]
pub enum Note {
    /// To the router of the publisher: packets of this source are wanted here from now on.
    Follow(SourceId),
    /// To the router of the publisher: and now no longer.
    Unfollow(SourceId),
    /// To the router of the publisher: a receiver here needs a key frame of this layer, or of any.
    Keyframe(SourceId, Option<usize>),
    /// To a follower: packets that came since the last flush.
    Packets(Arc<Batch>),
    /// To a follower: the source is no more.
    Gone(SourceId),
}

/// Decrypted packets of one source, shared by all its followers.
#[derive(Debug)]
pub struct Batch {
    /// Which source.
    pub source: SourceId,
    /// The publisher's clock against ours, 32.32 seconds.
    pub(super) skew: Option<i64>,
    pub(super) layers: Vec<LayerNews>,
    /// Position in `layers` and where the packet ends in `bytes`.
    pub(super) packets: Vec<(usize, usize)>,
    pub(super) bytes: Vec<u8>,
}

/// How one layer stands at its publisher's router.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerNews {
    pub(super) layer: usize,
    pub(super) epoch: u32,
    pub(super) ssrc: Option<u32>,
    pub(super) clock: Option<SenderInfo>,
}
