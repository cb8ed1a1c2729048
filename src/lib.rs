//! fcplay.
