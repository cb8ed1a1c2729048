//! The helper's program: speaks with the controller over standard input and output.

use std::io::Write;

/// musl's allocator gives every chunk of a large file back to the system, and takes it again page by page.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some((first, rest)) = args.split_first()
        && first == fcplay::helper::jobs::ARGUMENT
    {
        return fcplay::helper::jobs::run(rest, std::io::stdin());
    }
    // Any other argument is a question whether the program runs here at all.
    if !args.is_empty() {
        let _closed = writeln!(std::io::stdout(), "fcplay-helper {}", env!("CARGO_PKG_VERSION"));
        return;
    }
    // Where signals cannot be handled, they kill: nothing else depends on it.
    let _as_it_was = fcplay::system::end_in_order();
    fcplay::helper::serve(std::io::stdin(), std::io::stdout());
}

/// The unwinder, for the standard library, which asks it for backtraces and for the tables of a frame.
///
/// Nothing unwinds here (a panic aborts, the tables are left out), so a backtrace is empty anyway. Said this plainly, the
/// linker leaves out the unwinder, the readers of debug information and the decoder of names: a tenth of the file.
#[cfg(all(target_env = "musl", panic = "abort"))]
#[expect(unsafe_code, reason = "these names are the C interface")]
mod unwinder {
    use std::ffi::{c_int, c_void};

    /// `_URC_END_OF_STACK`.
    const END: c_int = 5;

    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Backtrace(_trace: *const c_void, _argument: *mut c_void) -> c_int {
        END
    }

    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Resume() -> ! {
        std::process::abort()
    }

    /// Defines functions that only a frame would be asked about, and there is none.
    macro_rules! nothing {
        ($($name:ident)*) => {$(
            #[unsafe(no_mangle)]
            extern "C" fn $name() -> usize {
                0
            }
        )*};
    }

    nothing! {
        _Unwind_FindEnclosingFunction
        _Unwind_GetCFA
        _Unwind_GetDataRelBase
        _Unwind_GetIP
        _Unwind_GetIPInfo
        _Unwind_GetLanguageSpecificData
        _Unwind_GetRegionStart
        _Unwind_GetTextRelBase
        _Unwind_SetGR
        _Unwind_SetIP
    }
}
