//! Tails the journal and hands each committed entry to whoever listens. A crash loses nothing:
//! the relay starts from the journal, never from memory.

use std::{sync::Arc, time::Duration};

use tokio::sync::broadcast;

use super::{Cursor, Entry, read};
use crate::platform::{db::Db, failure::Fault, tasks};

/// A listener further behind than this reads the journal itself.
const BUFFER: usize = 4_096;
const PAGE: i64 = 1_000;
/// Other servers on the same PostgreSQL write too; their commits do not ring here.
const LOOK_ANYWAY: Duration = Duration::from_millis(500);

#[derive(Debug, Clone)]
pub struct Relay {
    db: Db,
    entries: broadcast::Sender<Arc<Entry>>,
}

impl Relay {
    /// Starts tailing at the journal's head.
    ///
    /// # Errors
    /// When the head cannot be read.
    pub async fn start(db: &Db) -> Result<Self, Fault> {
        let mut rung = db.commits().watch();
        let start = read::head(db).await?;
        let relay = Self {
            db: db.clone(),
            entries: broadcast::Sender::new(BUFFER),
        };
        let (db, entries) = (db.clone(), relay.entries.clone());
        tasks::spawn("journal.relay", async move {
            let mut seq = start.seq;
            loop {
                let page = match read::after(&db, seq, PAGE).await {
                    Ok(page) => page,
                    Err(fault) => {
                        tracing::warn!(%fault, "the journal cannot be read; trying again");
                        tokio::time::sleep(LOOK_ANYWAY).await;
                        continue;
                    }
                };
                let more = page.len() as i64 == PAGE;
                for entry in page {
                    seq = entry.seq;
                    // No listener is fine.
                    let _ = entries.send(Arc::new(entry));
                }
                if !more && let Ok(Err(_)) = tokio::time::timeout(LOOK_ANYWAY, rung.changed()).await
                {
                    return;
                }
            }
        });
        Ok(relay)
    }

    /// Entries committed from now on. A receiver that lags is told so and reads the journal after its own place.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Arc<Entry>> {
        self.entries.subscribe()
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn head(&self) -> Result<Cursor, Fault> {
        read::head(&self.db).await
    }

    /// Every entry after `cursor`, in order and for ever; the caller forgets a lag or a restart exists.
    #[must_use]
    pub fn follow(&self, seq: i64) -> Follow {
        Follow {
            db: self.db.clone(),
            live: self.listen(),
            seq,
            caught_up: false,
            page: Vec::new().into_iter(),
        }
    }
}

/// A complete, ordered reader of the journal.
#[derive(Debug)]
pub struct Follow {
    db: Db,
    live: broadcast::Receiver<Arc<Entry>>,
    seq: i64,
    caught_up: bool,
    page: std::vec::IntoIter<Entry>,
}

impl Follow {
    /// The next entry; waits for one. Cancel-safe.
    ///
    /// # Errors
    /// When the journal cannot be read; the next call tries again from the same place.
    pub async fn next(&mut self) -> Result<Arc<Entry>, Fault> {
        loop {
            if let Some(entry) = self.page.next() {
                self.seq = entry.seq;
                return Ok(Arc::new(entry));
            }
            if !self.caught_up {
                let page = read::after(&self.db, self.seq, PAGE).await?;
                self.caught_up = (page.len() as i64) < PAGE;
                self.page = page.into_iter();
                continue;
            }
            match self.live.recv().await {
                Ok(entry) if entry.seq <= self.seq => {}
                Ok(entry) if entry.seq == self.seq + 1 => {
                    self.seq = entry.seq;
                    return Ok(entry);
                }
                // A hole or a lag: the journal itself has what is missing.
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => self.caught_up = false,
                Err(broadcast::error::RecvError::Closed) => {
                    return Err(Fault::new("following the journal", "the relay has stopped"));
                }
            }
        }
    }
}
