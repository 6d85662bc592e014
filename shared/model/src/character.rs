//! Characters that mislead whoever reads a text from outside.

/// Whether a character does not show as itself: control characters, line ends and all that Unicode
/// lets turn the direction of writing, join, select or hide (Cc, and Default_Ignorable_Code_Point
/// of UAX 44 with the line separators).
#[must_use]
pub const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_as_itself_is_told_from_letters() {
        for hidden in "\u{0}\n\u{1b}\u{7f}\u{9f}\u{ad}\u{200b}\u{202e}\u{2066}\u{feff}".chars() {
            assert!(is_hidden(hidden), "{hidden:?}");
        }
        for tag in ['\u{e0041}', '\u{e0100}', '\u{fe0f}'] {
            assert!(is_hidden(tag), "{tag:?}");
        }
        for shown in "aZ09 _-/äß東京🦀\u{a0}".chars() {
            assert!(!is_hidden(shown), "{shown:?}");
        }
    }
}
