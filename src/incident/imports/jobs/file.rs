//! The uploaded file on disk: written while it streams in, looked into before anything is decided.

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use axum::body::Body;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use crate::{
    incident::{
        imports::{
            model::ImportId,
            plan::{Area, Columns, Plan},
            reading, words,
        },
        lifecycle::Status,
        model::Datum,
    },
    platform::{Ctx, Failure, Fault, Kind, Refusal, text::Encoding},
};

/// Largest file taken, bytes.
pub const BYTES_MAX: u64 = 100 * 1024 * 1024;
/// Rows shown of a file.
pub const ROWS_SHOWN: usize = 20;
/// Cells shown are cut to this, in characters.
const CELL_SHOWN: usize = 200;

/// What arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub bytes: i64,
    pub sha256: String,
}

/// First look into a file.
#[derive(Debug, Clone)]
pub struct Look {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub suggested: Plan,
}

#[must_use]
pub fn path(ctx: &Ctx, id: &ImportId) -> PathBuf {
    ctx.config
        .data_dir
        .join("imports")
        .join(format!("{id}.csv"))
}

/// Writes the body to disk as it comes in.
///
/// # Errors
/// When it is empty, too large, breaks off, or the disk fails; then nothing is left behind.
pub async fn receive(ctx: &Ctx, id: &ImportId, body: Body) -> Result<Received, Failure> {
    let path = path(ctx, id);
    let outcome = stream(&path, body).await;
    if outcome.is_err() {
        let _ = tokio::fs::remove_file(&path).await;
    }
    outcome
}

async fn stream(path: &std::path::Path, body: Body) -> Result<Received, Failure> {
    let disk = |error: io::Error| Fault::new(format!("writing {}", path.display()), error);
    let folder = path.parent().expect("the path was joined from parts");
    tokio::fs::create_dir_all(folder).await.map_err(disk)?;
    let mut file = tokio::fs::File::create(path).await.map_err(disk)?;
    let (mut bytes, mut hash) = (0_u64, Sha256::new());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| {
            Refusal::new(
                Kind::Malformed,
                "call_import.upload_broken",
                "文件上传中断，请重新上传。",
                "The upload broke off; upload the file again.",
            )
        })?;
        bytes += chunk.len() as u64;
        if bytes > BYTES_MAX {
            return Err(Refusal::new(
                Kind::TooLarge,
                "call_import.too_large",
                "文件超过 100 MiB，请拆分后分次导入；重复的行不会重复导入。",
                "The file is larger than 100 MiB; split it. Rows that occur twice are imported once.",
            )
            .into());
        }
        hash.update(&chunk);
        file.write_all(&chunk).await.map_err(disk)?;
    }
    if bytes == 0 {
        return Err(Refusal::new(
            Kind::Invalid,
            "call_import.empty",
            "文件是空的。",
            "The file is empty.",
        )
        .into());
    }
    file.sync_all().await.map_err(disk)?;
    Ok(Received {
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        sha256: hex::encode(hash.finalize()),
    })
}

/// Looks at the header and the first rows, with the encoding and delimiter given or guessed.
///
/// # Errors
/// When the file cannot be read.
pub fn look(
    path: &std::path::Path,
    encoding: Option<Encoding>,
    delimiter: Option<char>,
) -> io::Result<Look> {
    let encoding = match encoding {
        Some(encoding) => encoding,
        None => Encoding::guess(BufReader::new(File::open(path)?))?,
    };
    let mut plan = Plan {
        source: String::new(),
        encoding,
        delimiter: ',',
        columns: Columns::default(),
        datum: Datum::Wgs84,
        zone: "Asia/Shanghai".to_owned(),
        time_format: None,
        area: Area::default(),
        services: vec![],
        categories: vec![],
        default_category: "accident".to_owned(),
        division: String::new(),
        status: Status::Reported,
        exercise: false,
    };
    plan.delimiter = match delimiter {
        Some(delimiter) => delimiter,
        None => guess_delimiter(path, &plan)?,
    };
    let mut rows = reading::rows(File::open(path)?, &plan);
    let header = reading::header(&mut rows)?;
    let mut shown = Vec::new();
    let mut row = csv::StringRecord::new();
    while shown.len() < ROWS_SHOWN && rows.read(&mut row)?.is_some() {
        shown.push(
            row.iter()
                .map(|cell| cell.chars().take(CELL_SHOWN).collect())
                .collect(),
        );
    }
    (plan.columns, plan.services) = words::suggest(&header, &shown);
    Ok(Look {
        header,
        rows: shown,
        suggested: plan,
    })
}

/// The delimiter that cuts the header into the most cells.
fn guess_delimiter(path: &std::path::Path, plan: &Plan) -> io::Result<char> {
    let mut best = (0, ',');
    for delimiter in [',', ';', '\t', '|'] {
        let mut rows = reading::rows(
            File::open(path)?,
            &Plan {
                delimiter,
                ..plan.clone()
            },
        );
        let cells = reading::header(&mut rows)?.len();
        if cells > best.0 {
            best = (cells, delimiter);
        }
    }
    Ok(best.1)
}
