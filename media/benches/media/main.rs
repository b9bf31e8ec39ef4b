//! Measures what forwarding one packet costs, beside a rival and the physical floor; one JSON object per line.
//!
//! `cargo xtask bench media` runs everything; `-- --subscribers 300 --seconds 10 --only forward --gso` narrows it. Without `--bench` it
//! runs tiny, as a test of itself. The load client is this process, each server a process of its own, and a server's
//! cost is its user and kernel time from `/proc` over the packets it says it forwarded.

mod client;
mod control;
mod drop;
mod floor;
mod janus;
mod load;
mod rival;
mod stun;
mod tower;
mod usage;

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use client::{Client, Identity};
use control::Server;
use load::{Receivers, Way};
use usage::Usage;

/// How the packets of a frame leave the publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pacing {
    /// All at once.
    Burst,
    /// One millisecond apart, as real senders pace.
    Spaced,
}

/// What one run came to.
#[derive(Debug, Default)]
struct Outcome {
    us_per_packet: f64,
    /// Grown since there was nobody but the publisher.
    rss_kib: u64,
    subscribers: usize,
    join_cpu_ms: f64,
    join_ms_p50: f64,
    forwarded: u64,
    lost: u64,
    p50_ms: f64,
    p99_ms: f64,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    if let Some(role) = after("--role") {
        let gso = arguments.iter().any(|argument| argument == "gso");
        return match role {
            "tower" => tower::run(gso),
            "rival" => rival::run(gso),
            _ => floor::run(gso),
        };
    }
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if has("--tiny") || !has("--bench") {
        // A test runner's filter for some other test, or its question what there is.
        let other = |argument: &String| {
            !argument.starts_with('-') && !"media.forward".contains(argument.as_str())
        };
        if arguments
            .iter()
            .any(|argument| argument == "--list" || other(argument))
        {
            return Ok(());
        }
        return tiny();
    }
    let seconds = after("--seconds")
        .and_then(|text| text.parse().ok())
        .unwrap_or(4);
    let subscribers = match after("--subscribers").and_then(|text| text.parse().ok()) {
        Some(one) => vec![one],
        None => vec![50, 150, 300],
    };
    let time = Duration::from_secs(seconds);
    let only = after("--only");
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    if wanted("forward") {
        let ways: &[bool] = if has("--gso") {
            &[true]
        } else {
            &[true, false]
        };
        for pacing in [Pacing::Burst, Pacing::Spaced] {
            for gso in ways {
                compare(&subscribers, pacing, *gso, time)?;
            }
        }
    }
    // Last, because each leaves this process in another network of its own.
    if wanted("janus") {
        janus::report(&subscribers, time)?;
    }
    if wanted("drop") {
        drop::report(1_000, time)?;
    }
    Ok(())
}

/// One line for every number of receivers, memory told as the growth from the first of them.
fn compare(subscribers: &[usize], pacing: Pacing, gso: bool, time: Duration) -> io::Result<()> {
    let mut fewest: Option<[Outcome; 2]> = None;
    for &subscribers in subscribers {
        let ours = forwarding("tower", subscribers, pacing, gso, time)?;
        let rival = forwarding("rival", subscribers, pacing, gso, time)?;
        let floor = physical(subscribers, pacing, gso, time)?;
        let base = fewest.as_ref().map(|[ours, rival]| [ours, rival]);
        print(pacing, gso, [&ours, &rival, &floor], base);
        fewest.get_or_insert([ours, rival]);
    }
    Ok(())
}

/// Memory of one more receiver: against a run with fewer, where there is one. The rings of the published layer and
/// whatever else is there once are in neither's difference.
fn memory(of: &Outcome, base: Option<&Outcome>) -> f64 {
    let (kib, subscribers) = base.map_or((0, 0), |base| (base.rss_kib, base.subscribers));
    of.rss_kib.saturating_sub(kib) as f64 / (of.subscribers - subscribers).max(1) as f64
}

fn print(
    pacing: Pacing,
    gso: bool,
    [ours, rival, floor]: [&Outcome; 3],
    base: Option<[&Outcome; 2]>,
) {
    println!(
        concat!(
            r#"{{"bench":"media.forward","subscribers":{},"send":"{}","pacing":"{}","us_per_packet":{:.2},"#,
            r#""str0m_us_per_packet":{:.2},"floor_us_per_packet":{:.2},"rss_kib_per_subscriber":{:.1},"#,
            r#""str0m_rss_kib_per_subscriber":{:.1},"join_cpu_ms":{:.2},"str0m_join_cpu_ms":{:.2},"#,
            r#""join_ms_p50":{:.1},"str0m_join_ms_p50":{:.1},"p50_ms":{:.1},"#,
            r#""p99_ms":{:.1},"str0m_p99_ms":{:.1},"packets":{},"lost":{},"str0m_lost":{}}}"#
        ),
        ours.subscribers,
        if gso { "gso" } else { "sendmmsg" },
        if pacing == Pacing::Burst {
            "burst"
        } else {
            "spaced"
        },
        ours.us_per_packet,
        rival.us_per_packet,
        floor.us_per_packet,
        memory(ours, base.map(|[ours, _]| ours)),
        memory(rival, base.map(|[_, rival]| rival)),
        ours.join_cpu_ms,
        rival.join_cpu_ms,
        ours.join_ms_p50,
        rival.join_ms_p50,
        ours.p50_ms,
        ours.p99_ms,
        rival.p99_ms,
        ours.forwarded,
        ours.lost,
        rival.lost,
    );
}

