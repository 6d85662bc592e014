//! What an event says beyond its kind, as JSON.

use core::fmt::Display;

use crate::json;

/// Members of `details`, in their order.
pub(super) struct Details<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) first: bool,
}

impl Details<'_> {
    pub(super) fn key(&mut self, key: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        json::string(key.as_bytes(), self.out);
        self.out.push(b':');
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        json::string(value.as_bytes(), self.out);
    }

    pub(super) fn display(&mut self, key: &str, value: &dyn Display) {
        self.key(key);
        json::display(value, self.out);
    }

    pub(super) fn number(&mut self, key: &str, value: u64) {
        self.key(key);
        json::number(value, self.out);
    }

    pub(super) fn hex(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.out.push(b'"');
        json::hex(value, self.out);
        self.out.push(b'"');
    }

    pub(super) fn switched(&mut self, selectors: &[String], by: &str, reason: Option<&str>) {
        self.list("selectors", selectors, |text, out| {
            json::string(text.as_bytes(), out);
        });
        self.text("by", by);
        if let Some(reason) = reason {
            self.text("reason", reason);
        }
    }

    pub(super) fn list<T>(&mut self, key: &str, values: &[T], write: impl Fn(&T, &mut Vec<u8>)) {
        self.key(key);
        self.out.push(b'[');
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.out.push(b',');
            }
            write(value, self.out);
        }
        self.out.push(b']');
    }
}
