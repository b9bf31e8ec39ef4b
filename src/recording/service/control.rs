//! Starting and stopping the recording of a conference.

use crate::conference::{self, Conference, ConferenceId, Stage};
use crate::identity::{Action, Actor, policy};
use crate::platform::{Ctx, Failure, Fault};
use crate::recording::lifecycle::{Command, Event, decide};
use crate::recording::model::{EndedWhy, Recording, RecordingId};
use crate::recording::service::entries;
use crate::recording::store;

/// Records every venue of a running conference from now on; what already runs goes on.
#[tracing::instrument(name = "recording.start", skip_all, fields(conference.id = %id))]
pub async fn start(
    ctx: &Ctx,
    stage: &Stage,
    who: &Actor,
    id: &ConferenceId,
) -> Result<Recording, Failure> {
    let conference = conference::readable(ctx, who, id).await?;
    policy::may(who, Action::RecordConference, &conference.division)?;
    let recording = begin(ctx, who, &conference).await?;
    let folder = folder(ctx, &recording.id);
    stage.record(conference, Some(folder)).await?;
    Ok(recording)
}

async fn begin(ctx: &Ctx, who: &Actor, conference: &Conference) -> Result<Recording, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let running = store::running_locked(&mut tx, &conference.id).await?;
    let phase = conference.meeting.phase;
    let event = decide(phase, running.is_some(), Command::Start)?;
    if let (Some(running), None) = (running, event) {
        return Ok(running);
    }
    let recording = Recording {
        id: RecordingId::new(now),
        conference_id: conference.id.clone(),
        title: conference.title.clone(),
        division: conference.division.clone(),
        started_at: now,
        started_by: who.name.clone(),
        ended_at: None,
        ended_why: None,
        version: 1,
    };
    match store::insert(&mut tx, &recording).await {
        // Somebody else pressed at the same moment: his is the one.
        Err(fault) if fault.violates("recordings_running", "recordings.conference_id") => {
            drop(tx);
            let running = store::running(&ctx.db, Some(&conference.id)).await?;
            return running.into_iter().next().ok_or_else(|| fault.into());
        }
        inserted => inserted?,
    }
    let entry = entries::started(&recording, conference, who.account_id.as_str());
    tx.append(entry, now).await?;
    tx.commit().await?;
    Ok(recording)
}

/// Ends the recording of a conference; without one nothing happens. Answers the conference's newest recording.
#[tracing::instrument(name = "recording.stop", skip_all, fields(conference.id = %id))]
pub async fn stop(
    ctx: &Ctx,
    stage: &Stage,
    who: &Actor,
    id: &ConferenceId,
) -> Result<Option<Recording>, Failure> {
    let conference = conference::readable(ctx, who, id).await?;
    policy::may(who, Action::RecordConference, &conference.division)?;
    end(ctx, &conference, EndedWhy::Asked, who.account_id.as_str()).await?;
    stage.record(conference, None).await?;
    Ok(store::last(&ctx.db, id).await?)
}

/// What happens by itself: the conference has ended, or the disk will not take any more.
pub async fn end_by_itself(
    ctx: &Ctx,
    stage: &Stage,
    id: &ConferenceId,
    why: EndedWhy,
) -> Result<(), Failure> {
    let Some(conference) = conference::find(ctx, id).await? else {
        return Ok(());
    };
    if end(ctx, &conference, why, "system").await? {
        if why.is_alarm() {
            tracing::error!(conference.id = %id, why = why.word(), "a recording had to stop");
        }
        stage.record(conference, None).await?;
    }
    Ok(())
}

/// False when nothing was running.
async fn end(
    ctx: &Ctx,
    conference: &Conference,
    why: EndedWhy,
    actor: &str,
) -> Result<bool, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let running = store::running_locked(&mut tx, &conference.id).await?;
    let event = decide(
        conference.meeting.phase,
        running.is_some(),
        Command::Stop(why),
    )?;
    let (Some(mut recording), Some(Event::Stopped(why))) = (running, event) else {
        return Ok(false);
    };
    if !store::end(&mut tx, &recording.id, now, why).await? {
        return Ok(false);
    }
    recording.version += 1;
    let entry = entries::stopped(&recording, conference, why, actor);
    tx.append(entry, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Where a recording's venues have their folders.
pub fn folder(ctx: &Ctx, id: &RecordingId) -> std::path::PathBuf {
    ctx.config.recording_folder().join(id.as_str())
}

/// Lets recordings that ran when the process ended go on; those of conferences that are over end.
pub async fn resume(ctx: &Ctx, stage: &Stage) -> Result<(), Fault> {
    for recording in store::running(&ctx.db, None).await? {
        let id = &recording.conference_id;
        let goes_on = match conference::find(ctx, id).await? {
            Some(conference) if conference.meeting.phase == conference::Phase::Running => {
                stage
                    .record(conference, Some(folder(ctx, &recording.id)))
                    .await
            }
            _ => end_by_itself(ctx, stage, id, EndedWhy::ConferenceEnded).await,
        };
        if let Err(failure) = goes_on {
            tracing::error!(%failure, recording.id = %recording.id, "a recording could not go on");
        }
    }
    Ok(())
}
