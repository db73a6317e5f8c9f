const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];

/// A number of bytes as people read it, with a tenth from a thousand upwards.
pub(super) fn readable(bytes: i64) -> String {
    let (mut tenths, mut unit) = (i128::from(bytes.max(0)) * 10, 0);
    while tenths >= 9_995 && unit + 1 < UNITS.len() {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).unwrap_or(&"TB");
    if tenths % 10 == 0 { format!("{} {name}", tenths / 10) } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 KB"),
            (1_536, "1.5 KB"),
            (1_048_576, "1 MB"),
            (300 << 20, "300 MB"),
            (5 << 30, "5 GB"),
            (i64::MAX, "8388608 TB"),
        ] {
            assert_eq!(readable(bytes), text);
        }
    }
}
