//! Tables people send: CSV in UTF-8 or GB 18030, with the stray blanks and full-width digits of real files.

use std::io::{self, Read};

use csv::StringRecord;

use super::text::{self, Encoding, Utf8Reader};

/// A table with its header; `line` is where a row begins in the file, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub cells: Vec<String>,
}

/// Why a file is not a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotATable {
    Empty,
    /// Neither UTF-8 nor GB 18030.
    Encoding,
    Broken {
        line: u64,
    },
    TooManyRows,
}

/// One import holds at most this many rows.
pub const ROWS_MAX: usize = 200_000;

impl Table {
    /// Reads a CSV file; the encoding is found from its content. Cells are tidied, see [`tidy`].
    ///
    /// # Errors
    /// When the bytes are not text or not rows.
    pub fn read(bytes: &[u8]) -> Result<Self, NotATable> {
        let text = text::decode(bytes).ok_or(NotATable::Encoding)?;
        let mut records = Records::of(text.as_bytes(), Encoding::Utf8, b',');
        let (mut table, mut record) = (Self::default(), StringRecord::new());
        while let Some(line) = records.read(&mut record).map_err(|why| why.table())? {
            let cells: Vec<String> = record.iter().map(tidy).collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            if table.header.is_empty() {
                table.header = cells;
            } else if table.rows.len() == ROWS_MAX {
                return Err(NotATable::TooManyRows);
            } else {
                table.rows.push(Row { line, cells });
            }
        }
        if table.header.is_empty() {
            Err(NotATable::Empty)
        } else {
            Ok(table)
        }
    }

    /// Position of the first column that bears one of these names.
    #[must_use]
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| {
            self.header
                .iter()
                .position(|title| title.eq_ignore_ascii_case(name))
        })
    }
}

impl Row {
    /// The cell's text; empty when the row is shorter or there is no such column.
    #[must_use]
    pub fn cell(&self, column: Option<usize>) -> &str {
        column
            .and_then(|column| self.cells.get(column))
            .map_or("", String::as_str)
    }
}

/// The records of a CSV file one by one, each with the line of the file it begins in. Blank lines are no records.
pub struct Records<R>(csv::Reader<Utf8Reader<R>>);

/// A CSV file breaks off, or cannot be read on.
#[derive(Debug)]
pub struct Broken(csv::Error);

impl<R: Read> Records<R> {
    pub fn of(bytes: R, encoding: Encoding, delimiter: u8) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Utf8Reader::new(bytes, encoding));
        Self(reader)
    }

    /// Reads the next record and answers the line, from 1, in which it begins; nothing at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&mut self, record: &mut StringRecord) -> Result<Option<u64>, Broken> {
        if !self.0.read_record(record).map_err(Broken)? {
            return Ok(None);
        }
        // The parser tells where it began to look, blank lines included. But it has read to the end of the record's
        // last line, and every line of the reader ends with one line feed.
        let inner = record.as_slice().bytes().filter(|byte| *byte == b'\n');
        let last = self.0.position().line().saturating_sub(1);
        Ok(Some(last.saturating_sub(inner.count() as u64)))
    }
}

impl Broken {
    /// The line it breaks off in, as far as the parser knows.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.0.position().map_or(0, csv::Position::line)
    }

    fn table(&self) -> NotATable {
        NotATable::Broken { line: self.line() }
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Broken> for io::Error {
    fn from(broken: Broken) -> Self {
        broken.0.into()
    }
}

/// Trims every kind of blank and turns full-width letters and digits into plain ones.
#[must_use]
pub fn tidy(text: &str) -> String {
    let plain: String = text.chars().map(half_width).collect();
    plain
        .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .to_owned()
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(c as u32 - 0xFEE0).expect("the full-width block lies 0xFEE0 above ASCII")
        }
        other => other,
    }
}

/// Splits a cell that lists things: `a；b、c;d`.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(['；', ';', '、', '，', ',', '|'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_read_the_same_and_lines_are_those_of_the_file() {
        let text =
            "\u{feff}编号,姓名\r\n\r\nＺＪ０１,\u{3000}穆\u{3000}\r\n2,\"引\n号\"\r\n3,丁\r\n";
        let table = Table::read(text.as_bytes()).unwrap();
        assert_eq!(table.header, ["编号", "姓名"]);
        let rows: Vec<(u64, &str, &str)> = table
            .rows
            .iter()
            .map(|row| (row.line, row.cell(Some(0)), row.cell(Some(1))))
            .collect();
        assert_eq!(
            rows,
            [(3, "ZJ01", "穆"), (4, "2", "引\n号"), (6, "3", "丁")]
        );
        let (gb, ..) = encoding_rs::GB18030.encode(text.trim_start_matches('\u{feff}'));
        assert_eq!(Table::read(&gb).unwrap(), table);
        let (unix, old) = (text.replace("\r\n", "\n"), text.replace("\r\n", "\r"));
        for text in [&unix, &old, unix.trim_end()] {
            assert_eq!(Table::read(text.as_bytes()).unwrap(), table, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_table_is_said_to_be_none() {
        assert_eq!(Table::read(b""), Err(NotATable::Empty));
        assert_eq!(Table::read(b"\xff\xff\xff"), Err(NotATable::Encoding));
    }
}
