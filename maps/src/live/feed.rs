//! Lets many sockets follow one board: each asks when it can take more, so a slow one never holds anything up.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::sync::watch;

use super::board::{Board, Delta, View, Viewer};
use super::feature::{Feature, Placed};
use crate::geom::BBox;

/// A frame for the socket, ready to send.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// `{"op":"features","sub":…,"fresh":true,"upsert":[Feature],"remove":[name]}`; `fresh` only in the first frame of
    /// a subscription, which always comes: whatever the client still knows of the view no longer counts.
    Json(Arc<str>),
    Binary(Bytes),
}

/// The live map of the process; clones are the same map.
#[derive(Clone, Debug, Default)]
pub struct MapFeed {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    board: Mutex<Board>,
    /// Carries the board's revision.
    changed: watch::Sender<u64>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            board: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }
}

impl Shared {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().expect("no holder of the board panics")
    }

    fn change(&self, change: impl FnOnce(&mut Board)) {
        let mut board = self.board();
        change(&mut board);
        let revision = board.revision();
        drop(board);
        self.changed
            .send_if_modified(|known| std::mem::replace(known, revision) != revision);
    }
}

impl MapFeed {
    pub fn upsert(&self, feature: Feature) {
        self.shared.change(|board| {
            board.upsert(feature);
        });
    }

    pub fn remove(&self, layer: &str, id: &str) {
        self.shared.change(|board| {
            board.remove(layer, id);
        });
    }

    /// Makes a whole layer what is given: the rest of it goes.
    pub fn replace_layer(&self, layer: &str, features: Vec<Feature>) {
        self.shared
            .change(|board| board.replace_layer(layer, features));
    }

    /// What lies in a box now, and whether `limit` cut it.
    pub fn look(
        &self,
        view: View,
        limit: usize,
        allowed: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> (Vec<Arc<Placed>>, bool) {
        let mut viewer = Viewer::new(allowed);
        viewer.look_at(view);
        self.shared.board().look(&viewer, limit)
    }

    /// Follows the map for one view of one socket; `sub` is the client's number for it.
    ///
    /// `allowed(layer, class)` is asked for every feature; when rights change, drop the subscription and make anew.
    pub fn subscribe(
        &self,
        sub: u64,
        allowed: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Subscription {
        Subscription {
            sub,
            viewer: Viewer::new(allowed),
            changed: self.shared.changed.subscribe(),
            shared: Arc::clone(&self.shared),
            unasked: true,
            fresh: true,
        }
    }
}

/// One view of one socket.
#[derive(Debug)]
pub struct Subscription {
    sub: u64,
    viewer: Viewer,
    shared: Arc<Shared>,
    changed: watch::Receiver<u64>,
    /// There may be something to tell without any new change.
    unasked: bool,
    /// Nothing was sent yet.
    fresh: bool,
}

impl Subscription {
    /// Looks elsewhere; what left the view is removed, what came into it appears with the next frame.
    pub fn set_view(&mut self, bbox: BBox, layers: BTreeSet<String>) {
        self.viewer.look_at(View { layers, bbox });
        self.unasked = true;
    }

    /// The next frame, when there is one. Cancel-safe. The first one waits for a view, the others for a change.
    pub async fn next(&mut self) -> Frame {
        loop {
            if !self.unasked && self.changed.changed().await.is_err() {
                // The map lives as long as a subscription holds it.
                std::future::pending::<()>().await;
            }
            self.changed.mark_unchanged();
            let delta = self.shared.board().tell(&mut self.viewer);
            self.unasked = delta.more;
            if !delta.is_empty() || (self.fresh && self.viewer.is_looking()) {
                let fresh = std::mem::take(&mut self.fresh);
                return Frame::Json(encode(self.sub, fresh, &delta));
            }
        }
    }
}

fn encode(sub: u64, fresh: bool, delta: &Delta) -> Arc<str> {
    let bytes: usize = delta
        .upsert
        .iter()
        .map(|placed| placed.json.len() + 1)
        .sum();
    let mut text = String::with_capacity(bytes + 64);
    text.push_str(&format!(r#"{{"op":"features","sub":{sub},"#));
    text.push_str(if fresh {
        r#""fresh":true,"upsert":["#
    } else {
        r#""upsert":["#
    });
    for (at, placed) in delta.upsert.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&placed.json);
    }
    text.push_str(r#"],"remove":"#);
    text.push_str(&serde_json::to_string(&delta.remove).expect("strings are JSON"));
    text.push('}');
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{LonLat, Shape};

    fn incident(id: &str, class: &str) -> Feature {
        Feature {
            layer: "incident".into(),
            id: id.into(),
            class: class.into(),
            shape: Shape::Point(LonLat::new(125.3, 43.9).unwrap()),
            properties: serde_json::Map::new(),
        }
    }

    fn incidents() -> BTreeSet<String> {
        ["incident".to_owned()].into()
    }

    async fn next(subscription: &mut Subscription) -> serde_json::Value {
        match subscription.next().await {
            Frame::Json(text) => serde_json::from_str(&text).unwrap(),
            Frame::Binary(_) => panic!("features are JSON"),
        }
    }

    #[tokio::test]
    async fn a_feature_appears_changes_and_vanishes() {
        let feed = MapFeed::default();
        let mut subscription = feed.subscribe(7, |_, class| class.starts_with("22"));
        subscription.set_view(BBox::WORLD, incidents());
        feed.upsert(incident("a", "2201"));
        feed.upsert(incident("secret", "31"));

        let frame = next(&mut subscription).await;
        assert_eq!(frame["sub"], 7);
        assert_eq!(frame["fresh"], true);
        assert_eq!(frame["upsert"].as_array().unwrap().len(), 1);
        assert_eq!(frame["upsert"][0]["id"], "incident/a");
        assert_eq!(frame["upsert"][0]["geometry"]["coordinates"][0], 125.3);

        let mut changed = incident("a", "2201");
        changed.properties.insert("level".into(), 2.into());
        feed.upsert(changed);
        assert_eq!(
            next(&mut subscription).await["upsert"][0]["properties"]["level"],
            2
        );

        feed.remove("incident", "a");
        assert_eq!(
            next(&mut subscription).await["remove"],
            serde_json::json!(["incident/a"])
        );
    }

    /// A client that comes back must forget what vanished while it was away, even when nothing is left.
    #[tokio::test]
    async fn the_first_frame_comes_even_for_an_empty_view() {
        let mut subscription = MapFeed::default().subscribe(1, |_, _| true);
        subscription.set_view(BBox::WORLD, incidents());
        let frame = next(&mut subscription).await;
        assert_eq!(
            (&frame["fresh"], &frame["upsert"]),
            (&true.into(), &serde_json::json!([]))
        );
    }

    #[tokio::test]
    async fn looking_away_removes_and_looking_back_shows_again() {
        let feed = MapFeed::default();
        feed.upsert(incident("a", "22"));
        let mut subscription = feed.subscribe(1, |_, _| true);
        subscription.set_view(BBox::WORLD, incidents());
        assert_eq!(
            next(&mut subscription).await["upsert"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        subscription.set_view(BBox::new(0.0, 0.0, 1.0, 1.0).unwrap(), incidents());
        assert_eq!(
            next(&mut subscription).await["remove"],
            serde_json::json!(["incident/a"])
        );
        subscription.set_view(BBox::WORLD, incidents());
        assert_eq!(
            next(&mut subscription).await["upsert"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }
}
