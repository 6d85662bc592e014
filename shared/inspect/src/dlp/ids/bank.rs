//! Numbers of banks and of their accounts.

use super::digits::{digits, number, repeats, shaped, weigh};

/// ISO 3166-1 alpha-2 codes, and `XK`, which SWIFT uses for Kosovo.
const COUNTRIES: &[u8] = b"\
    ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCM\
    CNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGY\
    HKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMF\
    MGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARE\
    RORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZ\
    VAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";

/// Whether two upper-case letters are a country's code.
pub(super) fn is_country(code: &[u8]) -> bool {
    COUNTRIES.chunks_exact(2).any(|known| known == code)
}

/// US routing number: 9 digits, weights 3, 7, 1, modulus 10, and a prefix of a Federal Reserve
/// district, of a thrift, of electronic payments, or of travellers' cheques (ABA, key to routing
/// numbers).
pub(super) fn aba(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let [p0, p1, ..] = all;
        matches!(number(&[p0, p1]), 0..=12 | 21..=32 | 61..=72 | 80)
            && weigh(&all, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
            && number(&all) != 0
    })
}

/// Business identifier code: 4 letters of the party, a country, 2 symbols of the place, and 3 of
/// the branch or none, in upper case without separators (ISO 9362).
pub(super) fn bic(text: &[u8]) -> bool {
    let shape: &[u8] = match text.len() {
        8 => b"@@@@@@**",
        11 => b"@@@@@@*****",
        _ => return false,
    };
    shaped(text, shape)
        && !text.iter().any(u8::is_ascii_lowercase)
        && text.get(4..6).is_some_and(is_country)
}

/// Canadian routing number: `0`, 3 digits of the institution and 5 of the branch, or 5 of the
/// branch and 3 of the institution (Payments Canada, standard 006). Has no check digit.
pub(super) fn ca_transit(text: &[u8]) -> bool {
    let holds = |institution: &[u8], branch: &[u8]| {
        matches!(number(institution), 1..=399 | 500..=699 | 800..=899) && number(branch) != 0
    };
    match (digits::<9>(text), digits::<8>(text)) {
        (Some([0, i0, i1, i2, branch @ ..]), _) => holds(&[i0, i1, i2], &branch),
        (_, Some([branch @ .., i0, i1, i2])) => holds(&[i0, i1, i2], &branch),
        _ => false,
    }
}

/// UK sort code: three pairs of digits (Pay.UK). Has no check digit without the account.
pub(super) fn sort_code(text: &[u8]) -> bool {
    digits::<6>(text).is_some_and(|all| !repeats(&all) && number(&all) >= 10_000)
}

/// Australian BSB number: 3 digits of bank and state, 3 of the branch (AusPayNet). Has no check
/// digit.
pub(super) fn bsb(text: &[u8]) -> bool {
    digits::<6>(text).is_some_and(|all| !repeats(&all) && number(&all) >= 10_000)
}

/// Indian branch code: 4 letters of the bank, `0`, 6 symbols of the branch (RBI, IFSC).
pub(super) fn ifsc(text: &[u8]) -> bool {
    shaped(text, b"@@@@0******")
}

/// Mexican account number: bank, place, account, a check digit by weights 3, 7, 1, modulus 10
/// (Banco de México, circular 3/2012; ABM).
pub(super) fn clabe(text: &[u8]) -> bool {
    digits::<18>(text).is_some_and(|all| {
        let [b0, b1, b2, ..] = all;
        let weights = [3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1, 3, 7];
        let folded: u64 = all
            .iter()
            .zip(weights)
            .map(|(digit, weight)| weigh(&[*digit], &[weight]) % 10)
            .sum();
        let [.., check] = all;
        number(&[b0, b1, b2]) != 0 && folded.saturating_add(u64::from(check)).is_multiple_of(10)
    })
}

/// Argentine account number: 7 digits of bank and branch and a check digit, 13 of the account and
/// a check digit, modulus 10 (Banco Central, communication A 2622).
pub(super) fn ar_cbu(text: &[u8]) -> bool {
    digits::<22>(text).is_some_and(|all| {
        let [b0, b1, b2, b3, b4, b5, b6, b7, account @ ..] = all;
        let bank = [b0, b1, b2, b3, b4, b5, b6, b7];
        weigh(&bank, &[7, 1, 3, 9, 7, 1, 3, 1]).is_multiple_of(10)
            && weigh(&account, &[3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3, 1]).is_multiple_of(10)
            && number(&account) != 0
    })
}
