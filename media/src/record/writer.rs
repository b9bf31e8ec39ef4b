//! The recorder's thread: takes packets from a bounded queue, lets reels decide, does as they say with files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::model::{Packet, Summary};
use super::reel::{Output, Reel};
use super::salvage::salvage;
use super::space::Space;

/// Packets waiting for the thread: a second of sixty publishers. Beyond it they are dropped, which is a marked gap.
const QUEUE_MAX: usize = 16_384;
/// Orders waiting for the thread; it looks ten times a second.
const ORDERS_MAX: usize = 4_096;
const TICK: Duration = Duration::from_millis(100);
const SPACE_EVERY: Duration = Duration::from_secs(1);
/// Files waiting for the disk; one that does not fit is synced with its next fragment.
const SYNCS_MAX: usize = 256;
/// Tries to find a name that is not taken.
const NAMES_MAX: u32 = 100;

/// Number of a reel, given by the recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReelId(pub u64);

/// What waits for the thread on the packet path.
pub(super) type Queued = (ReelId, Packet);

/// What the owner asks for; apart from the packets, so that a full queue of those holds nobody up.
#[derive(Debug)]
pub(super) enum Order {
    Begin {
        reel: ReelId,
        directory: PathBuf,
        picture: bool,
        sound: bool,
        keyframe_wanted: Arc<AtomicBool>,
    },
    End(ReelId),
    Stop,
}

/// What the recorder tells its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordEvent {
    /// A segment is whole and on disk.
    Segment {
        reel: ReelId,
        path: PathBuf,
        /// Microseconds since 1970.
        started_us: i64,
        summary: Summary,
    },
    /// The reel has ended; nothing of it follows.
    Ended {
        reel: ReelId,
        /// As it was begun with.
        directory: PathBuf,
        why: Ended,
    },
}

/// Why a reel ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Asked,
    /// Less room than the low-water mark, or none.
    DiskFull {
        free_bytes: u64,
    },
    /// The disk failed; what was written before stays.
    Failed(String),
}

/// The thread's own state.
pub(super) struct Writer {
    reels: BTreeMap<ReelId, Open>,
    events: SyncSender<RecordEvent>,
    syncs: SyncSender<Arc<File>>,
    space: Box<dyn Space>,
    low_water_bytes: u64,
    clock: WallClock,
}

/// One reel and the file its segment goes to.
struct Open {
    reel: Reel,
    directory: PathBuf,
    keyframe_wanted: Arc<AtomicBool>,
    file: Option<Segment>,
}

struct Segment {
    file: Arc<File>,
    path: PathBuf,
    started_us: i64,
}

/// Wall time that never goes back.
#[derive(Clone, Copy)]
pub(super) struct WallClock {
    pub(super) started: Instant,
    /// Since 1970, at `started`.
    pub(super) wall: Duration,
}

impl WallClock {
    fn now_us(self) -> i64 {
        (self.wall + self.started.elapsed()).as_micros() as i64
    }
}

/// What the owner and the taps hold of the threads.
pub(super) struct Started {
    pub(super) orders: SyncSender<Order>,
    pub(super) queue: SyncSender<Queued>,
    pub(super) events: Receiver<RecordEvent>,
    pub(super) threads: Vec<JoinHandle<()>>,
}

pub(super) fn start(
    space: Box<dyn Space>,
    low_water_bytes: u64,
    clock: WallClock,
) -> io::Result<Started> {
    let (orders, ordered) = sync_channel(ORDERS_MAX);
    let (queue, packets) = sync_channel(QUEUE_MAX);
    let (events, told) = sync_channel(QUEUE_MAX);
    let (syncs, waiting) = sync_channel::<Arc<File>>(SYNCS_MAX);
    let sync = std::thread::Builder::new()
        .name("media-record-sync".to_owned())
        .spawn(move || {
            for file in waiting {
                if let Err(error) = file.sync_data() {
                    tracing::error!(%error, "a recording could not be flushed to its disk");
                }
            }
        })?;
    let writer = Writer {
        reels: BTreeMap::new(),
        events,
        syncs,
        space,
        low_water_bytes,
        clock,
    };
    let write = std::thread::Builder::new()
        .name("media-record".to_owned())
        .spawn(move || writer.run(&ordered, &packets))?;
    Ok(Started {
        orders,
        queue,
        events: told,
        threads: vec![write, sync],
    })
}

