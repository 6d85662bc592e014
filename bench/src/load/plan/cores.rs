//! The list of cores in `--cpus`.

use anyhow::Context;

/// Reads `1,3` or `2-5` or both.
///
/// # Errors
/// Not such a list, or a core that this process may not use.
pub(super) fn parse(list: &str) -> anyhow::Result<Vec<usize>> {
    let allowed: Vec<usize> = core_affinity::get_core_ids()
        .unwrap_or_default()
        .into_iter()
        .map(|core| core.id)
        .collect();
    let cores = read(list)?;
    for core in &cores {
        anyhow::ensure!(
            allowed.contains(core),
            "--cpus {list:?}: this process may not run on core {core}, only on {allowed:?}"
        );
    }
    Ok(cores)
}

fn read(list: &str) -> anyhow::Result<Vec<usize>> {
    let form = || format!("--cpus {list:?} is not a list of cores like 1,3 or 2-5");
    let number = |text: &str| text.trim().parse::<usize>().with_context(form);
    let mut cores = Vec::new();
    for part in list.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(part)?, number(part)?),
        };
        anyhow::ensure!(first <= last && last < 4096, form());
        cores.extend(first..=last);
    }
    Ok(cores)
}

#[cfg(test)]
mod tests {
    use super::{parse, read};

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(read("1,3").unwrap(), [1, 3]);
        assert_eq!(read("2-4,0").unwrap(), [2, 3, 4, 0]);
        for wrong in ["", "a", "3-1", "1,", "0-99999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_core_that_is_not_there_is_refused() {
        let error = parse("4000").unwrap_err().to_string();
        assert!(error.contains("core 4000"), "{error}");
    }
}
