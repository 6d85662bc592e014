//! Examples: numbers of documents, goods and networks.

use super::{Check, Example};

#[rustfmt::skip]
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        check: Check::MrzPassport, each_digit: true,
        valid: &["L898902C36UTO7408122F1|204159ZE184226B<<<<<10",
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<|\nL898902C36UTO7408122F12\
             04159ZE184226B<<<<<10", "L898902C36UTO7408122F1|204159<<<<<<<<<<<<<<<8",
            "L898902C36UTO7408122F1|204159<<<<<<<<<<<<<<08",
            "L898902C36UTO74<<<<1F1|204159ZE184226B<<<<<18",
            "L898902C36D<<7408122<1|204159ZE184226B<<<<<10",
            "P<JPNQWTQLJR<<ZGRZCKTN<<<<<<<<<<<<<<<<<<<<<<|\nATVULHOP67ITA6901187F49\
             08056AB12345<<<<<<<62",
            "P<ITAZEWSO<<JOZYHNQL<<<<<<<<<<<<<<<<<<<<<<<<|\nEI7WSME443FRA3606078F21\
             06294<<<<<<<<<<<<<<00"],
        invalid: &["L898902C36UTO7413128F1|204159ZE184226B<<<<<10",
            "L898902C36UTO7408122Q1|204159ZE184226B<<<<<10",
            "L898902C36UTO7408122F1|213153ZE184226B<<<<<16",
            "L898902C361TO7408122F1|204159ZE184226B<<<<<10",
            "L898902C37UTO7408122F1|204159ZE184226B<<<<<17",
            "L898902C36UTO7408123F1|204159ZE184226B<<<<<13",
            "L898902C36UTO7408122F1|204150ZE184226B<<<<<11",
            "L898902C36UTO7408122F1|204159ZE184226B<<<<<21",
            "L898902C36UTO7408122F1|204159ZE184226B<<<<<11",
            "L898902C36U<O7408122F1|204159ZE184226B<<<<<10",
            "L898902C36UTO7408122F1|204159<<<<<<<<<<<<<<53",
            "L898902C36<<<7408122F1|204159ZE184226B<<<<<10",
            "X<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<|\nL898902C36UTO7408122F12\
             04159ZE184226B<<<<<10", "L898902C36UTO7413122F1|204159ZE184226B<<<<<10",
            "L898902C36UTO7408122F|1204159ZE184226B<<<<<1"],
    },
    Example {
        check: Check::MrzWideCard, each_digit: true,
        valid: &["D231458907UTO74081|22F1204159<<<<<<<6",
            "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<|\nD231458907UTO7408122F1204159<<<<<<<6",
            "D231458907D<<74081|22F1204159AB123452",
            "I<FRAEJBVD<<BHYAQXGSA<<<<<<<<<<<<<<<|\nVIHCEMAX94FRA9201268M3611292AB123<<1",
            "I<ITAXHOO<<ABOCARTFX<<<<<<<<<<<<<<<<|\nBQJ4MIE831FRA0203111F0804024<<<<<<<0"],
        invalid: &["D231458908UTO74081|22F1204159<<<<<<<3",
            "D231458907UTO74081|23F1204159<<<<<<<9", "D231458907UTO74081|22F1204150<<<<<<<7",
            "D231458907UTO74081|22F1204159<<<<<<<7", "D231458907UTO74131|28F1204159<<<<<<<6",
            "D231458907UTO74081|22F1213153<<<<<<<2", "D231458907UTO74081|22Q1204159<<<<<<<6",
            "D2314589071TO74081|22F1204159<<<<<<<6",
            "X<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<|\nD231458907UTO7408122F1204159<<<<<<<6",
            "D231458907UTO74131|22F1204159<<<<<<<6", "D231458907UTO7408|122F1204159<<<<<<6"],
    },
    Example {
        check: Check::MrzCard, each_digit: true,
        valid: &[
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159|UTO<<<<<<<<<<<6\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<|\n7408122F1204159UTO<<<<<<<<<<<6",
            "I<UTOD23145890<7349<<<<<<<<<<<\n7408122F1204159|UTO<<<<<<<<<<<6\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<USAZGLEKND729AB123<<<<<<<<<<\n4208044F0105031|GBR<<<<<<<<<<<9\nZFQYT\
             X<<TIAIJRN<<<<<<<<<<<<<<<",
            "I<JPNLADT4O6T86AB123<<<<<<<<<<\n3611144F4207210|GBR<<<<<<<<<<<3\nMJFTE\
             PX<<UXPKVOTTF<<<<<<<<<<<<"],
        invalid: &[
            "I<UTOD231458908<<<<<<<<<<<<<<<\n7408122F1204159|UTO<<<<<<<<<<<3\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408123F1204159|UTO<<<<<<<<<<<9\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204150|UTO<<<<<<<<<<<7\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159|UTO<<<<<<<<<<<7\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7413128F1204159|UTO<<<<<<<<<<<6\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1213153|UTO<<<<<<<<<<<2\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122Q1204159|UTO<<<<<<<<<<<6\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159|1TO<<<<<<<<<<<6\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<1TOD231458907<<<<<<<<<<<<<<<\n7408122F1204159|UTO<<<<<<<<<<<6\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "X<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159|UTO<<<<<<<<<<<6\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159|UTO<<<<<<<<<<<6\nERIKS\
             SON*<ANNA<MARIA<<<<<<<<<<",
            "I<UTOD23145890<7340<<<<<<<<<<<\n7408122F1204159|UTO<<<<<<<<<<<9\nERIKS\
             SON<<ANNA<MARIA<<<<<<<<<<", "I<UTOD231458907|<<<<<<<<<<<<<<<"],
    },
    Example {
        check: Check::Passport, each_digit: false,
        valid: &["C01X|00T47", "12AB|34567", "E123|45678", "1234|56789"],
        invalid: &["1111|11111", "12|345", "ABCD|EFGHI", "123456|7890123"],
    },
    Example {
        check: Check::UsPassport, each_digit: false,
        valid: &["1234|56789", "A123|45678"],
        invalid: &["1111|11111", "1234|5678", "AB12|34567", "A1234|567890"],
    },
    Example {
        check: Check::GbPassport, each_digit: false,
        valid: &["1234|56789", "9250|76473"],
        invalid: &["0000|00000", "A123|45678", "1234|5678"],
    },
    Example {
        check: Check::FrPassport, each_digit: false,
        valid: &["12AB|34567", "05 CK| 02237"],
        invalid: &["12AB|1234", "1ABC|12345", "12AB1|23456"],
    },
    Example {
        check: Check::InPassport, each_digit: false,
        valid: &["J123|4567", "M836|9854"],
        invalid: &["Q123|4567", "J023|4567", "J12|3456", "1234|5678"],
    },
    Example {
        check: Check::CaPassport, each_digit: false,
        valid: &["AB12|3456", "P123|456AA"],
        invalid: &["A12|3456", "AB1|2345", "AB12|34567", "1234|5678"],
    },
    Example {
        check: Check::CnPassport, each_digit: false,
        valid: &["E123|45678", "EA12|34567", "G123|45678"],
        invalid: &["A123|45678", "E123|4567", "E000|00000", "1234|56789"],
    },
    Example {
        check: Check::JpPassport, each_digit: false,
        valid: &["TR12|34567", "TK76|54321"],
        invalid: &["T123|45678", "TR12|3456", "TR123|45678"],
    },
    Example {
        check: Check::UsLicence, each_digit: false,
        valid: &["D123|4567", "WDLABC|D456DG", "S51477|8616977", "1234|5678", "DOE**M|J501P1"],
        invalid: &["12|345", "AB", "1111|1111", "ABCDE|FGHIJ", "A123456789|01234567890",
            "DOE*AM|J501P1", "DOE**1|J501P1", "DOE**M|1501P1", "DOE**M|J5A1P1", "DOE**M|J501*1",
            "*****M|J501P1"],
    },
    Example {
        check: Check::Vin, each_digit: true,
        valid: &["1M8GDM9A|XKP042788", "UKCBXSTT|XJ1962260", "LVNB30HA|3TD636136"],
        invalid: &["1M8GDM9A|XKP042789", "1M8GDM9A|XKP04278O", "11111111|111111111",
            "1M8GDM9A|XKP04278"],
    },
    Example {
        check: Check::Imei, each_digit: true,
        valid: &["4901542|03237518", "64-925847|-402369-5", "6492584|74023695"],
        invalid: &["4901542|03237519", "0000000|00000000", "4901542|0323751"],
    },
    Example {
        check: Check::Isbn10, each_digit: true,
        valid: &["0-306-|40615-2", "4-398-|04199-0", "43980|41990"],
        invalid: &["0-306-|40615-3", "00000|00000", "0306|40615"],
    },
    Example {
        check: Check::Isbn13, each_digit: true,
        valid: &["978-0-30|6-40615-7", "979-3-49|8-35272-0", "979349|8352720"],
        invalid: &["977-0-30|6-40615-8", "978-0-30|6-40615-8", "977-0-30|6-40615-7",
            "978030|640615"],
    },
    Example {
        check: Check::Ean13, each_digit: true,
        valid: &["400638|1333931", "741550|5283934", "036996|5726074"],
        invalid: &["400638|1333932", "000000|0000000", "400638|133393"],
    },
    Example {
        check: Check::UpcA, each_digit: true,
        valid: &["036000|291452", "264139|289051", "612881|065001"],
        invalid: &["036000|291453", "000000|000000", "03600|029145"],
    },
    Example {
        check: Check::Uuid, each_digit: false,
        valid: &["f81d4fae-7dec-11d0|-a765-00a0c91e6bf6", "d782d53c-4a28-1c66|-4bb4-f602f7402f04",
            "0240fe43-bf56-6b9a|-7943-ae280e61f5af"],
        invalid: &["f81d4fae-7dec-11d|0-a765-00a0c91e6bf", "f81d4fae7dec-11d0|-a765-00a0c91e6bf6",
            "g81d4fae-7dec-11d0|-a765-00a0c91e6bf6", "f81d4fae-7dec-11d0-|a765-00a0c91e6bf6-1"],
    },
    Example {
        check: Check::Ipv4, each_digit: false,
        valid: &["192.|0.2.1", "198.51.|100.254", "38.143|.116.16", "130.227|.176.203"],
        invalid: &["192.0|.2.256", "192|.0.2", "192.0|.2.01", "192.0|.2.1.1", "192.|0.2.",
            "0.0|.0.0"],
    },
    Example {
        check: Check::Ipv6, each_digit: false,
        valid: &["2001:|db8::1", "::ffff:1|92.0.2.1", "fe8|0::1",
            "a151:19ac:45cc:cd8:|d5d6:ec65:dcca:ffd8", "c08e:0000:0000:0000|:0000:0000:8414:5b3c"],
        invalid: &["2001:d|b8:::1", "2001|:db8", "123|45::", "fe80::|1%eth0", "1:2:3:|4:5:6:7",
            "::"],
    },
    Example {
        check: Check::Mac, each_digit: false,
        valid: &["00:00:5e|:00:53:01", "00-00-5E|-00-53-AF", "0000.5e|00.5301",
            "74:c9:fe|:e8:6f:ea", "70:0b:c9|:69:af:c7"],
        invalid: &["00:00:5|e:00:53", "00:00:5e|:00:53:0g", "00:00-5e|:00:53:01", "0000|.5e00",
            "00:00:5e:0|0:53:01:02"],
    },
];
