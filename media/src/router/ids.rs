//! Numbers of peers, sources and slots; given by the engine, unique over its life.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// One peer connection, publishing or receiving.
    PeerId
);
id!(
    /// One published track with all its layers.
    SourceId
);
id!(
    /// One track toward a receiver, into which sources are routed.
    SlotId
);
