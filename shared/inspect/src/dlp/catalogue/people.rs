//! Personal and financial data. Their candidates are led by classes of characters, which would
//! run on every byte of a payload, so gates find them and code confirms them.

use varistor_model::Class;

use super::Row;
use crate::dlp::Validator;

pub(super) const ROWS: &[Row] = &[
    Row {
        entity: "credit_card",
        class: Class::Financial,
        validator: Validator::Card,
        scan: "",
        pattern: "",
        window: 0,
        found: &[
            "4111|111111111111",
            "pay 5555 5555 |5555 4444 now",
            "3782-822463|-10005",
            "card=6011|000990139424;",
            "3530 1113 |3330 0000 123",
            "2223 0031 |2200 3222",
            "3056 930902 |5904",
            "[1,4111|111111111111]",
            "x\\n4111|111111111111",
        ],
        not_found: &[
            "4111111111111112",
            "0.4111|111111111111",
            "4111|111111111111.5",
            "a4111|111111111111",
            "9111111111111111",
            "41111111111111111111111",
            "1234567890123456",
            "4111-1111 1111-1111",
        ],
    },
    Row {
        entity: "iban",
        class: Class::Financial,
        validator: Validator::Iban,
        scan: "",
        pattern: "",
        window: 0,
        found: &[
            "DE89370400440532013000",
            "to GB29 NWBK 6016 1331 9268 19.",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
        ],
        not_found: &[
            "DE88370400440532013000",
            "DE8937040044053201300",
            "XDE89370400440532013000",
            "ZZ89370400440532013000",
            "DE89370400440532013000A",
        ],
    },
    Row {
        entity: "ssn",
        class: Class::Pii,
        validator: Validator::Ssn,
        scan: "",
        pattern: "",
        window: 0,
        found: &["536-90-4399", "SSN: 123-45-6789."],
        not_found: &[
            "000-12-3456",
            "666-12-3456",
            "912-34-5678",
            "123-00-4567",
            "123-45-0000",
            "123-45-67890",
            "1123-45-6789",
            "123-45-6789-1",
            "123 456-789",
            "2026-11-23 12:34:56",
        ],
    },
    Row {
        entity: "email",
        class: Class::Pii,
        validator: Validator::Email,
        scan: "",
        pattern: "",
        window: 0,
        found: &[
            "jane.doe@example.com",
            "<a+b@mail.example.co.uk>",
            "mailto:x_y@sub-domain.example.org.",
            "\"o'neil@example.ie\"",
        ],
        not_found: &[
            "@example.com",
            "a@b",
            "a@localhost",
            "icon@2x.png",
            "git@github.com:org/repo.git",
            "npm i @scope/package.name",
            "a@-x.com",
            "a@x..com",
            "a@1.2.3.4",
        ],
    },
];
