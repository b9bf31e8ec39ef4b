//! Experts and infrastructure through the API.

mod assets;
mod experts;