/// One publisher, many receivers through a real server.
fn forwarding(
    role: &str,
    subscribers: usize,
    pacing: Pacing,
    gso: bool,
    time: Duration,
) -> io::Result<Outcome> {
    forwarding_through(|_| Ok(()), role, subscribers, pacing, gso, time)
}

/// As [`forwarding`]; `network` is told the server's port before media flows.
fn forwarding_through(
    network: impl Fn(u16) -> io::Result<()>,
    role: &str,
    subscribers: usize,
    pacing: Pacing,
    gso: bool,
    time: Duration,
) -> io::Result<Outcome> {
    let identity = Identity::generate()?;
    let mut server = Server::start(role, gso)?;
    let epoch = Instant::now();
    let publisher = Client::join(&mut server, &identity, "publish")?;
    let mut receivers = Receivers::new(epoch)?;
    let empty = Usage::of(server.pid())?;
    let mut joins = Vec::with_capacity(subscribers);
    for _ in 0..subscribers {
        let client = Client::join(&mut server, &identity, "receive")?;
        joins.push(client.joined_in);
        receivers.add(client)?;
    }
    joins.sort_unstable();
    let joined = Usage::of(server.pid())?;
    network(publisher.socket.peer_addr()?.port())?;
    let stop = Arc::new(AtomicBool::new(false));
    let publishing = load::publish(
        Way::Webrtc(Box::new(publisher)),
        pacing,
        epoch,
        Arc::clone(&stop),
    );
    receivers.run(Duration::from_secs(1).min(time));

    receivers.delays_us.clear();
    let (packets, before) = (server.forwarded()?, Usage::of(server.pid())?);
    receivers.run(time);
    let (after, forwarded) = (Usage::of(server.pid())?, server.forwarded()? - packets);
    stop.store(true, Ordering::Relaxed);
    receivers.run(Duration::from_millis(500));
    let _ = publishing.join();
    let lost = server.forwarded()?.saturating_sub(receivers.packets);

    Ok(Outcome {
        us_per_packet: (after.cpu_us - before.cpu_us) as f64 / forwarded.max(1) as f64,
        rss_kib: after.rss_kib.saturating_sub(empty.rss_kib),
        subscribers,
        join_ms_p50: joins[subscribers / 2].as_secs_f64() * 1e3,
        join_cpu_ms: (joined.cpu_us - empty.cpu_us) as f64 / 1e3 / subscribers as f64,
        forwarded,
        lost,
        p50_ms: receivers.delay_ms(50),
        p99_ms: receivers.delay_ms(99),
    })
}

/// As many datagrams to as many sockets, with nothing done to them.
fn physical(subscribers: usize, pacing: Pacing, gso: bool, time: Duration) -> io::Result<Outcome> {
    physical_through(|_| Ok(()), subscribers, pacing, gso, time)
}

/// As [`physical`]; `network` is told the sender's port first.
fn physical_through(
    network: impl Fn(u16) -> io::Result<()>,
    subscribers: usize,
    pacing: Pacing,
    gso: bool,
    time: Duration,
) -> io::Result<Outcome> {
    let mut server = Server::start("floor", gso)?;
    network(server.ask("port", "")?.parse().map_err(io::Error::other)?)?;
    if pacing == Pacing::Spaced {
        server.ask("spaced", "")?;
    }
    let mut receivers = Receivers::new(Instant::now())?;
    for _ in 0..subscribers {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        server.ask("receive", &socket.local_addr()?.to_string())?;
        receivers.add_bare(socket)?;
    }
    receivers.run(Duration::from_millis(300).min(time));
    let (packets, before) = (server.forwarded()?, Usage::of(server.pid())?);
    receivers.run(time);
    let (after, forwarded) = (Usage::of(server.pid())?, server.forwarded()? - packets);
    Ok(Outcome {
        us_per_packet: (after.cpu_us - before.cpu_us) as f64 / forwarded.max(1) as f64,
        forwarded,
        subscribers,
        ..Outcome::default()
    })
}

/// The whole path, small: three receivers, one second.
fn tiny() -> io::Result<()> {
    let time = Duration::from_secs(1);
    let ours = forwarding("tower", 3, Pacing::Burst, true, time)?;
    let rival = forwarding("rival", 3, Pacing::Burst, true, time)?;
    let floor = physical(3, Pacing::Burst, true, time)?;
    print(Pacing::Burst, true, [&ours, &rival, &floor], None);
    // Three receivers of 187.5 packets per second; a busy machine may lose some of them.
    let fine = |outcome: &Outcome| {
        (300..900).contains(&outcome.forwarded) && outcome.lost < outcome.forwarded / 10
    };
    if fine(&ours) && fine(&rival) && floor.forwarded > 0 {
        Ok(())
    } else {
        Err(io::Error::other(
            "the benchmark does not measure what it says",
        ))
    }
}
