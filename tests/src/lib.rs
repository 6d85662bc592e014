//! Starts the built programs for the tests that go through them.
