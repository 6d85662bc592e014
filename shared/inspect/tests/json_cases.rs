//! A table of documents and what the gate says about each: `y_` passes, `n_` is refused, `i_` is
//! left open by RFC 8259 and decided here. Cases of our own, in the manner of JSONTestSuite.

use varistor_inspect::json::{Kind, Reader};
use varistor_model::Reason::{
    self, BatchRefused, IdInvalid, JsonDuplicateKey, JsonInvalid, JsonNotUtf8, JsonNumber,
    JsonSurrogate, JsonTooDeep, ParamsInvalid, RpcInvalid,
};

/// What stands for the value under test inside of a notification.
fn around(value: &[u8]) -> Vec<u8> {
    let mut body = br#"{"jsonrpc":"2.0","method":"x","params":{"v":"#.to_vec();
    body.extend_from_slice(value);
    body.extend_from_slice(b"}}");
    body
}

fn judge(body: &[u8]) -> Result<(), Reason> {
    Reader::new().read_call(body)
}

const VALUES: &[(&str, &[u8], Result<(), Reason>)] = &[
    ("y_null", b"null", Ok(())),
    ("y_true", b"true", Ok(())),
    ("y_false", b"false", Ok(())),
    ("y_empty_object", b"{}", Ok(())),
    ("y_empty_array", b"[]", Ok(())),
    ("y_blanks_in_empty_array", b"[ \t\r\n]", Ok(())),
    ("y_blanks_around", b" \n\t\r 1 \n\t\r ", Ok(())),
    ("y_empty_string", b"\"\"", Ok(())),
    ("y_empty_key", b"{\"\":0}", Ok(())),
    (
        "y_string_all_escapes",
        br#""\"\\\/\b\f\n\r\t\u0041""#,
        Ok(()),
    ),
    ("y_string_escaped_nul", br#""\u0000""#, Ok(())),
    ("y_string_pair", br#""\ud83d\ude00""#, Ok(())),
    ("y_string_pair_upper", br#""\uD83D\uDE00""#, Ok(())),
    ("y_string_escaped_noncharacter", br#""\uffff""#, Ok(())),
    ("y_string_escaped_bom", br#""\ufeff""#, Ok(())),
    ("y_string_backslash_u", br#""\\ud83d""#, Ok(())),
    ("y_string_utf8_2", "\"é\"".as_bytes(), Ok(())),
    ("y_string_utf8_3", "\"€\"".as_bytes(), Ok(())),
    ("y_string_utf8_4", "\"😀\"".as_bytes(), Ok(())),
    (
        "y_string_raw_noncharacter",
        "\"\u{ffff}\"".as_bytes(),
        Ok(()),
    ),
    (
        "y_string_line_separator",
        "\"\u{2028}\u{2029}\"".as_bytes(),
        Ok(()),
    ),
    ("y_string_del", b"\"\x7f\"", Ok(())),
    ("y_string_brackets", br#""]}[{,:""#, Ok(())),
    (
        "y_string_64_quotes",
        br#""0123456789012345678901234567890123456789012345678901234567890\"""#,
        Ok(()),
    ),
    ("y_number_zero", b"0", Ok(())),
    ("y_number_minus_zero", b"-0", Ok(())),
    ("y_number_fraction", b"1.0", Ok(())),
    (
        "y_number_small_fraction",
        b"0.000000000000000000000000000000000001",
        Ok(()),
    ),
    ("y_number_exponent", b"1E5", Ok(())),
    ("y_number_exponent_plus", b"1e+5", Ok(())),
    ("y_number_exponent_minus", b"1.5e-5", Ok(())),
    ("y_number_exponent_zeros", b"1e00005", Ok(())),
    ("y_number_i64_min", b"-9223372036854775808", Ok(())),
    ("y_number_u64_max", b"18446744073709551615", Ok(())),
    ("y_number_beyond_u64", b"18446744073709551616", Ok(())),
    (
        "y_number_30_digits",
        b"123456789012345678901234567890",
        Ok(()),
    ),
    (
        "y_number_minus_30_digits",
        b"-123456789012345678901234567890",
        Ok(()),
    ),
    ("y_number_largest", b"1.7976931348623157e308", Ok(())),
    ("y_number_smallest", b"4.9e-324", Ok(())),
    ("i_number_underflow", b"1e-400", Ok(())),
    ("i_number_zero_huge_exponent", b"0e400", Ok(())),
    (
        "i_number_long_fraction",
        b"0.12345678901234567890123456789012345678901234567890",
        Ok(()),
    ),
    ("n_number_overflow", b"1e400", Err(JsonNumber)),
    ("n_number_minus_overflow", b"-1e400", Err(JsonNumber)),
    ("n_number_just_overflow", b"1.8e308", Err(JsonNumber)),
    (
        "n_number_huge_exponent",
        b"1e99999999999999999999",
        Err(JsonNumber),
    ),
    ("n_number_plus", b"+1", Err(JsonInvalid)),
    ("n_number_leading_zero", b"01", Err(JsonInvalid)),
    ("n_number_minus_leading_zero", b"-01", Err(JsonInvalid)),
    ("n_number_two_zeros", b"00", Err(JsonInvalid)),
    ("n_number_no_fraction", b"1.", Err(JsonInvalid)),
    ("n_number_no_whole", b".5", Err(JsonInvalid)),
    ("n_number_minus_only", b"-", Err(JsonInvalid)),
    ("n_number_minus_dot", b"-.5", Err(JsonInvalid)),
    ("n_number_no_exponent", b"1e", Err(JsonInvalid)),
    ("n_number_no_exponent_sign", b"1e+", Err(JsonInvalid)),
    ("n_number_dot_exponent", b"1.e5", Err(JsonInvalid)),
    ("n_number_fractional_exponent", b"1e5.5", Err(JsonInvalid)),
    ("n_number_two_dots", b"1.2.3", Err(JsonInvalid)),
    ("n_number_two_minus", b"--1", Err(JsonInvalid)),
    ("n_number_hex", b"0x1f", Err(JsonInvalid)),
    ("n_number_underscore", b"1_000", Err(JsonInvalid)),
    ("n_number_letter", b"1a", Err(JsonInvalid)),
    ("n_number_nan", b"NaN", Err(JsonInvalid)),
    ("n_number_infinity", b"Infinity", Err(JsonInvalid)),
    ("n_number_minus_infinity", b"-Infinity", Err(JsonInvalid)),
    ("n_number_blank_inside", b"1 2", Err(JsonInvalid)),
    ("n_number_full_width", "１".as_bytes(), Err(JsonInvalid)),
    ("n_true_upper", b"True", Err(JsonInvalid)),
    ("n_true_cut", b"tru", Err(JsonInvalid)),
    ("n_true_long", b"truee", Err(JsonInvalid)),
    ("n_false_cut", b"fals", Err(JsonInvalid)),
    ("n_null_cut", b"nul", Err(JsonInvalid)),
    ("n_null_upper", b"NULL", Err(JsonInvalid)),
    ("n_undefined", b"undefined", Err(JsonInvalid)),
    ("n_nothing", b"", Err(JsonInvalid)),
    ("n_string_single_quotes", b"'a'", Err(JsonInvalid)),
    ("n_string_unquoted", b"abc", Err(JsonInvalid)),
    ("n_string_open", b"\"abc", Err(JsonInvalid)),
    (
        "n_string_escaped_quote_open",
        br#""abc\""#,
        Err(JsonInvalid),
    ),
    ("n_string_bad_escape", br#""\x41""#, Err(JsonInvalid)),
    ("n_string_escape_a", br#""\a""#, Err(JsonInvalid)),
    ("n_string_escape_upper_u", br#""\U0041""#, Err(JsonInvalid)),
    ("n_string_escape_quote", br#""\'""#, Err(JsonInvalid)),
    ("n_string_short_unicode", br#""\u004""#, Err(JsonInvalid)),
    ("n_string_unicode_not_hex", br#""\u00g1""#, Err(JsonInvalid)),
    ("n_string_unicode_signed", br#""\u+041""#, Err(JsonInvalid)),
    ("n_string_escaped_newline", b"\"a\\\nb\"", Err(JsonInvalid)),
    ("n_string_raw_newline", b"\"a\nb\"", Err(JsonInvalid)),
    ("n_string_raw_tab", b"\"a\tb\"", Err(JsonInvalid)),
    ("n_string_raw_nul", b"\"a\0b\"", Err(JsonInvalid)),
    ("n_string_raw_escape", b"\"a\x1bb\"", Err(JsonInvalid)),
    ("n_string_lone_high", br#""\ud83d""#, Err(JsonSurrogate)),
    ("n_string_lone_low", br#""\ude00""#, Err(JsonSurrogate)),
    (
        "n_string_high_high",
        br#""\ud83d\ud83d""#,
        Err(JsonSurrogate),
    ),
    ("n_string_high_letter", br#""\ud83da""#, Err(JsonSurrogate)),
    ("n_string_high_escape", br#""\ud83d\n""#, Err(JsonSurrogate)),
    (
        "n_string_high_backslash_u",
        br#""\ud83d\\ude00""#,
        Err(JsonSurrogate),
    ),
    ("n_string_swapped", br#""\ude00\ud83d""#, Err(JsonSurrogate)),
    (
        "n_key_lone_surrogate",
        br#"{"\ud800":1}"#,
        Err(JsonSurrogate),
    ),
    ("n_utf8_lone_continuation", b"\"\x80\"", Err(JsonNotUtf8)),
    ("n_utf8_cut_2", b"\"\xc3\"", Err(JsonNotUtf8)),
    ("n_utf8_cut_3", b"\"\xe2\x82\"", Err(JsonNotUtf8)),
    ("n_utf8_overlong_slash", b"\"\xc0\xaf\"", Err(JsonNotUtf8)),
    ("n_utf8_overlong_nul", b"\"\xc0\x80\"", Err(JsonNotUtf8)),
    ("n_utf8_overlong_3", b"\"\xe0\x80\xaf\"", Err(JsonNotUtf8)),
    ("n_utf8_surrogate", b"\"\xed\xa0\x80\"", Err(JsonNotUtf8)),
    (
        "n_utf8_pair",
        b"\"\xed\xa0\xbd\xed\xb8\x80\"",
        Err(JsonNotUtf8),
    ),
    ("n_utf8_beyond", b"\"\xf4\x90\x80\x80\"", Err(JsonNotUtf8)),
    ("n_utf8_five", b"\"\xf8\x88\x80\x80\x80\"", Err(JsonNotUtf8)),
    ("n_utf8_ff", b"\"\xff\"", Err(JsonNotUtf8)),
    ("n_utf8_latin1", b"\"caf\xe9\"", Err(JsonNotUtf8)),
    ("n_utf8_in_key", b"{\"\xff\":1}", Err(JsonNotUtf8)),
    ("n_array_open", b"[1", Err(JsonInvalid)),
    ("n_array_trailing_comma", b"[1,]", Err(JsonInvalid)),
    ("n_array_leading_comma", b"[,1]", Err(JsonInvalid)),
    ("n_array_two_commas", b"[1,,2]", Err(JsonInvalid)),
    ("n_array_no_comma", b"[1 2]", Err(JsonInvalid)),
    ("n_array_colon", b"[1:2]", Err(JsonInvalid)),
    ("n_array_closed_by_brace", b"[1}", Err(JsonInvalid)),
    ("n_array_star", b"[*]", Err(JsonInvalid)),
    ("n_object_trailing_comma", br#"{"a":1,}"#, Err(JsonInvalid)),
    ("n_object_no_value", br#"{"a":}"#, Err(JsonInvalid)),
    ("n_object_no_colon", br#"{"a" 1}"#, Err(JsonInvalid)),
    ("n_object_two_colons", br#"{"a"::1}"#, Err(JsonInvalid)),
    ("n_object_number_key", b"{1:1}", Err(JsonInvalid)),
    ("n_object_unquoted_key", b"{a:1}", Err(JsonInvalid)),
    ("n_object_single_quoted_key", b"{'a':1}", Err(JsonInvalid)),
    ("n_object_no_key", b"{:1}", Err(JsonInvalid)),
    ("n_object_semicolon", br#"{"a":1;"b":2}"#, Err(JsonInvalid)),
    (
        "n_object_closed_by_bracket",
        br#"{"a":1]"#,
        Err(JsonInvalid),
    ),
    ("n_comment_block", b"/* */ 1", Err(JsonInvalid)),
    ("n_comment_line", b"1 // x\n", Err(JsonInvalid)),
    ("n_comment_hash", b"1 # x\n", Err(JsonInvalid)),
    ("n_blank_form_feed", b"\x0c1", Err(JsonInvalid)),
    ("n_blank_vertical_tab", b"\x0b1", Err(JsonInvalid)),
    ("n_blank_no_break", "\u{a0}1".as_bytes(), Err(JsonInvalid)),
    (
        "n_blank_bom_inside",
        "\u{feff}1".as_bytes(),
        Err(JsonInvalid),
    ),
    ("n_blank_nul", b"\x001", Err(JsonInvalid)),
    ("n_duplicate", br#"{"a":1,"a":2}"#, Err(JsonDuplicateKey)),
    (
        "n_duplicate_same_value",
        br#"{"a":1,"a":1}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_duplicate_escaped",
        br#"{"a":1,"\u0061":2}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_duplicate_slash",
        br#"{"/":1,"\/":2}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_duplicate_pair",
        "{\"😀\":1,\"\\ud83d\\ude00\":2}".as_bytes(),
        Err(JsonDuplicateKey),
    ),
    (
        "n_duplicate_empty",
        br#"{"":1,"":2}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_duplicate_apart",
        br#"{"a":{"x":[1,{"y":2}]},"b":[{}],"a":0}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_duplicate_deep",
        br#"[[[{"b":[{"a":1,"a":2}]}]]]"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_duplicate_last",
        br#"{"a":{"a":{"a":1}},"b":{"b":1,"b":2}}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "y_same_key_elsewhere",
        br#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#,
        Ok(()),
    ),
    ("y_keys_by_case_deep", br#"{"a":1,"A":2}"#, Ok(())),
    (
        "y_keys_by_normal_form",
        "{\"\u{e9}\":1,\"e\u{301}\":2}".as_bytes(),
        Ok(()),
    ),
];

/// Whole messages.
const MESSAGES: &[(&str, &[u8], Result<(), Reason>)] = &[
    (
        "y_request",
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
        Ok(()),
    ),
    (
        "y_blanks_around",
        b"\n {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"} \r\n\t",
        Ok(()),
    ),
    (
        "y_any_order",
        br#"{"params":{},"method":"x","id":"a","jsonrpc":"2.0"}"#,
        Ok(()),
    ),
    (
        "y_escaped_keys",
        br#"{"json\u0072pc":"2\u002e0","\u0069d":1,"method":"x"}"#,
        Ok(()),
    ),
    (
        "y_unknown_member",
        br#"{"jsonrpc":"2.0","id":1,"method":"x","extra":[1]}"#,
        Ok(()),
    ),
    (
        "y_id_empty_string",
        br#"{"jsonrpc":"2.0","id":"","method":"x"}"#,
        Ok(()),
    ),
    (
        "y_id_minus",
        br#"{"jsonrpc":"2.0","id":-7,"method":"x"}"#,
        Ok(()),
    ),
    (
        "y_id_large",
        br#"{"jsonrpc":"2.0","id":12345678901234567890123,"method":"x"}"#,
        Ok(()),
    ),
    (
        "y_result",
        br#"{"jsonrpc":"2.0","id":1,"result":null}"#,
        Ok(()),
    ),
    (
        "y_error",
        br#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#,
        Ok(()),
    ),
    (
        "y_batch",
        br#"[{"jsonrpc":"2.0","id":1,"method":"x"},{"jsonrpc":"2.0","method":"y"}]"#,
        Ok(()),
    ),
    ("n_empty", b"", Err(JsonInvalid)),
    ("n_blanks_only", b" \n ", Err(JsonInvalid)),
    (
        "n_bom",
        b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}",
        Err(JsonNotUtf8),
    ),
    ("n_utf16", b"\xff\xfe{\0}\0", Err(JsonNotUtf8)),
    (
        "n_two_documents",
        br#"{"jsonrpc":"2.0","method":"x"}{"jsonrpc":"2.0","method":"x"}"#,
        Err(JsonInvalid),
    ),
    (
        "n_trailing_letter",
        br#"{"jsonrpc":"2.0","method":"x"}x"#,
        Err(JsonInvalid),
    ),
    (
        "n_trailing_comma",
        br#"{"jsonrpc":"2.0","method":"x"},"#,
        Err(JsonInvalid),
    ),
    (
        "n_trailing_brace",
        br#"{"jsonrpc":"2.0","method":"x"}}"#,
        Err(JsonInvalid),
    ),
    (
        "n_trailing_nul",
        b"{\"jsonrpc\":\"2.0\",\"method\":\"x\"}\0",
        Err(JsonInvalid),
    ),
    (
        "n_cut",
        br#"{"jsonrpc":"2.0","method":"x""#,
        Err(JsonInvalid),
    ),
    ("n_scalar_true", b"true", Err(RpcInvalid)),
    ("n_scalar_string", b"\"jsonrpc\"", Err(RpcInvalid)),
    ("n_scalar_number", b"1", Err(RpcInvalid)),
    ("n_object_empty", b"{}", Err(RpcInvalid)),
    (
        "n_version_missing",
        br#"{"id":1,"method":"x"}"#,
        Err(RpcInvalid),
    ),
    (
        "n_version_one",
        br#"{"jsonrpc":"1.0","id":1,"method":"x"}"#,
        Err(RpcInvalid),
    ),
    (
        "n_version_number",
        br#"{"jsonrpc":2.0,"id":1,"method":"x"}"#,
        Err(RpcInvalid),
    ),
    (
        "n_version_blank",
        br#"{"jsonrpc":"2.0 ","id":1,"method":"x"}"#,
        Err(RpcInvalid),
    ),
    (
        "n_version_null",
        br#"{"jsonrpc":null,"id":1,"method":"x"}"#,
        Err(RpcInvalid),
    ),
    (
        "n_method_number",
        br#"{"jsonrpc":"2.0","id":1,"method":1}"#,
        Err(RpcInvalid),
    ),
    (
        "n_method_empty",
        br#"{"jsonrpc":"2.0","id":1,"method":""}"#,
        Err(RpcInvalid),
    ),
    (
        "n_method_null",
        br#"{"jsonrpc":"2.0","id":1,"method":null}"#,
        Err(RpcInvalid),
    ),
    (
        "n_nothing_but_id",
        br#"{"jsonrpc":"2.0","id":1}"#,
        Err(RpcInvalid),
    ),
    (
        "n_method_and_result",
        br#"{"jsonrpc":"2.0","id":1,"method":"x","result":1}"#,
        Err(RpcInvalid),
    ),
    (
        "n_method_and_error",
        br#"{"jsonrpc":"2.0","id":1,"method":"x","error":{}}"#,
        Err(RpcInvalid),
    ),
    (
        "n_result_and_error",
        br#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#,
        Err(RpcInvalid),
    ),
    (
        "n_result_and_null_error",
        br#"{"jsonrpc":"2.0","id":1,"result":1,"error":null}"#,
        Err(RpcInvalid),
    ),
    (
        "n_result_and_params",
        br#"{"jsonrpc":"2.0","id":1,"result":1,"params":{}}"#,
        Err(RpcInvalid),
    ),
    (
        "n_result_without_id",
        br#"{"jsonrpc":"2.0","result":1}"#,
        Err(RpcInvalid),
    ),
    (
        "n_error_no_object",
        br#"{"jsonrpc":"2.0","id":1,"error":"no"}"#,
        Err(RpcInvalid),
    ),
    (
        "n_id_null",
        br#"{"jsonrpc":"2.0","id":null,"method":"x"}"#,
        Err(IdInvalid),
    ),
    (
        "n_id_true",
        br#"{"jsonrpc":"2.0","id":true,"method":"x"}"#,
        Err(IdInvalid),
    ),
    (
        "n_id_fraction",
        br#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#,
        Err(IdInvalid),
    ),
    (
        "n_id_whole_fraction",
        br#"{"jsonrpc":"2.0","id":1.0,"method":"x"}"#,
        Err(IdInvalid),
    ),
    (
        "n_id_exponent",
        br#"{"jsonrpc":"2.0","id":1e2,"method":"x"}"#,
        Err(IdInvalid),
    ),
    (
        "n_id_array",
        br#"{"jsonrpc":"2.0","id":[1],"method":"x"}"#,
        Err(IdInvalid),
    ),
    (
        "n_id_object",
        br#"{"jsonrpc":"2.0","id":{},"method":"x"}"#,
        Err(IdInvalid),
    ),
    (
        "n_id_null_result",
        br#"{"jsonrpc":"2.0","id":null,"result":1}"#,
        Err(IdInvalid),
    ),
    (
        "n_id_null_error",
        br#"{"jsonrpc":"2.0","id":null,"error":{}}"#,
        Err(IdInvalid),
    ),
    (
        "n_params_array",
        br#"{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}"#,
        Err(ParamsInvalid),
    ),
    (
        "n_params_null",
        br#"{"jsonrpc":"2.0","id":1,"method":"x","params":null}"#,
        Err(ParamsInvalid),
    ),
    (
        "n_params_string",
        br#"{"jsonrpc":"2.0","id":1,"method":"x","params":"a"}"#,
        Err(ParamsInvalid),
    ),
    (
        "n_case_method_beside",
        br#"{"jsonrpc":"2.0","method":"x","Method":"y"}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_case_method_alone",
        br#"{"jsonrpc":"2.0","id":1,"METHOD":"y"}"#,
        Err(RpcInvalid),
    ),
    (
        "n_case_params_alone",
        br#"{"jsonrpc":"2.0","method":"x","Params":{}}"#,
        Err(RpcInvalid),
    ),
    (
        "n_case_long_s",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"param\u{17f}\":{}}".as_bytes(),
        Err(RpcInvalid),
    ),
    (
        "n_case_unknown_twice",
        br#"{"jsonrpc":"2.0","method":"x","a":1,"A":2}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_case_in_params",
        br#"{"jsonrpc":"2.0","method":"x","params":{"a":1,"A":2}}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_case_in_meta",
        br#"{"jsonrpc":"2.0","method":"x","params":{"_meta":{"a":1,"A":2}}}"#,
        Err(JsonDuplicateKey),
    ),
    (
        "n_case_name_alone",
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":"a"}}"#,
        Err(ParamsInvalid),
    ),
    (
        "n_name_number",
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}}"#,
        Err(ParamsInvalid),
    ),
    (
        "n_arguments_array",
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":[]}}"#,
        Err(ParamsInvalid),
    ),
    (
        "n_meta_string",
        br#"{"jsonrpc":"2.0","method":"x","params":{"_meta":"a"}}"#,
        Err(ParamsInvalid),
    ),
    ("n_batch_empty", b"[]", Err(BatchRefused)),
    (
        "n_batch_nested",
        br#"[[{"jsonrpc":"2.0","method":"x"}]]"#,
        Err(BatchRefused),
    ),
    (
        "n_batch_scalar",
        br#"[{"jsonrpc":"2.0","method":"x"},1]"#,
        Err(RpcInvalid),
    ),
    (
        "n_batch_bad_member",
        br#"[{"jsonrpc":"2.0","method":"x"},{"jsonrpc":"2.0"}]"#,
        Err(RpcInvalid),
    ),
];

#[test]
fn every_case_is_judged_as_the_table_says() {
    assert!(VALUES.len() + MESSAGES.len() >= 150);
    for (name, value, expected) in VALUES {
        assert_eq!(judge(&around(value)), *expected, "{name}");
    }
    for (name, body, expected) in MESSAGES {
        assert_eq!(judge(body), *expected, "{name}");
    }
    for (name, _, expected) in VALUES.iter().chain(MESSAGES) {
        let refused = name.starts_with("n_");
        assert_eq!(refused, expected.is_err(), "{name}");
    }
}

#[test]
fn a_case_keeps_its_verdict_at_every_alignment() {
    for (name, value, expected) in VALUES {
        for blanks in 0..70 {
            let mut body = vec![b' '; blanks];
            body.extend_from_slice(&around(value));
            assert_eq!(judge(&body), *expected, "{name} behind {blanks} blanks");
        }
    }
}

#[test]
fn every_cut_of_a_message_is_refused() {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"é\u00e9","a":[1e5,true]}}"#;
    for end in 0..body.len() {
        assert!(judge(&body.as_bytes()[..end]).is_err(), "{end}");
    }
    assert_eq!(judge(body.as_bytes()), Ok(()));
}

#[test]
fn nesting_passes_up_to_64_levels() {
    // The envelope and its parameters are two of them.
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| {
            let inside = if open == "[" { "" } else { "1" };
            around(format!("{}{inside}{}", open.repeat(levels), close.repeat(levels)).as_bytes())
        };
        assert_eq!(judge(&nested(62)), Ok(()));
        assert_eq!(judge(&nested(63)), Err(JsonTooDeep));
        assert_eq!(judge(&nested(100_000)), Err(JsonTooDeep));
    }
    let open_only = "[".repeat(1_000_000);
    assert_eq!(judge(open_only.as_bytes()), Err(JsonTooDeep));
}

#[test]
fn an_integer_beyond_all_floats_is_not_finite() {
    assert_eq!(judge(&around("9".repeat(400).as_bytes())), Err(JsonNumber));
    assert_eq!(judge(&around("9".repeat(300).as_bytes())), Ok(()));
}

#[test]
fn large_objects_are_checked_for_duplicates_in_good_time() {
    let object = |extra: &str| {
        let keys: Vec<String> = (0..200_000).map(|n| format!("\"k{n}\":{n}")).collect();
        around(format!("{{{}{extra}}}", keys.join(",")).as_bytes())
    };
    assert_eq!(judge(&object("")), Ok(()));
    assert_eq!(judge(&object(",\"k\\u0031234\":0")), Err(JsonDuplicateKey));
    let folded = |extra: &str| {
        let keys: Vec<String> = (0..100).map(|n| format!("\"k{n}\":{n}")).collect();
        let keys = keys.join(",");
        format!("{{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{{{keys}{extra}}}}}")
    };
    assert_eq!(judge(folded("").as_bytes()), Ok(()));
    assert_eq!(
        judge(folded(",\"K99\":0").as_bytes()),
        Err(JsonDuplicateKey)
    );
}

#[test]
fn a_batch_holds_up_to_a_hundred_members() {
    let batch = |count: usize| {
        let member = r#"{"jsonrpc":"2.0","method":"x"}"#;
        format!("[{}]", vec![member; count].join(" , "))
    };
    let mut reader = Reader::new();
    assert_eq!(reader.read_call(batch(100).as_bytes()), Ok(()));
    assert!(reader.is_batch() && reader.messages().len() == 100);
    assert_eq!(reader.read_call(batch(101).as_bytes()), Err(BatchRefused));
    assert!(!reader.is_batch() && reader.messages().is_empty());
}

#[test]
fn only_a_servers_error_may_lack_its_id() {
    let mut reader = Reader::new();
    for body in [
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":1}}"#,
        r#"{"jsonrpc":"2.0","error":{"code":1}}"#,
    ] {
        assert!(reader.read_call(body.as_bytes()).is_err());
        assert_eq!(reader.read_answer(body.as_bytes()), Ok(()));
        let error = reader.messages()[0];
        assert!(error.kind == Kind::Error && error.id.is_empty());
    }
    let body = br#"{"jsonrpc":"2.0","id":null,"result":{}}"#;
    assert_eq!(reader.read_answer(body), Err(IdInvalid));
}
