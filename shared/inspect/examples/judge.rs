//! Reads or scans one 400-byte call again and again, to be counted under callgrind:
//! `valgrind --tool=callgrind --toggle-collect='*judge*measured*' judge read|scan|hit [TIMES]`.

use std::hint::black_box;

use rkyv::rancor::Error as RkyvError;
use varistor_inspect::dlp::{Findings, Scanner, Settings, compile};
use varistor_inspect::json::Reader;
use varistor_model::DlpAction;
use varistor_snapshot::schema::ArchivedDlp;

const CALL: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1042,"method":"tools/call","params":{"name":"crm_find_cust"#,
    r#"omers","arguments":{"query":"annual contract renewals in the north region","limi"#,
    r#"t":25,"fields":["name","city","status"],"sort":{"by":"updated","descending":true"#,
    r#"}},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcont"#,
    r#"extprotocol/clientCapabilities":{},"progressToken":17,"note":"weekly report"}}}"#,
);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "read".to_owned());
    let times: u32 = arguments.next().map_or(Ok(1000), |text| text.parse())?;
    let actions = [DlpAction::Redact; 3];
    let dlp = compile(&Settings {
        request: actions,
        response: actions,
        wanted: &[],
        custom: &[],
    })?;
    let bytes = rkyv::to_bytes::<RkyvError>(&dlp)?;
    let rows = rkyv::access::<ArchivedDlp, RkyvError>(&bytes)?;
    let mut scanner = Scanner::open(rows)?;
    let mut reader = Reader::new();
    let mut findings = Findings::default();
    let call = match what.as_str() {
        "hit" => CALL.replace("north region", "j@example.com"),
        _ => CALL.to_owned(),
    };
    let mut once = || match what.as_str() {
        "read" => reader.read_call(black_box(call.as_bytes())).is_ok(),
        _ => scanner
            .scan(rows, black_box(call.as_bytes()), &mut findings)
            .is_ok(),
    };
    // The first rounds grow the buffers.
    let mut good = once() && once();
    let started = std::time::Instant::now();
    measured(times, &mut || good &= once());
    let each = started.elapsed().as_nanos() / u128::from(times.max(1));
    println!(
        "{what}: {} bytes, {times} times, good: {good}, {each} ns each",
        call.len()
    );
    Ok(())
}

#[inline(never)]
fn measured(times: u32, once: &mut dyn FnMut()) {
    for _ in 0..times {
        once();
    }
}
