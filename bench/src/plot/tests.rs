//! Every kind of axis is drawn, and what cannot be drawn is refused.

use super::{Axis, Chart, Scale, Series};

/// A chart of one series.
fn chart(x: Scale, y: Scale, points: Vec<(f64, f64)>) -> Chart {
    Chart {
        title: "a & b".to_owned(),
        x: Axis::scaled("x (s)", x),
        y: Axis::scaled("y (us)", y),
        series: vec![Series {
            name: "one <1>".to_owned(),
            ranges: points.iter().map(|(_, y)| (y * 0.9, y * 1.1)).collect(),
            points,
        }],
    }
}

#[test]
fn both_files_of_every_pair_of_scales_are_sound() {
    let folder = tempfile::tempdir().unwrap();
    let names = Scale::Names(vec!["nginx".to_owned(), "ours".to_owned()]);
    let log = vec![(1.0, 10.0), (10.0, 12.0), (10_000.0, 900.0)];
    let cases = [
        (Scale::Linear, Scale::Linear, vec![(0.0, 1.0), (3.0, 2.0)]),
        (Scale::Log, Scale::Log, log.clone()),
        (Scale::Log, Scale::Linear, log),
        (
            Scale::Percentile,
            Scale::Log,
            vec![(0.0, 5.0), (99.99, 90.0)],
        ),
        (names, Scale::Linear, vec![(0.0, 11.5), (1.0, 17.5)]),
        (Scale::Linear, Scale::Log, vec![(5.0, 5.0)]),
        (Scale::Linear, Scale::Linear, vec![(0.0, 0.0)]),
    ];
    for (at, (x, y, points)) in cases.into_iter().enumerate() {
        let stem = folder.path().join("new").join(format!("v1.{at}"));
        chart(x, y, points).save(&stem).unwrap();
        let svg = std::fs::read_to_string(stem.with_extension(format!("{at}.svg"))).unwrap();
        for text in ["a &amp; b", "x (s)", "y (us)", "one &lt;1&gt;"] {
            assert!(svg.contains(text), "{text} is not in {svg}");
        }
        let png = std::fs::read(stem.with_extension(format!("{at}.png"))).unwrap();
        assert_eq!(png.get(1..4), Some(b"PNG".as_slice()));
        assert_eq!(
            png.get(16..24),
            Some([0, 0, 7, 128, 0, 0, 4, 176].as_slice())
        );
        let pixels = resvg::tiny_skia::Pixmap::decode_png(&png).unwrap();
        let blue = |pixel: &resvg::tiny_skia::PremultipliedColorU8| {
            (pixel.red(), pixel.green(), pixel.blue()) == (0x00, 0x72, 0xB2)
        };
        let count = pixels.pixels().iter().filter(|pixel| blue(pixel)).count();
        assert!(count > 100, "case {at} shows its series in {count} pixels");
    }
}

#[test]
fn a_chart_with_nothing_to_show_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for points in [vec![], vec![(0.0, 1.0)], vec![(f64::NAN, 1.0)]] {
        let refused = Chart {
            x: Axis::log("x"),
            y: Axis::linear("y"),
            ..chart(Scale::Log, Scale::Linear, points)
        };
        let error = refused.save(&folder.path().join("none")).unwrap_err();
        assert!(error.to_string().contains("no point"), "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn numbers_on_an_axis_are_short() {
    for (value, text) in [
        (0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (1_500.0, "1500"),
        (10_000.0, "10k"),
        (2_500_000.0, "2.5M"),
        (0.000_02, "0.00002"),
    ] {
        assert_eq!(super::ruler::number(value), text);
    }
}
