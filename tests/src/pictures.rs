//! Pictures of screens, made small and compared with those on record, block by block. The tolerance forgives what another
//! rasteriser does at the edges of letters, and nothing that a person would call moved, missing or of another colour.
//! Deliberately knows neither browser nor screens.

use std::io::Cursor;

use anyhow::{Context as _, ensure};

/// So many pixels of the screen, in both directions, are one pixel of a record.
pub const SCALE: usize = 4;
/// A record keeps 16 steps of each colour: that compresses, and tells more than the eye.
const STEP: u8 = 17;
/// The side of a block, in pixels of the record.
const BLOCK: usize = 8;
/// Pixels that differ by less in every colour are the same: one step up and down is rounding.
const SAME: u8 = 2 * STEP;
/// So many pixels of a block must differ.
const MANY: usize = 3;
/// Or its mean colour by as much, of 255: a surface that was recoloured a little.
const MEAN: usize = 8;

/// A picture in red, green and blue.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// Reads a PNG.
    ///
    /// # Errors
    /// When it is none, or of a kind that neither a browser nor [`Self::png`] writes.
    pub fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info()?;
        let mut raw = vec![0; reader.output_buffer_size().context("the picture is too large")?];
        let frame = reader.next_frame(&mut raw)?;
        let channels = frame.color_type.samples();
        ensure!(frame.bit_depth == png::BitDepth::Eight && channels >= 3, "the picture has no red, green and blue");
        // What shows through shows white: an icon's shape may be in its transparency alone.
        let over =
            |value: u8, alpha: u8| 255 - u8::try_from(u16::from(255 - value) * u16::from(alpha) / 255).unwrap_or(255);
        let pixel = |it: &[u8]| [it[0], it[1], it[2]].map(|value| over(value, it.get(3).copied().unwrap_or(255)));
        let pixels = raw[..frame.buffer_size()].chunks_exact(channels).map(pixel).collect();
        Ok(Self { width: frame.width as usize, height: frame.height as usize, pixels })
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// As a PNG with a palette where that is enough.
    ///
    /// # Errors
    /// When there is nothing to write.
    pub fn png(&self) -> anyhow::Result<Vec<u8>> {
        let mut palette: Vec<[u8; 3]> = self.pixels.clone();
        palette.sort_unstable();
        palette.dedup();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, u32::try_from(self.width)?, u32::try_from(self.height)?);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let raw: Vec<u8> = if palette.len() <= 256 {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette.concat());
            encoder.set_filter(png::Filter::NoFilter);
            let index = |it: &[u8; 3]| palette.binary_search(it).ok().and_then(|at| u8::try_from(at).ok());
            self.pixels.iter().map(|it| index(it).unwrap_or_default()).collect()
        } else {
            encoder.set_color(png::ColorType::Rgb);
            self.pixels.concat()
        };
        encoder.write_header()?.write_image_data(&raw)?;
        Ok(bytes)
    }

    /// The record of a picture: each pixel the mean of [`SCALE`] × [`SCALE`], in few steps.
    #[must_use]
    pub fn record(&self) -> Self {
        let (width, height) = (self.width.div_ceil(SCALE), self.height.div_ceil(SCALE));
        let pixel = |at: usize| {
            let (left, top) = (at % width * SCALE, at / width * SCALE);
            self.mean(left, top, SCALE).map(|it| u8::try_from((it + 8) / 17).unwrap_or(15) * STEP)
        };
        Self { width, height, pixels: (0..width * height).map(pixel).collect() }
    }

    fn square(&self, left: usize, top: usize, side: usize) -> impl Iterator<Item = usize> {
        let (width, right, bottom) = (self.width, (left + side).min(self.width), (top + side).min(self.height));
        (top..bottom).flat_map(move |y| (left..right).map(move |x| y * width + x))
    }

    fn mean(&self, left: usize, top: usize, side: usize) -> [usize; 3] {
        let mut sums = [0; 4];
        for at in self.square(left, top, side) {
            for (sum, value) in sums.iter_mut().zip(self.pixels[at]) {
                *sum += usize::from(value);
            }
            sums[3] += 1;
        }
        let half = sums[3] / 2;
        [0, 1, 2].map(|it| (sums[it] + half) / sums[3].max(1))
    }

    /// How many pixels differ, one by one, for what is too small to have a record; all of them where the sizes do.
    #[must_use]
    pub fn far(&self, other: &Self) -> usize {
        if self.size() != other.size() {
            return usize::MAX;
        }
        self.pixels.iter().zip(&other.pixels).filter(|(one, two)| far(**one, **two)).count()
    }

    /// Compares two records.
    #[must_use]
    pub fn compared(&self, other: &Self) -> Compared {
        if self.size() != other.size() {
            return Compared { blocks: usize::MAX, picture: other.clone() };
        }
        // What differs stays as it is, in the new picture's colours; all else goes nearly white.
        let mut picture = other.clone();
        for pixel in &mut picture.pixels {
            *pixel = pixel.map(|it| 224 + it / 8);
        }
        let mut blocks = 0;
        for top in (0..self.height).step_by(BLOCK) {
            for left in (0..self.width).step_by(BLOCK) {
                let many =
                    self.square(left, top, BLOCK).filter(|at| far(self.pixels[*at], other.pixels[*at])).count() >= MANY;
                let (one, two) = (self.mean(left, top, BLOCK), other.mean(left, top, BLOCK));
                if many || one.iter().zip(two).any(|(one, two)| one.abs_diff(two) >= MEAN) {
                    blocks += 1;
                    for at in self.square(left, top, BLOCK) {
                        picture.pixels[at] =
                            if far(self.pixels[at], other.pixels[at]) { [208, 0, 0] } else { other.pixels[at] };
                    }
                }
            }
        }
        Compared { blocks, picture }
    }
}

