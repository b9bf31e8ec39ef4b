//! This media server, in a process of its own.

use std::io;
use std::sync::{Arc, Mutex};

use fenghuotai_media::{Media, MediaConfig, PeerId, SourceId};

use crate::control;

pub fn run(gso: bool) -> io::Result<()> {
    let config = MediaConfig::default();
    let (media, events) = if gso {
        Media::start(config)?
    } else {
        Media::start_unsegmented(config)?
    };
    std::thread::spawn(move || events.iter().for_each(drop));
    let receivers: Arc<Mutex<Vec<PeerId>>> = Arc::default();
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
            receivers.lock().expect("nobody panics").push(received.peer);
            Ok(received.answer)
        }
        "forwarded" => {
            let receivers = receivers.lock().expect("nobody panics");
            let stats = receivers.iter().filter_map(|peer| media.stats(*peer));
            Ok(stats
                .map(|stats| stats.packets_out)
                .sum::<u64>()
                .to_string())
        }
        _ => Err("unknown".to_owned()),
    })
}
