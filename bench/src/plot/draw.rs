//! Draws a chart as SVG: title, grid, axes, ranges, lines, markers, legend.

use anyhow::anyhow;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::element::{Circle, EmptyElement, PathElement, Polygon, Text};
use plotters::prelude::{Color as _, DrawingArea, IntoDrawingArea as _, RGBColor, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoTextStyle as _, ShapeStyle, TextStyle, WHITE};

use super::legend::{Legend, MARKER, colour, outline};
use super::ruler::Ruler;
use super::{Chart, Scale, Series};

/// Size of the drawing, in units that are pixels on a plain screen.
const SIZE: (u32, u32) = (960, 600);
/// What viewers of the SVG look for; the first is the font that is measured and rasterised.
const FONT: &str = "DejaVu Sans, sans-serif";
/// Heights of text.
const TITLE: i32 = 19;
const AXIS: i32 = 15;
const SMALL: i32 = 13;
/// Room for the title, and for the marks of the two axes.
const TITLE_ROOM: u32 = 44;
const X_ROOM: u32 = 50;
const Y_ROOM: u32 = 80;
/// Room below the legend.
const LEGEND_ROOM: u32 = 6;
/// With more points than this, ranges are bands, and points have no markers.
const POINTS_APART_MAX: usize = 40;
/// How much of a column of names all series together take up.
const SPREAD: f64 = 0.5;
/// Half the length of the ends of a range.
const CAP: i32 = 4;

const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Ruler, Ruler>>;

/// The chart as SVG.
///
/// # Errors
/// The font cannot be read.
pub(super) fn svg(chart: &Chart) -> anyhow::Result<String> {
    plotters::style::register_font(FONT, FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| anyhow!("the font of the plots cannot be read"))?;
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw(chart, &root).map_err(|error| anyhow!("{:?}: {error}", chart.title))?;
        root.present()?;
    }
    Ok(text)
}

type Drawn = Result<(), plotters::drawing::DrawingAreaErrorKind<std::io::Error>>;

fn draw(chart: &Chart, root: &Area<'_>) -> Drawn {
    root.fill(&WHITE)?;
    let names: Vec<&str> = chart.series.iter().map(|series| &*series.name).collect();
    let style = font(SMALL);
    let left = i32::try_from(Y_ROOM).unwrap_or(0);
    let legend = Legend::of(&names, &style, root, left)?;
    let (top, rest) = root.split_vertically(TITLE_ROOM);
    let (body, bottom) = rest.split_vertically(SIZE.1 - TITLE_ROOM - legend.height - LEGEND_ROOM);
    let middle = i32::try_from(SIZE.0 / 2).unwrap_or(0);
    let centred = font(TITLE).pos(Pos::new(HPos::Center, VPos::Top));
    top.draw(&Text::new(chart.title.clone(), (middle, 14), centred))?;
    legend.draw(&names, &style, &bottom)?;

    let mut plane = ChartBuilder::on(&body)
        .margin_right(24)
        .margin_left(8)
        .x_label_area_size(X_ROOM)
        .y_label_area_size(Y_ROOM)
        .build_cartesian_2d(x_ruler(chart), y_ruler(chart))?;
    plane
        .configure_mesh()
        .x_desc(&chart.x.label)
        .y_desc(&chart.y.label)
        .axis_desc_style(font(AXIS))
        .label_style(font(SMALL))
        .axis_style(INK)
        .bold_line_style(GRID)
        .draw()?;
    for (at, series) in chart.series.iter().enumerate() {
        draw_series(chart, at, series, &mut plane)?;
    }
    Ok(())
}

fn x_ruler(chart: &Chart) -> Ruler {
    let points = chart.series.iter().flat_map(|series| &series.points);
    Ruler::over(&chart.x.scale, points.map(|(x, _)| *x))
}

