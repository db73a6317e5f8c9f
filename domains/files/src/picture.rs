//! Small pictures of pictures, within bounds: whoever sends a picture decides neither how much memory it takes nor what else
//! comes out with it. Nothing but pixels is kept.

use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
    metadata::Orientation,
};
use kernel::text_enum;
use std::io::Cursor;

/// Pictures of which smaller ones are made.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// Pixels along the longest side of a picture.
const MAX_SIDE: u32 = 20_000;
/// Pixels of a picture.
const MAX_PIXELS: u64 = 50_000_000;
/// Bytes that a picture may take while it is decoded, beside its file.
const MAX_DECODED_BYTES: u64 = 256 << 20;
/// How well a JPEG is kept, of 100.
const QUALITY: u8 = 82;

text_enum! {
    /// A size of small pictures, each fit into a square. A picture is never made larger than it is.
    pub enum Preset {
        /// 160 pixels.
        Small = "small",
        /// 480 pixels.
        Medium = "medium",
        /// 1200 pixels.
        Large = "large",
    }
}

impl Preset {
    /// From the largest to the smallest: each is made from the one before.
    const SHRINKING: [Self; 3] = [Self::Large, Self::Medium, Self::Small];

    const fn side(self) -> u32 {
        match self {
            Self::Small => 160,
            Self::Medium => 480,
            Self::Large => 1_200,
        }
    }
}

/// A small picture.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    pub(crate) preset: Preset,
    pub(crate) content_type: &'static str,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) bytes: Vec<u8>,
}

/// Why no small picture can be made, ever.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undrawable {
    #[error("the picture is larger than may be decoded")]
    TooLarge,
    #[error("the picture cannot be read")]
    Broken(#[source] ImageError),
    #[error("the decoder failed")]
    Panicked,
}

impl From<ImageError> for Undrawable {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            error => Self::Broken(error),
        }
    }
}

/// Whether smaller pictures are made of files of this type.
pub(crate) fn is_picture(content_type: &str) -> bool {
    PICTURES.contains(&crate::sniff::essence(content_type))
}

/// One small picture for each preset. Takes time and memory: never more than one at once, and on a thread of its own.
pub(crate) fn draw(file: &[u8]) -> Result<Vec<Drawn>, Undrawable> {
    let (mut picture, orientation) = decode(file)?;
    picture = shrunk(picture, Preset::Large);
    picture.apply_orientation(orientation);
    // Colours of 16 bits, grey and palettes end here.
    picture = if is_transparent(&picture) { picture.into_rgba8().into() } else { picture.into_rgb8().into() };
    let mut drawn = Vec::new();
    for preset in Preset::SHRINKING {
        picture = shrunk(picture, preset);
        drawn.push(encode(&picture, preset)?);
    }
    Ok(drawn)
}

/// The picture, of several the first, and how it is to be turned. What it will take is known before anything is decoded.
fn decode(file: &[u8]) -> Result<(DynamicImage, Orientation), Undrawable> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(ImageError::IoError)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(Undrawable::TooLarge);
    }
    // A picture whose notes cannot be read is a picture still.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

fn shrunk(picture: DynamicImage, preset: Preset) -> DynamicImage {
    let side = preset.side();
    if picture.width() <= side && picture.height() <= side { picture } else { picture.thumbnail(side, side) }
}

fn is_transparent(picture: &DynamicImage) -> bool {
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX)
}

