//! Says whether a text is a number that some authority gives out: length, structure, the dates
//! within, check digits.
//!
//! Pure functions over ASCII bytes; no allocation. What they can't say, and where the number is
//! too weak to say it, a word beside it must (the catalogue knows which).

mod bank;
mod base58;
mod bech32;
mod brazil;
mod britain_ireland;
mod canada_australia;
mod central_europe;
mod check_digits;
mod china;
mod dates;
mod digits;
mod documents;
#[cfg(test)]
mod examples;
mod france;
mod germany;
mod goods;
mod india;
mod italy;
mod japan_korea;
mod low_countries;
mod machine_readable;
mod mexico;
mod middle_east_africa;
mod network;
mod nordic;
mod russia;
mod securities;
mod south_america;
mod south_east_asia;
mod south_east_europe;
mod spain_portugal;
mod united_states;
mod wallets;

/// Declares every check once: its number, which stored data holds and which never changes its
/// meaning, its name, the name in catalogues, and its function.
macro_rules! checks {
    ($($number:literal $check:ident $name:literal $function:path;)*) => {
        /// What a text is checked to be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Check { $($check = $number,)* }

        impl Check {
            /// Every check.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$check,)*];

            /// The check of this name in a catalogue.
            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$check),)* _ => None }
            }

            /// The check of this number.
            pub(crate) const fn numbered(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$check),)* _ => None }
            }

            /// Its name in a catalogue.
            #[cfg(test)]
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$check => $name,)* }
            }

            /// Its number in stored data.
            pub(crate) const fn number(self) -> u8 {
                match self { $(Self::$check => $number,)* }
            }
        }

        /// Whether length, structure, the dates within and the check digits of `text` hold. `text`
        /// is the number with its separators (blank, dot, dash, slash) and nothing around it; other
        /// bytes than a number's are refused. Takes time with the length of `text`, which no number
        /// here brings above 128 bytes with work beyond one look at each.
        pub(crate) fn check(validator: Check, text: &[u8]) -> bool {
            match validator { $(Check::$check => $function(text),)* }
        }
    };
}

