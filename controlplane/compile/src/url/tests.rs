//! Spellings that are taken and spellings that are refused.

use super::*;

#[test]
fn a_url_is_taken_apart() {
    let parsed = url("https://API.example.com/mcp/?v=1").unwrap();
    assert_eq!(
        (parsed.tls, parsed.host.as_str(), parsed.port),
        (true, "api.example.com", 443)
    );
    assert_eq!(
        (parsed.authority.as_str(), parsed.path.as_str()),
        ("api.example.com", "/mcp/?v=1")
    );
    assert_eq!(url("http://h:8080").unwrap().authority, "h:8080");
    assert_eq!(url("http://h:80").unwrap().authority, "h");
    assert_eq!(url("https://h:80").unwrap().authority, "h:80");
    assert_eq!(url("http://h?x").unwrap().path, "/?x");
    let six = url("http://[::1]:9/a").unwrap();
    assert_eq!(
        (six.host.as_str(), six.authority.as_str()),
        ("::1", "[::1]:9")
    );
}

#[test]
fn spellings_that_two_programs_read_differently_are_refused() {
    for bad in [
        "",
        "api.example.com",
        "ftp://h/",
        "file:///etc/passwd",
        "//h/",
        "http:/h/",
        "http:\\\\h\\",
        "http://",
        "http:///x",
        "http://user@h/",
        "http://user:pass@h/",
        "http://h#@evil/",
        "http://h/#x",
        "http://h\\@evil/",
        "http://127.1/",
        "http://0x7f.0.0.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://1.2.3.4.5/",
        "http://127.0.0.1./",
        "http://h./",
        "http://h..a/",
        "http://-h/",
        "http://h%2eevil/",
        "http://h:0/",
        "http://h:/",
        "http://h:65536/",
        "http://h:+80/",
        "http://h:080/",
        "http://[::1/",
        "http://::1/",
        "http://[::1%25eth0]/",
        "http://bücher.example/",
        "http://ｅｘａｍｐｌｅ.com/",
        "http://h /",
        "http://h/a b",
        "http://h/\u{7f}",
        "http://h/%zz",
        "http://h/a/../b",
        "http://h/\r\nX: y",
    ] {
        assert!(url(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn near_upstreams_are_known_by_their_url() {
    for near in [
        "http://127.9.9.9/",
        "http://[::1]/",
        "http://localhost:1/",
        "http://10.0.0.1/",
    ] {
        assert!(url(near).unwrap().is_private(), "{near}");
    }
    for far in [
        "http://example.com/",
        "http://8.8.8.8/",
        "http://localhost.example.com/",
    ] {
        assert!(!url(far).unwrap().is_private(), "{far}");
    }
    assert!(!url("http://10.0.0.1/").unwrap().is_loopback());
    assert!(url("http://[::ffff:127.0.0.1]/").unwrap().is_loopback());
    for dubious in [
        "http://169.254.169.254/",
        "http://0.0.0.0/",
        "http://[fe80::1]/",
        "http://[::]/",
    ] {
        assert!(url(dubious).unwrap().is_dubious(), "{dubious}");
    }
}

#[test]
fn hosts_origins_and_listeners_are_normalised() {
    assert_eq!(
        served_host("MCP.Example.com").as_deref(),
        Ok("mcp.example.com")
    );
    assert_eq!(served_host("[::1]").as_deref(), Ok("[::1]"));
    assert_eq!(
        served_host("h:80").unwrap_err().expected,
        "a host without a port"
    );
    assert_eq!(
        origin("https://App.example.com:443").as_deref(),
        Ok("https://app.example.com")
    );
    assert_eq!(
        origin("vscode-webview://abc").as_deref(),
        Ok("vscode-webview://abc")
    );
    for bad in [
        "null",
        "*",
        "https://a/",
        "https://a/b",
        "app.example.com",
        "://a",
        "https://*.a",
    ] {
        assert!(origin(bad).is_err(), "{bad}");
    }
    assert_eq!(
        base("https://mcp.example.com/").as_deref(),
        Ok("https://mcp.example.com")
    );
    assert!(base("https://mcp.example.com/mcp").is_err());
    assert!(listener("127.0.0.1:0").is_ok() && listener("[::]:7332").is_ok());
    for bad in ["7332", ":7332", "127.0.0.1", "127.0.0.1:70000", "h:1"] {
        assert!(listener(bad).is_err(), "{bad}");
    }
    assert!(listener("localhost:80").unwrap_err().help.is_some());
}
