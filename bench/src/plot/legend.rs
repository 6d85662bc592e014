//! Names, colours and markers of series, and the lines under a chart that tell them.

use plotters::coord::Shift;
use plotters::element::{Circle, EmptyElement, PathElement, Polygon};
use plotters::prelude::{DrawingArea, DrawingBackend, RGBColor, ShapeStyle, Text, TextStyle};

/// Okabe and Ito's colours, which colour-blind readers tell apart; dark ones first, and without
/// the yellow that vanishes on white.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0x00, 0x00, 0x00),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
];
/// Height of a line of the legend.
const LINE: i32 = 22;
/// From the left end of a marker's line to its name.
const SWATCH: i32 = 36;
const SWATCH_MIDDLE: i32 = 14;
/// Between two names.
const GAP: i32 = 24;
/// Half the size of a marker.
pub(super) const MARKER: i32 = 4;

/// The colour of a series.
pub(super) fn colour(series: usize) -> RGBColor {
    COLOURS
        .get(series % COLOURS.len())
        .copied()
        .unwrap_or_default()
}

/// The outline of a series' marker around its point; `None` is a circle. The shape changes with
/// each series, as the colour does.
pub(super) fn outline(series: usize) -> Option<Vec<(i32, i32)>> {
    let m = MARKER;
    match series % 4 {
        0 => None,
        1 => Some(vec![(0, -m - 1), (m + 1, m), (-m - 1, m)]),
        2 => Some(vec![(-m, -m), (m, -m), (m, m), (-m, m)]),
        _ => Some(vec![(0, -m - 2), (m + 2, 0), (0, m + 2), (-m - 2, 0)]),
    }
}

/// Where each name stands, and how high all of them are.
pub(super) struct Legend {
    /// Left end and top of each, in the order of the series.
    places: Vec<(i32, i32)>,
    /// Of the whole legend.
    pub(super) height: u32,
}

impl Legend {
    /// Breaks the names into lines that fit `width`.
    ///
    /// # Errors
    /// The font cannot measure a name.
    pub(super) fn of<DB: DrawingBackend>(
        names: &[&str],
        style: &TextStyle<'_>,
        area: &DrawingArea<DB, Shift>,
        left: i32,
    ) -> Result<Self, plotters::drawing::DrawingAreaErrorKind<DB::ErrorType>> {
        let width = i32::try_from(area.dim_in_pixel().0).unwrap_or(i32::MAX);
        let (mut x, mut y) = (left, 0);
        let mut places = Vec::new();
        for name in names {
            let (long, _) = area.estimate_text_size(name, style)?;
            let entry = SWATCH + i32::try_from(long).unwrap_or(width);
            if x > left && x + entry > width {
                (x, y) = (left, y + LINE);
            }
            places.push((x, y));
            x += entry + GAP;
        }
        let height = if names.is_empty() { 0 } else { y + LINE };
        Ok(Self {
            places,
            height: u32::try_from(height).unwrap_or(0),
        })
    }

    /// Draws it.
    ///
    /// # Errors
    /// The drawing cannot be written.
    pub(super) fn draw<DB: DrawingBackend>(
        &self,
        names: &[&str],
        style: &TextStyle<'_>,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), plotters::drawing::DrawingAreaErrorKind<DB::ErrorType>> {
        for (series, (name, &(x, y))) in names.iter().zip(&self.places).enumerate() {
            let middle = y + LINE / 2;
            let line = ShapeStyle::from(colour(series)).stroke_width(2);
            area.draw(&PathElement::new(
                vec![(x, middle), (x + 2 * SWATCH_MIDDLE, middle)],
                line,
            ))?;
            let filled = ShapeStyle::from(colour(series)).filled();
            let at = (x + SWATCH_MIDDLE, middle);
            match outline(series) {
                None => area.draw(&Circle::new(at, MARKER, filled))?,
                Some(corners) => {
                    area.draw(&(EmptyElement::at(at) + Polygon::new(corners, filled)))?
                }
            }
            area.draw(&Text::new(
                (*name).to_owned(),
                (x + SWATCH, y + 6),
                style.clone(),
            ))?;
        }
        Ok(())
    }
}
