//! What others keep, while a policy serves: in memory that nobody else reads.

use varistor_hidden::Hidden;
use varistor_vault::Lent;
use zeroize::Zeroizing;

/// The secrets of a policy that are not in the vault, while it serves.
#[derive(Default)]
pub(crate) struct Loan {
    /// What they are called, and who may receive each.
    rows: Vec<(String, Vec<String>)>,
    /// Their values, in the same order.
    values: Option<Hidden>,
}

impl Loan {
    pub(super) fn of(all: &[Lent]) -> std::io::Result<Self> {
        let row = |one: &Lent| (one.name.clone(), one.servers.clone());
        Ok(Self {
            rows: all.iter().map(row).collect(),
            values: Some(Hidden::of(all.iter().map(|one| one.value.as_slice()))?),
        })
    }

    pub(crate) const fn count(&self) -> usize {
        self.rows.len()
    }

    /// Copies of them, to be lent to a vault while that is open.
    pub(crate) fn copies(&self) -> impl Iterator<Item = Lent> {
        self.rows.iter().enumerate().map(|(at, (name, servers))| {
            let value = self.values.as_ref().and_then(|values| values.get(at));
            Lent {
                name: name.clone(),
                servers: servers.clone(),
                value: Zeroizing::new(value.unwrap_or_default().to_vec()),
            }
        })
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let mut pairs = self.copies().zip(other.copies());
        self.count() == other.count()
            && pairs.all(|(one, other)| one.name == other.name && one.value == other.value)
    }
}
