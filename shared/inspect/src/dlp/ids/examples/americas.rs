//! Examples: numbers of the Americas.

use super::{Check, Example};

#[rustfmt::skip]
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        check: Check::UsSsn, each_digit: false,
        valid: &["608-1|6-3724", "608 1|6 3724"],
        invalid: &["000-1|2-3456", "666-1|2-3456", "900-1|2-3456", "536-0|0-4399", "536-9|0-0000",
            "078-0|5-1120", "111-1|1-1111", "536-9|0-439"],
    },
    Example {
        check: Check::UsItin, each_digit: false,
        valid: &["928-8|8-5003", "9288|85003"],
        invalid: &["812-7|0-1234", "912-6|6-1234", "912-8|9-1234", "912-9|3-1234", "912-4|9-1234"],
    },
    Example {
        check: Check::UsEin, each_digit: false,
        valid: &["51-28|54935", "5128|54935"],
        invalid: &["07-12|34567", "00-12|34567", "89-12|34567", "12-00|00000", "12-3|45678"],
    },
    Example {
        check: Check::UsNpi, each_digit: true,
        valid: &["12345|67893", "27943|29872", "25451|13724"],
        invalid: &["32345|67899", "02345|67895", "12345|67890", "32345|67893", "1234|56789"],
    },
    Example {
        check: Check::UsDea, each_digit: false,
        valid: &["AB12|34563", "F912|34563"],
        invalid: &["AB12|34562", "IB12|34563", "A112|34563", "AB12|3456", "AB00|00000"],
    },
    Example {
        check: Check::UsMbi, each_digit: false,
        valid: &["1EG4-T|E5-MK73", "1EG4T|E5MK72"],
        invalid: &["0EG4-T|E5-MK73", "1SG4-T|E5-MK73", "1EG4-T|E5-MKA3", "1EG4-T|EO-MK73",
            "1EG4-T|E5-MK7"],
    },
    Example {
        check: Check::CaSin, each_digit: true,
        valid: &["685 4|16 430", "685-4|16-430"],
        invalid: &["046 4|54 286", "812 3|45 676", "130 6|92 545", "812 3|45 678", "130 6|92 54"],
    },
    Example {
        check: Check::AuTfn, each_digit: true,
        valid: &["293 8|80 358", "2938|80358"],
        invalid: &["123 4|56 783", "111 1|11 111", "123 |456 7"],
    },
    Example {
        check: Check::AuAbn, each_digit: true,
        valid: &["51 824 |753 556", "16 589 |169 219", "16589|169219"],
        invalid: &["01824|750524", "51 824 |753 557", "01 824 |753 556", "51 824| 753 55"],
    },
    Example {
        check: Check::AuAcn, each_digit: false,
        valid: &["089 9|49 753", "0899|49753"],
        invalid: &["004 0|85 617", "000 0|00 000", "004 0|85 61"],
    },
    Example {
        check: Check::AuMedicare, each_digit: false,
        valid: &["4753 3|2705 7", "47533|27057"],
        invalid: &["1123 4|5679 1", "2123 4|5670 0", "2123 45|670 1 0", "2123 4|5671 1",
            "1123 4|5670 1", "2123 |45670"],
    },
    Example {
        check: Check::BrCpf, each_digit: false,
        valid: &["544.689|.103-13", "54468|910313"],
        invalid: &["529.982|.247-09", "529.982|.247-26", "111.111|.111-11", "529.98|2.247-2"],
    },
    Example {
        check: Check::BrCnpj, each_digit: false,
        valid: &["12.ABC.34|5/01DE-35", "71.476.10|4/0795-44", "7147610|4079544"],
        invalid: &["11.444.77|7/0001-02", "11.444.77|7/0001-62", "00.000.00|0/0000-00",
            "12.ABC.34|5/01DE-36", "12.ABC.34|5/01DE-A5", "11.444.7|77/0001-6"],
    },
    Example {
        check: Check::BrPis, each_digit: false,
        valid: &["120.644|25.80-4", "17023|456781"],
        invalid: &["120.644|2.580-0", "111.111|1.111-11", "12|345"],
    },
    Example {
        check: Check::MxCurp, each_digit: false,
        valid: &["EUII54012|4MSRMNY50", "UUJO65123|1HSPVFY38"],
        invalid: &["BADD11131|3HCMLNS04", "BADD11033|2HCMLNS05", "BADD11031|3ZCMLNS04",
            "BADD11031|3HZZLNS04", "BRDD11031|3HCMLNS00", "BADD01022|9HCMLNS15",
            "BADD11031|3HCMLNS08", "BADD11131|3HCMLNS09", "BADD11033|2HCMLNS09",
            "BADD11031|3ZCMLNS09", "BADD11031|3HZZLNS09", "BRDD11031|3HCMLNS09",
            "BADD1103|13HCMLNS0"],
    },
    Example {
        check: Check::MxRfc, each_digit: true,
        valid: &["GODE56|1231GR8", "&FZ950|4305N3", "SADL97|0226K4A"],
        invalid: &["GODE56|1331GR2", "GODE56|1232GR4", "GODE56|1231WR1", "GODE56|12310R1",
            "1ODE56|1231GR5", "G1DE56|1231GRA", "GO1561|231GR6", "GODE56|1231G09",
            "GODE56|1231GR7", "GODE56|1331GR8", "GODE56|1232GR8", "XAXX01|0101000",
            "XEXX01|0101000", "GODE56|1231GR"],
    },
    Example {
        check: Check::ArCuit, each_digit: false,
        valid: &["24-980|95017-0", "24980|950170"],
        invalid: &["99-055|36168-8", "20-000|00000-1", "20-055|36168-3", "99-055|36168-2",
            "20-05|536168"],
    },
    Example {
        check: Check::ArDni, each_digit: false,
        valid: &["512|3456", "17.87|8.052", "1787|8052"],
        invalid: &["02.12|3.456", "11.11|1.111", "212|.345"],
    },
    Example {
        check: Check::ClRut, each_digit: true,
        valid: &["33.207|.720-1", "5964|03824"],
        invalid: &["12.531|.909-3", "00.000|.000-0", "12.53|1.909", "1.5|31-9"],
    },
    Example {
        check: Check::CoNit, each_digit: false,
        valid: &["2131|23437", "10123|456789", "053.71|0.981-1", "05371|09811"],
        invalid: &["213.12|3.432-2", "000.00|0.000-0", "213|.123"],
    },
    Example {
        check: Check::PeRuc, each_digit: false,
        valid: &["10528|555956", "15385|068007"],
        invalid: &["30512|333792", "20512|333798", "30512|333797", "20512|33379"],
    },
    Example {
        check: Check::EcIdentity, each_digit: true,
        valid: &["13288|64390", "20296|51011"],
        invalid: &["25143|07103", "17743|07100", "17143|07104", "17743|07103", "1714|30710"],
    },
    Example {
        check: Check::VeRif, each_digit: false,
        valid: &["P-7154|8938-0", "P7154|89380"],
        invalid: &["V-1147|0283-5", "X-1147|0283-4", "V-0000|0000-0", "V-114|70283"],
    },
];
