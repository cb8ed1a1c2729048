//! `key=value` words, shell words, and words of SSH arguments: what is split can be put together again.

use fcplay::base::shlex;
use fcplay::base::split::{split_words, unescape, unquote};
use fcplay::connection::ssh::{doors, shell_words};

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(words) = split_words(text) {
        for word in &words {
            let _ = unquote(&unescape(word));
        }
        let again = split_words(&words.join(" ")).expect("words stay words");
        assert_eq!(again, words);
    }
    if let Ok(words) = shlex::split(text) {
        let quoted: Vec<String> = words.iter().map(|word| shlex::quote(word)).collect();
        assert_eq!(shlex::split(&quoted.join(" ")).as_ref(), Ok(&words), "{quoted:?}");
        assert_eq!(shell_words(&quoted.join(" ")).as_ref(), Ok(&words), "{quoted:?}");
        let _ = doors::arguments(&words);
    }
    let quoted = format!("key={}", shlex::quote(text));
    assert_eq!(shlex::split(&quoted).as_deref(), Ok([format!("key={text}")].as_slice()));
}
