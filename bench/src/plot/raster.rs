//! The pixels of an SVG that this crate drew.

use std::sync::Arc;

use anyhow::Context as _;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Pixels a unit of the SVG: plots are read on screens with dense pixels.
const DENSITY: f32 = 2.0;

/// The SVG as PNG.
///
/// # Errors
/// An SVG that is none, or one without a size.
pub(super) fn png(svg: &str) -> anyhow::Result<Vec<u8>> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    let options = Options {
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).context("the drawing is not SVG")?;
    let size = tree.size().to_int_size();
    let scaled = size
        .scale_by(DENSITY)
        .context("the drawing is too large for pixels")?;
    let mut pixels =
        Pixmap::new(scaled.width(), scaled.height()).context("the drawing has no pixels")?;
    let transform = Transform::from_scale(DENSITY, DENSITY);
    resvg::render(&tree, transform, &mut pixels.as_mut());
    Ok(pixels.encode_png()?)
}
