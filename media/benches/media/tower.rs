//! This media server, in a process of its own.

use std::io;

use fenghuotai_media::{Media, MediaConfig, SourceId};

use crate::control;

pub fn run(gso: bool) -> io::Result<()> {
    let config = MediaConfig::default();
    let (media, events) = if gso {
        Media::start(config)?
    } else {
        Media::start_unsegmented(config)?
    };
    std::thread::spawn(move || events.iter().for_each(drop));
    let mut source: Option<SourceId> = None;
    control::serve(|word, text| match word {
        "publish" => {
            let published = media.publish(text).map_err(|error| format!("{error:?}"))?;
            source = published.tracks.first().map(|track| track.source);
            Ok(published.answer)
        }
        "receive" => {
            let received = media.receive(text).map_err(|error| format!("{error:?}"))?;
            let slot = received.slots.first().ok_or("no slot")?;
            media
                .route(received.peer, slot.slot, source)
                .map_err(|error| error.to_string())?;
            Ok(received.answer)
        }
        "forwarded" => {
            let stats = media.engine_stats().ok_or("the server has ended")?;
            Ok(stats.packets_out.to_string())
        }
        _ => Err("unknown".to_owned()),
    })
}
