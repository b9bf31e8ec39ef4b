//! The physical floor: the same datagrams through the same socket code, with nothing done to them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fenghuotai_media::net::arena::Arena;
use fenghuotai_media::net::udp::Udp;

use crate::client::PAYLOAD_TYPE;
use crate::load::{FRAME_PACKETS, PAYLOAD_LEN, SPACING};
use crate::{Pacing, control};

/// Header, extensions and tag as our server sends them.
const DATAGRAM_LEN: usize = 12 + 16 + PAYLOAD_LEN + 16;

pub fn run(gso: bool) -> io::Result<()> {
    let receivers: Arc<Mutex<(Vec<SocketAddr>, Pacing)>> =
        Arc::new(Mutex::new((Vec::new(), Pacing::Burst)));
    let sent = Arc::new(AtomicU64::new(0));
    let (shared, count) = (Arc::clone(&receivers), Arc::clone(&sent));
    let udp = Udp::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let port = udp.local_addr()?.port();
    std::thread::spawn(move || send(udp, gso, &shared, &count));
    control::serve(|word, text| match word {
        "receive" => {
            let address = text.parse().map_err(|_| "no address")?;
            receivers.lock().expect("nobody panics").0.push(address);
            Ok(String::new())
        }
        "port" => Ok(port.to_string()),
        "spaced" => {
            receivers.lock().expect("nobody panics").1 = Pacing::Spaced;
            Ok(String::new())
        }
        "forwarded" => Ok(sent.load(Ordering::Relaxed).to_string()),
        _ => Err("unknown".to_owned()),
    })
}

fn send(mut udp: Udp, gso: bool, receivers: &Mutex<(Vec<SocketAddr>, Pacing)>, sent: &AtomicU64) {
    let mut arena = Arena::new(gso && udp.gso());
    let mut packet = [0x80; DATAGRAM_LEN];
    packet[1] = PAYLOAD_TYPE;
    let mut due = Instant::now();
    for frame in 0_usize.. {
        let (addresses, pacing) = receivers.lock().expect("nobody panics").clone();
        let parts = FRAME_PACKETS[frame % FRAME_PACKETS.len()];
        let (batches, batch) = if pacing == Pacing::Spaced {
            (parts, 1)
        } else {
            (1, parts)
        };
        for at in 0..batches {
            let at = due + SPACING * at as u32;
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            for address in &addresses {
                arena.open(*address);
                for _ in 0..batch {
                    arena.room(packet.len()).copy_from_slice(&packet);
                    arena.commit(packet.len());
                }
            }
            sent.fetch_add(udp.send(&mut arena).0, Ordering::Relaxed);
        }
        due += Duration::from_nanos(33_333_333);
    }
}
