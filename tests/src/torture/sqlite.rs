//! SQLite's files, as far as a search needs them: what each cell of each leaf holds, put together over its overflow
//! pages, also what stands in the write-ahead log. Which table it belongs to and whether it still counts is of no
//! interest. Source: sqlite.org/fileformat2.html, sections 1.6, 2 and 4.1.

use std::collections::HashMap;

/// What a database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// One record: the whole of it, and its columns that are blobs.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) whole: Vec<u8>,
    pub(super) blobs: Vec<Vec<u8>>,
}

/// Whether it is a database.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Every record of a database with its write-ahead log, which may be empty.
pub(super) fn records(bytes: &[u8], log: &[u8], mut tell: impl FnMut(Record)) {
    let Some(&[high, low]) = bytes.get(16..18).and_then(|it| it.first_chunk()) else { return };
    let size = match usize::from(high) << 8 | usize::from(low) {
        1 => 65536,
        size if size >= 512 => size,
        _ => return,
    };
    let pages = bytes.chunks_exact(size).zip(1_u32..).map(|(page, number)| (number, page));
    // A frame is a header of 24 bytes, which begins with the page's number, and the page.
    let frames = log.get(32..).unwrap_or_default().chunks_exact(24 + size).map(|frame| {
        let number = frame.first_chunk().map_or(0, |it| u32::from_be_bytes(*it));
        (number, &frame[24..])
    });
    let all: Vec<(u32, &[u8])> = pages.chain(frames).collect();
    let file = File {
        usable: size - usize::from(bytes.get(20).copied().unwrap_or_default()),
        newest: all.iter().copied().collect(),
    };
    for (number, page) in all {
        // The file's own header stands before the first page's.
        file.cells(page, if number == 1 { 100 } else { 0 }, &mut tell);
    }
}

struct File<'a> {
    usable: usize,
    newest: HashMap<u32, &'a [u8]>,
}

impl File<'_> {
    /// The cells of a page, if it is one that holds records.
    fn cells(&self, page: &[u8], head: usize, tell: &mut impl FnMut(Record)) {
        // Leaf of a table; leaf and inner page of an index or of a table without row numbers.
        let (before, pointers) = match page.get(head) {
            Some(0x0d) => (Before::RowNumber, head + 8),
            Some(0x0a) => (Before::Nothing, head + 8),
            Some(0x02) => (Before::Child, head + 12),
            _ => return,
        };
        let Some(count) = number(page, head + 3) else { return };
        for cell in 0..count {
            let found = number(page, pointers + 2 * cell).and_then(|at| self.payload(page.get(at..)?, before));
            if let Some(whole) = found {
                let blobs = blobs(&whole).unwrap_or_default();
                tell(Record { whole, blobs });
            }
        }
    }

    fn payload(&self, mut cell: &[u8], before: Before) -> Option<Vec<u8>> {
        if before == Before::Child {
            cell = cell.get(4..)?;
        }
        let (length, many) = varint(cell)?;
        cell = &cell[many..];
        if before == Before::RowNumber {
            let (_, many) = varint(cell)?;
            cell = &cell[many..];
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let most = if before == Before::RowNumber { self.usable - 35 } else { (self.usable - 12) * 64 / 255 - 23 };
        let fits = least + length.saturating_sub(least) % (self.usable - 4);
        let local = match length {
            length if length <= most => length,
            _ if fits <= most => fits,
            _ => least,
        };
        let mut payload = cell.get(..local)?.to_vec();
        let mut next = cell.get(local..)?.first_chunk().map_or(0, |it| u32::from_be_bytes(*it));
        while payload.len() < length {
            let page = self.newest.get(&next)?;
            let many = (length - payload.len()).min(self.usable - 4);
            payload.extend_from_slice(page.get(4..4 + many)?);
            next = u32::from_be_bytes(*page.first_chunk()?);
        }
        Some(payload)
    }
}

/// What stands in a cell before its record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    RowNumber,
    Child,
    Nothing,
}

fn number(page: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(*page.get(at..)?.first_chunk()?)))
}

/// Seven bits a byte, highest first; a ninth byte counts whole.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            value = value << 8 | u64::from(*byte);
        } else {
            value = value << 7 | u64::from(byte & 0x7f);
        }
        if at == 8 || byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, at + 1));
        }
    }
    None
}

fn blobs(record: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (header, mut at) = varint(record)?;
    let (mut content, mut found) = (header, Vec::new());
    while at < header {
        let (kind, many) = varint(record.get(at..header)?)?;
        at += many;
        let length = match kind {
            kind @ 0..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            8..=11 => 0,
            kind => (kind - 12) / 2,
        };
        let column = record.get(content..content.checked_add(length)?)?;
        if kind >= 12 && kind % 2 == 0 {
            found.push(column.to_vec());
        }
        content += length;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 512;

    /// A database of three pages: a table's leaf, and a chain of two pages on which its record goes on. The second
    /// page of the chain stands in the write-ahead log alone.
    #[test]
    fn a_record_over_three_pages_is_put_together() {
        let text: Vec<u8> = (0..1000_u32).map(|it| b'a' + u8::try_from(it % 26).expect("small")).collect();
        // Header of three bytes: its length, and the kind 12 + 2 * 1000 in two.
        let record = [&[3, 0x8f, 0x5c], text.as_slice()].concat();
        let least = (PAGE - 12) * 32 / 255 - 23;
        let local = least + (record.len() - least) % (PAGE - 4);
        let local = if local <= PAGE - 35 { local } else { least };
        let mut first = [MAGIC, &[2, 0]].concat();
        first.resize(100, 0);
        let cell_at = u16::try_from(PAGE - 5 - local - 4).expect("small").to_be_bytes();
        first.extend([0x0d, 0, 0, 0, 1, 0, 0, 0]);
        first.extend(cell_at);
        first.resize(PAGE - 5 - local - 4, 0);
        first.extend([0x87, 0x6b, 0x81, 0x80, 1]);
        first.extend(&record[..local]);
        first.extend(2_u32.to_be_bytes());
        let (second, third) = record[local..].split_at(PAGE - 4);
        let mut database = [first, [&3_u32.to_be_bytes(), second].concat()].concat();
        database.resize(3 * PAGE, 0);
        let mut log = vec![0; 32];
        log.extend(3_u32.to_be_bytes());
        log.resize(32 + 24, 0);
        log.extend([&[0; 4], third].concat());
        log.resize(32 + 24 + PAGE, 0);
        assert!(is_one(&database) && !is_one(&log));
        let mut found = Vec::new();
        records(&database, &log, |record| found.push(record));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].whole, record);
        assert_eq!(found[0].blobs, [text]);
    }
}
