//! Proofs of possession that were shown (RFC 9449 section 11.1): none serves twice, whichever
//! worker it comes to, for as long as it would hold.
//!
//! One table of atomics for all workers, without a lock. Refuses rather than forgets: where there
//! is no room for a proof, its request is not served.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::OnceLock;

use varistor_identity::Proof;
use varistor_model::Reason;

/// Proofs that fall together, and of which so many are remembered at a time.
const ROW: usize = 16;
/// Rows of the table: 2 million proofs, in 16 MiB that are touched as they are used. With proofs
/// that are remembered for six minutes that is about 3,000 a second before a row is full.
const ROWS: usize = 1 << 17;
/// Bits of a cell that say when its proof ends, in seconds: they come round after 194 days.
const TIME_BITS: u32 = 24;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;

/// The proofs that are remembered. Shared by all threads.
#[derive(Default)]
pub struct Proofs(OnceLock<Box<[AtomicU64]>>);

impl Proofs {
    /// Takes a proof that holds at this moment.
    ///
    /// # Errors
    /// [`Reason::ProofUsed`] when it was taken before, [`Reason::VerificationBusy`] when there is
    /// no room to remember it.
    pub fn take(&self, proof: Proof, now_unix_s: u64) -> Result<(), Reason> {
        let cells = self.0.get_or_init(|| {
            let cell = AtomicU64::default;
            (0..ROWS * ROW).map(|_| cell()).collect()
        });
        let (low, high) = halves(proof.id);
        let row = cells.chunks_exact(ROW).nth(low as usize % ROWS);
        let row = row.unwrap_or_default();
        // Never 0, which stands for an empty cell.
        let mark = (high | 1 << 63) & !TIME_MASK;
        let own = mark | (proof.ends_unix_s & TIME_MASK);
        loop {
            let mut free = None;
            for cell in row {
                let held = cell.load(Ordering::SeqCst);
                let is_over = held == 0 || has_passed(held & TIME_MASK, now_unix_s);
                match (is_over, held & !TIME_MASK == mark) {
                    (false, true) => return Err(Reason::ProofUsed),
                    (false, false) => {}
                    (true, _) => free = free.or(Some((cell, held))),
                }
            }
            let Some((cell, held)) = free else {
                return Err(Reason::VerificationBusy);
            };
            let put = cell.compare_exchange(held, own, Ordering::SeqCst, Ordering::SeqCst);
            if put.is_err() {
                continue; // somebody else has taken the cell
            }
            // Whoever has the same proof at this very moment may have found another cell free. One
            // of the two sees the other here; that both do, and nobody is served, is as well.
            let same = |cell: &&AtomicU64| cell.load(Ordering::SeqCst) & !TIME_MASK == mark;
            return match row.iter().filter(same).count() {
                1 => Ok(()),
                _ => Err(Reason::ProofUsed),
            };
        }
    }
}

/// Whether the moment with these last bits is over. A proof holds for minutes: what seems to lie
/// further ahead lies behind.
const fn has_passed(ends: u64, now_unix_s: u64) -> bool {
    const AHEAD_S_MAX: u64 = 3_600;
    let ahead = ends.wrapping_sub(now_unix_s) & TIME_MASK;
    ahead == 0 || ahead > AHEAD_S_MAX
}

fn halves(id: [u8; 16]) -> (u64, u64) {
    let whole = u128::from_le_bytes(id);
    (whole as u64, (whole >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const fn proof(number: u128, ends_unix_s: u64) -> Proof {
        Proof {
            id: (number << 64 | number).to_le_bytes(),
            ends_unix_s,
        }
    }

    /// Proofs that fall into one row.
    const fn of_row(number: u128, ends_unix_s: u64) -> Proof {
        Proof {
            id: (number << 100 | 7).to_le_bytes(),
            ends_unix_s,
        }
    }

    #[test]
    fn a_proof_serves_once_for_as_long_as_it_holds() {
        let proofs = Proofs::default();
        let now = 1_800_000_000;
        for number in 1..100_000_u128 {
            let proof = proof(number.wrapping_mul(0x9E37_79B9_7F4A_7C15), now + 120);
            assert_eq!(proofs.take(proof, now), Ok(()));
            assert_eq!(proofs.take(proof, now + 119), Err(Reason::ProofUsed));
        }
    }

    #[test]
    fn what_is_over_makes_room_and_what_holds_does_not() {
        let proofs = Proofs::default();
        let now = 1_800_000_000;
        for number in 1..=16 {
            assert_eq!(proofs.take(of_row(number, now + 10), now), Ok(()));
        }
        let next = of_row(17, now + 20);
        assert_eq!(proofs.take(next, now + 9), Err(Reason::VerificationBusy));
        assert_eq!(proofs.take(next, now + 10), Ok(()));
        assert_eq!(proofs.take(next, now + 11), Err(Reason::ProofUsed));
        // A gateway that nobody shows anything to for months.
        let later = now + 180 * 86_400;
        assert_eq!(proofs.take(of_row(18, later + 20), later), Ok(()));
    }

    #[test]
    fn of_many_at_once_with_one_proof_at_most_one_is_served() {
        let proofs = Arc::new(Proofs::default());
        let now = 1_800_000_000;
        for number in 1..2_000 {
            let proof = proof(number, now + 60);
            let served: usize = std::thread::scope(|scope| {
                let take = || usize::from(proofs.take(proof, now).is_ok());
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
                threads.into_iter().map(|one| one.join().unwrap()).sum()
            });
            assert!(served <= 1, "{served}");
        }
    }
}
