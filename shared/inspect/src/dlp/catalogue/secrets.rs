//! Credentials with a form of their own, by the forms that their issuers document.

use varistor_model::Class;

use super::Row;
use crate::dlp::Validator::{self, PrivateKey, Token};

const fn row(
    entity: &'static str,
    scan: &'static str,
    (pattern, window): (&'static str, u32),
    found: &'static [&'static str],
    not_found: &'static [&'static str],
) -> Row {
    Row {
        entity,
        class: Class::Secret,
        validator: Token,
        scan,
        pattern,
        window,
        found,
        not_found,
    }
}

const fn confirmed_by(validator: Validator, row: Row) -> Row {
    Row { validator, ..row }
}

pub(super) const ROWS: &[Row] = &[
    row(
        "aws_key",
        "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
        ("(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}", 20),
        &["id AKIA|IOSFODNN7EXAMPLE.", "ASIA|Y34FZKBOKMUTVV7A"],
        &[
            "AKIA|IOSFODNN7EXAMPLEX",
            "akia|iosfodnn7example",
            "XAKIA|IOSFODNN7EXAMPLE",
        ],
    ),
    row(
        "github_token",
        "gh[pousr]_[A-Za-z0-9]{36}",
        ("gh[pousr]_[A-Za-z0-9]{36,255}", 300),
        &[
            "ghp_|16C7e42F292c6912E7710c838347Ae178B4a",
            "t=gho_|16C7e42F292c6912E7710c838347Ae178B4a&x",
            "\\nghs_|16C7e42F292c6912E7710c838347Ae178B4a",
        ],
        &[
            "ghp_|16C7e42F292c6912E7710c838347",
            "xghp_|16C7e42F292c6912E7710c838347Ae178B4a",
        ],
    ),
    row(
        "github_token",
        "github_pat_[A-Za-z0-9_]{82}",
        ("github_pat_[A-Za-z0-9_]{82,255}", 300),
        &[
            "github_|pat_11ABCDEFG0aBcDeFgHiJkL_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXy",
        ],
        &["github_|pat_11ABCDEFG0aBcDeFgHiJkL"],
    ),
    row(
        "gitlab_token",
        "gl(?:pat|dt|rt|cbt|ptt|ft|oas|soat)-[A-Za-z0-9_-]{20}",
        (
            "gl(?:pat|dt|rt|cbt|ptt|ft|oas|soat)-[A-Za-z0-9_-]{20,200}(?:\\.[0-9a-z]{2}[0-9a-z]{7})?",
            240,
        ),
        &["glpat-|abcDEF12345ghiJKL678", "glrt-|abcDEF12345ghiJKL_78"],
        &["glpat-|short"],
    ),
    row(
        "slack_token",
        "xox[abeoprs]-[A-Za-z0-9-]{10}",
        ("xox[abeoprs]-[A-Za-z0-9-]{10,250}", 260),
        &["xoxb-|123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"],
        &["xoxb-|123", "xoxz-|123456789012-1234567890123"],
    ),
    row(
        "slack_token",
        "xapp-[0-9]-[A-Z0-9]{9}",
        (
            "xapp-[0-9]-[A-Z0-9]{9,12}-[0-9]{10,14}-[a-f0-9]{60,70}",
            130,
        ),
        &[
            "xapp-1-|A0123456789-1234567890123-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ],
        &["xapp-1-|A0123456789"],
    ),
    row(
        "slack_webhook",
        "hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9]",
        (
            "(?:https?://)?hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,120}",
            180,
        ),
        &["https://hooks.|slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"],
        &[
            "https://hooks.|slack.com/services/",
            "https://api.slack.com/services/T0/B0/X",
        ],
    ),
    row(
        "stripe_key",
        "[rs]k_(?:live|test)_[A-Za-z0-9]{16}",
        ("[rs]k_(?:live|test)_[A-Za-z0-9]{16,200}", 210),
        &[
            "sk_live_|4eC39HqLyjWDarjtT1zdp7dc",
            "rk_test_|4eC39HqLyjWDarjtT1zdp7dc",
        ],
        &[
            "pk_live_|4eC39HqLyjWDarjtT1zdp7dc",
            "sk_live_|4eC39",
            "task_test_|4eC39HqLyjWDarjtT1zdp7dc",
        ],
    ),
    row(
        "google_api_key",
        "AIza[A-Za-z0-9_-]{35}",
        ("AIza[A-Za-z0-9_-]{35}", 39),
        &["AIza|SyA1234567890abcdefghijklmnopqrstuv"],
        &[
            "AIza|SyA1234567890",
            "xAIza|SyA1234567890abcdefghijklmnopqrstuv",
        ],
    ),
    row(
        "openai_key",
        "sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20}",
        ("sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,200}", 220),
        &["sk-proj-|abcdEFGH1234ijklMNOP5678_qrstUVWX-9012"],
        &["sk-proj-|abcd", "risk-proj-|abcdEFGH1234ijklMNOP5678"],
    ),
    row(
        "openai_key",
        "sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
        ("sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}", 51),
        &["sk-|abcdefghij0123456789T3Blb|kFJabcdefghij0123456789"],
        &["sk-|abcdefghij0123456789abcdefghabcdefghij"],
    ),
    row(
        "anthropic_key",
        "sk-ant-[a-z]{3,5}[0-9]{2}-[A-Za-z0-9_-]{24}",
        ("sk-ant-[a-z]{3,5}[0-9]{2}-[A-Za-z0-9_-]{24,200}", 220),
        &["sk-ant-|api03-abcdEFGH1234ijklMNOP5678_qrstUVWX-9012abcdEFGH"],
        &["sk-ant-|api03-abcd"],
    ),
    row(
        "sendgrid_key",
        "SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}",
        ("SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}", 69),
        &["SG.|abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"],
        &["SG.|abcdefghijklmnopqrstuv.abc"],
    ),
    row(
        "npm_token",
        "npm_[A-Za-z0-9]{36}",
        ("npm_[A-Za-z0-9]{36}", 40),
        &["npm_|abcdefghijklmnopqrstuvwxyz0123456789"],
        &[
            "npm_|config_registry",
            "npm_|abcdefghijklmnopqrstuvwxyz01234567890",
        ],
    ),
    row(
        "pypi_token",
        "pypi-AgE[A-Za-z0-9_-]{50}",
        ("pypi-AgE[A-Za-z0-9_-]{50,1000}", 1020),
        &["pypi-|AgEIcHlwaS5vcmcCJDAxMjM0NTY3LTg5YWItY2RlZi0wMTIzLTQ1Njc4OWFiY2RlZg"],
        &["pypi-|AgEIcHlwaS5vcmc", "pypi-server"],
    ),
    row(
        "hf_token",
        "hf_[A-Za-z]{34}",
        ("hf_[A-Za-z]{34,40}", 48),
        &["hf_|abcdefghijklmnopqrstuvwxyzABCDEFGH"],
        &["hf_|abcdefgh", "hf_|hub_download_function_name_is_long"],
    ),
    row(
        "digitalocean_token",
        "do[opr]_v1_[a-f0-9]{64}",
        ("do[opr]_v1_[a-f0-9]{64}", 71),
        &["dop_v1_|0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
        &["dop_v1_|0123456789abcdef"],
    ),
    row(
        "shopify_token",
        "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
        ("shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", 38),
        &["shpat_|0123456789abcdef0123456789abcdef"],
        &["shpat_|0123456789"],
    ),
    row(
        "azure_storage_key",
        "AccountKey=[A-Za-z0-9+/]{86}==",
        ("AccountKey=[A-Za-z0-9+/]{86}==", 99),
        &[
            "AccountName=x;AccountKey=|Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;",
        ],
        &["AccountKey=|abc=="],
    ),
    row(
        "twilio_key",
        "SK[0-9a-f]{32}",
        ("SK[0-9a-f]{32}", 34),
        &["SK|0123456789abcdef0123456789abcdef"],
        &[
            "TASK|0123456789abcdef0123456789abcdef",
            "SK|0123456789abcdef0123456789abcdef0",
        ],
    ),
    row(
        "connection_string",
        "(?:postgres|postgresql|mysql|mariadb|mongodb|mongodb\\+srv|rediss?|amqps?|mssql)://[^\\s\"'@/:]{0,64}:[^\\s\"'@/]{1,128}@",
        (
            "(?:postgres|postgresql|mysql|mariadb|mongodb|mongodb\\+srv|rediss?|amqps?|mssql)://[^\\s\"'@/:]{0,64}:[^\\s\"'@/]{1,128}@[A-Za-z0-9.:_,-]{1,200}(?:/[A-Za-z0-9_.?=&%-]{0,200})?",
            640,
        ),
        &[
            "postgres://app:|s3cr3t@db.internal:5432/app",
            "url=redis://:|s3cr3t@cache",
        ],
        &["postgres://db.internal:5432/app", "postgres://app@db/app"],
    ),
    confirmed_by(
        PrivateKey,
        row(
            "private_key",
            "-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----",
            (
                "-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----",
                64,
            ),
            &[
                "-----BEGIN |RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN |PRIVATE KEY-----\\nMIIEow==\\n-----END PRIVATE KEY-----",
                "x -----BEGIN |OPENSSH PRIVATE KEY-----",
            ],
            &[
                "-----BEGIN |PUBLIC KEY-----",
                "-----BEGIN |CERTIFICATE-----",
            ],
        ),
    ),
    row(
        "jwt",
        "\\.eyJ[A-Za-z0-9_-]{6}",
        (
            "eyJ[A-Za-z0-9_-]{8,1000}\\.eyJ[A-Za-z0-9_-]{6,6000}\\.[A-Za-z0-9_-]{0,1000}",
            8192,
        ),
        &["Bearer eyJ|hbGciOiJIUzI1NiJ9.eyJ|zdWIiOiIxMjM0NSJ9.abc-DEF_123"],
        &[
            "eyJ|hbGciOiJIUzI1NiJ9",
            "xeyJ|hbGciOiJIUzI1NiJ9.eyJ|zdWIiOiIxMjM0NSJ9.abc",
        ],
    ),
];
