//! What a receiver gets: one continuous stream per slot, whatever sources are routed into it.

mod header;
mod resend;
mod segment;
mod slot;

pub(crate) use slot::{Clock, Passage, Sent, Slot};
