//! The ground floor on both databases.

mod db;
mod journal;