/// JPEG, or PNG where something shines through.
fn encode(picture: &DynamicImage, preset: Preset) -> Result<Drawn, Undrawable> {
    let (width, height) = (picture.width(), picture.height());
    let mut bytes = Vec::new();
    let format = if picture.color().has_alpha() {
        let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
        encoder.write_image(picture.as_bytes(), width, height, ExtendedColorType::Rgba8)?;
        ImageFormat::Png
    } else {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
        encoder.write_image(picture.as_bytes(), width, height, ExtendedColorType::Rgb8)?;
        ImageFormat::Jpeg
    };
    let side = |pixels: u32| i32::try_from(pixels).map_err(|_| Undrawable::TooLarge);
    Ok(Drawn { preset, content_type: format.to_mime_type(), width: side(width)?, height: side(height)?, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    /// Left half red, right half blue.
    fn halves(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) }).into()
    }

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG whose notes say how it is to be turned, and where it was taken.
    fn turned(orientation: u8) -> Vec<u8> {
        let mut notes = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        notes.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        let plain = file(&halves(800, 400), ImageFormat::Jpeg);
        [&plain[..2], &notes, &plain[2..]].concat()
    }

    /// A PNG that claims to be so large, and holds almost nothing.
    fn claims(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = file(&halves(2, 2), ImageFormat::Png);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let mut crc = u32::MAX;
        for byte in &bytes[12..29] {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        bytes
    }

    fn sizes(drawn: &[Drawn]) -> Vec<(&'static str, i32, i32)> {
        drawn.iter().map(|one| (one.preset.as_str(), one.width, one.height)).collect()
    }

    #[test]
    fn every_kind_of_picture_is_fit_into_every_preset() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let drawn = draw(&file(&halves(2_400, 1_200), format)).unwrap();
            assert_eq!(sizes(&drawn), [("large", 1_200, 600), ("medium", 480, 240), ("small", 160, 80)], "{format:?}");
            for one in drawn {
                assert_eq!(one.content_type, "image/jpeg");
                let shown = image::load_from_memory(&one.bytes).unwrap().into_rgb8();
                assert_eq!(i32::try_from(shown.width()), Ok(one.width));
                let (red, blue) = (shown.get_pixel(5, 5).0, shown.get_pixel(shown.width() - 5, 5).0);
                assert!(red[0] > 200 && red[2] < 60 && blue[2] > 200 && blue[0] < 60, "{red:?} {blue:?}");
            }
        }
        let small = draw(&file(&halves(100, 300), ImageFormat::Png)).unwrap();
        assert_eq!(sizes(&small), [("large", 100, 300), ("medium", 100, 300), ("small", 53, 160)]);
    }

    #[test]
    fn what_shines_through_stays_so() {
        let picture: DynamicImage = RgbaImage::from_pixel(300, 300, Rgba([10, 200, 30, 0])).into();
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let drawn = draw(&file(&picture, format)).unwrap();
            let small = drawn.last().unwrap();
            assert_eq!(small.content_type, "image/png");
            assert_eq!(image::load_from_memory(&small.bytes).unwrap().into_rgba8().get_pixel(3, 3).0[3], 0);
        }
        let opaque: DynamicImage = RgbaImage::from_pixel(300, 300, Rgba([10, 200, 30, 255])).into();
        assert_eq!(draw(&file(&opaque, ImageFormat::Png)).unwrap()[0].content_type, "image/jpeg");
    }

    #[test]
    fn a_turned_picture_is_turned_and_its_notes_are_left_out() {
        // 6: the camera was held upright; the left half comes on top.
        let drawn = draw(&turned(6)).unwrap();
        assert_eq!(sizes(&drawn), [("large", 400, 800), ("medium", 240, 480), ("small", 80, 160)]);
        let shown = image::load_from_memory(&drawn[2].bytes).unwrap().into_rgb8();
        assert!(shown.get_pixel(40, 10).0[0] > 200 && shown.get_pixel(40, 150).0[2] > 200);
        for one in drawn {
            assert!(!one.bytes.windows(4).any(|window| window == b"Exif"), "{}", one.preset);
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_decoded() {
        for (width, height) in [(50_000, 50_000), (u32::MAX >> 1, 1), (19_000, 19_000), (10_000, 10_000)] {
            let error = draw(&claims(width, height)).unwrap_err();
            assert!(matches!(error, Undrawable::TooLarge), "{width}x{height}: {error:?}");
        }
    }

    #[test]
    fn what_is_no_picture_or_only_the_beginning_of_one_is_refused() {
        let whole = file(&halves(600, 600), ImageFormat::Png);
        for broken in [&whole[..whole.len() / 2], &whole[..40], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"", b"<svg/>"] {
            assert!(matches!(draw(broken), Err(Undrawable::Broken(_))));
        }
    }
}
