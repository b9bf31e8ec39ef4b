//! What a receiver gets: one continuous stream per slot, whatever sources are routed into it.

mod header;
mod resend;
mod segment;
mod slot;
#[cfg(test)]
mod tests;

pub(crate) use slot::{Clock, Sent, Slot};
