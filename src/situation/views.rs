//! The views of one socket: what a client looks at, and the next frame for any of them.

use std::collections::BTreeMap;

use futures_util::future;

use super::{
    Situation,
    link::{self, BBox, Frame, Subscription, View},
};
use crate::{
    identity::Actor,
    platform::{Kind, Refusal},
};

/// Views one socket may follow at once.
pub const VIEWS_MAX: usize = 8;
/// Layers one view may name.
pub const LAYERS_MAX: usize = 16;
/// No map library zooms further.
const ZOOM_MAX: f64 = 24.0;

#[derive(Debug)]
pub struct Views {
    situation: Situation,
    subscriptions: BTreeMap<u32, (Subscription, View)>,
}

impl Views {
    #[must_use]
    pub fn new(situation: &Situation) -> Self {
        Self {
            situation: situation.clone(),
            subscriptions: BTreeMap::new(),
        }
    }

    /// Begins view `sub` or moves it.
    ///
    /// # Errors
    /// When the box is not one, or there are too many views or layers.
    pub fn look(
        &mut self,
        actor: &Actor,
        sub: u32,
        layers: Vec<String>,
        bbox: [f64; 4],
        zoom: f64,
    ) -> Result<(), Refusal> {
        let bbox = BBox::try_from(bbox).map_err(|_| bad_box())?;
        if !(0.0..=ZOOM_MAX).contains(&zoom) {
            return Err(bad_zoom());
        }
        if layers.len() > LAYERS_MAX {
            return Err(too_many_layers());
        }
        if !self.subscriptions.contains_key(&sub) && self.subscriptions.len() >= VIEWS_MAX {
            return Err(too_many_views());
        }
        let view = link::view(layers, bbox);
        let (subscription, looked_at) = self.subscriptions.entry(sub).or_insert_with(|| {
            let map = &self.situation.map;
            (
                map.subscribe(u64::from(sub), link::allowed(actor)),
                view.clone(),
            )
        });
        subscription.set_view(view.bbox, view.layers.clone());
        *looked_at = view;
        Ok(())
    }

    pub fn end(&mut self, sub: u32) {
        self.subscriptions.remove(&sub);
    }

    /// The actor's rights changed: every view begins anew, and its first frame tells the client to forget the old.
    pub fn renew(&mut self, actor: &Actor) {
        for (sub, (subscription, view)) in &mut self.subscriptions {
            *subscription = self
                .situation
                .map
                .subscribe(u64::from(*sub), link::allowed(actor));
            subscription.set_view(view.bbox, view.layers.clone());
        }
    }

    /// The next frame of any view; waits for ever without one. Cancel-safe.
    pub async fn next(&mut self) -> Frame {
        if self.subscriptions.is_empty() {
            return future::pending().await;
        }
        let next = self
            .subscriptions
            .values_mut()
            .map(|(subscription, _)| Box::pin(subscription.next()));
        future::select_all(next).await.0
    }
}

pub(super) fn bad_box() -> Refusal {
    Refusal::new(
        Kind::Invalid,
        "map.bad_box",
        "范围无效：依次给出西、南、东、北（度），且西≤东、南≤北。",
        "The box is unusable: give west, south, east, north in degrees, with west ≤ east and south ≤ north.",
    )
}

fn bad_zoom() -> Refusal {
    Refusal::new(
        Kind::Invalid,
        "map.bad_zoom",
        "缩放级别应在 0 到 24 之间。",
        "The zoom must lie between 0 and 24.",
    )
}

fn too_many_layers() -> Refusal {
    Refusal::new(
        Kind::Invalid,
        "map.too_many_layers",
        format!("一个视图最多 {LAYERS_MAX} 个图层。"),
        format!("A view has at most {LAYERS_MAX} layers."),
    )
}

fn too_many_views() -> Refusal {
    Refusal::new(
        Kind::TooMany,
        "map.too_many_views",
        format!("一个连接最多 {VIEWS_MAX} 个地图视图，请先关闭一个。"),
        format!("A socket has at most {VIEWS_MAX} map views; end one first."),
    )
}
