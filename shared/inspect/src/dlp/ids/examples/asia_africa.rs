//! Examples: numbers of Asia and of Africa.

use super::{Check, Example};

#[rustfmt::skip]
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        check: Check::SaIdentity, each_digit: true,
        valid: &["12920|72921", "12568|82364"],
        invalid: &["31017|98274", "11017|98279", "31017|98278", "1101|79827"],
    },
    Example {
        check: Check::IlIdentity, each_digit: true,
        valid: &["5257|55385", "4549|54124"],
        invalid: &["1234|56789", "0000|00000", "123|4567"],
    },
    Example {
        check: Check::TrIdentity, each_digit: true,
        valid: &["39008|691118", "13802|799188"],
        invalid: &["01234|567840", "12345|678905", "10000|000147", "01000|000146", "10000|00014"],
    },
    Example {
        check: Check::ZaIdentity, each_digit: true,
        valid: &["800101|5009087", "881204|1103086", "400714|8367080"],
        invalid: &["801301|5009082", "800132|5009082", "800101|5009384", "800101|5009088",
            "801301|5009087", "800132|5009087", "800101|5009387", "800101|500908"],
    },
    Example {
        check: Check::CnResident, each_digit: true,
        valid: &["110101199|003077475", "440305200|10822605X", "110101200|305190786"],
        invalid: &["160101199|003077474", "110101199|013077479", "110101199|003327470",
            "110101184|903077479", "110101204|103077476", "110101199|003077476",
            "110101199|013077474", "110101199|003327474", "110101184|903077474",
            "11010119|900307747"],
    },
    Example {
        check: Check::CnSocialCredit, each_digit: true,
        valid: &["91014448B|NBYPPKNFL", "92064659A|P2T0EGBPC"],
        invalid: &["901100006|0003734KF", "911100A06|0003734K7", "011100006|00037341X",
            "911100006|00037342L1", "911100006|000373410", "011100006|0003734K1",
            "91110000|600037341"],
    },
    Example {
        check: Check::HkIdentity, each_digit: true,
        valid: &["A1234|56(3)", "AB987|654(3)", "X0034|11(3)", "C670|847A"],
        invalid: &["A1234|56(E)", "A1234|56(4)", "A123|45(3)", "ABC12|345(3)", "A1234|56(B)"],
    },
    Example {
        check: Check::TwIdentity, each_digit: false,
        valid: &["H1289|67980", "D2514|50390"],
        invalid: &["A3234|56783", "A1234|56788", "A3234|56789", "11234|56789", "A123|45678"],
    },
    Example {
        check: Check::InAadhaar, each_digit: true,
        valid: &["2189 27|70 1339", "218927|701339"],
        invalid: &["0341 23|41 2341", "1341 23|41 2342", "234009|900432", "2341 23|41 2347",
            "0341 23|41 2346", "1341 23|41 2346", "2341 2|341 234"],
    },
    Example {
        check: Check::InPan, each_digit: false,
        valid: &["ZPUJQ|9434W", "EKLBJ|1347U"],
        invalid: &["AAAQA|1234A", "AAAPA|0000A", "AAAP1|1234A", "AAAP|A1234"],
    },
    Example {
        check: Check::InGstin, each_digit: true,
        valid: &["27AAPFU|0939F1ZV", "17TNEAS|7536ONZX", "05NAUAX|8541KKZQ"],
        invalid: &["00AAPFU|0939F1ZB", "39AAPFU|0939F1ZQ", "27AAPQU|0939F1Z8", "27AAPFU|0939F0ZW",
            "27AAPFU|0939F1ZW", "00AAPFU|0939F1ZV", "27AAPQU|0939F1ZV", "27AAPFU|0939F0ZV",
            "27AAPFU|0939F1Z"],
    },
    Example {
        check: Check::InVoter, each_digit: true,
        valid: &["TDO24|42234", "AFT46|85566"],
        invalid: &["WKH11|86254", "WK111|86253", "WKH00|00000", "WKH1|18625"],
    },
    Example {
        check: Check::JpMyNumber, each_digit: false,
        valid: &["0163 88|35 2977", "016388|352977"],
        invalid: &["1234 56|78 9019", "1111 11|11 1111", "1234 5|678 901"],
    },
    Example {
        check: Check::JpCorporate, each_digit: false,
        valid: &["4-3972-0|350-1788", "439720|3501788"],
        invalid: &["6-7001-1|002-5581", "0-0000-0|000-0000", "5-8356-|7825-624"],
    },
    Example {
        check: Check::KrResident, each_digit: false,
        valid: &["210105-|3123456", "900101-|5123452", "150710-|1610640", "150710|1610640"],
        invalid: &["971313-|9019909", "971032-|9019908", "410101-|3123451", "900101-|1123451",
            "900101-|5123451", "971013-|9019903", "971313-|9019902", "971032-|9019902",
            "971013|-901990"],
    },
    Example {
        check: Check::IdNik, each_digit: false,
        valid: &["36024001|12468460", "81011211|04647410"],
        invalid: &["31000114|09900001", "31710014|09900001", "99710114|09900001",
            "31710132|09900001", "31710114|13900001", "31710114|09900000", "3171011|40990000"],
    },
    Example {
        check: Check::MyNric, each_digit: false,
        valid: &["400820-|88-9245", "400820|889245"],
        invalid: &["771305-|02-2382", "770532-|02-2382", "770305-|00-2382", "770305-|17-2382",
            "770305-|02-0000", "770305|-02-238"],
    },
    Example {
        check: Check::SgNric, each_digit: true,
        valid: &["G259|1591M", "S197|2740H"],
        invalid: &["S123|4567A", "A123|4567D", "S123|456D"],
    },
    Example {
        check: Check::ThIdentity, each_digit: false,
        valid: &["1-5803-0|8410-60-6", "158030|8410606"],
        invalid: &["9-1006-0|0445-63-4", "0-1006-0|0445-63-1", "7-1006-0|0445-63-6",
            "9-1006-0|0445-63-5", "0-1006-0|0445-63-5", "7-1006-|00445-63"],
    },
];
