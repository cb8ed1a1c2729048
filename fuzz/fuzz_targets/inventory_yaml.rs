#![no_main]
#[path = "../../tests/fuzz/inventory.rs"]
mod target;
libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run("hosts.yaml", data));