/// Whether two colours differ by more than rounding.
fn far(one: [u8; 3], two: [u8; 3]) -> bool {
    one.iter().zip(two).any(|(one, two)| one.abs_diff(two) >= SAME)
}

/// What a comparison found.
#[derive(Clone, Debug)]
pub struct Compared {
    /// How many blocks differ; all of them where the sizes do.
    pub blocks: usize,
    /// Where.
    pub picture: Picture,
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUND: [u8; 3] = [255, 255, 255];
    const ACCENT: [u8; 3] = [29, 95, 209];

    /// A screen with a button of 160 × 40, its corner there, and a line of small print below.
    fn screen(left: usize, top: usize, color: [u8; 3], ground: [u8; 3]) -> Picture {
        let (width, height) = (380, 600);
        let mut pixels = vec![ground; width * height];
        for y in top..top + 40 {
            pixels[y * width + left..y * width + left + 160].fill(color);
        }
        for (at, pixel) in pixels[500 * width..508 * width].iter_mut().enumerate() {
            if at % width < 200 && at % 5 < 2 {
                *pixel = [84, 91, 103];
            }
        }
        Picture { width, height, pixels }
    }

    fn blocks(one: &Picture, two: &Picture) -> usize {
        one.record().compared(&two.record()).blocks
    }

    #[test]
    fn what_moved_is_missing_or_recoloured_is_found() {
        let before = screen(16, 540, ACCENT, GROUND);
        assert_eq!(blocks(&before, &before), 0);
        for (what, after) in [
            ("4 px to the side", screen(20, 540, ACCENT, GROUND)),
            ("2 px down", screen(16, 542, ACCENT, GROUND)),
            ("gone", screen(16, 540, GROUND, GROUND)),
            ("the hover's blue", screen(16, 540, [23, 79, 174], GROUND)),
            ("red", screen(16, 540, [179, 38, 30], GROUND)),
            ("the ground of a surface", screen(16, 540, ACCENT, [244, 245, 247])),
        ] {
            assert!(blocks(&before, &after) > 0, "{what}");
        }
        let mut smaller = before.clone();
        // Ten rows: the last row of a record has from one to four of the screen's, so that one less might leave its size.
        smaller.pixels.truncate(380 * 590);
        smaller.height = 590;
        assert_eq!(blocks(&before, &smaller), usize::MAX, "of another size");
        let mut without = before.clone();
        without.pixels[500 * 380..508 * 380].fill(GROUND);
        assert!(blocks(&before, &without) > 0, "the small print is gone");
    }

    #[test]
    fn what_another_rasteriser_does_is_forgiven() {
        let before = screen(16, 540, ACCENT, GROUND);
        let mut after = before.clone();
        for (at, pixel) in after.pixels.iter_mut().enumerate() {
            // Every pixel a little, letters by a quarter of their darkness.
            let by = if *pixel == [84, 91, 103] { 40 } else { u8::try_from(at % 5).unwrap_or_default() };
            *pixel = pixel.map(|it| it.saturating_add(by).saturating_sub(2));
        }
        assert_ne!(before, after);
        assert_eq!(blocks(&before, &after), 0);
    }

    #[test]
    fn one_pixel_of_an_icon_is_found() {
        let icon = |alpha: [u8; 256]| {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 16, 16);
            encoder.set_color(png::ColorType::Rgba);
            encoder.set_depth(png::BitDepth::Eight);
            let raw: Vec<u8> = alpha.iter().flat_map(|it| [ACCENT[0], ACCENT[1], ACCENT[2], *it]).collect();
            encoder.write_header().and_then(|mut it| it.write_image_data(&raw)).expect("a picture");
            Picture::read(&bytes).expect("a picture")
        };
        let mut shape = [0; 256];
        shape[40..200].fill(255);
        let before = icon(shape);
        assert_eq!(before.far(&before), 0);
        shape[120] = 0;
        assert_eq!(before.far(&icon(shape)), 1, "a hole, in transparency alone");
        assert_eq!(before.far(&before.record()), usize::MAX, "of another size");
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = screen(16, 540, ACCENT, GROUND).record();
        let bytes = record.png().expect("a picture");
        assert!(bytes.len() < 1_000, "{}", bytes.len());
        assert_eq!(Picture::read(&bytes).expect("a picture"), record);
        let many = Picture {
            width: 400,
            height: 1,
            pixels: (0..400u16)
                .map(|it| [u8::try_from(it / 2).unwrap_or(0), u8::try_from(it % 2).unwrap_or(0), 7])
                .collect(),
        };
        assert_eq!(Picture::read(&many.png().expect("a picture")).expect("a picture"), many);
        assert!(Picture::read(b"no picture").is_err());
    }
}
