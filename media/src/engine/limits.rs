//! How much anybody may ask of an engine, so that a flood costs the meetings of others nothing.
//!
//! Nothing here looks into a datagram. What comes from a proven address counts against its peer, everything else
//! against its place and against all strangers together; so strangers can at worst keep other strangers waiting.

use std::net::IpAddr;
use std::time::Instant;

use crate::net::Class;
use crate::net::pace::{Meter, Pace, PlaceMeters};

/// Connectivity checks of unproven addresses of one place: sixty clients behind one gateway that all begin anew send
/// a few hundred in the first second, and each answered one needs no more.
const PLACE: Pace = Pace {
    per_second: 500,
    burst: 1_000,
};
/// Those of all places together: a few percent of a core.
const STRANGERS: Pace = Pace {
    per_second: 20_000,
    burst: 20_000,
};
/// Checks of one peer. A client checks each pair every 50 ms at first, later every few seconds.
const CHECKS: Pace = Pace {
    per_second: 100,
    burst: 200,
};
/// DTLS datagrams of one peer. A handshake needs under ten.
const DTLS: Pace = Pace {
    per_second: 20,
    burst: 100,
};
/// Media packets of one peer: three layers of 1080p with retransmissions come to a thousand.
const MEDIA: Pace = Pace {
    per_second: 5_000,
    burst: 5_000,
};
/// Control packets of one peer: transport feedback every 50 ms and a request for lost packets every 10 ms come to
/// a hundred and fifty.
const CONTROL: Pace = Pace {
    per_second: 500,
    burst: 1_000,
};

/// What addresses nobody has proven may ask.
#[derive(Default)]
pub(super) struct Strangers {
    places: PlaceMeters,
    all: Meter,
}

impl Strangers {
    pub(super) fn admit(&mut self, now: Instant, from: IpAddr) -> bool {
        self.places.admit(now, from, PLACE) && self.all.admit(now, STRANGERS)
    }
}

/// What one peer may ask, from all its addresses together.
#[derive(Default)]
pub(super) struct Allowance {
    checks: Meter,
    dtls: Meter,
    media: Meter,
    control: Meter,
}

impl Allowance {
    pub(super) fn admit(&mut self, now: Instant, class: Class, datagram: &[u8]) -> bool {
        match class {
            Class::Stun => self.checks.admit(now, CHECKS),
            Class::Dtls => self.dtls.admit(now, DTLS),
            Class::Media if crate::srtp::is_rtcp(datagram) => self.control.admit(now, CONTROL),
            Class::Media => self.media.admit(now, MEDIA),
            Class::Other => true,
        }
    }
}
