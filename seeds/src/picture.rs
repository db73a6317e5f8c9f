//! Small pictures, made in code: PNG with a palette (ISO/IEC 15948), its data stored without compression.

use crate::data::Picture;
use anyhow::Context;

/// Side of one square in pixels.
const SQUARE: usize = 8;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The picture as a PNG file.
pub(crate) fn png(picture: &Picture) -> anyhow::Result<Vec<u8>> {
    let mut palette = Vec::new();
    for color in picture.colors.values() {
        let bits = u32::from_str_radix(color, 16).with_context(|| format!("{color} is no colour"))?;
        palette.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    let width = picture.rows.first().map_or(0, String::len) * SQUARE;
    let height = picture.rows.len() * SQUARE;
    let mut header = Vec::new();
    for side in [width, height] {
        header.extend_from_slice(&u32::try_from(side)?.to_be_bytes());
    }
    // Eight bits a pixel, an index into the palette; the rest has one value only.
    header.extend_from_slice(&[8, 3, 0, 0, 0]);
    let mut file = SIGNATURE.to_vec();
    for (name, body) in
        [(*b"IHDR", header), (*b"PLTE", palette), (*b"IDAT", stored(&pixels(picture)?)?), (*b"IEND", Vec::new())]
    {
        chunk(&mut file, name, &body)?;
    }
    Ok(file)
}

/// One byte a pixel, each line begun with its filter: none.
fn pixels(picture: &Picture) -> anyhow::Result<Vec<u8>> {
    let mut pixels = Vec::new();
    for row in &picture.rows {
        let mut line = vec![0];
        for letter in row.chars() {
            let index = picture.colors.keys().position(|known| *known == letter);
            let index = index.with_context(|| format!("{}: {letter} has no colour", picture.name))?;
            line.extend([u8::try_from(index)?; SQUARE]);
        }
        pixels.extend(line.repeat(SQUARE));
    }
    Ok(pixels)
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], body: &[u8]) -> anyhow::Result<()> {
    file.extend_from_slice(&u32::try_from(body.len())?.to_be_bytes());
    let checked_from = file.len();
    file.extend_from_slice(&name);
    file.extend_from_slice(body);
    let checksum = crc32(&file[checked_from..]);
    file.extend_from_slice(&checksum.to_be_bytes());
    Ok(())
}

/// A zlib stream (RFC 1950) of one stored block (RFC 1951), which holds at most 65,535 bytes.
fn stored(data: &[u8]) -> anyhow::Result<Vec<u8>> {
    let length = u16::try_from(data.len()).context("the picture is too large")?;
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(data);
    stream.extend_from_slice(&adler32(data).to_be_bytes());
    Ok(stream)
}

fn crc32(data: &[u8]) -> u32 {
    let byte = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    };
    !data.iter().fold(u32::MAX, byte)
}

fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    (high << 16) | low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::World;

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn every_picture_is_drawn() {
        for picture in World::load().unwrap().firms.iter().flat_map(|firm| &firm.pictures) {
            let file = png(picture).unwrap();
            assert_eq!(&file[..8], SIGNATURE);
            assert_eq!(&file[12..24], b"IHDR\0\0\0\x60\0\0\0\x60", "{} is not 96 pixels square", picture.name);
            assert!(file.ends_with(b"IEND\xaeB`\x82"));
        }
    }
}
