//! Support library and the integration suite.
