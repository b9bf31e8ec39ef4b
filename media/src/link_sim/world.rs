//! The simulated network: everybody's packets in one queue ordered by virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::router::{
    Foreign, Outbox, PeerId, RouteSpec, Router, RouterConfig, RouterEvent, Shard, SlotId, SourceId,
    SourceSpec,
};
use crate::srtp::{DtlsRole, Session, SrtpProfile};

use super::{Bottleneck, Chance, Publisher, Receiver};

/// What a link does to packets of media and control, in each direction.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link {
    pub(super) loss_per_mille: u64,
    pub(super) delay_ms: u64,
    /// Each packet is this much later at most; more than the spacing reorders.
    pub(super) jitter_ms: u64,
}

impl Link {
    pub(super) const fn clean(delay_ms: u64) -> Self {
        Self {
            loss_per_mille: 0,
            delay_ms,
            jitter_ms: 0,
        }
    }
}

pub(super) enum Client {
    Publisher(Box<Publisher>),
    Receiver(Box<Receiver>),
}

pub(super) struct World {
    pub(super) router: Router,
    /// Where receivers are served when publishers and receivers are split between two routers.
    far: Option<Router>,
    specs: BTreeMap<SourceId, (PeerId, SourceSpec)>,
    pub(super) now: Instant,
    pub(super) started: Instant,
    pub(super) clients: BTreeMap<PeerId, (Client, Link)>,
    pub(super) events: Vec<(Duration, RouterEvent)>,
    /// The narrowest place on the way to each client.
    pub(super) narrow: BTreeMap<PeerId, Bottleneck>,
    chance: Chance,
    /// By time and order of sending: to the router when `true`.
    flying: BTreeMap<(Instant, u64), (PeerId, bool, Vec<u8>)>,
    sent: u64,
    next_peer: u64,
}

impl World {
    /// As [`Self::new`], with publishers at one router and receivers at another.
    pub(super) fn split(seed: u64) -> Self {
        let mut world = Self::new(seed);
        let wall = Duration::from_secs(1_790_000_000);
        world.far = Some(Router::new(RouterConfig::default(), world.now, wall));
        world
    }

    pub(super) fn new(seed: u64) -> Self {
        let now = Instant::now();
        let wall = Duration::from_secs(1_790_000_000);
        Self {
            router: Router::new(RouterConfig::default(), now, wall),
            far: None,
            specs: BTreeMap::new(),
            now,
            started: now,
            clients: BTreeMap::new(),
            events: Vec::new(),
            narrow: BTreeMap::new(),
            chance: Chance::seeded(seed),
            flying: BTreeMap::new(),
            sent: 0,
            next_peer: 0,
        }
    }

    /// The router of the receivers.
    fn far(&mut self) -> &mut Router {
        self.far.as_mut().unwrap_or(&mut self.router)
    }

    fn join(&mut self, publishes: bool) -> (PeerId, Session) {
        self.next_peer += 1;
        let peer = PeerId(self.next_peer);
        let profile = SrtpProfile::PREFERRED[self.next_peer as usize % 3];
        let material: Vec<u8> = (0..profile.keying_material_len())
            .map(|at| (at as u64 * 31 + self.next_peer) as u8)
            .collect();
        let session = |role| Session::from_keying_material(profile, &material, role);
        let now = self.now;
        let router = if publishes {
            &mut self.router
        } else {
            self.far()
        };
        router.add_peer(peer);
        let server = session(DtlsRole::Server).expect("right length");
        router.secure(now, peer, server).expect("just added");
        (peer, session(DtlsRole::Client).expect("right length"))
    }

    pub(super) fn publisher(
        &mut self,
        link: Link,
        make: impl FnOnce(PeerId, Session) -> Publisher,
    ) -> (PeerId, SourceId) {
        let (peer, session) = self.join(true);
        let publisher = make(peer, session);
        let spec = publisher.spec();
        let source = spec.source;
        self.specs.insert(source, (peer, spec.clone()));
        self.router
            .add_source(self.now, peer, spec)
            .expect("the peer is there");
        self.clients
            .insert(peer, (Client::Publisher(Box::new(publisher)), link));
        (peer, source)
    }

    pub(super) fn receiver(
        &mut self,
        link: Link,
        make: impl FnOnce(PeerId, Session) -> Receiver,
    ) -> (PeerId, SlotId) {
        let (peer, session) = self.join(false);
        let receiver = make(peer, session);
        let spec = receiver.spec();
        let slot = spec.slot;
        let router = self.far();
        router.add_slot(peer, spec).expect("the peer is there");
        if let Some(voice) = receiver.voice_spec() {
            router.add_slot(peer, voice).expect("the peer is there");
        }
        self.clients
            .insert(peer, (Client::Receiver(Box::new(receiver)), link));
        (peer, slot)
    }

    pub(super) fn route(&mut self, slot: SlotId, source: Option<SourceId>) {
        self.route_as(slot, source, RouteSpec::default());
    }

    pub(super) fn route_as(&mut self, slot: SlotId, source: Option<SourceId>, spec: RouteSpec) {
        let now = self.now;
        if let (Some(far), Some(source)) = (&mut self.far, source) {
            let (publisher, spec) = self.specs[&source].clone();
            let (from, spec) = (Shard(0), Arc::new(spec));
            let foreign = Foreign {
                from,
                publisher,
                spec,
            };
            far.mirror(now, &foreign);
        }
        self.far()
            .route(now, slot, source, spec)
            .expect("both are there and fit");
    }

