//! HTML with everything from outside escaped: markup, and what hides or moves text.

pub(crate) use varistor_records::html::{lines, text};

/// A whole page around its main part, which is HTML already.
pub(crate) fn page(title: &str, who: Option<(&str, &str)>, main: &str) -> String {
    let title = text(title);
    let account = who.map_or_else(String::new, |(name, csrf)| {
        format!(
            "<form class=\"account\" method=\"post\" action=\"/sign-out\"><span>Signed in as \
             <strong>{}</strong></span><input type=\"hidden\" name=\"csrf\" value=\"{}\">\
             <button class=\"plain\">Sign out</button></form>",
            text(name),
            text(csrf)
        )
    });
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" \
         content=\"noindex\"><title>{title} · Varistor</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"></head><body>\
         <a class=\"skip\" href=\"#main\">Skip to content</a><header>\
         <a class=\"home\" href=\"/\">Varistor approvals</a>{account}</header>\
         <main id=\"main\"><h1>{title}</h1>{main}</main></body></html>\n"
    )
}

/// The only style sheet. Colours have a contrast of at least 4.5 to 1 in both schemes.
pub(crate) const STYLE: &str = "\
:root{color-scheme:light dark;--back:#fff;--fore:#1b1b1f;--soft:#5a5a63;
--line:#8b8b95;--box:#f3f3f6;--go:#0b6b3a;--stop:#b3261e;--on:#fff;--link:#0b57a8;
--mark:#ffe28a;--onmark:#1b1b1f}
@media (prefers-color-scheme:dark){:root{--back:#17171a;--fore:#ececf1;
--soft:#b4b4be;--line:#7d7d88;--box:#232328;--go:#7fd6a4;--stop:#ffb4ab;--on:#17171a;--link:#9ecbff;
--mark:#6b5200;--onmark:#fff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--fore);font:1rem/1.5 system-ui,sans-serif}
header,main{max-width:46rem;margin:0 auto;padding:.75rem 1rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;
border-bottom:1px solid var(--line)}
h1{font-size:1.4rem;line-height:1.25;margin:.75rem 0}
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
a{color:var(--link)}
.home{font-weight:700;color:var(--fore);text-decoration:none;padding:.5rem 0}
.account{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--back);padding:.5rem;z-index:1}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
dl{display:grid;grid-template-columns:minmax(6rem,auto) 1fr;gap:.25rem 1rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
pre{background:var(--box);border:1px solid var(--line);border-radius:.4rem;padding:.75rem;margin:0;
white-space:pre-wrap;overflow-wrap:anywhere;max-height:60vh;overflow:auto}
mark{background:var(--mark);color:var(--onmark);border-radius:.2rem;padding:0 .15rem}
ul.held{list-style:none;padding:0;margin:0}
ul.held li{border:1px solid var(--line);border-radius:.4rem;margin:0 0 .75rem}
ul.held a{display:block;padding:.75rem;color:var(--fore);text-decoration:none;
overflow-wrap:anywhere}
ul.held a:hover{background:var(--box)}
ul.held strong{color:var(--link);text-decoration:underline}
.soft{color:var(--soft)}
.note{border-left:4px solid var(--line);background:var(--box);padding:.5rem .75rem;margin:1rem 0}
.bad{border-color:var(--stop)}
.good{border-color:var(--go)}
label{display:block;margin:.75rem 0 .25rem}
input[type=text],input[type=password]{width:100%;font:inherit;color:inherit;background:var(--back);
border:1px solid var(--line);border-radius:.4rem;padding:.6rem}
button{font:inherit;font-weight:600;min-height:2.75rem;padding:.5rem 1.1rem;border-radius:.4rem;
border:2px solid var(--link);background:var(--link);color:var(--on);cursor:pointer}
.choices{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0}
.choices button{flex:1 1 12rem}
button.go{background:var(--go);border-color:var(--go)}
button.stop{background:var(--stop);border-color:var(--stop)}
button.plain{background:transparent;color:var(--fore);border-color:var(--line)}
@media (max-width:30rem){dl{grid-template-columns:1fr;gap:0}dt{margin-top:.5rem}}
@media (prefers-reduced-motion:no-preference){button{transition:filter .1s}}
button:hover{filter:brightness(1.1)}
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup_or_hides() {
        let bad = "<script>'\"&\u{202e}\u{200b}\r\n\u{e0041}";
        let shown = text(bad);
        assert_eq!(
            shown,
            "&lt;script&gt;&#39;&quot;&amp;<mark>\\u{202e}</mark><mark>\\u{200b}</mark>\
             <mark>\\u{d}</mark><mark>\\u{a}</mark><mark>\\u{e0041}</mark>"
        );
        assert_eq!(lines("a\nb\u{7}"), "a\nb<mark>\\u{7}</mark>");
    }

    /// Relative luminance of a colour such as `#0b57a8` or `#fff` (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let digits: Vec<u32> = colour[1..]
            .chars()
            .map(|c| c.to_digit(16).unwrap())
            .collect();
        let parts: Vec<u32> = match digits.len() {
            3 => digits.iter().map(|d| d * 17).collect(),
            _ => digits
                .chunks(2)
                .map(|pair| pair[0] * 16 + pair[1])
                .collect(),
        };
        let linear = |part: u32| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(parts[0]) + 0.7152 * linear(parts[1]) + 0.0722 * linear(parts[2])
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn colours_have_the_contrast_that_wcag_aa_asks_for() {
        let schemes: Vec<&str> = STYLE.split(":root{").skip(1).collect();
        assert_eq!(schemes.len(), 2);
        for scheme in schemes {
            let end = scheme.find('}').unwrap();
            let colour = |name: &str| {
                let found = scheme[..end]
                    .split(';')
                    .find_map(|one| one.trim().strip_prefix(&format!("--{name}:")));
                found.unwrap_or_else(|| panic!("no {name}")).to_owned()
            };
            for (fore, back, least) in [
                ("fore", "back", 4.5),
                ("fore", "box", 4.5),
                ("soft", "back", 4.5),
                ("link", "back", 4.5),
                ("on", "go", 4.5),
                ("on", "stop", 4.5),
                ("on", "link", 4.5),
                ("onmark", "mark", 4.5),
                ("line", "back", 3.0),
            ] {
                let found = contrast(&colour(fore), &colour(back));
                assert!(found >= least, "{fore} on {back}: {found:.2}");
            }
        }
    }
}
