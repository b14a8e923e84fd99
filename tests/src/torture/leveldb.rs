//! LevelDB's files, as far as a search needs them: records of a log put together over its blocks, entries of a table
//! unpacked. Checksums and order are of no interest. Source: LevelDB's doc/log_format.md and doc/table_format.md.

use super::unpack::{snappy, varint};

/// A log's blocks have this size; a record that does not fit goes on in the next.
const BLOCK: usize = 32 << 10;
/// What a table ends with.
const MAGIC: &[u8] = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb";
/// Two block addresses, padded, and the magic.
const FOOTER: usize = 48;

/// Every record of a log.
pub(super) fn log(bytes: &[u8], mut tell: impl FnMut(&[u8])) {
    let mut record = Vec::new();
    for mut block in bytes.chunks(BLOCK) {
        while let Some(&[_, _, _, _, low, high, kind]) = block.first_chunk() {
            let length = usize::from(low) | usize::from(high) << 8;
            let Some(piece) = block.get(7..7 + length) else { break };
            if kind == 1 || kind == 2 {
                record.clear();
            }
            record.extend_from_slice(piece);
            if kind == 1 || kind == 4 {
                tell(&record);
            }
            block = &block[7 + length..];
        }
    }
}

/// Every entry of a table, its key and its value one after the other; nothing if it is no table.
pub(super) fn table(bytes: &[u8], mut tell: impl FnMut(&[u8])) {
    let index = || {
        let footer = bytes.len().checked_sub(FOOTER).map(|at| &bytes[at..]).filter(|it| it.ends_with(MAGIC))?;
        let (_, second) = handle(footer)?;
        block(bytes, handle(&footer[second..])?.0)
    };
    for (_, address) in entries(&index().unwrap_or_default()) {
        let Some((address, _)) = handle(&address) else { continue };
        for (key, value) in entries(&block(bytes, address).unwrap_or_default()) {
            tell(&[key, value].concat());
        }
    }
}

/// Where a block lies, and how long that was to say.
fn handle(bytes: &[u8]) -> Option<((usize, usize), usize)> {
    let (offset, first) = varint(bytes)?;
    let (size, second) = varint(bytes.get(first..)?)?;
    Some(((offset, size), first + second))
}

fn block(bytes: &[u8], (offset, size): (usize, usize)) -> Option<Vec<u8>> {
    let end = offset.checked_add(size)?;
    let packed = bytes.get(offset..end)?;
    Some(if *bytes.get(end)? == 1 { snappy(packed) } else { packed.to_vec() })
}

/// Keys share their beginning with the one before.
fn entries(block: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut read = || {
        let restarts = u32::from_le_bytes(*block.last_chunk()?) as usize;
        let mut rest = block.get(..block.len().checked_sub(4 + restarts.checked_mul(4)?)?)?;
        let mut key = Vec::new();
        while !rest.is_empty() {
            let mut next = || {
                let (value, many) = varint(rest)?;
                rest = &rest[many..];
                Some(value)
            };
            let (shared, own, value) = (next()?, next()?, next()?);
            key.truncate(shared);
            key.extend_from_slice(rest.get(..own)?);
            found.push((key.clone(), rest.get(own..own.checked_add(value)?)?.to_vec()));
            rest = &rest[own + value..];
        }
        Some(())
    };
    let _ = read();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_over_two_blocks_is_put_together() {
        let piece = |kind: u8, text: &[u8]| {
            let length = u16::try_from(text.len()).expect("short").to_le_bytes();
            [b"crc4", length.as_slice(), &[kind], text].concat()
        };
        let first = vec![b'a'; BLOCK - 7 - 7 - 3];
        let whole = [piece(1, b"one"), piece(2, &first), piece(4, b"bc")].concat();
        let mut found = Vec::new();
        log(&whole, |record| found.push(record.to_vec()));
        assert_eq!(found, [b"one".to_vec(), [first.as_slice(), b"bc"].concat()]);
    }

    #[test]
    fn a_packed_table_gives_its_entries() {
        let closed = |entries: &[u8]| [entries, &[0, 0, 0, 0, 1, 0, 0, 0]].concat();
        let content = closed(b"\x00\x03\x02keyV1\x02\x01\x02zV2");
        let length = u8::try_from(content.len()).expect("short");
        let packed = [&[length, (length - 1) << 2], content.as_slice()].concat();
        let size = u8::try_from(packed.len()).expect("short");
        let index = closed(&[0, 1, 2, b'k', 0, size]);
        let mut file = [packed.as_slice(), b"\x01crc4"].concat();
        let at = u8::try_from(file.len()).expect("short");
        file.extend([index.as_slice(), b"\x00crc4"].concat());
        let mut footer = vec![0, 0, at, u8::try_from(index.len()).expect("short")];
        footer.resize(FOOTER - MAGIC.len(), 0);
        file.extend([footer.as_slice(), MAGIC].concat());
        let mut found = Vec::new();
        table(&file, |entry| found.push(entry.to_vec()));
        assert_eq!(found, [b"keyV1".to_vec(), b"kezV2".to_vec()]);
        table(b"no table", |_| panic!("it has no entry"));
    }
}
