#![no_main]
#[path = "../../tests/fuzz/inventory_toml.rs"]
mod target;
libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
