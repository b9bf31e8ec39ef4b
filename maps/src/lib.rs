//! The live map.
