//! What a publisher sends: layers with their shared packet ring, loss repair toward the publisher, the gate.

mod keyframe;
mod layer;
mod level;
mod nack;
mod rate;
mod report;
mod ring;
mod rtx;
mod source;
mod transport;

pub(crate) use layer::Layer;
pub(crate) use ring::Stored;
pub(crate) use source::Source;
pub(crate) use transport::TransportRecorder;
