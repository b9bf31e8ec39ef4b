//! How many TCP connections there may be, in all and from one place.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Connections held at once.
const SEATS_MAX: usize = 1_024;
/// And from one place: a county office behind one gateway.
const SEATS_PER_PLACE_MAX: usize = 64;

/// The seats taken, by place.
#[derive(Default)]
pub struct Seats(Mutex<BTreeMap<IpAddr, usize>>);

/// One seat; given back when dropped.
pub struct Seat {
    seats: Arc<Seats>,
    place: IpAddr,
}

impl Seats {
    /// Takes a seat for a client at `from`; `None` when all are taken.
    pub fn take(seats: &Arc<Self>, from: IpAddr) -> Option<Seat> {
        let place = place(from);
        let mut taken = seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = taken.get(&place).copied().unwrap_or(0);
        if here >= SEATS_PER_PLACE_MAX || taken.values().sum::<usize>() >= SEATS_MAX {
            return None;
        }
        taken.insert(place, here + 1);
        Some(Seat {
            seats: Arc::clone(seats),
            place,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = taken.get_mut(&self.place) {
            *here -= 1;
            if *here == 0 {
                taken.remove(&self.place);
            }
        }
    }
}

/// What counts as one place: an IPv4 address, or the /64 of an IPv6 one, all of which one client may use.
pub fn place(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) >> 64 << 64).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_only_so_many_seats_and_gets_them_back() {
        let seats = Arc::new(Seats::default());
        let at = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]);
        let mut taken: Vec<Seat> = (0..100)
            .filter_map(|last| Seats::take(&seats, at(last)))
            .collect();
        assert_eq!(taken.len(), SEATS_PER_PLACE_MAX);
        assert!(Seats::take(&seats, IpAddr::from([192, 0, 2, 1])).is_some());
        taken.pop();
        assert!(Seats::take(&seats, at(200)).is_some());
    }

    #[test]
    fn all_places_together_have_only_so_many_seats() {
        let seats = Arc::new(Seats::default());
        let at = |number: u32| IpAddr::from(number.to_be_bytes());
        let taken = (0..2_000).filter_map(|number| Seats::take(&seats, at(number)));
        assert_eq!(taken.collect::<Vec<Seat>>().len(), SEATS_MAX);
    }
}
