//! Fenghuotai.
