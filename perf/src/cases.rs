//! Everything that has a budget: a case is prepared, and then run while somebody counts.
//!
//! A case runs any number of times; from the second run on it is in the steady state, and every
//! run does the same.

mod answers;
mod log;
mod requests;
mod setups;
mod walk;
mod whole;

/// One thing that is counted.
pub trait Case {
    /// Makes the input of the next run, and drops the output of the last one. Not counted.
    fn prepare(&mut self);
    /// The part that is counted.
    fn run(&mut self);
}

/// Makes a case.
pub type Make = fn() -> Box<dyn Case>;

/// Runs before the one that is counted: buffers have grown, tokens are known.
const WARM_RUNS: usize = 3;

/// Every case with its name, in the order of the way of a call.
#[must_use]
pub fn all() -> Vec<(&'static str, Make)> {
    let groups = [
        requests::CASES,
        answers::CASES,
        log::CASES,
        setups::CASES,
        whole::CASES,
    ];
    groups.concat()
}

/// A case in its steady state, ready to run.
///
/// # Panics
/// When there is no case of this name.
#[must_use]
pub fn warm(name: &str) -> Box<dyn Case> {
    let found = all().into_iter().find(|(known, _)| *known == name);
    let (_, make) = found.unwrap_or_else(|| panic!("there is no case `{name}`"));
    let mut case = make();
    for _ in 0..WARM_RUNS {
        case.prepare();
        case.run();
    }
    case.prepare();
    case
}

/// A case of two closures: one makes the input, one consumes it.
struct Step<W, I, O, P, R> {
    world: W,
    input: Option<I>,
    output: Option<O>,
    prepare: P,
    run: R,
}

/// A case over a world: `prepare` makes what `run` consumes. What `run` returns is dropped while
/// nobody counts.
fn step<W, I, O>(
    world: W,
    prepare: impl Fn(&mut W) -> I + 'static,
    run: impl Fn(&mut W, I) -> O + 'static,
) -> Box<dyn Case>
where
    W: 'static,
    I: 'static,
    O: 'static,
{
    Box::new(Step {
        world,
        input: None,
        output: None,
        prepare,
        run,
    })
}

impl<W, I, O, P, R> Case for Step<W, I, O, P, R>
where
    P: Fn(&mut W) -> I,
    R: Fn(&mut W, I) -> O,
{
    fn prepare(&mut self) {
        self.output = None;
        self.input = Some((self.prepare)(&mut self.world));
    }

    fn run(&mut self) {
        if let Some(input) = self.input.take() {
            self.output = Some((self.run)(&mut self.world, input));
        }
    }
}
