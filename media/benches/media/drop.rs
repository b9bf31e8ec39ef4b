//! Packets per second and core when nobody receives: media leaves through the whole kernel and ends at a device's door.
//!
//! In a network of its own, whose loopback redirects media (and only media) to a device without a link. Checks,
//! handshakes and reports go their usual way.

use std::io;
use std::process::Command;
use std::time::Duration;

use crate::{Outcome, Pacing, forwarding_through, physical_through};

/// Leaves for a network where nobody else is.
pub fn own_network() -> io::Result<()> {
    // SAFETY: no pointers; children and threads started from this thread inherit its network.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } < 0 {
        return Err(io::Error::last_os_error());
    }
    run("ip link set lo up")?;
    run("ip link add media0 type veth peer name media1")?;
    run("ip link set media0 up")
}

/// Measures our server and the floor; says so and goes on where the system does not allow it.
pub fn report(subscribers: usize, time: Duration) -> io::Result<()> {
    if let Err(error) = own_network().and_then(|()| run("tc qdisc add dev lo clsact")) {
        eprintln!(
            "media.drop is skipped: no network of its own ({error}); it takes root, `ip` and `tc`"
        );
        return Ok(());
    }
    let ours = forwarding_through(redirect, "tower", subscribers, Pacing::Burst, true, time)?;
    let floor = physical_through(redirect, subscribers, Pacing::Burst, true, time)?;
    let per_core = |outcome: &Outcome| 1e6 / outcome.us_per_packet.max(1e-3);
    println!(
        concat!(
            r#"{{"bench":"media.drop","subscribers":{},"send":"gso","pacing":"burst","us_per_packet":{:.2},"#,
            r#""packets_per_core_s":{:.0},"floor_packets_per_core_s":{:.0},"rss_kib_per_subscriber":{:.1},"#,
            r#""join_ms_p50":{:.1},"join_cpu_ms":{:.2},"packets":{}}}"#
        ),
        subscribers,
        ours.us_per_packet,
        per_core(&ours),
        per_core(&floor),
        ours.rss_kib as f64 / subscribers as f64,
        ours.join_ms_p50,
        ours.join_cpu_ms,
        ours.forwarded,
    );
    Ok(())
}

/// Takes media sent from this port off the loopback: version 2 and payload type 96, the marker ignored.
fn redirect(port: u16) -> io::Result<()> {
    run(&format!(
        "tc filter add dev lo egress protocol ip u32 match ip protocol 17 0xff match ip sport {port} 0xffff \
         match u8 0x80 0xc0 at 28 match u8 0x60 0x7f at 29 action mirred egress redirect dev media0"
    ))
}

pub fn run(line: &str) -> io::Result<()> {
    let mut words = line.split_whitespace();
    let status = Command::new(words.next().unwrap_or_default())
        .args(words)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("`{line}` failed")))
    }
}
