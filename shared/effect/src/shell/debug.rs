//! Debuggers: what they are told to do decides, for they run programs and change running ones.

use varistor_model::Intent;

use super::flow::Flow;
use super::judge::{Call, Judge};
use super::options::{Options, Style, is_listed};

/// Commands that only look, as the words they begin with.
const LOOKING: &str = "bt backtrace where info thread frame list l disassemble disas x up down quit q \
    ptype whatis help show pwd";

const STYLE: Style = Style {
    valued: "-ex -iex -eval-command -init-eval-command -x -ix -command -init-command -p -pid -s \
             -symbols -e -exec -c -core -d -directory -cd --eval-command --init-eval-command \
             --command --init-command --pid --core --exec",
    is_single_dash_long: true,
};

/// `gdb -batch -ex bt -p 12`
pub(super) fn gdb(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(call.args, STYLE);
    const CODE: [&str; 6] = [
        "-ex",
        "-iex",
        "-eval-command",
        "-init-eval-command",
        "--eval-command",
        "--init-eval-command",
    ];
    const FILES: &str = "-x|-ix|-command|-init-command|--command|--init-command|--args|-args";
    let mut commands = CODE
        .iter()
        .flat_map(|option| options.values(option))
        .peekable();
    if commands.peek().is_none() || options.has_any(FILES, STYLE) {
        judge.find(Intent::Write, 60, "process.debugs");
    }
    for command in commands {
        let command = command.trim();
        let (word, rest) = command.split_once([' ', '/']).unwrap_or((command, ""));
        match word {
            "shell" | "!" | "make" => {
                judge.text(rest);
            }
            _ if command.starts_with('!') => {
                judge.text(command.trim_start_matches('!'));
            }
            _ if command.contains(['|', '(']) => {
                judge.find(Intent::Destructive, 55, "shell.computed_code");
            }
            "set" if rest.starts_with("pagination") || rest.starts_with("confirm") => {}
            _ if is_listed(LOOKING, word) => judge.find(Intent::Read, 85, "machine.looks"),
            "p" | "print" | "output" if !rest.contains('=') => {
                judge.find(Intent::Read, 80, "machine.looks");
            }
            _ => judge.find(Intent::Destructive, 50, "process.debugs"),
        }
    }
    Flow::Local
}