    /// What the way to a client carries from now on.
    pub(super) fn limit(&mut self, peer: PeerId, rate_bps: Option<u64>) {
        let now = self.now;
        self.narrow.entry(peer).or_default().set_rate(now, rate_bps);
    }

    pub(super) fn narrow_at(&mut self, peer: PeerId) -> &mut Bottleneck {
        self.narrow.entry(peer).or_default()
    }

    pub(super) fn receiver_at(&mut self, peer: PeerId) -> &mut Receiver {
        match &mut self.clients.get_mut(&peer).expect("joined").0 {
            Client::Receiver(receiver) => receiver,
            Client::Publisher(_) => panic!("{peer} publishes"),
        }
    }

    pub(super) fn publisher_at(&mut self, peer: PeerId) -> &mut Publisher {
        match &mut self.clients.get_mut(&peer).expect("joined").0 {
            Client::Publisher(publisher) => publisher,
            Client::Receiver(_) => panic!("{peer} receives"),
        }
    }

    /// Runs for a while of virtual time, waking everybody exactly when due.
    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let flying = self.flying.first_key_value().map(|((at, _), _)| *at);
            let clients = self.clients.values().map(|(client, _)| match client {
                Client::Publisher(publisher) => publisher.deadline(),
                Client::Receiver(receiver) => receiver.deadline(),
            });
            let next = clients
                .chain(flying)
                .chain(self.router.poll_timeout())
                .chain(self.far.as_ref().and_then(Router::poll_timeout))
                .min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            self.step();
        }
        self.now = end;
    }

    fn step(&mut self) {
        let now = self.now;
        let mut sent = Vec::new();
        while let Some(entry) = self
            .flying
            .first_entry()
            .filter(|entry| entry.key().0 <= now)
        {
            let (peer, to_router, mut datagram) = entry.remove();
            if to_router {
                let publishes = matches!(self.clients[&peer].0, Client::Publisher(_));
                let router = if publishes {
                    &mut self.router
                } else {
                    self.far()
                };
                router.handle_datagram(now, peer, &mut datagram);
            } else if let Some((client, _)) = self.clients.get_mut(&peer) {
                match client {
                    Client::Publisher(publisher) => publisher.take(now, &mut datagram),
                    Client::Receiver(receiver) => receiver.take(now, &mut datagram),
                }
            }
        }
        for (peer, (client, _)) in &mut self.clients {
            let datagrams = match client {
                Client::Publisher(publisher) => publisher.send(now),
                Client::Receiver(receiver) => receiver.send(now),
            };
            sent.extend(
                datagrams
                    .into_iter()
                    .map(|datagram| (*peer, true, datagram)),
            );
        }
        for router in std::iter::once(&mut self.router).chain(&mut self.far) {
            if router
                .poll_timeout()
                .is_some_and(|deadline| deadline <= now)
            {
                router.handle_timeout(now);
                let again = router.poll_timeout();
                assert!(
                    again.is_none_or(|deadline| deadline > now),
                    "a served deadline moves on"
                );
            }
        }
        let mut collected = Collected::default();
        self.router.flush(now, &mut collected);
        if let Some(far) = &mut self.far {
            while let Some((_, note)) = self.router.poll_note() {
                far.take_note(now, Shard(0), note);
            }
            far.flush(now, &mut collected);
            while let Some((_, note)) = far.poll_note() {
                self.router.take_note(now, Shard(1), note);
            }
        }
        sent.extend(
            collected
                .datagrams
                .into_iter()
                .map(|(peer, datagram)| (peer, false, datagram)),
        );
        while let Some(event) = self.router.poll_event() {
            self.events.push((now - self.started, event));
        }
        for (peer, to_router, datagram) in sent {
            let Some((_, link)) = self.clients.get(&peer) else {
                continue;
            };
            if self.chance.happens(link.loss_per_mille) {
                continue;
            }
            let narrow = self.narrow.entry(peer).or_default();
            let leaves = if to_router {
                (!narrow.dead).then_some(now)
            } else {
                narrow.pass(now, datagram.len())
            };
            let Some(leaves) = leaves else {
                continue;
            };
            let jitter = self.chance.below(link.jitter_ms * 1000);
            let at = leaves + Duration::from_micros(link.delay_ms * 1000 + jitter);
            self.sent += 1;
            self.flying
                .insert((at, self.sent), (peer, to_router, datagram));
        }
    }
}

/// An outbox that keeps every datagram.
struct Collected {
    peer: PeerId,
    room: Vec<u8>,
    datagrams: Vec<(PeerId, Vec<u8>)>,
}

impl Default for Collected {
    fn default() -> Self {
        let room = vec![0; crate::router::DATAGRAM_MAX];
        Self {
            peer: PeerId(0),
            room,
            datagrams: Vec::new(),
        }
    }
}

impl Outbox for Collected {
    fn open(&mut self, peer: PeerId) -> bool {
        self.peer = peer;
        true
    }

    fn room(&mut self) -> &mut [u8] {
        &mut self.room
    }

    fn commit(&mut self, len: usize) {
        self.datagrams.push((self.peer, self.room[..len].to_vec()));
    }
}