impl Writer {
    fn run(mut self, orders: &Receiver<Order>, packets: &Receiver<Queued>) {
        let mut tick_at = Instant::now() + TICK;
        let mut space_at = Instant::now();
        loop {
            let wait = tick_at.saturating_duration_since(Instant::now());
            match packets.recv_timeout(wait) {
                Ok((reel, packet)) => self.take(reel, packet),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = Instant::now();
            if now >= tick_at {
                tick_at = now + TICK;
                self.tick();
                if !self.obey(orders, packets) {
                    break;
                }
            }
            if now >= space_at {
                space_at = now + SPACE_EVERY;
                self.look_at_space();
            }
        }
        let all: Vec<ReelId> = self.reels.keys().copied().collect();
        for reel in all {
            self.end(reel, Ended::Asked);
        }
    }

    /// False when the thread is to end.
    fn obey(&mut self, orders: &Receiver<Order>, packets: &Receiver<Queued>) -> bool {
        loop {
            match orders.try_recv() {
                Ok(Order::Begin {
                    reel,
                    directory,
                    picture,
                    sound,
                    keyframe_wanted,
                }) => {
                    let open = Open {
                        reel: Reel::new(picture, sound),
                        directory,
                        keyframe_wanted,
                        file: None,
                    };
                    self.reels.insert(reel, open);
                    self.look_at_space();
                }
                Ok(Order::End(reel)) => {
                    self.catch_up(packets);
                    self.end(reel, Ended::Asked);
                }
                Ok(Order::Stop) | Err(TryRecvError::Disconnected) => {
                    self.catch_up(packets);
                    return false;
                }
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    /// Takes what has been queued so far: the last seconds belong to the recording too.
    fn catch_up(&mut self, packets: &Receiver<Queued>) {
        for (reel, packet) in packets.try_iter().take(QUEUE_MAX) {
            self.take(reel, packet);
        }
    }

    fn take(&mut self, reel: ReelId, packet: Packet) {
        let now_us = self.clock.now_us();
        if let Some(open) = self.reels.get_mut(&reel) {
            open.reel.packet(now_us, packet);
            self.carry_out(reel, now_us);
        }
    }

    fn tick(&mut self) {
        let now_us = self.clock.now_us();
        let all: Vec<ReelId> = self.reels.keys().copied().collect();
        for reel in all {
            if let Some(open) = self.reels.get_mut(&reel) {
                open.reel.tick(now_us);
                self.carry_out(reel, now_us);
            }
        }
    }

    fn look_at_space(&mut self) {
        let mut directories: Vec<PathBuf> = self
            .reels
            .values()
            .map(|open| open.directory.clone())
            .collect();
        directories.dedup();
        for directory in directories {
            // A directory that is not there yet is on the disk of its parent.
            let there = directory.ancestors().find(|path| path.exists());
            let Some(free_bytes) = there.and_then(|path| self.space.free_bytes(path).ok()) else {
                continue;
            };
            if free_bytes < self.low_water_bytes {
                self.stop_under(&directory, free_bytes);
            }
        }
    }

    fn stop_under(&mut self, directory: &Path, free_bytes: u64) {
        let full: Vec<ReelId> = self
            .reels
            .iter()
            .filter(|(_, open)| open.directory == directory)
            .map(|(reel, _)| *reel)
            .collect();
        for reel in full {
            self.end(reel, Ended::DiskFull { free_bytes });
        }
    }

    fn end(&mut self, reel: ReelId, why: Ended) {
        let now_us = self.clock.now_us();
        let Some(open) = self.reels.get_mut(&reel) else {
            return;
        };
        open.reel.finish();
        self.carry_out(reel, now_us);
        if let Some(open) = self.reels.remove(&reel) {
            self.tell(RecordEvent::Ended {
                reel,
                directory: open.directory,
                why,
            });
        }
    }

    /// Does what a reel has decided; a disk that fails ends this reel only.
    fn carry_out(&mut self, reel: ReelId, now_us: i64) {
        let Some(open) = self.reels.get_mut(&reel) else {
            return;
        };
        if open.reel.wants_keyframe(now_us) {
            open.keyframe_wanted.store(true, Ordering::Relaxed);
        }
        for output in open.reel.take_output() {
            let done = match self.reels.get_mut(&reel) {
                Some(open) => open.carry_out(output, &self.syncs),
                None => return,
            };
            match done {
                Ok(None) => {}
                Ok(Some((segment, summary))) => self.tell(RecordEvent::Segment {
                    reel,
                    path: segment.path,
                    started_us: segment.started_us,
                    summary,
                }),
                Err(error) => {
                    tracing::error!(%error, "a recording cannot be written");
                    let why = if error.kind() == io::ErrorKind::StorageFull {
                        Ended::DiskFull { free_bytes: 0 }
                    } else {
                        Ended::Failed(error.to_string())
                    };
                    return self.rescue(reel, why);
                }
            }
        }
    }

    /// Forgets a reel whose disk has failed; what of its segment is whole is kept.
    fn rescue(&mut self, reel: ReelId, why: Ended) {
        let Some(open) = self.reels.remove(&reel) else {
            return;
        };
        if let Some(segment) = open.file {
            match salvage(&segment.path) {
                Ok(Some(salvaged)) => self.tell(RecordEvent::Segment {
                    reel,
                    path: segment.path,
                    started_us: segment.started_us,
                    summary: salvaged.summary,
                }),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a recording stays open until the next start");
                }
            }
        }
        self.tell(RecordEvent::Ended {
            reel,
            directory: open.directory,
            why,
        });
    }

    fn tell(&self, event: RecordEvent) {
        if let Err(error) = self.events.try_send(event) {
            tracing::error!(%error, "nobody takes the recorder's events");
        }
    }
}

impl Open {
    fn carry_out(
        &mut self,
        output: Output,
        syncs: &SyncSender<Arc<File>>,
    ) -> io::Result<Option<(Segment, Summary)>> {
        match output {
            Output::Begin {
                container,
                started_us,
                header,
            } => {
                let (mut file, path) = create(&self.directory, started_us, container.ending())?;
                file.write_all(&header)?;
                self.file = Some(Segment {
                    file: Arc::new(file),
                    path,
                    started_us,
                });
                Ok(None)
            }
            Output::Append(bytes) => {
                if let Some(segment) = &self.file {
                    (&*segment.file).write_all(&bytes)?;
                    let _ = syncs.try_send(Arc::clone(&segment.file));
                }
                Ok(None)
            }
            Output::Finish { patches, summary } => {
                let Some(segment) = self.file.take() else {
                    return Ok(None);
                };
                for (at, bytes) in patches {
                    segment.file.write_all_at(&bytes, at)?;
                }
                segment.file.sync_all()?;
                Ok(Some((segment, summary)))
            }
        }
    }
}

/// A new file named by its first moment; nothing is ever overwritten.
fn create(directory: &Path, started_us: i64, ending: &str) -> io::Result<(File, PathBuf)> {
    fs::create_dir_all(directory)?;
    for number in 0..NAMES_MAX {
        let more = if number == 0 {
            String::new()
        } else {
            format!("-{number}")
        };
        let path = directory.join(format!("{}{more}.{ending}", started_us / 1_000));
        match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
