//! RTP packets seen without copying: header, header extensions, and what a payload tells about its frame.

mod av1;
pub mod codec;
pub mod extension;
pub mod h264;
pub mod header;
pub mod vp8;
mod vp9;

pub use codec::{Codec, MediaKind, Payload};
pub use extension::{Extension, ExtensionMap};
pub use header::Header;
