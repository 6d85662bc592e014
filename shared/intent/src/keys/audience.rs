//! Whether the values of a parameter are circles of people, from nobody to everybody.

use crate::table::{Table, key_hash};
use crate::values::{self, word};

/// Circles that are smaller than everybody.
static CIRCLES: Table<128> = Table::of(&[(
    1,
    "private team teams internal org organization organisation company domain members member \
     workspace group groups me owner self nobody restricted tenant department space project \
     employees staff authenticated loggedin signedin registered users friends followers \
     subscribers invited invitedonly inviteonly custom admins account closed personal",
)]);

/// Whether one of these values is everybody, and another a smaller circle.
pub(crate) fn chooses_audience(choices: &[String]) -> bool {
    let is_all = |choice: &String| values::words(choice.as_bytes()) & word::PUBLIC != 0;
    let is_circle = |choice: &String| CIRCLES.find(key_hash(choice.as_bytes())) != 0;
    choices.len() <= 12 && choices.iter().any(is_all) && choices.iter().any(is_circle)
}