fn y_ruler(chart: &Chart) -> Ruler {
    let points = chart.series.iter().flat_map(|series| &series.points);
    let ranges = chart.series.iter().flat_map(|series| &series.ranges);
    let ends = ranges.flat_map(|(low, high)| [*low, *high]);
    Ruler::over(&chart.y.scale, points.map(|(_, y)| *y).chain(ends))
}

fn draw_series(chart: &Chart, at: usize, series: &Series, plane: &mut Plane<'_, '_>) -> Drawn {
    let named = matches!(chart.x.scale, Scale::Names(_));
    let shift = if named {
        dodge(at, chart.series.len())
    } else {
        0.0
    };
    let shown = |point: &&(f64, f64)| chart.shows(point);
    let points: Vec<(f64, f64)> = series
        .points
        .iter()
        .filter(shown)
        .map(|(x, y)| (x + shift, *y))
        .collect();
    let apart = points.len() <= POINTS_APART_MAX;
    let ranges = series.points.iter().zip(&series.ranges);
    let ranges: Vec<(f64, f64, f64)> = ranges
        .filter(|((x, _), (low, high))| chart.shows(&(*x, *low)) && chart.shows(&(*x, *high)))
        .map(|((x, _), (low, high))| (x + shift, *low, *high))
        .collect();
    if apart {
        whiskers(at, &ranges, plane)?;
    } else {
        band(at, &ranges, plane)?;
    }
    if !named {
        let line = ShapeStyle::from(colour(at)).stroke_width(2);
        plane.draw_series([PathElement::new(points.clone(), line)])?;
    }
    if apart {
        markers(at, &points, plane)?;
    }
    Ok(())
}

/// A marker on each point.
fn markers(at: usize, points: &[(f64, f64)], plane: &mut Plane<'_, '_>) -> Drawn {
    let style = ShapeStyle::from(colour(at)).filled();
    match outline(at) {
        None => {
            plane.draw_series(
                points
                    .iter()
                    .map(|point| Circle::new(*point, MARKER, style)),
            )?;
        }
        Some(corners) => {
            let marker = |point: &(f64, f64)| {
                EmptyElement::at(*point) + Polygon::new(corners.clone(), style)
            };
            plane.draw_series(points.iter().map(marker))?;
        }
    }
    Ok(())
}

/// How far a series stands beside the middle of its name.
fn dodge(series: usize, count: usize) -> f64 {
    if count < 2 {
        return 0.0;
    }
    let step = SPREAD / (count as f64 - 1.0);
    series as f64 * step - SPREAD / 2.0
}

/// A vertical line with ends for each range.
fn whiskers(at: usize, ranges: &[(f64, f64, f64)], plane: &mut Plane<'_, '_>) -> Drawn {
    let style = ShapeStyle::from(colour(at).mix(0.7)).stroke_width(1);
    plane.draw_series(
        ranges
            .iter()
            .map(|&(x, low, high)| PathElement::new(vec![(x, low), (x, high)], style)),
    )?;
    let ends = ranges
        .iter()
        .flat_map(|&(x, low, high)| [(x, low), (x, high)]);
    plane.draw_series(
        ends.map(|end| EmptyElement::at(end) + PathElement::new(vec![(-CAP, 0), (CAP, 0)], style)),
    )?;
    Ok(())
}

/// The area between the lows and the highs.
fn band(at: usize, ranges: &[(f64, f64, f64)], plane: &mut Plane<'_, '_>) -> Drawn {
    if ranges.is_empty() {
        return Ok(());
    }
    let there = ranges.iter().map(|&(x, low, _)| (x, low));
    let back = ranges.iter().rev().map(|&(x, _, high)| (x, high));
    let outline: Vec<(f64, f64)> = there.chain(back).collect();
    let style = ShapeStyle::from(colour(at).mix(0.18)).filled();
    plane.draw_series([Polygon::new(outline, style)])?;
    Ok(())
}

fn font(height: i32) -> TextStyle<'static> {
    (FONT, height).into_text_style(&SIZE).color(&INK)
}
