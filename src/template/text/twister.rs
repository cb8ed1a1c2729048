//! Python's random generator (MT19937), so that a seed gives the same choice as with Ansible.

use num_bigint::BigInt;
use sha2::Digest;

use super::order;
use crate::base::Value;
use crate::template::Reason;

const SIZE: usize = 624;
const SHIFT: usize = 397;

/// A seeded generator.
pub(in crate::template) struct Twister {
    state: [u32; SIZE],
    next: usize,
}

impl Twister {
    /// Seeds as `random.Random(seed)` does with text, bytes, integers and floats.
    pub(in crate::template) fn seeded(seed: &Value) -> Result<Self, Reason> {
        let number = match seed {
            Value::Text(text) => digested(text.as_str().as_bytes()),
            Value::Bytes(bytes) => digested(bytes),
            Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e18 => {
                BigInt::from(*number as i64)
            }
            other => order::integer(other).ok_or_else(|| {
                let got = crate::template::arguments::described(other);
                Reason::new(format!("`seed` must be text or an integer, not {got}"))
            })?,
        };
        let mut key = number.magnitude().to_u32_digits();
        if key.is_empty() {
            key.push(0);
        }
        Ok(Self::from_key(&key))
    }

    fn from_key(key: &[u32]) -> Self {
        let mut state = [0_u32; SIZE];
        state[0] = 19_650_218;
        for at in 1..SIZE {
            let last = state[at - 1];
            state[at] = 1_812_433_253_u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(at as u32);
        }
        let (mut at, mut word) = (1, 0);
        for _ in 0..SIZE.max(key.len()) {
            let last = state[at - 1];
            state[at] = (state[at] ^ (last ^ (last >> 30)).wrapping_mul(1_664_525))
                .wrapping_add(key[word])
                .wrapping_add(word as u32);
            at += 1;
            word = (word + 1) % key.len();
            if at >= SIZE {
                state[0] = state[SIZE - 1];
                at = 1;
            }
        }
        for _ in 0..SIZE - 1 {
            let last = state[at - 1];
            state[at] = (state[at] ^ (last ^ (last >> 30)).wrapping_mul(1_566_083_941))
                .wrapping_sub(at as u32);
            at += 1;
            if at >= SIZE {
                state[0] = state[SIZE - 1];
                at = 1;
            }
        }
        state[0] = 0x8000_0000;
        Self { state, next: SIZE }
    }

    fn turn(&mut self) {
        for at in 0..SIZE {
            let mixed =
                (self.state[at] & 0x8000_0000) | (self.state[(at + 1) % SIZE] & 0x7fff_ffff);
            let odd = if mixed & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[at] = self.state[(at + SHIFT) % SIZE] ^ (mixed >> 1) ^ odd;
        }
        self.next = 0;
    }

    fn word(&mut self) -> u32 {
        if self.next >= SIZE {
            self.turn();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn bits(&mut self, count: u32) -> u64 {
        if count <= 32 {
            return u64::from(self.word() >> (32 - count));
        }
        let low = u64::from(self.word());
        low | u64::from(self.word() >> (64 - count)) << 32
    }

    /// Returns a number below `limit`, which is above zero.
    pub(in crate::template) fn below(&mut self, limit: u64) -> u64 {
        let count = 64 - limit.leading_zeros();
        loop {
            let number = self.bits(count);
            if number < limit {
                return number;
            }
        }
    }
}

/// Returns the number that Python makes of text used as a seed: its bytes and their SHA-512.
fn digested(bytes: &[u8]) -> BigInt {
    let mut all = bytes.to_vec();
    all.extend_from_slice(&sha2::Sha512::digest(bytes));
    BigInt::from_bytes_be(num_bigint::Sign::Plus, &all)
}