checks! {
    1 UsSsn "us_ssn" united_states::ssn;
    2 UsItin "us_itin" united_states::itin;
    3 UsEin "us_ein" united_states::ein;
    4 UsNpi "us_npi" united_states::npi;
    5 UsDea "us_dea" united_states::dea;
    6 UsMbi "us_mbi" united_states::mbi;
    7 GbNino "gb_nino" britain_ireland::nino;
    8 GbNhs "gb_nhs" britain_ireland::nhs;
    9 GbUtr "gb_utr" britain_ireland::utr;
    10 GbDriver "gb_driver" britain_ireland::driver;
    11 IePps "ie_pps" britain_ireland::pps;
    12 DeTaxId "de_tax_id" germany::tax_id;
    13 DePension "de_pension" germany::pension;
    14 DeCard "de_card" germany::card;
    15 FrNir "fr_nir" france::nir;
    16 FrSpi "fr_spi" france::spi;
    17 FrSiren "fr_siren" france::siren;
    18 FrSiret "fr_siret" france::siret;
    19 ItTaxCode "it_tax_code" italy::tax_code;
    20 ItVat "it_vat" italy::vat;
    21 EsDni "es_dni" spain_portugal::es_dni;
    22 EsNie "es_nie" spain_portugal::es_nie;
    23 EsNif "es_nif" spain_portugal::es_nif;
    24 EsCif "es_cif" spain_portugal::es_cif;
    25 EsSocialSecurity "es_social_security" spain_portugal::es_social_security;
    26 PtNif "pt_nif" spain_portugal::pt_nif;
    27 PtCard "pt_card" spain_portugal::pt_card;
    28 NlBsn "nl_bsn" low_countries::bsn;
    29 BeRegister "be_register" low_countries::national_register;
    30 AtSocialSecurity "at_social_security" central_europe::at_social_security;
    31 ChAhv "ch_ahv" central_europe::ch_ahv;
    32 CzBirthNumber "cz_birth_number" central_europe::cz_birth_number;
    33 HuTaj "hu_taj" central_europe::hu_taj;
    34 HuTaxId "hu_tax_id" central_europe::hu_tax_id;
    35 PlPesel "pl_pesel" central_europe::pl_pesel;
    36 PlNip "pl_nip" central_europe::pl_nip;
    37 PlRegon "pl_regon" central_europe::pl_regon;
    38 SePersonal "se_personal" nordic::se_personal;
    39 NoBirthNumber "no_birth_number" nordic::no_birth_number;
    40 DkCpr "dk_cpr" nordic::dk_cpr;
    41 FiHetu "fi_hetu" nordic::fi_hetu;
    42 GrAmka "gr_amka" south_east_europe::gr_amka;
    43 GrAfm "gr_afm" south_east_europe::gr_afm;
    44 RoCnp "ro_cnp" south_east_europe::ro_cnp;
    45 BgEgn "bg_egn" south_east_europe::bg_egn;
    46 RuInn "ru_inn" russia::inn;
    47 RuSnils "ru_snils" russia::snils;
    48 RuPassport "ru_passport" russia::passport;
    49 SaIdentity "sa_identity" middle_east_africa::sa_identity;
    50 IlIdentity "il_identity" middle_east_africa::il_identity;
    51 TrIdentity "tr_identity" middle_east_africa::tr_identity;
    52 ZaIdentity "za_identity" middle_east_africa::za_identity;
    53 CaSin "ca_sin" canada_australia::ca_sin;
    54 AuTfn "au_tfn" canada_australia::au_tfn;
    55 AuAbn "au_abn" canada_australia::au_abn;
    56 AuAcn "au_acn" canada_australia::au_acn;
    57 AuMedicare "au_medicare" canada_australia::au_medicare;
    58 BrCpf "br_cpf" brazil::cpf;
    59 BrCnpj "br_cnpj" brazil::cnpj;
    60 BrPis "br_pis" brazil::pis;
    61 MxCurp "mx_curp" mexico::curp;
    62 MxRfc "mx_rfc" mexico::rfc;
    63 ArCuit "ar_cuit" south_america::ar_cuit;
    64 ArDni "ar_dni" south_america::ar_dni;
    65 ClRut "cl_rut" south_america::cl_rut;
    66 CoNit "co_nit" south_america::co_nit;
    67 PeRuc "pe_ruc" south_america::pe_ruc;
    68 EcIdentity "ec_identity" south_america::ec_identity;
    69 VeRif "ve_rif" south_america::ve_rif;
    70 CnResident "cn_resident" china::resident;
    71 CnSocialCredit "cn_social_credit" china::social_credit;
    72 HkIdentity "hk_identity" china::hong_kong;
    73 TwIdentity "tw_identity" china::taiwan;
    74 InAadhaar "in_aadhaar" india::aadhaar;
    75 InPan "in_pan" india::pan;
    76 InGstin "in_gstin" india::gstin;
    77 InVoter "in_voter" india::voter;
    78 JpMyNumber "jp_my_number" japan_korea::jp_my_number;
    79 JpCorporate "jp_corporate" japan_korea::jp_corporate;
    80 KrResident "kr_resident" japan_korea::kr_resident;
    81 IdNik "id_nik" south_east_asia::id_nik;
    82 MyNric "my_nric" south_east_asia::my_nric;
    83 SgNric "sg_nric" south_east_asia::sg_nric;
    84 ThIdentity "th_identity" south_east_asia::th_identity;
    85 Aba "aba" bank::aba;
    86 Bic "bic" bank::bic;
    87 CaTransit "ca_transit" bank::ca_transit;
    88 GbSortCode "gb_sort_code" bank::sort_code;
    89 AuBsb "au_bsb" bank::bsb;
    90 InIfsc "in_ifsc" bank::ifsc;
    91 MxClabe "mx_clabe" bank::clabe;
    92 ArCbu "ar_cbu" bank::ar_cbu;
    93 Isin "isin" securities::isin;
    94 Lei "lei" securities::lei;
    95 Cusip "cusip" securities::cusip;
    96 Bitcoin "bitcoin" wallets::bitcoin;
    97 Litecoin "litecoin" wallets::litecoin;
    98 Dogecoin "dogecoin" wallets::dogecoin;
    99 Tron "tron" wallets::tron;
    100 Ripple "ripple" wallets::ripple;
    101 Ethereum "ethereum" wallets::ethereum;
    102 Solana "solana" wallets::solana;
    103 Monero "monero" wallets::monero;
    104 Cardano "cardano" wallets::cardano;
    105 BitcoinKey "bitcoin_key" wallets::bitcoin_key;
    106 ExtendedKey "extended_key" wallets::extended_key;
    107 MrzPassport "mrz_passport" machine_readable::passport;
    108 MrzWideCard "mrz_wide_card" machine_readable::wide_card;
    109 MrzCard "mrz_card" machine_readable::card;
    110 Passport "passport" documents::passport;
    111 UsPassport "us_passport" documents::us_passport;
    112 GbPassport "gb_passport" documents::gb_passport;
    113 FrPassport "fr_passport" documents::fr_passport;
    114 InPassport "in_passport" documents::in_passport;
    115 CaPassport "ca_passport" documents::ca_passport;
    116 CnPassport "cn_passport" documents::cn_passport;
    117 JpPassport "jp_passport" documents::jp_passport;
    118 UsLicence "us_licence" documents::us_licence;
    119 Vin "vin" goods::vin;
    120 Imei "imei" goods::imei;
    121 Isbn10 "isbn_10" goods::isbn_10;
    122 Isbn13 "isbn_13" goods::isbn_13;
    123 Ean13 "ean_13" goods::ean_13;
    124 UpcA "upc_a" goods::upc_a;
    125 Uuid "uuid" network::uuid;
    126 Ipv4 "ipv4" network::ipv4;
    127 Ipv6 "ipv6" network::ipv6;
    128 Mac "mac" network::mac;
}
