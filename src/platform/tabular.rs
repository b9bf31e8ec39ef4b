//! Tables people send: CSV in UTF-8 or GB 18030, with the stray blanks and full-width digits of real files.

use encoding_rs::{GB18030, UTF_8};

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
        let text = decode(bytes)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut table = Self::default();
        let mut lines = Lines::of(&text);
        for record in reader.records() {
            let record = record.map_err(|error| NotATable::Broken {
                line: error.position().map_or(0, csv::Position::line),
            })?;
            let line = lines.at(record.position().map_or(0, csv::Position::byte));
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

/// Line numbers of places in a text, asked for in order. The parser's own are one short after CRLF: it takes the
/// line feed of a line for the beginning of the next.
struct Lines<'a> {
    bytes: &'a [u8],
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            counted: 0,
            line: 1,
        }
    }

    /// The line, from 1, of the first character at or behind `byte` that ends no line.
    fn at(&mut self, byte: u64) -> u64 {
        let mut until = usize::try_from(byte)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        while matches!(self.bytes.get(until), Some(b'\r' | b'\n')) {
            until += 1;
        }
        let feeds = self.bytes[self.counted..until]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        self.line += feeds as u64;
        self.counted = until;
        self.line
    }
}

fn decode(bytes: &[u8]) -> Result<String, NotATable> {
    let (text, _, malformed) = UTF_8.decode(bytes);
    if !malformed {
        return Ok(text.into_owned());
    }
    let (text, _, malformed) = GB18030.decode(bytes);
    if malformed {
        Err(NotATable::Encoding)
    } else {
        Ok(text.into_owned())
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
        let (gb, ..) = GB18030.encode(text.trim_start_matches('\u{feff}'));
        assert_eq!(Table::read(&gb).unwrap(), table);
    }

    #[test]
    fn what_is_no_table_is_said_to_be_none() {
        assert_eq!(Table::read(b""), Err(NotATable::Empty));
        assert_eq!(Table::read(b"\xff\xff\xff"), Err(NotATable::Encoding));
    }
}
