//! Examples: numbers of Europe.

use super::{Check, Example};

#[rustfmt::skip]
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        check: Check::GbNino, each_digit: false,
        valid: &["AZ 82 |87 71 C", "AZ82|8771C"],
        invalid: &["DA 12 |34 56 A", "AO 12 |34 56 A", "BG 12 |34 56 A", "AB 12 |34 56 E",
            "AB 12| 34 56", "A1 12 |34 56 A"],
    },
    Example {
        check: Check::GbNhs, each_digit: true,
        valid: &["943 47|6 5919", "858 77|9 0552", "85877|90552"],
        invalid: &["943 47|6 5910", "000 00|0 0000", "943 4|76 591"],
    },
    Example {
        check: Check::GbUtr, each_digit: false,
        valid: &["27557| 10004", "27557|10004"],
        invalid: &["21234|56789", "00000|00000", "2123|45678"],
    },
    Example {
        check: Check::GbDriver, each_digit: false,
        valid: &["MORGA657|054SM9IJ", "JONES710|238HA3DR", "LI999552|131A99AB"],
        invalid: &["MORGA65|7054SM9I", "99999657|054SM9IJ", "MORGA613|054SM9IJ",
            "MORGA657|324SM9IJ", "MO9GA657|054SM9IJ", "MORGA657|05ASM9IJ", "MORGA657|054SM9I1",
            "MORGA657|054SM*IJ"],
    },
    Example {
        check: Check::IePps, each_digit: true,
        valid: &["1411|726JA", "8189|475D"],
        invalid: &["1234|567A", "1234|567TZ", "1111|111P", "123|456T"],
    },
    Example {
        check: Check::DeTaxId, each_digit: true,
        valid: &["86 095 |742 719", "11234|567890", "12131|456787", "47 219 |308 756",
            "47219|308756"],
        invalid: &["01234|567896", "12345|678903", "11123|456786", "11223|456785", "11122|234565",
            "65432|111115", "86 095 |742 710", "01234|567890", "11122|345678"],
    },
    Example {
        check: Check::DePension, each_digit: false,
        valid: &["65 1708|39 J 003", "15 0706|49 C 103"],
        invalid: &["65 1713|39 J 005", "65 3212|39 J 001", "01 1708|39 J 006", "65 1708|39 J 008",
            "65 3213|39 J 003", "01 1708|39 J 003", "65 1708|39 J 00"],
    },
    Example {
        check: Check::DeCard, each_digit: false,
        valid: &["T2200|01293", "L01X0|0T471", "C01X|00T47"],
        invalid: &["T2200|01294", "A220|00129", "TCCC|CCCCC", "T220|0012", "T220|0O129"],
    },
    Example {
        check: Check::FrNir, each_digit: true,
        valid: &["1 36 02 2B| 448 391 03", "136022B|44839103"],
        invalid: &["5 51 05 78| 006 084 05", "1 51 13 78| 006 084 42", "1 51 05 00| 006 084 80",
            "1 51 05 78| 000 084 94", "1 51 05 78| 006 000 95", "5 51 05 78| 006 084 36",
            "1 51 13 78| 006 084 36", "1 51 05 78| 006 084 37", "1 51 05 7|8 006 084"],
    },
    Example {
        check: Check::FrSpi, each_digit: true,
        valid: &["2 391 01|2 157 233", "239101|2157233"],
        invalid: &["4 123 45|6 789 032", "4 000 00|0 000 000", "0 000 00|0 000 000",
            "0 701 98|7 765 433"],
    },
    Example {
        check: Check::FrSiren, each_digit: true,
        valid: &["794 0|78 204", "7940|78204"],
        invalid: &["7328|29321", "0000|00000", "7328|2932"],
    },
    Example {
        check: Check::FrSiret, each_digit: false,
        valid: &["3560000|0000048", "7328293|2000074", "356 000 |000 49710", "3560000|0049710"],
        invalid: &["7328293|3000073", "3560000|0000055", "7328293|2000075", "0000000|0000000",
            "732829|3200007"],
    },
    Example {
        check: Check::ItTaxCode, each_digit: true,
        valid: &["RSSMRA85|T10A562S", "TSYDGC17|M20D629P", "RGEDEM88|S2SL7LVT"],
        invalid: &["RSSMRA85|G10A562T", "RSSMRA85|T32A562Y", "RSSMRA85|T72A562C",
            "RSSMRA85|T10N562F", "RSSMRA85|T10A000W", "1SSMRA85|T10A562K", "RSSMRA85|T10A562T",
            "RSSMRA85|G10A562S", "RSSMRA85|T32A562S", "RSSMRA85|T10N562S", "RSSMRA85|T10A000S",
            "RSSMRA8|5T10A562"],
    },
    Example {
        check: Check::ItVat, each_digit: true,
        valid: &["98968|631212", "09449|481002"],
        invalid: &["07643|521300", "00000|001008", "00743|110158", "00000|000000", "07643|529999",
            "00743|11015"],
    },
    Example {
        check: Check::EsDni, each_digit: true,
        valid: &["17075|060-K", "1707|5060K"],
        invalid: &["12345|678-A", "00000|000-T", "1234|567-Z"],
    },
    Example {
        check: Check::EsNie, each_digit: true,
        valid: &["Y-131|3526-X", "Y131|3526X"],
        invalid: &["X-123|4567-A", "W-123|4567-L", "X-123|456-L"],
    },
    Example {
        check: Check::EsNif, each_digit: true,
        valid: &["K123|4567L", "M765|4321J", "D518|1364J", "Y596|9149L"],
        invalid: &["K123|45670", "A123|45675", "1234|5678A", "I123|4567A", "1234|5678"],
    },
    Example {
        check: Check::EsCif, each_digit: true,
        valid: &["J-185|28307", "J185|28307"],
        invalid: &["A588|18502", "N123|45678", "I588|18501", "A588|1850"],
    },
    Example {
        check: Check::EsSocialSecurity, each_digit: false,
        valid: &["281234|567840", "08 0123|4567 74"],
        invalid: &["281234|567841", "541234|567840", "001234|567840", "28123|456784"],
    },
    Example {
        check: Check::PtNif, each_digit: false,
        valid: &["242 3|62 290", "2423|62290"],
        invalid: &["4123|45676", "7312|34561", "0123|45679", "1234|56788", "0000|00000",
            "4123|45678", "1111|11111", "5019|6484"],
    },
    Example {
        check: Check::PtCard, each_digit: true,
        valid: &["1234567|8 9 ZZ1", "1234567|8 9 1A5", "7593437|4-8-Y72", "759343|748Y72"],
        invalid: &["1234567|8 3 ZZ4", "1234567|8 9 ZZB", "0000000|0 0 ZZ4", "1234567|8 1 ZZ4",
            "000000|0 0 ZZ4"],
    },
    Example {
        check: Check::NlBsn, each_digit: true,
        valid: &["7163.|14.186", "7163|14186"],
        invalid: &["1112|22334", "0000|00000", "111|2223"],
    },
    Example {
        check: Check::BeRegister, each_digit: false,
        valid: &["85.00.0|0-033.06", "85.47.3|0-033.17", "85.27.3|0-033.71", "05.07.3|0-033.26",
            "50.00.0|7-366.86", "50000|736686"],
        invalid: &["85.13.3|0-033.70", "85.02.3|0-033.90", "85.07.3|0-000.61", "85.07.3|0-999.32",
            "85.00.4|5-033.14", "85.60.0|1-033.08", "85.07.3|2-033.65", "85.13.3|0-033.28",
            "85.07.3|0-033.29", "85.07.3|0-000.28", "85.07.3|0-033.2"],
    },
    Example {
        check: Check::AtSocialSecurity, each_digit: true,
        valid: &["1192 |051172", "11920|51172"],
        invalid: &["12333|21280", "12480|11680", "02340|10180", "1238 |010180", "0237 |010180",
            "1237 |321380", "1237 |01018"],
    },
    Example {
        check: Check::ChAhv, each_digit: true,
        valid: &["756.2178|.0894.83", "756.5444|.2458.04"],
        invalid: &["757.9217|.0769.84", "756.9217|.0769.86", "757.9217|.0769.85",
            "756.921|7.0769.8"],
    },
    Example {
        check: Check::CzBirthNumber, each_digit: false,
        valid: &["71031|90920", "3456|12100", "75052|1/9722", "4059|18003"],
        invalid: &["71131|9/2746", "71033|2/2743", "71331|9/2748", "71031|9/0006", "90031|90120",
            "71031|90925", "71031|90020", "71031|9/2746", "71131|9/2745", "71033|2/2745",
            "7103|19/27", "71031|9/000"],
    },
    Example {
        check: Check::HuTaj, each_digit: true,
        valid: &["111 1|11 110", "0375|86199"],
        invalid: &["111 1|11 111", "000 0|00 000", "11 11|1 110"],
    },
    Example {
        check: Check::HuTaxId, each_digit: true,
        valid: &["80715|92153", "84275|63108"],
        invalid: &["70715|92152", "80715|92154", "70715|92153", "8071|59215"],
    },
    Example {
        check: Check::PlPesel, each_digit: true,
        valid: &["23221|029988", "17250|976689"],
        invalid: &["44131|401350", "44053|201353", "99223|101359", "44051|401358", "44131|401358",
            "44053|201358", "44051|40135"],
    },
    Example {
        check: Check::PlNip, each_digit: true,
        valid: &["613-33|1-52-89", "61333|15289"],
        invalid: &["106-00|-00-063", "000-00|0-00-00", "106-00|0-00-6"],
    },
    Example {
        check: Check::PlRegon, each_digit: false,
        valid: &["6691|24014", "9937449|7097153"],
        invalid: &["1234|56786", "0000|00000", "1234567|8512348", "123|4567"],
    },
    Example {
        check: Check::SePersonal, each_digit: false,
        valid: &["81122|8-9874", "198112|28-9874", "62116|9-7633", "57107|5-8615"],
        invalid: &["81132|8-9873", "81123|2-9878", "178112|28-9874", "81122|8-9875",
            "81132|8-9874", "81123|2-9874", "81122|8-987"],
    },
    Example {
        check: Check::NoBirthNumber, each_digit: true,
        valid: &["210130| 94133", "21013|094133"],
        invalid: &["32017|650008", "15137|650182", "01015|475060", "15076|500506", "15076|500560",
            "15076|500566", "32076|500565", "15136|500565", "15076|50056"],
    },
    Example {
        check: Check::DkCpr, each_digit: false,
        valid: &["05089|4-4094", "05089|44094"],
        invalid: &["32018|0-1234", "01138|0-1234", "29020|1-1234", "01018|0-123"],
    },
    Example {
        check: Check::FiHetu, each_digit: true,
        valid: &["13105|2-308T", "22043|7-552S", "04127|4+079W"],
        invalid: &["32105|2-3082", "13135|2-3087", "13105|2-001W", "13105|2-308U", "32105|2-308T",
            "13135|2-308T", "13105|2G308T", "13105|2-001J", "13105|2-308"],
    },
    Example {
        check: Check::GrAmka, each_digit: true,
        valid: &["19086|675154", "14055|419726"],
        invalid: &["32013|099992", "01133|099992", "01013|099998", "32013|099997", "01133|099997",
            "01013|09999"],
    },
    Example {
        check: Check::GrAfm, each_digit: false,
        valid: &["2635|36340", "7340|25738"],
        invalid: &["0942|59217", "0000|00000", "0942|5921"],
    },
    Example {
        check: Check::RoCnp, each_digit: false,
        valid: &["194121|2516096", "117112|2341335"],
        invalid: &["063061|5123455", "163131|5123457", "163063|2123451", "163061|5993454",
            "163061|5120005", "163061|5123458", "063061|5123457", "163063|2123457",
            "163061|512345"],
    },
    Example {
        check: Check::BgEgn, each_digit: false,
        valid: &["87011|12140", "37070|97969"],
        invalid: &["75131|69266", "75233|29269", "75231|69264", "75131|69263", "75233|29263",
            "7523|16926"],
    },
    Example {
        check: Check::RuInn, each_digit: false,
        valid: &["28996|23029", "92251|98540"],
        invalid: &["500100|732202", "000000|000000", "77070|83894", "00000|00000", "7707|08389",
            "500100|732258"],
    },
    Example {
        check: Check::RuSnils, each_digit: false,
        valid: &["495-699|-163 76", "49569|916376"],
        invalid: &["001-001|-998 64", "112-233|-445 96", "001-001|-998 00", "112-23|3-445 9"],
    },
    Example {
        check: Check::RuPassport, each_digit: false,
        valid: &["76 83 |053579", "7683 |053579"],
        invalid: &["00 05 |123456", "45 08 |000000", "45 08 |111111", "45 08| 12345"],
    },
];
