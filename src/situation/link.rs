//! The only file that names the live map: its types as this slice uses them, and who may see which class.

use std::collections::BTreeSet;

pub use fenghuotai_maps::{
    geom::{Area, BBox, LonLat, Shape},
    live::{Feature, Frame, MapFeed, Subscription, View},
    style::{Base, Theme, style},
    tiles::{Archive, Tile},
};

use crate::{
    identity::{Actor, policy},
    region::DivisionCode,
};

/// Layers of the map are roots of journal topics, and the class of a feature is its division: whoever may read the
/// topic there may see the feature.
pub fn allowed(actor: &Actor) -> impl Fn(&str, &str) -> bool + Send + use<> {
    let actor = actor.clone();
    move |layer, class| {
        DivisionCode::parse(class)
            .is_ok_and(|division| policy::may_read_topic(&actor, layer, &division))
    }
}

pub fn view(layers: impl IntoIterator<Item = String>, bbox: BBox) -> View {
    View {
        layers: layers.into_iter().collect::<BTreeSet<_>>(),
        bbox,
    }
}
