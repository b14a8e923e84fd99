//! Compression that browsers' stores use: Snappy (its block and its framing format) and LZ4's block as Mozilla packs
//! it. Written to read what damage and leftovers hold too: each gives as much as it can read.
//! Sources: google/snappy's format_description.txt and framing_format.txt; lz4's lz4_Block_format.md.

/// More than any value that a test stores; a length beyond it is none.
const MOST: usize = 64 << 20;

/// A number in seven bits a byte, lowest first (LevelDB, Snappy); how long it was.
pub(super) fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, at + 1));
        }
    }
    None
}

/// A Snappy block.
pub(super) fn snappy(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some((length, from)) = varint(bytes).filter(|(length, _)| *length <= MOST) {
        let _ = snappy_elements(&bytes[from..], length, &mut out);
    }
    out
}

fn snappy_elements(mut bytes: &[u8], length: usize, out: &mut Vec<u8>) -> Option<()> {
    while out.len() < length {
        let tag = usize::from(*bytes.first()?);
        let number = |from: usize, many: usize| -> Option<usize> {
            Some(bytes.get(from..from + many)?.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte)))
        };
        let (many, offset, head) = match tag & 3 {
            0 => {
                let (many, head) = match tag >> 2 {
                    short @ 0..60 => (short + 1, 1),
                    long => (number(1, long - 59)? + 1, long - 58),
                };
                let end = bytes.len().min(head + many);
                out.extend_from_slice(bytes.get(head..end)?);
                bytes = bytes.get(head + many..)?;
                continue;
            }
            1 => ((tag >> 2 & 7) + 4, (tag >> 5) << 8 | number(1, 1)?, 2),
            2 => ((tag >> 2) + 1, number(1, 2)?, 3),
            _ => ((tag >> 2) + 1, number(1, 4)?, 5),
        };
        copy(out, offset, many)?;
        bytes = &bytes[head..];
    }
    Some(())
}

/// Repeats what stands `offset` bytes back; the two may overlap.
fn copy(out: &mut Vec<u8>, offset: usize, many: usize) -> Option<()> {
    let from = out.len().checked_sub(offset).filter(|_| offset > 0)?;
    for at in from..from + many {
        out.push(out[at]);
    }
    Some(())
}

/// How a stream in Snappy's framing format begins.
const FRAMED: &[u8] = b"\xff\x06\x00\x00sNaPpY";

/// A stream in Snappy's framing format; none if it is no such stream.
pub(super) fn snappy_frames(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(FRAMED)?;
    let mut out = Vec::new();
    while let Some(&[kind, a, b, c]) = rest.first_chunk() {
        let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
        let Some(chunk) = rest.get(4..4 + length) else { break };
        match (kind, chunk.get(4..)) {
            (0, Some(packed)) => out.extend(snappy(packed)),
            (1, Some(plain)) => out.extend_from_slice(plain),
            _ => {}
        }
        rest = &rest[4 + length..];
    }
    Some(out)
}

/// A file in Mozilla's LZ4 (`mozLz40`, four bytes of length, one block); none if it is no such file.
pub(super) fn mozilla_lz4(bytes: &[u8]) -> Option<Vec<u8>> {
    let rest = bytes.strip_prefix(b"mozLz40\0")?;
    let mut out = Vec::new();
    let _ = lz4_block(rest.get(4..)?, &mut out);
    Some(out)
}

fn lz4_block(mut bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    while out.len() <= MOST {
        let (token, rest) = bytes.split_first()?;
        bytes = rest;
        let many = lz4_length(usize::from(token >> 4), &mut bytes)?;
        out.extend_from_slice(&bytes[..many.min(bytes.len())]);
        bytes = bytes.get(many..)?;
        let &[low, high] = bytes.first_chunk()?;
        bytes = &bytes[2..];
        let many = lz4_length(usize::from(token & 15), &mut bytes)? + 4;
        copy(out, usize::from(low) | usize::from(high) << 8, many)?;
    }
    None
}

fn lz4_length(short: usize, bytes: &mut &[u8]) -> Option<usize> {
    let mut length = short;
    while length >= 15 {
        let (more, rest) = bytes.split_first()?;
        *bytes = rest;
        length += usize::from(*more);
        if *more < 255 {
            break;
        }
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    // "Wikipedia" and three times "ab", packed by hand after the formats' descriptions.
    #[test]
    fn snappy_literals_and_copies_come_back() {
        assert_eq!(snappy(b"\x09\x20Wikipedia"), b"Wikipedia");
        assert_eq!(snappy(b"\x06\x04ab\x01\x02"), b"ababab", "a copy of four from two back");
        assert_eq!(snappy(b"\x06\x04ab\x0e\x02\x00"), b"ababab", "with two bytes of offset");
        assert_eq!(snappy(b"\x09\x20Wiki"), b"Wiki", "as much as there is");
        assert_eq!(snappy(b"\x06\x04ab\x01\x09"), b"ab", "never from before the beginning");
        let framed = [FRAMED, b"\x00\x0a\x00\x00crc4\x06\x04ab\x01\x02", b"\x01\x05\x00\x00crc4!"].concat();
        assert_eq!(snappy_frames(&framed).expect("a stream"), b"ababab!");
        assert_eq!(snappy_frames(b"Wikipedia"), None);
    }

    #[test]
    fn lz4_literals_and_copies_come_back() {
        assert_eq!(mozilla_lz4(b"mozLz40\0\x07\0\0\0\x20ab\x02\x00\x10!").expect("a file"), b"ababab!");
        let long = [b"mozLz40\0\x14\0\0\0\xf0\x05".as_slice(), &[b'x'; 20]].concat();
        assert_eq!(mozilla_lz4(&long).expect("a file"), [b'x'; 20]);
        assert_eq!(mozilla_lz4(b"ab"), None);
    }
}
