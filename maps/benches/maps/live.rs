//! Delivery of moving units over loopback sockets in real time: what a delivered update costs.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fenghuotai_maps::geom::{BBox, LonLat};
use fenghuotai_maps::live::units::{Fix, Shard, Units, Written};
use serde_json::{Value, json};

use crate::usage::{quantile, raise_file_limit, resident_kib, round, thread_cpu};
use crate::{Chance, Scale};

const TICK: Duration = Duration::from_millis(100);
const WEST: f64 = 125.0;
const SOUTH: f64 = 43.5;
const SIDE: f64 = 1.0;
/// One in so many clients looks at the clock in its messages.
const SAMPLED: usize = 20;

pub fn run(scale: Scale, say: &impl Fn(&Value)) {
    raise_file_limit();
    for percent in [1.0, 10.0, 100.0] {
        say(&case(scale, percent));
    }
}

fn case(scale: Scale, percent: f64) -> Value {
    let mut chance = Chance::new(7);
    let clock = Instant::now();
    let now_us = move || clock.elapsed().as_micros() as u64;
    let mut units = Units::default();
    let mut places: Vec<(f64, f64)> = (0..scale.units)
        .map(|_| {
            (
                chance.between(WEST, WEST + SIDE),
                chance.between(SOUTH, SOUTH + SIDE),
            )
        })
        .collect();
    for at in &places {
        units.add(fix(*at), now_us());
    }
    units.tick(now_us());

    let before_kib = resident_kib();
    let (mut shard, readers) = connect(scale, percent, &mut units, &mut chance);
    let joined_kib = resident_kib().saturating_sub(before_kib);
    let stop = Arc::new(AtomicBool::new(false));
    let reader = thread::spawn({
        let stop = Arc::clone(&stop);
        move || drain(readers, &stop, now_us)
    });

    let (mut total, mut encode_us, mut write_us) = (Written::default(), Vec::new(), Vec::new());
    let per_tick = scale.updates_per_s / 10;
    let (cpu_before, started) = (thread_cpu(), Instant::now());
    let mut generating = Duration::ZERO;
    for n in 0..scale.ticks {
        let cpu = thread_cpu();
        let moves: Vec<(u32, Fix)> = (0..per_tick)
            .map(|_| wander(&mut places, &mut chance))
            .collect();
        generating += thread_cpu() - cpu;
        for (handle, fix) in moves {
            units.update(handle, fix, now_us());
        }
        let due = started + TICK * (n as u32 + 1);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let begun = Instant::now();
        let tick = units.tick(now_us());
        encode_us.push(begun.elapsed().as_secs_f64() * 1e6);
        let written = shard.write(&tick, &mut units, now_us());
        write_us.push(begun.elapsed().as_secs_f64() * 1e6);
        total.messages += written.messages;
        total.updates += written.updates;
        total.bytes += written.bytes;
        total.passed_over += written.passed_over;
        total.caught_up += written.caught_up;
        total.gone += written.gone;
    }
    let wall = started.elapsed().as_secs_f64();
    let cpu = (thread_cpu() - cpu_before - generating).as_secs_f64();
    thread::sleep(Duration::from_millis(50));
    stop.store(true, Ordering::Release);
    let mut latency_us = reader.join().expect("the reading thread ends");
    latency_us.sort_by(f64::total_cmp);
    encode_us.sort_by(f64::total_cmp);
    write_us.sort_by(f64::total_cmp);
    let per = |amount: f64, of: u64| {
        if of == 0 {
            Value::Null
        } else {
            json!(round(amount / of as f64))
        }
    };
    json!({
        "bench": "maps.live", "clients": scale.clients, "view_percent": percent, "units": scale.units,
        "updates_per_s_in": scale.updates_per_s, "tick_ms": 100,
        "delivered_per_s": (total.updates as f64 / wall).round(),
        "core_percent": round(cpu / wall * 100.0),
        "us_per_delivered_update": per(cpu * 1e6, total.updates),
        "us_per_message": per(cpu * 1e6, total.messages),
        "bytes_per_update": per(total.bytes as f64, total.updates),
        "encode_p50_us": round(quantile(&encode_us, 0.5)), "encode_p99_us": round(quantile(&encode_us, 0.99)),
        "written_p50_ms": round(quantile(&write_us, 0.5) / 1e3), "written_p99_ms": round(quantile(&write_us, 0.99) / 1e3),
        "receipt_p50_ms": round(quantile(&latency_us, 0.5) / 1e3), "receipt_p99_ms": round(quantile(&latency_us, 0.99) / 1e3),
        "passed_over": total.passed_over, "caught_up": total.caught_up, "gone": total.gone,
        "kib_per_client_both_ends": per(joined_kib as f64, scale.clients as u64),
    })
}

