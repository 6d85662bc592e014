//! Numbers of Brazil.

use super::check_digits::complement_11;
use super::digits::{digits, repeats, symbols, weigh};

/// Number of a person: 9 digits and two check digits by modulus 11, not one digit eleven times
/// (Receita Federal, IN RFB 2172/2024).
pub(super) fn cpf(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [.., first, second] = all;
        complement_11(weigh(&all, &[10, 9, 8, 7, 6, 5, 4, 3, 2])) == u64::from(first)
            && complement_11(weigh(&all, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) == u64::from(second)
            && !repeats(&all)
    })
}

/// Number of a company: 12 digits, or letters too from 2026 on, each counting its ASCII code less
/// 48, and two check digits by modulus 11 (Receita Federal, IN RFB 2229/2024).
pub(super) fn cnpj(text: &[u8]) -> bool {
    let Some(all) = symbols::<14>(text) else {
        return false;
    };
    let [.., first, second] = all;
    let Some([first, second]) = digits::<2>(&[first, second]) else {
        return false;
    };
    let counts = all.map(|symbol| symbol.wrapping_sub(b'0'));
    all.iter().all(u8::is_ascii_alphanumeric)
        && complement_11(weigh(&counts, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == u64::from(first)
        && complement_11(weigh(&counts, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]))
            == u64::from(second)
        && !repeats(&all)
}

/// Number of a worker (PIS, PASEP, NIT): 11 digits, modulus 11 (Caixa, cadastro NIS).
pub(super) fn pis(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [.., check] = all;
        let sum = weigh(&all, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
        complement_11(sum) == u64::from(check) && !repeats(&all)
    })
}
