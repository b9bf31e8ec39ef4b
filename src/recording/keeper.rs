//! The task that keeps the catalogue: hears from the recorder and from the journal, one at a time.

use std::time::Duration;

use tokio::sync::mpsc;

use super::model::EndedWhy;
use super::service::{control, segments};
use super::store;
use crate::conference::{ConferenceId, Recorded, RecorderEnded, Stage};
use crate::platform::{Ctx, Failure, Fault, tasks};

/// Before following the journal is tried again.
const PAUSE: Duration = Duration::from_millis(250);

/// Lets recordings that ran at the last end go on, makes whole what was open then, and follows what comes.
///
/// # Errors
/// When the database does not answer.
pub async fn start(
    ctx: &Ctx,
    stage: Stage,
    recorded: mpsc::Receiver<Recorded>,
) -> Result<(), Fault> {
    let seq = ctx.relay.head().await?.seq;
    // Looked for before anything new is written.
    let orphans = segments::orphans(ctx).await?;
    control::resume(ctx, &stage).await?;
    let salvaging = ctx.clone();
    tasks::spawn("recording.salvage", async move {
        for path in orphans {
            if let Err(failure) = segments::salvage(&salvaging, path).await {
                tracing::error!(%failure, "a recording stays open until the next start");
            }
        }
    });
    tasks::spawn("recording.keep", keep(ctx.clone(), stage, seq, recorded));
    Ok(())
}

async fn keep(ctx: Ctx, stage: Stage, seq: i64, mut recorded: mpsc::Receiver<Recorded>) {
    let mut journal = ctx.relay.follow(seq);
    loop {
        let done = tokio::select! {
            event = recorded.recv() => match event {
                Some(event) => take(&ctx, &stage, event).await,
                None => return,
            },
            entry = journal.next() => match entry {
                Ok(entry) if entry.kind == "conference.ended" => {
                    match ConferenceId::parse(&entry.entity) {
                        Some(id) => control::end_by_itself(&ctx, &stage, &id, EndedWhy::ConferenceEnded).await,
                        None => Ok(()),
                    }
                }
                Ok(_) => Ok(()),
                Err(fault) => {
                    tokio::time::sleep(PAUSE).await;
                    Err(fault.into())
                }
            },
        };
        if let Err(failure) = done {
            tracing::error!(%failure, "the catalogue of recordings could not be kept");
        }
    }
}

async fn take(ctx: &Ctx, stage: &Stage, event: Recorded) -> Result<(), Failure> {
    match event {
        Recorded::Segment(segment) => segments::keep(ctx, segment, false).await,
        Recorded::Ended { folder, why } => {
            let why = match why {
                RecorderEnded::Asked => return Ok(()),
                RecorderEnded::DiskFull => EndedWhy::DiskFull,
                RecorderEnded::DiskFailed => EndedWhy::DiskFailed,
            };
            let Some(id) = segments::recording_of(&folder) else {
                return Ok(());
            };
            match store::by_id(&ctx.db, &id).await? {
                Some(row) => control::end_by_itself(ctx, stage, &row.conference_id, why).await,
                None => Ok(()),
            }
        }
    }
}