fn fix((lon, lat): (f64, f64)) -> Fix {
    let place = LonLat::new(lon, lat).expect("the city lies on the earth");
    Fix {
        place,
        heading: 64,
        speed: 30,
        status: 1,
        class: 0,
    }
}

/// Some unit moves about fifteen metres.
fn wander(places: &mut [(f64, f64)], chance: &mut Chance) -> (u32, Fix) {
    let handle = chance.draw() as usize % places.len();
    let at = &mut places[handle];
    at.0 = (at.0 + chance.gauss() * 0.000_2).clamp(WEST, WEST + SIDE);
    at.1 = (at.1 + chance.gauss() * 0.000_15).clamp(SOUTH, SOUTH + SIDE);
    (handle as u32, fix(*at))
}

fn connect(
    scale: Scale,
    percent: f64,
    units: &mut Units,
    chance: &mut Chance,
) -> (Shard<TcpStream>, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    let side = SIDE * (percent / 100.0_f64).sqrt();
    let mut shard = Shard::default();
    let mut readers = Vec::with_capacity(scale.clients);
    for _ in 0..scale.clients {
        let reader = TcpStream::connect(address).expect("loopback connects");
        let (writer, _) = listener.accept().expect("the other end");
        writer.set_nodelay(true).expect("a TCP socket");
        writer.set_nonblocking(true).expect("a TCP socket");
        reader.set_nonblocking(true).expect("a TCP socket");
        let (west, south) = (
            chance.between(WEST, WEST + SIDE - side),
            chance.between(SOUTH, SOUTH + SIDE - side),
        );
        let bbox = BBox::new(west, south, west + side, south + side).expect("a view");
        let interest = units.look(&bbox, &[0]);
        shard.join(writer, interest, units, 0);
        readers.push(reader);
    }
    (shard, readers)
}

/// Reads everything; of sampled clients also how old the message is.
fn drain(mut readers: Vec<TcpStream>, stop: &AtomicBool, now_us: impl Fn() -> u64) -> Vec<f64> {
    let mut polled: Vec<libc::pollfd> = readers
        .iter()
        .map(|reader| libc::pollfd {
            fd: std::os::fd::AsRawFd::as_raw_fd(reader),
            events: libc::POLLIN,
            revents: 0,
        })
        .collect();
    let mut latency_us = Vec::new();
    let mut bytes = vec![0; 256 * 1024];
    while !stop.load(Ordering::Acquire) {
        // SAFETY: `polled` is a valid array of its length for the call.
        let ready = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, 20) };
        if ready <= 0 {
            continue;
        }
        for (at, reader) in readers
            .iter_mut()
            .enumerate()
            .filter(|(at, _)| polled[*at].revents != 0)
        {
            let taken = reader.read(&mut bytes).unwrap_or_default();
            if at % SAMPLED == 0
                && let Some(tick_us) = tick_of(&bytes[..taken])
            {
                latency_us.push(now_us().saturating_sub(tick_us) as f64);
            }
        }
    }
    latency_us
}

/// The tick's time in the delta at the beginning of what was read.
fn tick_of(bytes: &[u8]) -> Option<u64> {
    let header = match bytes.get(1)? {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    let delta = bytes.get(header).is_some_and(|kind| *kind == 1);
    let time = bytes
        .get(header + 8..header + 16)
        .filter(|_| delta && bytes[0] == 0x82)?;
    Some(u64::from_le_bytes(time.try_into().ok()?))
}
