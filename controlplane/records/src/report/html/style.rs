//! The style of the page, on screens and on paper.

/// Colours have a contrast of at least 4.5 to 1 for text and 3 to 1 for bars, in both schemes.
pub(super) const STYLE: &str = "
:root{color-scheme:light dark;--back:#fff;--fore:#1b1b1f;--soft:#5a5a63;--line:#d9d9e0;
--box:#f3f3f6;--allow:#2e7d4f;--redact:#a06a00;--hold:#5b5bd6;--deny:#c0342b;--mark:#ffe28a;
--onmark:#1b1b1f}
@media screen and (prefers-color-scheme:dark){:root{--back:#17171a;--fore:#ececf1;--soft:#b4b4be;
--line:#3a3a42;--box:#232328;--allow:#6cc796;--redact:#e0a93a;--hold:#a3a3ff;--deny:#ff9a90;
--mark:#6b5200;--onmark:#fff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--fore);font:0.95rem/1.45 system-ui,sans-serif}
main,footer{max-width:68rem;margin:0 auto;padding:1rem 1.25rem}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0 .25rem}
h2{font-size:1.1rem;margin:2rem 0 .25rem}
p{margin:.25rem 0}
.period{font-size:1.1rem;font-weight:600}
.soft,footer{color:var(--soft)}
footer{font-size:.85rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
.figures{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));
gap:.6rem;padding:0;margin:1.25rem 0}
.figures li{background:var(--box);border-left:.25rem solid var(--line);border-radius:.3rem;
padding:.5rem .7rem}
.figures strong{display:block;font-size:1.35rem;font-variant-numeric:tabular-nums}
.figures .allow{border-color:var(--allow)}.figures .redact{border-color:var(--redact)}
.figures .hold{border-color:var(--hold)}.figures .deny{border-color:var(--deny)}
figure{margin:1.25rem 0}
figcaption{color:var(--soft);margin-bottom:.4rem}
.key{white-space:nowrap;margin-left:.6rem;color:var(--fore)}
.key::before{content:'';display:inline-block;width:.75em;height:.75em;border-radius:.15em;
margin-right:.35em;background:currentColor}
.key.allow::before{background:var(--allow)}.key.redact::before{background:var(--redact)}
.key.hold::before{background:var(--hold)}.key.deny::before{background:var(--deny)}
svg{display:block;width:100%;height:auto}
svg .grid{stroke:var(--line);stroke-width:1}
svg text{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}
svg .y{text-anchor:end;dominant-baseline:middle}
rect.allow{fill:var(--allow)}rect.redact{fill:var(--redact)}rect.hold{fill:var(--hold)}
rect.deny{fill:var(--deny)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.4rem 0;font-size:.88rem}
th,td{text-align:left;vertical-align:top;padding:.28rem .6rem .28rem 0;
border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td{overflow-wrap:anywhere;min-width:4rem}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;width:6.5rem}
.total td{font-weight:600}
mark{background:var(--mark);color:var(--onmark);border-radius:.2rem;padding:0 .15rem}
@page{size:A4;margin:16mm 14mm}
@media print{body{font-size:9.5pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main,footer{max-width:none;padding:0}
.figures{grid-template-columns:repeat(5,1fr);gap:.35rem}
.figures strong{font-size:1.15rem}
h2{break-after:avoid;margin-top:1.3rem}
figure,.figures,tr{break-inside:avoid}
thead{display:table-header-group}
table{font-size:8pt}
.wide{overflow:visible}}
";

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of a colour such as `#0b57a8` or `#fff` (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let digits = colour.trim_start_matches('#');
        let digits: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => digits.to_owned(),
        };
        let part =
            |at: usize| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        let linear = |part: f64| match part <= 0.04045 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * linear(part(0)) + 0.7152 * linear(part(2)) + 0.0722 * linear(part(4))
    }

    #[test]
    fn colours_have_the_contrast_that_wcag_aa_asks_for() {
        let schemes: Vec<&str> = STYLE.split(":root{").skip(1).collect();
        assert_eq!(schemes.len(), 2);
        for scheme in schemes {
            let end = scheme.find('}').unwrap();
            let colour = |name: &str| {
                let all = scheme[..end].split(';').map(str::trim);
                let mut found = all.filter_map(|one| one.strip_prefix(&format!("--{name}:")));
                luminance(found.next().unwrap_or_else(|| panic!("no {name}")))
            };
            for (fore, back, least) in [
                ("fore", "back", 4.5),
                ("fore", "box", 4.5),
                ("soft", "back", 4.5),
                ("onmark", "mark", 4.5),
                ("allow", "back", 3.0),
                ("redact", "back", 3.0),
                ("hold", "back", 3.0),
                ("deny", "back", 3.0),
            ] {
                let (a, b) = (colour(fore), colour(back));
                let found = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(found >= least, "{fore} on {back}: {found:.2}");
            }
        }
    }
}
