//! The media server.
