//! What touches the disk or goes on by itself: the uploaded file, the run of an import, its undoing.

pub(super) mod file;
pub(super) mod run;
pub(super) mod undo;
