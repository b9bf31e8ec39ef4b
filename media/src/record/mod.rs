//! Recording without transcoding: each publisher's picture and sound as it came, in files that survive a crash.
//!
//! The router's [`Tap`] copies packets into a bounded queue; one thread puts them together and appends whole
//! fragments. [`salvage`] makes whole what a crash left open. What is recorded, and what the files mean, is the
//! owner's business.

mod assemble;
mod bits;
mod container;
mod depacketise;
mod file;
mod gaps;
mod model;
mod mp4;
mod reel;
mod salvage;
mod sound;
mod space;
mod tap;
mod timeline;
mod webm;
mod writer;

#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use container::Container;
pub use model::{Cause, Gap, Picture, Summary, TrackCodec};
pub use salvage::{Salvaged, salvage};
pub use space::{Disk, Space};
pub use tap::Tap;
pub use writer::{Ended, RecordEvent, ReelId};

use writer::{Order, Queued, Started, WallClock};

/// The recorder. Clones are handles to the same one; it closes its files and ends with the last of them.
#[derive(Clone)]
pub struct Recorder(Arc<Inner>);

struct Inner {
    orders: SyncSender<Order>,
    queue: SyncSender<Queued>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    next: AtomicU64,
}

/// One publisher being recorded.
#[derive(Debug)]
pub struct ReelTaps {
    pub reel: ReelId,
    pub picture: Option<Tap>,
    pub sound: Option<Tap>,
}

impl Recorder {
    /// Starts the thread. Below `low_water_bytes` of free space every recording on that disk is stopped.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn start(
        space: Box<dyn Space>,
        low_water_bytes: u64,
    ) -> io::Result<(Self, Receiver<RecordEvent>)> {
        let clock = WallClock {
            started: Instant::now(),
            wall: wall_clock(),
        };
        let Started {
            orders,
            queue,
            events,
            threads,
        } = writer::start(space, low_water_bytes, clock)?;
        let inner = Inner {
            orders,
            queue,
            threads: Mutex::new(threads),
            next: AtomicU64::new(1),
        };
        Ok((Self(Arc::new(inner)), events))
    }

    /// Opens a reel whose segments go to `directory`; the taps are for [`crate::Media::tap`].
    pub fn begin(&self, directory: PathBuf, picture: bool, sound: bool) -> ReelTaps {
        let reel = ReelId(self.0.next.fetch_add(1, Ordering::Relaxed));
        let keyframe_wanted = Arc::new(AtomicBool::new(false));
        let tap = || Tap::new(reel, self.0.queue.clone(), Arc::clone(&keyframe_wanted));
        let taps = ReelTaps {
            reel,
            picture: picture.then(tap),
            sound: sound.then(tap),
        };
        self.tell(Order::Begin {
            reel,
            directory,
            picture,
            sound,
            keyframe_wanted,
        });
        taps
    }

    /// Closes a reel: its last segment is made whole, then [`RecordEvent::Ended`] comes.
    pub fn end(&self, reel: ReelId) {
        self.tell(Order::End(reel));
    }

    /// Closes everything and waits for it. Later calls have no effect.
    pub fn stop(&self) {
        self.0.stop();
    }

    fn tell(&self, order: Order) {
        if let Err(error) = self.0.orders.try_send(order) {
            tracing::error!(%error, "the recorder takes no orders");
        }
    }
}

impl Inner {
    fn stop(&self) {
        let _ = self.orders.send(Order::Stop);
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("the recorder had ended by a fault");
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Time since 1970, once, at the start: recordings are found by when they were made.
#[expect(
    clippy::disallowed_methods,
    reason = "the media server does not know the platform's clock"
)]
fn wall_clock() -> Duration {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}
